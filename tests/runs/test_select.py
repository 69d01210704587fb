"""Selecting some rows of an export's segment, as real-time goals do: what is found of them is what all find of them."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cdpkit import vendors
from cdpkit.config.goals.export_profiles import ExportGoalSettings
from cdpkit.core.due import Due
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.exports.goal import ExportGoal, exporter_of, resolve_export
from cdpkit.runs.exports.select import Selected, select
from cdpkit.runs.session import driver_for, open_session, read_connection
from tests.runs.sync.place import PLAN, Place, place, pros

PEOPLE = 24
NAMES = {"value": "segments", "to": "segments"}


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, ExportGoal]]:
    """A segment that was sent; its people have left it, come to it, changed, or taken somebody's address since."""
    with place(Path(tmp_path_factory.mktemp("select"))) as made:
        made.ws.segments.add("firsts", "points = 1")
        settings_file = made.ws._home.settings
        settings_file.edit(lambda document: document.update(expose_segments=True))
        made.load(*({**person, "points": 1} for person in pros(*range(1, 17))))
        made.load({"customer": "twin", "email": "pro1@example.com", "plan": "pro"})
        made.exporting(mappings=[PLAN, NAMES], target={"lists": ["Empty"], "on_enter": True, "on_leave": True})
        made.conn.run().raise_for_state()
        made.load(*pros(1, 2, 3, plan="free"))
        made.load({"customer": "c4", "points": 2}, {"customer": "c5", "points": 2})
        made.load({"customer": "c6", "email": "pro2@example.com"}, {"customer": "c7", "email": "new7@example.com"})
        made.load({"customer": "c8", "email": None}, {"customer": "c9", "email": "pro20@example.com"})
        made.load(*pros(*range(17, PEOPLE)))
        made.load({"customer": "late twin", "email": "pro3@example.com", "plan": "pro"})
        yield made, resolved(made)


def resolved(made: Place) -> ExportGoal:
    """The goal as its plan needs it."""
    home, name = made.ws._home, made.conn.name
    connection, vendor = read_connection(home, name)
    driver, given = driver_for(home, name, connection, vendor)
    goal = connection.goals[0]
    assert isinstance(goal, ExportGoalSettings)
    with driver:
        session = open_session(home, name, connection, vendor, driver, given)
        return resolve_export(session, goal, full=False, resend_in_doubt=False)


def selected(made: Place, goal: ExportGoal, only: pl.Series | None = None) -> Selected:
    home = made.ws._home
    snapshot = home.tables.snapshot()
    return select(home, snapshot, catalogued(home, snapshot), goal, exporter_of(vendors.get("iterable")), only)


def frames(found: Selected) -> dict[str, pl.DataFrame]:
    due = {field.name: getattr(found.due, field.name) for field in fields(Due)}
    assert found.names is not None
    return {name: value for name, value in due.items() if isinstance(value, pl.DataFrame)} | {"names": found.names}


def counts(*found: Selected) -> tuple[int, int, int]:
    parts: list[Any] = [(each.in_segment, each.due.not_due, each.due.available) for each in found]
    in_segment, not_due, available = map(sum, zip(*parts, strict=True))
    return in_segment, not_due, available


def test_the_world_has_all_that_can_happen(moved: tuple[Place, ExportGoal]) -> None:
    """People are sent, left out, settled, gone and withdrawn, and some are spared because of others."""
    found = selected(*moved)
    assert all(frames(found)[name].height for name in ("send", "skipped", "left", "withdraw"))
    assert found.due.not_due
    withdrawn = found.due.withdraw["key"].str.split("\x1e").list.last().to_list()
    assert "pro7@example.com" in withdrawn, "under the former address"
    assert not {"pro1@example.com", "pro2@example.com", "pro3@example.com"} & set(withdrawn), "others have them"


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_selecting_two_sets_of_rows_is_selecting_both_together(
    moved: tuple[Place, ExportGoal], data: st.DataObject
) -> None:
    """Frames and counters of disjoint sets add up to those of their union, and all rows are what no set is."""
    made, goal = moved
    last = made.ws._home.tables.snapshot().next_row
    sides = data.draw(st.lists(st.sampled_from("AB-"), min_size=last, max_size=last))
    rows = {side: pl.Series("row", [n for n in range(last) if sides[n] == side], dtype=pl.Int64) for side in "AB-"}
    both = selected(made, goal, pl.concat([rows["A"], rows["B"]]))
    parts = selected(made, goal, rows["A"]), selected(made, goal, rows["B"])
    together = [frames(part) for part in parts]
    for name, frame in frames(both).items():
        joined = pl.concat([part[name] for part in together])
        assert_frame_equal(joined.sort("row", *_list(frame)), frame.sort("row", *_list(frame)))
    assert counts(*parts) == counts(both)
    everything = selected(made, goal)
    rest = selected(made, goal, rows["-"])
    assert counts(both, rest) == counts(everything)
    for name, frame in frames(everything).items():
        joined = pl.concat([frames(both)[name], frames(rest)[name]])
        assert_frame_equal(joined.sort("row", *_list(frame)), frame.sort("row", *_list(frame)))


def _list(frame: pl.DataFrame) -> list[str]:
    return [name for name in ("list", "key") if name in frame.columns]
