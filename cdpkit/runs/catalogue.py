"""The profiles of a snapshot with the columns of the catalogue."""

from typing import Any

import polars as pl

from cdpkit.core.properties import Property
from cdpkit.runs.home import Home
from cdpkit.store.snapshot import Snapshot


def catalogued(home: Home, snapshot: Snapshot, planned: tuple[Property, ...] = ()) -> pl.LazyFrame:
    """`row` and the properties of the catalogue, in its order; one that no profile has yet is null.

    Args:
        home: The workspace.
        snapshot: The profiles.
        planned: Properties that a plan is going to add.
    """
    catalogue = home.settings.read().catalogue() | {prop.name: prop for prop in planned}
    stored = snapshot.schema  # read once: it is worked out anew each time, and there may be thousands of columns
    columns: list[Any] = [
        name if name in stored else pl.lit(None, prop.dtype).alias(name) for name, prop in catalogue.items()
    ]
    return snapshot.profiles().select("row", *columns)
