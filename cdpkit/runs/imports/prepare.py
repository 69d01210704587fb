"""What a load is asked to do, checked against the source and the catalogue before anything else happens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import polars as pl

from cdpkit.config.settings import Settings
from cdpkit.core.events.mapping import ALL, columns_of, fields_in, read_events, with_all
from cdpkit.core.goal import ImportGoal, read_identifiers, read_mappings, read_on_multiple
from cdpkit.core.handed import refuse_unheld
from cdpkit.core.imports import Source
from cdpkit.core.infer import new_properties
from cdpkit.core.processors import StepSpec, parse_steps, process
from cdpkit.core.properties import SOURCE_ROW, Property
from cdpkit.core.remaining import REST, with_rest
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError, SourceError, refuse
from cdpkit.runs.addresses.bring import is_address
from cdpkit.runs.catalogue import follow
from cdpkit.runs.files.options import read_options
from cdpkit.runs.files.parquet_files import FileBackedRows
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.sources import SourceRows, read_source
from cdpkit.store import sql


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """The arguments of a load, as they were given."""

    source: object
    identifiers: Mapping[str, str]
    mappings: Sequence[Mapping[str, str]]
    create_profiles: bool = True
    on_multiple_matches: str = "newest"
    processors: Sequence[StepSpec] = ()
    goal: str | None = None
    full: bool = False
    read: Mapping[str, Any] | None = None
    allow: tuple[str, ...] = ()
    events: Sequence[Mapping[str, Any]] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A load that is known to fit.

    Attributes:
        goal: What it does.
        source: The rows after the processors.
        catalogue: All properties, those that this load adds among them.
        new_properties: Those that this load adds.
        inputs: What was read.
        understood: How files were read, for the history.
        notes: What a person should look at of the source.
        called: What it is, for messages.
        standing: The notes that are about how files are written, and the same each time.
        read: The rows before the processors, for a preview that is asked for another one of the same; None where nobody
            asks.
        whole: Reads the same source with all of its fields; None where all that can be had is in `read`.
        mends: The run whose refused values it takes again; None for a load of its own.
        still: Raises where others have overtaken it, of the profiles as they are when it is worked out.
        files: The marks of the files that the goal has read with it and will not read again; None where it reads what
            there is each time.
        group: The type of the groups whose properties it stores; empty for profiles.
    """

    goal: ImportGoal
    source: Source
    catalogue: Mapping[str, Property]
    new_properties: tuple[Property, ...]
    inputs: tuple[Mapping[str, Any], ...]
    understood: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    called: str = "import"
    standing: tuple[str, ...] = ()
    read: SourceRows | None = None
    whole: Callable[[], SourceRows] | None = None
    mends: str | None = None
    still: Callable[[], None] | None = None
    files: tuple[str, ...] | None = None
    group: str = ""

    @property
    def in_memory(self) -> bool:
        """Whether the rows were read whole, so that no file has to be what it was."""
        return self.read is not None and not isinstance(self.read.rows, FileBackedRows)


def prepare(home: Home, request: LoadRequest) -> Prepared:
    """Read the source, run the processors, and check that everything named exists.

    Raises:
        ConfigurationError: Lists every problem and how to mend it.
        SourceError: The source cannot be read.
    """
    goal = _goal(home, request, home.settings.read())
    options = read_options(request.read)
    wanted = None if goal.steps or {REST, ALL} & {*goal.named} else columns_of(goal.named)
    read = read_source(request.source, wanted, options, home.passing)
    prepared = prepare_rows(home, goal, read, called="load", group=request.group)
    return prepared if wanted is None else replace(prepared, whole=partial(_whole, home, request, read))


def _whole(home: Home, request: LoadRequest, before: SourceRows) -> SourceRows:
    """All fields of a source of which some were read before.

    Raises:
        ConfigurationError: It lies at an address, and would have to be fetched anew.
        SourceError: It is not what it was.
    """
    if isinstance(request.source, str) and is_address(request.source):
        raise ConfigurationError(
            "the preview has read those fields alone that it names; preview the load with all that you want to try"
        )
    read = read_source(request.source, None, read_options(request.read), home.passing)
    if read.inputs != before.inputs:
        raise SourceError("the source is not what it was when the preview was made; preview the load anew")
    return read


