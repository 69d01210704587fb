"""The import delta: what goals keep of the units that they have seen, a line for each state.

The newest state of a unit holds; the one before returns when the load that wrote the newest is undone with `reimport`.
"""

from collections.abc import Iterator

import polars as pl

from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import ROWS_A_FILE, each_partition

GOAL_UNITS = "goal_units"
_KEPT_STATES = 2


def _newest_states(records: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    """The newest two states of every unit, in as many shares of the units as keep each within one full file."""
    newest = pl.col("seq").rank("dense", descending=True).over("unit") <= _KEPT_STATES
    shares = rows // ROWS_A_FILE + 1
    for share in range(shares):
        part = records.filter(pl.col("unit") % shares == share).collect()
        if part.height:
            yield part.filter(newest)


TABLE = TableKind(
    GOAL_UNITS,
    {
        "unit": pl.Int64(),
        "config": pl.Int64(),
        "hash": pl.Int64(),
        "sums": pl.List(pl.Int64()),
        "recipe": pl.String(),
        "seq": pl.Int64(),
    },
    partition="goal",
    fold=each_partition(_newest_states),
)
