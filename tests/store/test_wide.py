"""Workspaces with many properties."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import polars as pl

import cdpkit


def test_a_property_beyond_the_first_dozens_is_updated_too(tmp_path: Path) -> None:
    """Delta keeps statistics of 32 columns unless told; patches to later columns must be seen all the same."""
    names = [f"p{index}" for index in range(60)]
    rows = pl.DataFrame({"mail": [f"m{index}@x.de" for index in range(200)]})
    first = rows.with_columns(pl.lit("old").alias(name) for name in names)
    second = rows.head(3).with_columns(pl.lit("new").alias(name) for name in names)
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("mail", type="email", identifier=True)
    mappings = [{"from": name} for name in names]
    ws.load(first, {"mail": "mail"}, mappings)
    ws.load(second, {"mail": "mail"}, mappings)
    for state in (ws.profiles.collect(), cdpkit.open(ws.path).profiles.collect()):
        assert dict.fromkeys(names, 3) == {name: (state[name] == "new").sum() for name in names}
    ws.compact()
    state = ws.profiles.collect()
    assert dict.fromkeys(names, 3) == {name: (state[name] == "new").sum() for name in names}


def calls_of(action: Callable[[], object]) -> int:
    """How many functions an action calls, in Python and in C: its cost, whatever else the machine does."""
    made = 0

    def count(_frame: FrameType, event: str, _of: object) -> None:
        nonlocal made
        made += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return made


def test_reading_one_property_costs_as_much_as_there_are_properties_and_no_square_of_it(tmp_path: Path) -> None:
    """Twice the properties are at most twice the work, for a frame, for SQL, and for a load of two of them."""
    costs = []
    for width in (200, 400):
        names = [f"p{index}" for index in range(width)]
        rows = pl.DataFrame({"mail": ["a@x.de", "b@x.de"], **{name: [1, 2] for name in names}})
        ws = cdpkit.create(tmp_path / f"w{width}")
        ws.properties.add("mail", type="email", identifier=True)
        for frame in (rows, rows.with_columns(p1=pl.lit(9))):
            ws.load(frame, {"mail": "mail"}, [{"from": name} for name in names])
        narrow = rows.select("mail", p1=pl.lit(7))
        costs.append(
            [
                calls_of(lambda ws=ws: ws.profiles.select("p1").collect()),  # type: ignore[misc]
                calls_of(lambda ws=ws: ws.sql("select count(*) from profiles").fetchall()),  # type: ignore[misc]
                calls_of(lambda ws=ws, rows=narrow: ws.preview_load(rows, {"mail": "mail"}, [{"from": "p1"}])),  # type: ignore[misc]
            ]
        )
    assert [wide / slim < 2.2 for slim, wide in zip(*costs, strict=True)] == [True, True, True], costs
