"""The profiles, and the groups beside them (`store/population.py`), in layers: bases, and patches by sequence."""

import polars as pl

from cdpkit.core.properties import BUILT_IN
from cdpkit.store.kind import TableKind

PROFILES = "profiles"

TABLE = TableKind(
    PROFILES,
    {"row": pl.Int64(), **{prop.name: prop.dtype for prop in BUILT_IN}, "deleted": pl.Boolean()},
    partition="layer",
    shown=True,
)
