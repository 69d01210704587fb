"""An import goal: what a connection file asks, as the import that the core works out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cdpkit.config.goals.import_events import ImportEventsGoalSettings
from cdpkit.config.goals.import_profiles import ImportGoalSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core.events.mapping import ALL, columns_of, place_of
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.processors import parse_steps, step_problems
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError
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
from cdpkit.runs.imports.extract import Staged, as_source, extract
from cdpkit.runs.imports.files import pulled_files, reader_problems
from cdpkit.runs.imports.prepare import Prepared, prepare_rows
from cdpkit.runs.imports.since import last_import
from cdpkit.runs.session import Known, Session
from cdpkit.store.snapshot import Snapshot

RowsGoal = ImportGoalSettings | ImportEventsGoalSettings
"""A goal that imports rows; one of people may also name a segment, and store lists."""


@dataclass(frozen=True, slots=True)
class Pulling:
    """What is imported from vendors.

    Attributes:
        importer: The part of a vendor that pulls it; None where there is none.
        none: For people, of a vendor that has none.
        told: Whether vendors say which fields it has; where they do not, any may be named.
        group: The type of the groups that it is about, which consent to nothing; empty for profiles.
    """

    importer: Callable[[Vendor], Importer | None]
    none: str
    told: bool
    group: str = ""

    def of(self, vendor: Vendor) -> Importer:
        """The part of a vendor that pulls it.

        Raises:
            ConfigurationError: It has none.
        """
        importer = self.importer(vendor)
        if importer is None:
            raise ConfigurationError(f"{self.none} can be imported from {vendor.title}; remove the goal")
        return importer


def groups_of(kind: str) -> Pulling:
    """Groups of a type, of vendors whose rows may be such."""
    return Pulling(
        lambda vendor: vendor.importer if vendor.importer is not None and vendor.importer.groups else None,
        "no groups",
        told=True,
        group=kind,
    )


PEOPLE = Pulling(lambda vendor: vendor.importer, "nothing", told=True)
EVENTS = Pulling(lambda vendor: vendor.event_importer, "no events", told=False)


def import_problems(known: Known, goal: RowsGoal, pulling: Pulling, planned: Sequence[str] = ()) -> list[Problem]:
    """What has to be mended before the goal can run; without a discovery, as far as that can be told.

    Args:
        known: The connection.
        goal: The goal.
        pulling: What it imports.
        planned: The properties that goals before it are going to add.
    """
    home, vendor, discovery = known.home, known.vendor, known.discovery
    where, importer, there = f"goal {goal.name!r}", pulling.importer(vendor), discovery or Discovery()
    if importer is None:
        return [Problem(where, f"{pulling.none} can be imported from {vendor.title}", "remove the goal")]
    found = option_problems(importer.options, goal.source, f"{where}: source")
    lists = tuple[str, ...]()
    unfit = step_problems(goal.processors, home.functions, f"{where}: processors")
    if unfit:
        return found + unfit
    asked = as_import(home, goal, key="", zone="UTC", objectives=(), full=False)
    if not found:
        options = resolve_options(importer.options, goal.source)
        wrong = importer.problems(ImportAsked(known.settings, options, there, tuple(_named(asked))))
        if discovery is not None:
            wrong = choice_problems(importer.options, options, there, vendor.things, "source", vendor.title) + wrong
        wrong += reader_problems(importer, options)
        found += [problem.located().inside(where) for problem in wrong]
        lists = ids_named(importer.options, options, there)
    if isinstance(goal, ImportGoalSettings):
        found += ask_problems(home, vendor.title, importer, goal)
    catalogue = {**properties_of(home.settings.read(), pulling.group)}
    catalogue |= {
        m.target: Property(m.target, multi=m.rule is Rule.ADD) for m in asked.mappings if m.target not in catalogue
    }
    catalogue = {name: Property(name) for name in planned} | catalogue
    any_field = not pulling.told or bool(asked.steps) or discovery is None or importer.reads is not None
    fields = asked.named if any_field else _fields(importer, there, lists)
    fields = (*fields, *(name for name in asked.named if columns_of([name]) & {*fields}))
    return found + [_in_file(problem, goal).inside(where) for problem in asked.problems(fields, catalogue, apart=True)]


def _in_file(problem: Problem, goal: RowsGoal) -> Problem:
    """A problem of the import that a goal asks for, with its places in the keys of the file."""
    lists = ("mappings", len(goal.mappings))
    return problem.about(*(("save_lists_to",) if at[:2] == lists else at for at in problem.at))


def prepare_import(
    session: Session,
    goal: RowsGoal,
    pulling: Pulling,
    folder: GoalFolder,
    *,
    full: bool,
    on: Snapshot | None = None,
    planned: tuple[Property, ...] = (),
) -> tuple[Prepared, tuple[str, ...]]:
    """Pull what a goal imports, and check it against the properties.

    Args:
        session: The connection.
        goal: The goal, without problems.
        pulling: What it imports.
        folder: Where its pages go.
        full: Apply rows again although they were seen before.
        on: The profiles as the goals before it leave them; None for as they are now.
        planned: Properties that those are going to add.

    Returns:
        The import, and warnings for people.
    """
    home, importer = session.home, pulling.of(session.vendor)
    group, consents = pulling.group, () if pulling.group else session.objectives
    asked = as_import(home, goal, key=session.key(goal), zone=session.zone, objectives=consents, full=full)
    known_by = session.discovery.identifiers(importer.identifiers)
    everything = bool(asked.steps) or ALL in asked.named
    wanted = None if everything else tuple(dict.fromkeys([*known_by, *_wanted(asked), *importer.needs]))
    options = resolve_options(importer.options, goal.source)
    people = None
    if importer.asks is not None and isinstance(goal, ImportGoalSettings):
        people = people_of(session, goal, catalogued(home, on or home.tables.snapshot(), planned), folder)
    if importer.reads is not None:
        files = ImportAsked(session.settings, options, session.discovery, None if everything else (*_wanted(asked),))
        return _of_files(session, asked, files, folder, planned=planned, group=group, keep=on is not None)
    since = (lambda: None) if full else partial(last_import, home, session.name, goal)
    wants = ImportAsked(session.settings, options, session.discovery, wanted, people, since)
    staged = extract(session, wants, folder, importer)
    lists = ids_named(importer.options, options, session.discovery)
    fields = _fields(importer, session.discovery, lists) if pulling.told else _not_there(asked, staged)
    if not asked.steps:
        fields = tuple(name for name in asked.named if name in fields)
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
    home: Home, goal: RowsGoal, *, key: str, zone: str, objectives: tuple[str, ...], full: bool
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
    if isinstance(goal, ImportGoalSettings) and goal.save_lists_to is not None:
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


def _not_there(goal: ImportGoal, staged: Staged) -> tuple[str, ...]:
    """The fields that it names of which the rows have nothing."""
    there = staged.rows.schema
    return tuple(name for name in goal.named if name != ALL and not goal.steps and place_of(name, there) is None)


def _fields(importer: Importer, discovery: Discovery, lists: tuple[str, ...]) -> tuple[str, ...]:
    """The fields of those who are imported: of everybody, and of the lists that are named by these ids."""
    names = [*importer.identifiers, *(field.name for field in discovery.fields_of(lists)), LISTS]
    return tuple(dict.fromkeys(names))
