"""Compaction as a step of its own, after a run is recorded."""

import polars as pl

from cdpkit.runs.home import Home
from cdpkit.runs.run import history
from cdpkit.store.compact import compact, is_due, vacuum


def compact_when_due(home: Home) -> None:
    """Fold patches into the base when they have become many."""
    if is_due(home.tables.snapshot().layers):
        compact_workspace(home)


def compact_workspace(home: Home) -> bool:
    """Fold patches into the base, and delete what no kept version needs."""
    folded = compact(home.tables)
    vacuum(home.tables, home.settings.read().keep_days)
    home.sweep_locks(history(home).filter(pl.col("finished_at").is_not_null())["run_id"])
    return folded
