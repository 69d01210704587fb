"""Committing a plan: its files are there already, and one commit makes them true."""

from datetime import datetime
from typing import Any

import polars as pl

from cdpkit.config.settings_file import Document, add_property
from cdpkit.core.properties import SOURCE_ROW, Property
from cdpkit.errors import CdpkitError, ConflictError
from cdpkit.place.shown import UnsettledError
from cdpkit.runs.draft import WriteSide, side_files
from cdpkit.runs.guard import whole
from cdpkit.runs.home import Home
from cdpkit.runs.imports.plan import LoadPlan
from cdpkit.runs.run import RUNNING
from cdpkit.store.commits import describe
from cdpkit.store.data_file import DataFile
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import CHANGES, EVENTS, GOAL_UNITS, PROFILES, REJECTED, RUN_ROWS
from cdpkit.store.units import as_stored, of_files

_OVERTAKEN = "somebody else has committed since the plan was made; repeat the call"


def commit_load(
    home: Home,
    plan: LoadPlan,
    record: dict[str, Any],
    at: datetime | None = None,
    beside: pl.DataFrame | None = None,
) -> int:
    """Store a plan; returns the version of the profiles that it made.

    Args:
        home: The workspace.
        plan: What to store.
        record: The line of the run's history that joins with the commit, without version, sequence number and time;
            its last line, unless the run goes on with other goals.
        at: The time of the commit, for a plan that waited; None for one that was made just now.
        beside: `row`, `fate`, `reason` of profiles that are no rows of the source; None for none.

    Raises:
        ConflictError: Somebody else committed since the plan was made; nothing is stored.
        WorkspaceError: The tables cannot be written.
    """
    snapshot, draft = _current(home, plan), plan.draft
    if at is not None:
        draft.date(at)
    finished = {} if record["state"] == RUNNING else {"finished_at": draft.at.isoformat()}
    with side_files(home) as write:
        side = describe(_side_files(write, plan, beside))
        whole(draft)
        draft.stored = True  # before it is, so that an interrupt in between removes nothing that is
        try:
            return home.tables.commit(
                snapshot,
                f"{draft.run_id}/{draft.goal}",
                {"seq": draft.seq, "files": side, "record": record | finished},
                add=[*draft.created, *draft.patches],
                next_row=snapshot.next_row + plan.result.counters.created,
            )
        except UnsettledError:
            raise
        except CdpkitError:
            draft.stored = False
            raise


def _current(home: Home, plan: LoadPlan) -> Snapshot:
    """The profiles as they are, which must be as the plan saw them; new properties are added here.

    A type of groups is in the settings alone, so that what becomes of it there is no commit that would tell.
    """
    new, group, catalogue = plan.prepared.new_properties, plan.prepared.group, plan.prepared.catalogue.values()
    if home.tables.snapshot().seq != plan.snapshot.seq:
        raise ConflictError(_OVERTAKEN)
    held = home.settings.read().catalogue(group)
    if group and any(held.get(prop.name) != prop for prop in catalogue if prop not in new):
        raise ConflictError(f"somebody else has changed the group type {group!r} since; repeat the call")
    if new:
        known = home.settings.edit(lambda document: _add_missing(document, new, group)).catalogue(group)
        if any(known.get(prop.name) != prop for prop in new):
            raise ConflictError("somebody else has made a property of that name since; repeat the call")
    column = plan.snapshot.layers.population.column
    home.tables.open(PROFILES).add_columns({column(prop.name): prop.dtype for prop in catalogue})
    current = home.tables.snapshot()  # after the columns, because adding them may move past somebody else's commit
    if current.seq != plan.snapshot.seq:
        raise ConflictError(_OVERTAKEN)
    return current


def _add_missing(document: Document, properties: tuple[Property, ...], group: str) -> None:
    held = document.get("groups", {}).get(group, {}) if group else document
    known = {prop["name"].lower() for prop in held.get("properties", [])}
    for prop in properties:
        if prop.name.lower() not in known:
            add_property(document, prop, group)


def _side_files(write: WriteSide, plan: LoadPlan, beside: pl.DataFrame | None) -> dict[str, list[DataFile]]:
    result, draft = plan.result, plan.draft
    whose = {"run_id": draft.run_id, "goal": draft.goal}
    rows = result.fates.rename({SOURCE_ROW: "source_row"}), beside
    units = [] if result.records is None else [as_stored(result.records, draft.seq)]
    units += [as_stored(of_files(plan.prepared.files), draft.seq)] if plan.prepared.files else []
    return {
        CHANGES: draft.changes,
        EVENTS: draft.events,
        RUN_ROWS: [file for frame in rows if frame is not None for file in write(RUN_ROWS, frame, **whose)],
        REJECTED: write(REJECTED, result.rejected.rename({SOURCE_ROW: "source_row"}), **whose),
        GOAL_UNITS: [file for part in units for file in write(GOAL_UNITS, part, partition=draft.goal)],
    }
