"""Files that a vendor pulls, read as those of a load are."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import polars as pl

from cdpkit.config.goals.import_groups import ImportGroupsGoalSettings
from cdpkit.config.goals.import_profiles import ImportGoalSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core.goal import ImportGoal
from cdpkit.core.infer import infer, slug
from cdpkit.core.properties import SOURCE_ROW, Property
from cdpkit.core.rows import Rows
from cdpkit.errors import CdpkitError, ConfigurationError
from cdpkit.kit.declare import Options
from cdpkit.kit.discovery import VendorField
from cdpkit.kit.importing import ImportAsked, Importer, Pulled
from cdpkit.place import Place
from cdpkit.place.passing import here
from cdpkit.problem import Problem
from cdpkit.runs.addresses.bring import Brought
from cdpkit.runs.files.options import Read, read_options
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.imports.extract import importer_of, pull
from cdpkit.runs.session import Session
from cdpkit.runs.sources import SourceRows, read_brought, unreadable_rows
from cdpkit.store.units import files_read


def reader_problems(importer: Importer, options: Options) -> list[Problem]:
    """What is wrong with how files are to be read."""
    try:
        _reader(importer, options)
    except ConfigurationError as error:
        return [Problem("source", str(error), "correct the option")]
    return []


def fields_of_files(session: Session, place: Place) -> tuple[VendorField, ...]:
    """The fields of the files that the connection's import goals read, each once, with the types that fit them.

    A goal whose files cannot be had shows none.

    Args:
        session: The connection, whose vendor pulls files.
        place: Where the files go.
    """
    importer, found = importer_of(session), dict[str, VendorField]()
    for goal in session.connection.goals:
        if not isinstance(goal, ImportGoalSettings | ImportGroupsGoalSettings):
            continue
        given = {**goal.source, **importer.glimpse}
        if not option_problems(importer.options, given):
            options = resolve_options(importer.options, given)
            with suppress(CdpkitError):
                read = _glimpse(session, importer, ImportAsked(session.settings, options, session.discovery), place)
                found |= {each.name: each for each in read if each.name not in found}
    return tuple(found.values())


def _glimpse(session: Session, importer: Importer, asked: ImportAsked, place: Place) -> list[VendorField]:
    pulled = session.driver.run(importer.pull(asked, None))
    brought = [Brought(here(place / file.page), file.address, {}) for file in pulled.files]
    rows = read_brought("the files", brought, None, _reader(importer, asked.options)).rows
    columns = (rows.columns([name]).to_series() for name in rows.schema)
    props = [(column.name, infer(column, slug("", column.name))) for column in columns]
    return [VendorField(name, str(prop.type), holds=prop.type, several=prop.multi) for name, prop in props]


def pulled_files(
    session: Session, goal: ImportGoal, asked: ImportAsked, folder: GoalFolder, catalogue: Mapping[str, Property]
) -> tuple[SourceRows, Pulled]:
    """Pull files, or go on where an earlier attempt was, and read them.

    Args:
        session: The connection.
        goal: The import.
        asked: What is asked of the vendor; `fields` are those that are read, None for all.
        folder: Where the files go.
        catalogue: The properties; into those that hold several values cells of CSV go as lists.

    Returns:
        Their rows, none where there is no file; and what was pulled.

    Raises:
        SourceError: A file cannot be read.
        CdpkitError: The vendor cannot be reached, refuses, or has no such file.
    """
    key, tables = str(goal.name), session.home.tables
    tables.roll_forward()
    if not goal.full:
        asked = replace(asked, read_before=lambda marks: files_read(tables, key, marks))
    pulled = pull(session, asked, folder, importer_of(session))
    if not pulled.files:
        return _nothing([field for field, _ in (*goal.identifiers, *goal.stored)]), pulled
    brought = [Brought(here(folder.path / file.page), file.address, {"mark": file.mark}) for file in pulled.files]
    wanted = None if asked.fields is None else frozenset(asked.fields)
    several = {prop.name for prop in catalogue.values() if prop.multi} | {*goal.gathered}
    lists = tuple(field for field, target in (*goal.identifiers, *goal.stored) if target in several)
    options = replace(_reader(importer_of(session), asked.options), lists=lists)
    return read_brought(f"the source of goal {key!r}", brought, wanted, options), pulled


def _reader(importer: Importer, options: Options) -> Read:
    return Read() if importer.reads is None else read_options(importer.reads(options))


def _nothing(fields: list[str]) -> SourceRows:
    """A source of no rows that has all fields that are asked for."""
    rows = pl.DataFrame(schema=dict.fromkeys(fields, pl.String))
    return SourceRows(Rows(rows, 0), pl.Series(SOURCE_ROW, [], pl.Int64), tuple(rows.columns), unreadable_rows([]), ())
