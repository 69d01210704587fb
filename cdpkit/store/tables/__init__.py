"""The tables of a workspace, a file each; a new one is a new file here and nothing else."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from cdpkit.store.kind import TableKind
from cdpkit.store.tables.changes import CHANGES
from cdpkit.store.tables.events import EVENTS
from cdpkit.store.tables.goal_rows import GOAL_ROWS
from cdpkit.store.tables.goal_units import GOAL_UNITS
from cdpkit.store.tables.profiles import PROFILES
from cdpkit.store.tables.rejected import REJECTED
from cdpkit.store.tables.run_rows import RUN_ROWS
from cdpkit.store.tables.runs import RUNS

__all__ = ["CHANGES", "EVENTS", "GOAL_ROWS", "GOAL_UNITS", "PROFILES", "REJECTED", "RUNS", "RUN_ROWS", "TABLES"]


def _found() -> dict[str, TableKind]:
    kinds: list[TableKind] = [import_module(f"{__name__}.{module.name}").TABLE for module in iter_modules(__path__)]
    return {kind.name: kind for kind in kinds}


TABLES: Mapping[str, TableKind] = _found()
"""All of them by name, as the files here have them."""
