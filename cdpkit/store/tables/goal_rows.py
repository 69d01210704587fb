"""What export goals know of profiles: lines appended by run, of which the one of a profile's last `turn` holds."""

from collections.abc import Iterator

import polars as pl

from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import each_partition

GOAL_ROWS = "goal_rows"


def newest(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Of all lines of a profile the one of the last turn."""
    last = lines.group_by("row").agg(pl.col("turn").max())
    return lines.join(last, on=["row", "turn"], how="semi")


def _newest(lines: pl.LazyFrame, _rows: int) -> Iterator[pl.DataFrame]:
    """What the goal last knew of every profile, by ascending row."""
    yield newest(lines).collect(engine="streaming").sort("row")


TABLE = TableKind(
    GOAL_ROWS,
    {
        "row": pl.Int64(),
        "state": pl.String(),
        "seq": pl.Int64(),
        "config": pl.Int64(),
        "selection": pl.Int64(),
        "payload": pl.Int64(),
        "fields": pl.List(pl.Int64()),
        "labels": pl.Int64(),
        "key": pl.String(),
        "lists": pl.List(pl.String()),
        "theirs": pl.List(pl.String()),
        "maybe": pl.List(pl.String()),
        "off": pl.List(pl.String()),
        "owes": pl.Boolean(),
        "turn": pl.Int64(),
    },
    partition="goal",
    fold=each_partition(_newest),
)
