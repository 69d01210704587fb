"""What became of every row of a source, and of every profile that an export handled."""

import polars as pl

from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import gather

RUN_ROWS = "run_rows"

TABLE = TableKind(
    RUN_ROWS,
    {
        "run_id": pl.String(),
        "goal": pl.String(),
        "source_row": pl.Int64(),
        "row": pl.Int64(),
        "fate": pl.String(),
        "reason": pl.String(),
    },
    fold=gather,
    shown=True,
)
