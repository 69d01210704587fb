"""Committing a plan: the files first, then the one commit that makes them true."""

import secrets
from datetime import datetime
from typing import Any

import polars as pl

from cdpkit.config.settings import Document, add_property
from cdpkit.core.ids import profile_ids
from cdpkit.core.imports import ImportResult
from cdpkit.core.properties import DEFAULT_PERMISSION_LEVEL, SOURCE_ROW, Property
from cdpkit.errors import ConflictError
from cdpkit.runs.home import Home
from cdpkit.runs.plan import LoadPlan
from cdpkit.store.fold import BASE
from cdpkit.store.table import DataFile
from cdpkit.store.tables import CHANGES, GOAL_UNITS, PROFILES, REJECTED, RUN_ROWS, Snapshot, describe
from cdpkit.store.units import as_stored

UNNAMED = "load"
"""What the goal of a load without a name is called in the history."""


def commit_load(home: Home, plan: LoadPlan, run_id: str, record: dict[str, Any], at: datetime) -> int:
    """Store a plan; returns the version of the profiles that it made.

    Args:
        home: The workspace.
        plan: What to store.
        run_id: The run.
        record: The run's last line, without version and sequence number.
        at: The time of the commit.

    Raises:
        ConflictError: Somebody else committed since the plan was made; nothing is stored.
    """
    snapshot = _current(home, plan)
    goal, seq, result = plan.prepared.goal.name or UNNAMED, snapshot.seq + 1, plan.result
    files = _profile_files(snapshot, result, seq, at)
    side = describe(_side_files(home, result, run_id, goal, seq))
    return home.tables.commit(
        snapshot,
        f"{run_id}/{goal}",
        {"seq": seq, "files": side, "record": record},
        add=files,
        next_row=snapshot.next_row + result.created.height,
    )


def _current(home: Home, plan: LoadPlan) -> Snapshot:
    """The profiles as they are, which must be as the plan saw them; new properties are added here."""
    new = plan.prepared.new_properties
    if new:
        known = home.settings.edit(lambda document: _add_missing(document, new)).catalogue()
        if any(known.get(prop.name) != prop for prop in new):
            raise ConflictError("somebody else has made a property of that name since; repeat the call")
    home.tables.open(PROFILES).add_columns({prop.name: prop.dtype for prop in plan.prepared.catalogue.values()})
    current = home.tables.snapshot()  # after the columns, because adding them may move past somebody else's commit
    if current.seq != plan.snapshot.seq:
        raise ConflictError("somebody else has committed since the plan was made; repeat the call")
    return current


def _add_missing(document: Document, properties: tuple[Property, ...]) -> None:
    known = {prop["name"].lower() for prop in document.get("properties", [])}
    for prop in properties:
        if prop.name.lower() not in known:
            add_property(document, prop)


def _profile_files(snapshot: Snapshot, result: ImportResult, seq: int, at: datetime) -> list[DataFile]:
    """New profiles go to the base, whose rows they continue; changed ones are a patch."""
    stamp = [pl.lit(at).cast(pl.Datetime("us", "UTC")).alias("updated_at"), pl.lit(seq, pl.Int64).alias("updated_seq")]
    table, files = snapshot.layers.table, []
    if result.created.height:
        ids = profile_ids(result.created["row"], int(at.timestamp() * 1000), secrets.token_hex(16))
        created = result.created.with_columns(ids, *stamp, created_at=stamp[0])
        if "permission_level" not in created.columns:
            created = created.with_columns(permission_level=pl.lit(DEFAULT_PERMISSION_LEVEL))
        files.append(table.write(created, partition=BASE, label=BASE))
    if result.patch.height:
        files.append(table.write(result.patch.with_columns(stamp), partition=str(seq), label="patch"))
    return files


def _side_files(home: Home, result: ImportResult, run_id: str, goal: str, seq: int) -> dict[str, DataFile | None]:
    whose = [pl.lit(run_id).alias("run_id"), pl.lit(goal).alias("goal")]
    units = result.records
    return {
        CHANGES: write_side(home, CHANGES, result.changes.rename({SOURCE_ROW: "source_row"}).with_columns(whose)),
        RUN_ROWS: write_side(home, RUN_ROWS, result.fates.rename({SOURCE_ROW: "source_row"}).with_columns(whose)),
        REJECTED: write_side(home, REJECTED, result.rejected.rename({SOURCE_ROW: "source_row"}).with_columns(whose)),
        GOAL_UNITS: None if units is None else write_side(home, GOAL_UNITS, as_stored(units, seq), goal),
    }


def write_side(home: Home, name: str, frame: pl.DataFrame, partition: str | None = None) -> DataFile | None:
    """Write a file that joins its table once the profiles are committed; none for a frame without rows.

    Columns that the frame does not have are null.
    """
    if frame.is_empty():
        return None
    table = home.tables.open(name)
    columns = [
        column if column in frame.columns else pl.lit(None, dtype).alias(column)
        for column, dtype in table.schema.items()
        if column != table.partition
    ]
    return table.write(frame.select(columns), partition=partition)
