"""Rows of a frame as people read them: ids whole, what is long cut, nothing hidden."""

from datetime import datetime

import polars as pl

from cdpkit.show.cells import cut, visible
from cdpkit.show.told import Lines

FIRST = 10
"""How many rows are shown."""
_LONGEST = 80


def first_rows(frame: pl.DataFrame, first: int = FIRST, caption: str = "") -> Lines:
    """The first rows of a frame, with what stands above them; where they are text, as many columns as fit."""
    rows = [tuple(map(written, row)) for row in frame.head(first).rows()]
    return Lines(frame.columns, rows, wide=True, caption=caption)


def written(value: object) -> str:
    """A value as a person reads it in a row: nothing hidden in it, what is long cut."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case list():
            return cut(f"[{', '.join(map(written, value))}]", _LONGEST)
        case _:
            return cut(visible(str(value)), _LONGEST)
