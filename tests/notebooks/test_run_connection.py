"""The notebook for schedules: what it shows, and that papermill fails with the sync."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
import papermill
import polars as pl
import pytest

import cdpkit
from cdpkit.place.bundled import copy_bundled
from cdpkit.runs.home import Home
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.iterable.settings import API_KEY
from cdpkit.sandbox.server import running

READERS = ["ann@example.com", "forgotten.1@example.com", None]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[cdpkit.Workspace]:
    """One reader whom Iterable takes, one whom it refuses, one without address; the notebooks are copied into it."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "temporary"))
    ws = cdpkit.create(tmp_path / "ws")
    copy_bundled("notebooks", ws.path)
    for name, kind in {"number": "text", "email": "email"}.items():
        ws.properties.add(name, type=kind, identifier=True)
    rows = pl.DataFrame({"number": ["1", "2", "3"], "email": READERS, "plan": ["gold"] * 3})
    ws.load(rows, identifiers={"number": "number"}, mappings=[{"from": f, "to": f} for f in ("email", "plan")])
    ws.segments.add("gold", "plan = 'gold'")
    (ws.path / "key").write_text(API_KEY)
    with running("iterable", options=Options(people=20, limits_factor=1000), job_polls=0) as site:
        base_url = site.addresses["iterable"]["base_url"]
        settings = {"base_url": base_url, "api_key": "file:key", "limits_factor": 1000}
        connection = ws.connect("iterable", settings=settings)
        common = {"identifiers": {"email": "email"}}
        tier = [{"from": "tier", "to": "tier"}]
        plan = [{"from": "plan", "to": "plan"}]
        connection.goals.add(kind="import_profiles", name="Users", source={"all": True}, mappings=tier, **common)
        connection.goals.add(kind="export_profiles", name="Readers", segment="gold", mappings=plan, **common)
        yield ws


def run(ws: cdpkit.Workspace, **parameters: object) -> dict[str, str]:
    """Run the copy as it stands in the workspace; returns all that each cell showed."""
    notebook = ws.path / "notebooks" / "run_connection.ipynb"
    papermill.execute_notebook(
        notebook, done(ws), parameters, cwd=notebook.parent, kernel_name="python3", progress_bar=False
    )
    return shown(ws)


def done(workspace: cdpkit.Workspace) -> Path:
    return workspace.path.parent / "done.ipynb"


def shown(workspace: cdpkit.Workspace) -> dict[str, str]:
    notebook: Any = nbformat.read(done(workspace), as_version=4)  # type: ignore[no-untyped-call]
    return {cell.id: "".join(map(_text, cell.get("outputs", []))) for cell in notebook.cells}


def _text(output: Any) -> str:
    return str(output.get("text") or output.get("evalue") or output["data"]["text/plain"])


def test_a_sync_that_succeeds(workspace: cdpkit.Workspace) -> None:
    """Lines of progress, the report, who was refused and why, who was left out; warnings are no failure."""
    texts = run(workspace)
    assert "send     Readers: 2 of 2 people\n" in texts["run"]
    assert f"Sync iterable: succeeded with warnings\n  run {workspace.runs['run_id'][-1]}, " in texts["run"]
    assert re.search(r"rejected: forgottenEmails +1\n", texts["run"])
    assert "forgottenEmails" in texts["rejected"]
    assert "missing_identifier" in texts["excluded"]
    assert texts["end"] == ""


def test_a_dry_run_stores_and_sends_nothing(workspace: cdpkit.Workspace) -> None:
    """It is the preview, here of one goal."""
    texts = run(
        workspace, workspace=str(workspace.path), connection="iterable", goal="Readers", dry_run=True, full=True
    )
    assert texts["run"].startswith("Preview of a sync: nothing is stored or sent")
    assert "Users" not in texts["run"]
    assert "missing_identifier" in texts["excluded"]
    assert workspace.runs["kind"].to_list() == ["load"]


def test_papermill_fails_with_the_sync(workspace: cdpkit.Workspace) -> None:
    """Its notebook has the report all the same, and the reason in the end."""
    (workspace.path / "key").write_text("0123456789abcdef0123456789abcdef")
    with pytest.raises(papermill.PapermillExecutionError, match="Iterable does not take the API key"):
        run(workspace)
    texts = shown(workspace)
    assert ": failed\n" in texts["run"]
    assert "Iterable does not take the API key" in texts["end"]
    assert workspace.runs["state"][-1] == "failed"


def test_a_skipped_sync_is_no_failure(workspace: cdpkit.Workspace) -> None:
    """Another one of the connection is at work, and does what is to be done."""
    with ExitStack() as held:
        assert Home.open(workspace.path).claim("connection-iterable", held)
        assert ": skipped\n" in run(workspace)["run"]
