"""Compaction: it changes nothing that is seen, and takes away nothing that is held."""

import polars as pl

import cdpkit
from tests.workspace.plans import MAIL, PLAN, held, load, settings


def test_a_compaction_changes_nothing_that_is_seen(ws: cdpkit.Workspace) -> None:
    """Profiles are equal, column by column; then there is nothing left to fold."""
    crowd = pl.DataFrame({"mail": [f"p{n}@x.de" for n in range(500)], "plan": "p"})
    ws.load(crowd, MAIL, PLAN)
    for number in range(4):
        load(ws, ann=f"a{number}", p7=None, **{f"new{number}": "n"})
    ws.undo(ws.runs["run_id"][-1])
    before = ws.profiles.collect()
    assert ws.compact()
    assert ws.profiles.collect().equals(before)
    assert not ws.compact()
    assert cdpkit.open(ws.path).profiles.collect().equals(before)


def test_row_numbers_are_never_reused(ws: cdpkit.Workspace) -> None:
    """Also after the highest ones were deleted and compacted away; deleted rows are gone from the files."""
    seen: set[int] = set()
    for _ in range(3):
        run = load(ws, cy="x", dan="y")
        numbers = set(ws.sql("select row from profiles where email in ('cy@x.de', 'dan@x.de')").pl()["row"])
        assert len(numbers) == 2
        assert numbers.isdisjoint(seen)
        seen |= numbers
        ws.undo(run.id)
        ws.compact()
        assert held(ws) == {"ann": "gold", "bob": "lead"}
    settings(ws, "keep_days = 30", "keep_days = 0")
    load(ws, ann="silver")
    ws.compact()
    files = list((ws.path / "tables" / "profiles").glob("*.parquet"))
    assert seen.isdisjoint(pl.concat([pl.read_parquet(file, columns=["row"]) for file in files])["row"])


def test_what_is_kept_stays_reachable(ws: cdpkit.Workspace) -> None:
    """Within `keep_days` a compaction deletes no version, however many files it folds."""
    runs = [load(ws, ann=f"v{number}") for number in range(6)]
    ws.compact()
    ws.compact()
    for number, run in enumerate(runs):
        assert held(ws.at(run.id)) == {"ann": f"v{number}", "bob": "lead"}
    assert [run.changes["after"].item() for run in runs] == [f"v{number}" for number in range(6)]


def test_a_frame_that_is_held_outlives_a_compaction(ws: cdpkit.Workspace) -> None:
    """Readers keep the version they opened."""
    frame = ws.profiles.select("plan")
    load(ws, ann="silver")
    ws.compact()
    assert sorted(frame.collect()["plan"]) == ["gold", "lead"]
