"""The history: lines appended by run; the one with the highest `step` of a run tells how it stands."""

import polars as pl

from cdpkit.core.properties import UTC
from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import gather

RUNS = "runs"

TABLE = TableKind(
    RUNS,
    {
        "run_id": pl.String(),
        "kind": pl.String(),
        "name": pl.String(),
        "state": pl.String(),
        "started_at": UTC,
        "finished_at": UTC,
        "goals": pl.String(),
        "version": pl.Int64(),
        "seq": pl.Int64(),
        "details": pl.String(),
        "step": pl.Int64(),
    },
    fold=gather,
    shown=True,
)
