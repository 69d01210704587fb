"""Earlier states of a workspace, how far back they go, and commits that never were."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, UnknownNameError, WorkspaceError
from tests.workspace.plans import MAIL, held, load, settings


def test_a_half_written_commit_is_invisible(ws: cdpkit.Workspace) -> None:
    """Files that no commit names, and the log's own temporary files, count for nothing."""
    table = ws.path / "tables" / "profiles"
    for name in ("base-0.parquet", "patch-0.parquet"):
        pl.DataFrame({"row": [0, 7], "plan": ["lost", "lost"]}).write_parquet(table / name)
    (table / "_delta_log" / "_commit_0.json.tmp").write_text("{", encoding="utf-8")
    (table / "patch-1.parquet").write_bytes(b"PAR1")
    for _ in range(2):
        opened = cdpkit.open(ws.path)
        assert held(opened) == {"ann": "gold", "bob": "lead"}
        assert opened.sql("select count(*) n from profiles").pl().item() == 2
        load(opened, bob="lead")
        opened.compact()


def test_travelling_to_a_run_and_to_a_time(ws: cdpkit.Workspace) -> None:
    """Every run's state stays as it was, for frames, SQL and after compactions."""
    first = ws.runs["run_id"][0]
    second = load(ws, ann="silver", cy="new")
    between = datetime.now(UTC)
    third = load(ws, ann=None)
    undone = ws.undo(second.id)
    ws.compact()
    assert held(ws.at(first)) == {"ann": "gold", "bob": "lead"}
    assert held(ws.at(second.id)) == {"ann": "silver", "bob": "lead", "cy": "new"}
    assert held(ws.at(between)) == {"ann": "silver", "bob": "lead", "cy": "new"}
    assert held(ws.at(third.id)) == {"ann": None, "bob": "lead", "cy": "new"}
    assert held(ws.at(undone.id)) == held(ws) == {"ann": None, "bob": "lead"}
    assert held(ws.at(datetime.now(UTC) + timedelta(days=1))) == held(ws)
    assert ws.at(second.id).sql("select count(*) n from profiles").pl().item() == 3


def fail_at_commit(event: cdpkit.RunEvent) -> None:
    if event.stage == "commit":
        raise ZeroDivisionError


def test_where_time_travel_ends(ws: cdpkit.Workspace) -> None:
    """An unknown run, one that stored nothing, a time without zone, and a version whose files are gone."""
    first = ws.runs["run_id"][0]
    with pytest.raises(UnknownNameError, match=f"no run 'nope'; there are: {first}"):
        ws.at("nope")
    with pytest.raises(ConfigurationError, match="a time needs its zone"):
        ws.at(datetime(2026, 1, 31))  # noqa: DTZ001 - that is the point
    with pytest.raises(ZeroDivisionError):
        ws.load(pl.DataFrame({"mail": ["x@x.de"]}), MAIL, progress=fail_at_commit)
    with pytest.raises(ConfigurationError, match="is failed and stored nothing"):
        ws.at(ws.runs["run_id"][-1])
    settings(ws, "keep_days = 30", "keep_days = 0")
    load(ws, ann="silver")
    ws.compact()
    with pytest.raises(WorkspaceError, match="nothing that old is kept"):
        ws.at(first).profiles.collect()
    assert held(ws) == {"ann": "silver", "bob": "lead"}
    assert ws.run(first).changes["profile_id"].null_count() == 0
