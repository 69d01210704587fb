"""Every value that a run changed, as text; a created profile is one line."""

import polars as pl

from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import gather

CHANGES = "changes"

TABLE = TableKind(
    CHANGES,
    {
        "run_id": pl.String(),
        "goal": pl.String(),
        "row": pl.Int64(),
        "property": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
        "rule": pl.String(),
        "source_row": pl.Int64(),
    },
    fold=gather,
    shown=True,
)
