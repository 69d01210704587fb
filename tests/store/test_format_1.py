"""A workspace as version 83a94c0 wrote it, opened by this one: what it says and what it remembers stays true.

`fixtures/format_1.zip` holds it and another one, of which a run was stopped between two answers, with the programs that
made them. Nothing in it is ever made anew: other workspaces of its format are out there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

import cdpkit
from cdpkit.config.settings import FORMAT
from cdpkit.core.membership import MEMBERSHIP, OFF
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from cdpkit.store.tables import GOAL_ROWS
from tests.runs.sync.place import FACTOR, Place, address, pros

PACKED = Path(__file__).parent / "fixtures" / "format_1.zip"
CUSTOMER = {"customer": "customer"}
RULES = [
    {"from": "email", "to": "email", "rule": "set"},
    {"from": "plan", "to": "plan", "rule": "set_or_clear"},
    {"from": "points", "to": "points", "rule": "sum"},
    {"from": "tags", "to": "tags", "rule": "add"},
    {"from": "city", "to": "city", "rule": "set_if_empty"},
]
BY_RULE = {"add": 21, "create": 820, "set": 1, "set_or_clear": 13, "sum": 17, "undo": 7}
BY_FATE = {"accepted": 6, "applied": 842, "rejected": 2, "skipped": 3, "withdrawn": 1}
BY_PLAN = {"free": 674, "gold": 21, "pro": 8, None: 117}
RUNS = [
    ("load", "nightly", 1),
    ("load", None, 2),
    ("load", None, 3),
    ("sync", "news", 4),
    ("sync", "news", None),
    ("load", None, 5),
    ("sync", "news", None),
    ("load", None, 6),
    ("sync", "news", None),
    ("load", "second", 7),
    ("load", "wrong", 8),
    ("undo", None, 9),
    ("load", "undoable", 10),
]


def nightly() -> pl.DataFrame:
    """What the goal `nightly` has loaded."""
    numbers = range(800)
    return pl.DataFrame(
        {
            "customer": [f"p{number}" for number in numbers],
            "email": [f"person{number}@example.org" for number in numbers],
            "plan": [None if number % 7 == 0 else "free" for number in numbers],
            "points": ["many" if number % 100 == 3 else "1" for number in numbers],
            "tags": "tag1",
            "city": ["Antwerp" if number % 2 else None for number in numbers],
        }
    )


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """The workspace, brought up to date."""
    return unpacked(tmp_path, "workspace")


def unpacked(folder: Path, name: str) -> cdpkit.Workspace:
    """One of the two."""
    with ZipFile(PACKED) as packed:
        packed.extractall(folder)
    return cdpkit.open(folder / name)


def counted(ws: cdpkit.Workspace, table: str, column: str) -> dict[str | None, int]:
    """How often a table has each value of a column."""
    return dict(ws.sql(f"select {column}, count(*) from {table} group by 1").fetchall())


def total(ws: cdpkit.Workspace) -> tuple[int, int]:
    """How many profiles there are, and their points together."""
    count, points = ws.sql("select count(*), sum(points)::int from profiles").fetchall()[0]
    return count, points


def told(ws: cdpkit.Workspace) -> None:
    """The tables say what they said."""
    assert counted(ws, "changes", "rule") == BY_RULE
    assert counted(ws, "run_rows", "fate") == BY_FATE
    assert counted(ws, "profiles", "plan") == BY_PLAN
    assert counted(ws, "rejected", "property") == {"points": 11, None: 2}
    assert total(ws) == (820, 1002)


def test_it_is_brought_up_to_date_and_says_what_it_said(ws: cdpkit.Workspace) -> None:
    """Profiles, their history, runs, segments and objectives; comments in the settings stay."""
    text = (ws.path / "cdpkit.toml").read_text(encoding="utf-8")
    assert f"format = {FORMAT}\n" in text
    assert text.startswith("# A cdpkit workspace.")
    told(ws)
    runs = ws.runs.with_columns(name=pl.when(kind="undo").then(None).otherwise("name"))
    assert runs.select("kind", "name", "seq").rows() == RUNS
    assert counted(ws, "segments", "segment") == {"rich": 19, "pros": 8}
    assert list(ws.objectives) == ["newsletter"]
    assert ws.sql("select count(*) from profiles where len(tags) > 1").fetchall() == [(15,)]
    second = ws.run(ws.runs.filter(name="second")["run_id"].item())
    assert (second.counters["created"], second.counters["updated"], second.changes.height) == (10, 10, 38)
    assert ws.at(second.id).profiles.collect().height == 820
    told(cdpkit.open(ws.path))


def test_what_goals_know_of_lists_stands_in_columns(ws: cdpkit.Workspace) -> None:
    """Lists that it put people on, that they were on before, and that it asked for, under the ids of the vendor."""
    lines = ws._home.tables.scan(GOAL_ROWS).collect()
    found = {name: lines[name].list.len().sum() for name in MEMBERSHIP}
    assert [name for name, count in found.items() if not count] == [OFF]  # which nobody wrote down then
    assert lines.select(pl.col(*MEMBERSHIP).list.join("").str.contains(r"^\d*$").all()).row(0) == (True,) * 4
    assert lines.filter(pl.col("owes") != (pl.col("lists").list.len() + pl.col("maybe").list.len() > 0)).is_empty()


def test_a_load_is_taken_back_and_the_same_again_adds_nothing(ws: cdpkit.Workspace) -> None:
    """The rows that the goals have seen are known, so no number is added twice."""
    back = ws.undo(ws.runs.filter(name="undoable")["run_id"].item())
    assert (back.state, back.conflicts.height) == ("succeeded", 0)
    assert total(ws) == (820, 1002 - 4 * 5)
    again = ws.load(nightly(), CUSTOMER, RULES, goal="nightly")
    assert again.counters["excluded"] == {"not_changed": 800}
    assert total(ws) == (820, 1002 - 4 * 5)


def test_it_is_compacted_and_swept(ws: cdpkit.Workspace) -> None:
    """Patches that waited are folded; what nobody needs any more goes, and nothing else."""
    assert len(ws._home.tables.snapshot().layers.patches) == 6
    assert ws.compact()
    assert ws._home.tables.snapshot().layers.patches == ()
    ws._home.settings.edit(lambda document: document.update(keep_days=0))
    ws.compact()
    told(ws)


@contextmanager
def vendor(ws: cdpkit.Workspace, *members: int) -> Iterator[Place]:
    """The vendor as the connection left it, with these people on its list."""
    options = Options(people=0, limits_factor=FACTOR)
    with running("iterable", options=options, job_polls=0) as site:
        path = ws.path / "connections" / "news.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("http://127.0.0.1:1", site.addresses["iterable"]["base_url"]), encoding="utf-8")
        (ws.path / "key.txt").write_text(site.addresses["iterable"]["api_key"], encoding="utf-8")
        here = Place(site, ws, ws.connection("news"))
        here.put(*address(*members))
        yield here
        here.http.close()


def test_the_export_goal_remembers_whom_it_put_on_the_list(ws: cdpkit.Workspace) -> None:
    """Those it put there, or may have put there, are withdrawn when they leave; who was there before stays."""
    with vendor(ws, 1, 2, 4, 5, 6, 7, 8) as here:
        here.load(*pros(1, 2, 7, 8, plan="free"))
        run = here.conn.run("Pros")
        assert (run.counters["withdrawn"], run.counters["accepted"]) == (2, 0)
        assert here.members() == address(1, 4, 5, 6, 8)
        assert here.conn.run("Pros").counters["withdrawn"] == 0


def test_the_export_goal_remembers_what_it_sent(ws: cdpkit.Workspace) -> None:
    """Whoever has not changed is not sent again; whose sending failed is, and stays protected on the list."""
    with vendor(ws, 1, 2, 4, 5, 6, 7, 8) as here:
        run = here.conn.run("Pros")
        assert run.counters["sent"] == 3
        here.load(*pros(8, plan="free"))
        assert here.conn.run("Pros").counters["withdrawn"] == 0
        assert address(8) <= here.members()


def test_a_run_that_was_stopped_forgets_nobody_either(tmp_path: Path) -> None:
    """Its people were on their way when the older version died: whom it put on the list leaves it, no one else does."""
    ws = unpacked(tmp_path, "stopped")
    assert ws.runs["state"].to_list() == ["succeeded", "succeeded", "stopped"]
    with vendor(ws, 1, 2, 3) as here:
        here.conn.run("Pros").raise_for_state()
        assert ws.runs.filter(pl.col("finished_at").is_null()).is_empty()
        assert here.members() == address(1, 2, 3)
        here.load(*pros(1, 2, 3, plan="free"))
        assert here.conn.run("Pros").counters["withdrawn"] == 2
        assert here.members() == address(1)
