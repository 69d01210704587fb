"""The plan of a load: what a preview shows and a run commits, one and the same."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from cdpkit.core.imports import Emitted, ImportResult, import_rows
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError, SourceError
from cdpkit.runs.draft import Draft, sweep
from cdpkit.runs.files.found import fingerprint
from cdpkit.runs.groups import refuse_new
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.imports.prepare import Prepared, is_overtaken, prepare_again
from cdpkit.store.events import events_of
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.units import kept_records

UNNAMED = "load"
"""What the goal of a load without a name is called in the history."""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What a load does to the profiles as they are.

    Attributes:
        prepared: The load.
        snapshot: The profiles, or the groups, that it was worked out on.
        draft: What becomes of them, in files that nobody sees yet.
        result: What becomes of every row.
    """

    prepared: Prepared
    snapshot: Snapshot
    draft: Draft
    result: ImportResult

    def afterwards(self) -> Snapshot:
        """The profiles as they will be once the plan is committed, whomever it is about."""
        properties, created = self.prepared.catalogue.values(), self.result.counters.created
        draft = self.draft
        after = self.snapshot.after(draft.created, draft.patches, properties, rows=created, events=draft.events)
        return after.of("")


def plan_load(
    home: Home,
    prepared: Prepared,
    run_id: str,
    merged: Callable[[int], None] | None = None,
    *,
    on: Snapshot | None = None,
) -> LoadPlan:
    """Work a load out, for a run to commit.

    Args:
        home: The workspace.
        prepared: The load.
        run_id: The run that is to commit the plan.
        merged: Is told how many rows were merged, each time that some were.
        on: The profiles on which it is worked out, None for those that are there now.

    Raises:
        SourceError: A file changed while it was read.
        ConfigurationError: Groups have other values under the name of a property that it would make.
    """
    snapshot, goal = on or home.tables.snapshot(), prepared.goal
    while on is None and is_overtaken(home, prepared):
        prepared, snapshot = prepare_again(home, prepared), home.tables.snapshot()
    snapshot = snapshot.of(prepared.group)
    if prepared.group:
        refuse_new(home.settings.read(), snapshot, prepared.group, prepared.new_properties)
    home.tables.roll_forward()  # so that the import records of every commit in the snapshot are there
    if prepared.still is not None:
        prepared.still()
    draft = Draft(home, snapshot, run_id, goal.name or UNNAMED, now())
    planned = False

    def take(part: Emitted) -> None:
        draft.take(part)
        if merged is not None:
            merged(part.lines)

    try:
        result = import_rows(
            prepared.source,
            goal,
            prepared.catalogue,
            with_catalogue(snapshot, prepared),
            kept_records(home.tables, goal.name) if goal.name is not None else None,
            snapshot.next_row,
            take,
            events=events_of(home.tables, snapshot) if goal.events else None,
        )
        files = [] if on is not None and prepared.in_memory else prepared.inputs  # what was read before stays as it was
        changed = [file for file in files if file["kind"] == "file" and fingerprint(file["path"]) != file]
        if changed:
            raise SourceError(f"{changed[0]['path']} changed while it was read; repeat the call when it is complete")
        planned = True
    finally:
        if not planned:
            sweep(draft)
    return LoadPlan(prepared, snapshot, draft, result)


def with_catalogue(snapshot: Snapshot, prepared: Prepared) -> pl.LazyFrame:
    """The profiles with a column for every property, also for those that no profile has yet.

    Raises:
        ConfigurationError: A property has another type in the settings than in the table.
    """
    profiles, schema = snapshot.profiles(), snapshot.schema
    for prop in prepared.catalogue.values():
        if prop.name in schema and schema[prop.name] != prop.dtype:
            raise ConfigurationError(
                f"property {prop.name!r} is stored as {schema[prop.name]}, but the settings say {prop.type}"
                f"{' with several values' if prop.multi else ''}; undo that edit"
                f"{_change(prop) if not prepared.group else ''}"
            )
    missing = [prop for prop in prepared.catalogue.values() if prop.name not in schema]
    return profiles.with_columns(pl.lit(None, prop.dtype).alias(prop.name) for prop in missing)


def _change(prop: Property) -> str:
    return f", and write ws.properties.change({prop.name!r}, type={prop.type.value!r}), which takes the values along"
