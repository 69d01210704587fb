"""Values and profiles that were not accepted, and what an undo left as it is.

`row` is the profile that a value was meant for, that was refused, or that an undo left; null for none. The values that
loads of earlier versions rejected name none.
"""

import polars as pl

from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import gather

REJECTED = "rejected"

TABLE = TableKind(
    REJECTED,
    {
        "run_id": pl.String(),
        "goal": pl.String(),
        "source_row": pl.Int64(),
        "row": pl.Int64(),
        "field": pl.String(),
        "property": pl.String(),
        "value": pl.String(),
        "reason": pl.String(),
    },
    fold=gather,
    shown=True,
)
