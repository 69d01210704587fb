"""A goal that imports events: what a connection file asks, as the import that the core works out."""

from collections.abc import Sequence
from dataclasses import replace

from cdpkit.config.goals.import_events import ImportEventsGoalSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core.events.mapping import ALL, place_of
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.processors import parse_steps, step_problems
from cdpkit.core.properties import Property
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.importing import ImportAsked
from cdpkit.kit.lists import choice_problems
from cdpkit.problem import Problem
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.home import Home
from cdpkit.runs.imports.extract import as_source, event_importer_of, extract
from cdpkit.runs.imports.prepare import Prepared, prepare_rows
from cdpkit.runs.session import Known, Session
from cdpkit.store.snapshot import Snapshot


def import_events_problems(known: Known, goal: ImportEventsGoalSettings, planned: Sequence[str]) -> list[Problem]:
    """What has to be mended before the goal can run; without a discovery, as far as that can be told.

    A vendor does not say which fields its events have, so that any may be named.
    """
    where, vendor, importer = f"goal {goal.name!r}", known.vendor, known.vendor.event_importer
    if importer is None:
        return [Problem(where, f"no events can be imported from {vendor.title}", "remove the goal")]
    found = option_problems(importer.options, goal.source, f"{where}: source")
    found += step_problems(goal.processors, known.home.functions, f"{where}: processors")
    if found:
        return found
    asked = as_event_import(known.home, goal)
    there, options = known.discovery or Discovery(), resolve_options(importer.options, goal.source)
    wrong = importer.problems(ImportAsked(known.settings, options, there, asked.named))
    if known.discovery is not None:
        wrong = (
            choice_problems(importer.options, options, there, known.vendor.things, "source", known.vendor.title) + wrong
        )
    catalogue = {name: Property(name) for name in planned} | known.home.settings.read().catalogue()
    catalogue |= {
        m.target: Property(m.target, multi=m.rule is Rule.ADD) for m in asked.mappings if m.target not in catalogue
    }
    wrong += asked.problems(asked.named, catalogue, apart=True)
    return [problem.located().inside(where) for problem in wrong]


def as_event_import(
    home: Home,
    goal: ImportEventsGoalSettings,
    *,
    key: str = "",
    zone: str = "UTC",
    objectives: tuple[str, ...] = (),
    full: bool = False,
) -> ImportGoal:
    """The import that a goal asks for; arguments as of `as_import`."""
    return ImportGoal(
        identifiers=tuple((pair.source, pair.target) for pair in goal.identifiers),
        mappings=tuple(FieldMapping(each.source, each.target, each.rule) for each in goal.mappings),
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


def prepare_events(
    session: Session,
    goal: ImportEventsGoalSettings,
    folder: GoalFolder,
    *,
    full: bool,
    on: Snapshot | None = None,
    planned: tuple[Property, ...] = (),
) -> tuple[Prepared, tuple[str, ...]]:
    """Pull what a goal imports, and check it against the properties; arguments as of `prepare_import`.

    Returns:
        The import, and warnings for people.
    """
    home, importer, key = session.home, event_importer_of(session), session.key(goal)
    asked = as_event_import(home, goal, key=key, zone=session.zone, objectives=session.objectives, full=full)
    everything = bool(asked.steps) or ALL in asked.named
    wanted = None if everything else tuple(dict.fromkeys([*importer.identifiers, *asked.named, *importer.needs]))
    options = resolve_options(importer.options, goal.source)
    staged = extract(session, ImportAsked(session.settings, options, session.discovery, wanted), folder, importer)
    there = staged.rows.schema
    empty = (name for name in asked.named if name != ALL and place_of(name, there) is None)
    fields = () if asked.steps else tuple(empty)
    source = as_source(staged, fields, f"{session.vendor.name} {key}")
    prepared = prepare_rows(home, asked, source, planned=planned)
    return (prepared if on is not None else replace(prepared, read=None)), staged.warnings
