"""The rows of a source: read column by column where they are needed, and in parts where they are many."""

from collections.abc import Iterator, Sequence

import polars as pl

PART = 1_000_000
"""How many rows are worked on at once; what a merge holds in memory grows with it."""

_INDEX = "\x00index"
"""A name that no field has."""


class Rows:
    """A source as columns; a position is the index of a row in it.

    Attributes:
        height: How many rows there are.
        schema: The fields and their types.
    """

    def __init__(self, rows: pl.LazyFrame | pl.DataFrame, height: int) -> None:
        self._lazy = rows.lazy()
        self._frame = rows if isinstance(rows, pl.DataFrame) else None
        self.height = height
        self.schema = self._lazy.collect_schema()

    def columns(self, names: Sequence[str]) -> pl.DataFrame:
        """Whole columns."""
        return self._lazy.select(names).collect(engine="streaming")

    def parts(self, names: Sequence[str], size: int = PART) -> Iterator[pl.DataFrame]:
        """The columns in parts of at most `size` rows, in order; at least one, though it be empty."""
        for start in range(0, max(self.height, 1), size):
            if self._frame is not None:
                yield self._frame.select(names).slice(start, size)
            else:
                yield self._lazy.select(names).slice(start, size).collect(engine="streaming")

    def at(self, names: Sequence[str], positions: pl.Series) -> pl.DataFrame:
        """The columns of some rows, in the order of `positions`, which ascend; without a column there are no rows."""
        if not names:
            return pl.DataFrame()
        if self._frame is not None:
            chosen = self._frame.select(names)
            return chosen if positions.len() == self.height else chosen[positions]
        if positions.is_empty():
            return self._lazy.select(names).head(0).collect()
        first, span = int(positions[0]), int(positions[-1]) - int(positions[0]) + 1
        near = self._lazy.select(names).slice(first, span)
        if span == positions.len():
            return near.collect(engine="streaming")
        numbered = near.with_row_index(_INDEX, first).filter(pl.col(_INDEX).is_in(positions.implode()))
        return numbered.drop(_INDEX).collect(engine="streaming")


def parts_of(targets: pl.DataFrame, *, whole: bool, size: int = PART) -> Iterator[pl.DataFrame]:
    """Cut the lines of a merge into parts of about `size`; all lines of a profile stay together.

    Args:
        targets: `position`, `row`, ordered by row; may be empty, which is one empty part.
        whole: Keep everything together.
        size: How many lines a part should have.
    """
    if whole or targets.height <= size:
        yield targets
        return
    row, start = targets["row"], 0
    while start < targets.height:
        last = row[min(start + size, targets.height) - 1]
        end = int(row.search_sorted(last, side="right"))
        yield targets.slice(start, end - start)
        start = end
