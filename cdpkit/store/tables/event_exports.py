"""What export goals know of timeline events: lines appended by run, of which that of an event's last `turn` holds."""

from collections.abc import Iterator

import polars as pl

from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import each_partition

EVENT_EXPORTS = "event_exports"


def newest_events(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Of all lines of an event the one of the last turn."""
    last = lines.group_by("key").agg(pl.col("turn").max())
    return lines.join(last, on=["key", "turn"], how="semi")


def _newest(lines: pl.LazyFrame, _rows: int) -> Iterator[pl.DataFrame]:
    yield newest_events(lines).collect(engine="streaming").sort("key")


TABLE = TableKind(
    EVENT_EXPORTS,
    {
        "key": pl.Int64(),
        "row": pl.Int64(),
        "type": pl.String(),
        "id": pl.String(),
        "state": pl.String(),
        "reason": pl.String(),
        "seq": pl.Int64(),
        "turn": pl.Int64(),
        "run_id": pl.String(),
    },
    partition="goal",
    fold=each_partition(_newest),
    shown=True,
    since=4,
)
