"""The plan of a load: what a preview shows and a run commits, one and the same."""

from dataclasses import dataclass

import polars as pl

from cdpkit.core.imports import ImportResult, import_rows
from cdpkit.errors import ConfigurationError
from cdpkit.runs.home import Home
from cdpkit.runs.prepare import Prepared
from cdpkit.store.tables import Snapshot
from cdpkit.store.units import kept_records


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What a load does to the profiles as they are.

    Attributes:
        prepared: The load.
        snapshot: The profiles that it was worked out on.
        result: What becomes of them, and of every row.
    """

    prepared: Prepared
    snapshot: Snapshot
    result: ImportResult


def plan_load(home: Home, prepared: Prepared) -> LoadPlan:
    """Work a load out on the profiles as they are now."""
    snapshot = home.tables.snapshot()
    home.tables.roll_forward()  # so that the records of every commit in the snapshot are there
    goal = prepared.goal
    result = import_rows(
        prepared.source,
        goal,
        prepared.catalogue,
        with_catalogue(snapshot, prepared),
        kept_records(home.tables, goal.name) if goal.name is not None else None,
        snapshot.next_row,
    )
    return LoadPlan(prepared, snapshot, result)


def with_catalogue(snapshot: Snapshot, prepared: Prepared) -> pl.LazyFrame:
    """The profiles with a column for every property, also for those that no profile has yet.

    Raises:
        ConfigurationError: A property has another type in the settings than in the table.
    """
    profiles = snapshot.profiles()
    schema = snapshot.layers.table.schema
    for prop in prepared.catalogue.values():
        if prop.name in schema and schema[prop.name] != prop.dtype:
            raise ConfigurationError(
                f"property {prop.name!r} is stored as {schema[prop.name]}, but the settings say {prop.type}"
                f"{' with several values' if prop.multi else ''}; a type never changes: undo that edit, or take "
                "another name"
            )
    missing = [prop for prop in prepared.catalogue.values() if prop.name not in schema]
    return profiles.with_columns(pl.lit(None, prop.dtype).alias(prop.name) for prop in missing)
