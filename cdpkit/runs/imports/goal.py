"""An import goal: what a connection file asks, as the import that the core works out."""

from dataclasses import replace

from cdpkit.config.goals.import_profiles import ImportGoalSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core.events.mapping import ALL, columns_of
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.processors import parse_steps, step_problems
from cdpkit.core.properties import Property
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.importing import ImportAsked, Importer
from cdpkit.kit.lists import choice_problems, ids_named
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.groups import properties_of
from cdpkit.runs.home import Home
from cdpkit.runs.imports.ask import ask_problems, people_of
from cdpkit.runs.imports.extract import as_source, extract, importer_of
from cdpkit.runs.imports.files import pulled_files, reader_problems
from cdpkit.runs.imports.prepare import Prepared, prepare_rows
from cdpkit.runs.session import Session
from cdpkit.store.snapshot import Snapshot


def import_problems(
    home: Home,
    vendor: Vendor,
    settings: Settings,
    goal: ImportGoalSettings,
    discovery: Discovery | None,
    group: str = "",
) -> list[Problem]:
    """What has to be mended before the goal can run; without a discovery, as far as that can be told.

    `group` is the type of the groups into which it imports; empty for profiles.
    """
    where, importer, there = f"goal {goal.name!r}", vendor.importer, discovery or Discovery()
    if importer is None:
        return [Problem(where, f"nothing can be imported from {vendor.title}", "remove the goal")]
    found = option_problems(importer.options, goal.source, f"{where}: source")
    lists = tuple[str, ...]()
    unfit = step_problems(goal.processors, home.functions, f"{where}: processors")
    if unfit:
        return found + unfit
    asked = as_import(home, goal, key="", zone="UTC", objectives=(), full=False)
    if not found:
        options = resolve_options(importer.options, goal.source)
        wrong = importer.problems(ImportAsked(settings, options, there, tuple(_named(asked))))
        if discovery is not None:
            wrong = choice_problems(importer.options, options, there, vendor.things, "source", vendor.title) + wrong
        wrong += reader_problems(importer, options)
        found += [problem.located().inside(where) for problem in wrong]
        lists = ids_named(importer.options, options, there)
    found += ask_problems(home, vendor.title, importer, goal)
    catalogue = {**properties_of(home.settings.read(), group)}
    catalogue |= {
        m.target: Property(m.target, multi=m.rule is Rule.ADD) for m in asked.mappings if m.target not in catalogue
    }
    any_field = bool(asked.steps) or discovery is None or importer.reads is not None
    fields = tuple(asked.named) if any_field else _fields(importer, there, lists)
    fields = (*fields, *(name for name in asked.named if columns_of([name]) & {*fields}))
    return found + [_in_file(problem, goal).inside(where) for problem in asked.problems(fields, catalogue, apart=True)]


def _in_file(problem: Problem, goal: ImportGoalSettings) -> Problem:
    """A problem of the import that a goal asks for, with its places in the keys of the file."""
    lists = ("mappings", len(goal.mappings))
    return problem.about(*(("save_lists_to",) if at[:2] == lists else at for at in problem.at))


