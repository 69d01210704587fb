"""What was refused: whom it was meant for, mended and taken again, each value once."""

from pathlib import Path

import polars as pl
import pytest

import cdpkit


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """Profiles known by `email`, with one value of each kind."""
    made = cdpkit.create(tmp_path / "workspace")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("points", type="number")
    made.properties.add("day", type="date")
    made.properties.add("tags", type="number", multi=True)
    return made


def owners(ws: cdpkit.Workspace) -> list[tuple[object, ...]]:
    """For each rejected value its source row, field, and the e-mail address of the profile that it names."""
    table = ws._home.tables.scan("rejected")
    profiles = ws._home.tables.snapshot().profiles().select("row", "email")
    found = table.join(profiles, on="row", how="left").select("source_row", "field", "email").collect()
    return sorted(found.rows(), key=str)


def test_a_rejected_value_names_the_profile_that_its_row_reached(ws: cdpkit.Workspace) -> None:
    """A created one, one that was there, and none where the row reached nobody."""
    ws.load([{"email": "old@example.com"}], {"email": "email"})
    rows = [
        {"email": "old@example.com", "points": "x"},
        {"email": "new@example.com", "points": "y"},
        {"email": "nobody", "points": "z"},
    ]
    run = ws.load(rows, {"email": "email"}, [{"from": "points"}])
    assert owners(ws) == [(0, "points", "old@example.com"), (1, "points", "new@example.com"), (2, "email", None)]
    assert run.rejected.columns == ["source_row", "field", "property", "value", "reason"]
    assert run.rejected.height == 3
    assert run.conflicts.is_empty()


def test_a_value_that_was_meant_for_several_profiles_names_none(ws: cdpkit.Workspace) -> None:
    """It is listed once, and belongs to nobody alone."""
    ws.properties.add("code", identifier=True)
    both = [{"email": f"{name}@example.com", "code": "same"} for name in "ab"]
    ws.load(both, {"email": "email"}, [{"from": "code"}])
    run = ws.load([{"code": "same", "points": "x"}], {"code": "code"}, [{"from": "points"}], on_multiple_matches="all")
    assert run.counters["rejected"] == {"not_a_whole_number": 1}
    assert owners(ws) == [(0, "points", None)]


def test_what_a_processor_could_not_read_names_its_profile(ws: cdpkit.Workspace) -> None:
    """Though the value never came to the profile."""
    steps = [{"processor": "parse_dates", "fields": ["day"], "formats": ["%d.%m.%Y"]}]
    rows = pl.DataFrame({"email": ["a@example.com", "b@example.com"], "day": ["31.01.2024", "soon"]})
    ws.load(rows, {"email": "email"}, [{"from": "day"}], processors=steps)
    assert owners(ws) == [(1, "day", "b@example.com")]


def test_conflicts_of_an_undo_are_no_rejected_values(ws: cdpkit.Workspace) -> None:
    """Both lie in one table and name profiles; each frame has its own."""
    run = ws.load([{"email": "a@example.com", "points": "x"}], {"email": "email"}, [{"from": "points"}])
    ws.load([{"email": "a@example.com", "points": "1"}], {"email": "email"}, [{"from": "points"}])
    back = ws.undo(run)
    assert back.conflicts.height == 1
    assert back.rejected.is_empty()
    assert ws.run(run.id).rejected.height == 1
