"""What was asked of vendors that are paid for each question: the ledger, of which the last line of a request holds.

A request is written down, as `maybe` billed, before it is sent, and once more when it is answered. One that answers for
several profiles is a line for each, under one number; it was paid once.
"""

from collections.abc import Iterator

import polars as pl

from cdpkit.core.properties import UTC
from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import each_partition

REQUESTS = "requests"


def holding(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Of all lines of a request about a profile the last one."""
    last = lines.group_by("number", "row", "about").agg(pl.col("step").max())
    return lines.join(last, on=["number", "row", "about", "step"], how="semi")


def _holding(lines: pl.LazyFrame, _rows: int) -> Iterator[pl.DataFrame]:
    yield holding(lines).collect(engine="streaming").sort("number", "row")


TABLE = TableKind(
    REQUESTS,
    {
        "number": pl.Int64(),
        "step": pl.Int64(),
        "row": pl.Int64(),
        "about": pl.String(),
        "fingerprint": pl.Int64(),
        "sent_at": UTC,
        "state": pl.String(),
        "outcome": pl.String(),
        "documents": pl.Int64(),
        "reason": pl.String(),
        "answer": pl.String(),
        "run_id": pl.String(),
        "goal": pl.String(),
    },
    partition="connection",
    fold=each_partition(_holding),
    shown=True,
    since=3,
)
