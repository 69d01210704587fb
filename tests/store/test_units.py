"""What the import delta keeps, over many nights."""

from pathlib import Path

import polars as pl

import cdpkit
from cdpkit.store.small_files import MOST_FILES


def test_records_of_many_nights_are_folded_to_the_newest_two_states(tmp_path: Path) -> None:
    """Rows stay known, a night that is undone with `reimport` comes back, and no number is added twice."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("mail", type="email", identifier=True)
    people = pl.DataFrame({"mail": [f"m{index}@x.de" for index in range(5)]})
    points = [{"from": "points", "to": "points", "rule": "sum"}]
    for night in range(MOST_FILES + 3):
        run = ws.load(people.with_columns(points=night), {"mail": "mail"}, points, goal="night")
    files = ws._home.tables.open("goal_units").files()
    assert sum(file.rows for file in files) == 15  # two states folded by the 34th night, one of the 35th
    total = sum(range(MOST_FILES + 3))
    last = people.with_columns(points=MOST_FILES + 2)
    assert ws.load(last, {"mail": "mail"}, points, goal="night").counters["excluded"] == {"not_changed": 5}
    ws.undo(run.id, reimport=True)
    before = people.with_columns(points=MOST_FILES + 1)
    assert ws.load(before, {"mail": "mail"}, points, goal="night").counters["excluded"] == {"not_changed": 5}
    assert ws.load(last, {"mail": "mail"}, points, goal="night").counters["applied"] == 5
    assert ws.profiles.collect()["points"].to_list() == [total] * 5