def prepare_rows(
    home: Home,
    goal: ImportGoal,
    read: SourceRows,
    planned: tuple[Property, ...] = (),
    called: str = "import",
    group: str = "",
) -> Prepared:
    """Run the processors over rows that were read, and check that everything named exists.

    Args:
        home: The workspace.
        goal: What is to be done.
        read: The rows.
        planned: Properties that plans before this one are going to add.
        called: What it is, for messages.
        group: The type of the groups that it is about; empty for profiles.

    Raises:
        ConfigurationError: Lists every problem and how to mend it.
    """
    source = _process(home, read, goal)
    if not planned:
        follow(home)
    catalogue = home.settings.read().catalogue(group) | {prop.name: prop for prop in planned}
    goal = with_rest(goal, source.rows, catalogue)
    schema = source.rows.schema
    goal = replace(goal, events=tuple(with_all(each, goal.types, fields_in(schema)) for each in goal.events))
    refuse_unheld([field for field in goal.named if field not in schema], read.unheld)
    new = new_properties(goal.stored, source.rows, catalogue, goal.gathered)
    catalogue |= {prop.name: prop for prop in new}
    fields = list(source.rows.schema) if goal.steps else read.fields
    _check(called, goal, fields, catalogue, schema)
    said = (read.inputs, read.understood, read.notes, called, read.standing)
    return Prepared(goal, source, catalogue, new, *said, read=read, group=group)


def prepare_again(home: Home, prepared: Prepared) -> Prepared:
    """The same load among the properties as others have made or changed them since.

    Raises:
        ConfigurationError: It does not fit them.
    """
    follow(home)
    catalogue = home.settings.read().catalogue(prepared.group)
    new = new_properties(prepared.goal.stored, prepared.source.rows, catalogue, prepared.goal.gathered)
    catalogue |= {prop.name: prop for prop in new}
    schema = prepared.source.rows.schema
    _check(prepared.called, prepared.goal, list(schema), catalogue, schema)
    return replace(prepared, catalogue=catalogue, new_properties=new)


def is_overtaken(home: Home, prepared: Prepared) -> bool:
    """Whether somebody has changed or removed a property of the load since it was prepared."""
    follow(home)
    now, new = home.settings.read().catalogue(prepared.group), {prop.name for prop in prepared.new_properties}
    used = {target for _, target in (*prepared.goal.identifiers, *prepared.goal.stored)} - new
    return any(now.get(name) != prepared.catalogue.get(name) for name in used)


def _check(
    called: str, goal: ImportGoal, fields: Sequence[str], catalogue: Mapping[str, Property], schema: pl.Schema
) -> None:
    refuse(f"the {called} does not fit", goal.problems(fields, catalogue, schema=schema))


def _goal(home: Home, request: LoadRequest, settings: Settings) -> ImportGoal:
    if request.goal is not None and not request.goal.strip():
        raise ConfigurationError("a goal's name is a text that is not empty, or None for a load without import delta")
    return ImportGoal(
        identifiers=read_identifiers(request.identifiers),
        mappings=read_mappings(request.mappings),
        create_profiles=request.create_profiles,
        on_multiple_matches=read_on_multiple(request.on_multiple_matches),
        steps=parse_steps(request.processors, home.functions),
        name=request.goal if request.goal is None or not request.group else f"{request.group}:{request.goal}",
        full=request.full,
        zone=settings.zone,
        events=read_events(request.events),
        types=settings.types(),
    )


def _process(home: Home, read: SourceRows, goal: ImportGoal) -> Source:
    if not goal.steps:
        return Source(read.rows, read.source_row, read.unreadable)
    done = process(
        read.rows.columns(list(read.rows.schema)).with_columns(read.source_row),
        goal.steps,
        functions=home.functions,
        sql=lambda rows, text: sql.frame({"rows": rows.lazy()}, text, home.limits()),
        today=now().date(),
    )
    rows = Rows(done.rows.drop(SOURCE_ROW), done.rows.height)
    removed = pl.concat([read.unreadable, done.excluded])
    return Source(rows, done.rows[SOURCE_ROW], removed, done.added, done.unread)