def prepare_import(
    session: Session,
    goal: ImportGoalSettings,
    folder: GoalFolder,
    *,
    full: bool,
    on: Snapshot | None = None,
    planned: tuple[Property, ...] = (),
    group: str = "",
) -> tuple[Prepared, tuple[str, ...]]:
    """Pull what a goal imports, and check it against the properties.

    Args:
        session: The connection.
        goal: The goal, without problems.
        folder: Where its pages go.
        full: Apply rows again although they were seen before.
        on: The profiles as the goals before it leave them; None for as they are now.
        planned: Properties that those are going to add.
        group: The type of the groups into which it imports; empty for profiles. Groups consent to nothing.

    Returns:
        The import, and warnings for people.
    """
    home, importer = session.home, importer_of(session)
    consents = () if group else session.objectives
    asked = as_import(home, goal, key=session.key(goal), zone=session.zone, objectives=consents, full=full)
    known_by = session.discovery.identifiers(importer.identifiers)
    everything = bool(asked.steps) or ALL in asked.named
    wanted = None if everything else tuple(dict.fromkeys([*known_by, *_wanted(asked), *importer.needs]))
    options = resolve_options(importer.options, goal.source)
    people = None
    if importer.asks is not None:
        people = people_of(session, goal, catalogued(home, on or home.tables.snapshot(), planned), folder)
    if importer.reads is not None:
        files = ImportAsked(session.settings, options, session.discovery, None if everything else (*_wanted(asked),))
        return _of_files(session, asked, files, folder, planned=planned, group=group, keep=on is not None)
    staged = extract(session, ImportAsked(session.settings, options, session.discovery, wanted, people), folder)
    known = _fields(importer, session.discovery, ids_named(importer.options, options, session.discovery))
    fields = known if asked.steps else tuple(name for name in _named(asked) if name in known)
    source = as_source(staged, fields, f"{session.vendor.name} {session.key(goal)}")
    prepared = prepare_rows(home, asked, source, planned=planned, group=group)
    return (prepared if on is not None else replace(prepared, read=None)), staged.warnings  # previews alone ask again


def _of_files(
    session: Session,
    goal: ImportGoal,
    asked: ImportAsked,
    folder: GoalFolder,
    *,
    planned: tuple[Property, ...],
    group: str,
    keep: bool,
) -> tuple[Prepared, tuple[str, ...]]:
    """The same where files are pulled; without a file nothing is made either, whose values nobody has seen."""
    known = session.home.settings.read().catalogue(group) | {prop.name: prop for prop in planned}
    source, pulled = pulled_files(session, goal, asked, folder, known)
    if not pulled.files:
        goal = replace(goal, mappings=tuple(each for each in goal.mappings if each.target in known), steps=())
    prepared = prepare_rows(session.home, goal, source, planned=planned, group=group)
    marks = tuple(file.mark for file in pulled.files) if pulled.new_alone else None
    said = tuple(note for note in source.notes if note not in source.standing)
    return replace(prepared, files=marks, read=source if keep else None), (*pulled.warnings, *said)


def as_import(
    home: Home, goal: ImportGoalSettings, *, key: str, zone: str, objectives: tuple[str, ...], full: bool
) -> ImportGoal:
    """The import that a goal asks for.

    Args:
        home: The workspace.
        goal: The goal.
        key: The name under which its import delta is kept.
        zone: Where texts without a zone are read.
        objectives: The linked objectives that need consent.
        full: Apply rows again although they were seen before.
    """
    mappings = [FieldMapping(mapping.source, mapping.target, mapping.rule) for mapping in goal.mappings]
    if goal.save_lists_to is not None:
        mappings.append(FieldMapping(LISTS, goal.save_lists_to, Rule(goal.save_lists_rule)))
    return ImportGoal(
        identifiers=tuple((pair.source, pair.target) for pair in goal.identifiers),
        mappings=tuple(mappings),
        create_profiles=goal.create_profiles,
        on_multiple_matches=goal.on_multiple_matches,
        steps=parse_steps(goal.processors, home.functions),
        name=key,
        full=full,
        zone=zone,
        objectives=objectives,
        events=tuple(each.to_mapping() for each in goal.events),
        types=home.settings.read().types(),
    )


LISTS = "lists"
"""The field of staged rows that has the names of a person's lists."""


def _named(goal: ImportGoal) -> list[str]:
    """The fields that it names, each once."""
    return [*dict.fromkeys(field for field, _ in (*goal.identifiers, *goal.stored))]


def _wanted(goal: ImportGoal) -> list[str]:
    """The fields that it reads: those that it names, and what may hold those that lie inside objects."""
    held = columns_of(field for each in goal.events for field in each.wanted)
    return [*dict.fromkeys([*_named(goal), *sorted(held)])]


def _fields(importer: Importer, discovery: Discovery, lists: tuple[str, ...]) -> tuple[str, ...]:
    """The fields of those who are imported: of everybody, and of the lists that are named by these ids."""
    names = [*importer.identifiers, *(field.name for field in discovery.fields_of(lists)), LISTS]
    return tuple(dict.fromkeys(names))
