"""Importing timeline events: what a vendor has of people's events is put on the time lines of their profiles."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdpkit.config.goals.import_events import ImportEventsGoalSettings
from cdpkit.core.fates import NOTHING
from cdpkit.core.goal import Rule
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.imports.goal import EVENTS, import_problems, prepare_import
from cdpkit.runs.imports.planned import PlannedImport, planned_import, store
from cdpkit.runs.kind import FormStep, GoalKind, Line, Undoing, Work
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.session import Known

_STEPS = (
    FormStep("source", "Choose what to import", ("source",)),
    FormStep("processors", "Process the rows", ("processors",)),
    FormStep("identifiers", "Match the profiles", ("identifiers", "on_multiple_matches", "create_profiles")),
    FormStep("events", "Map the events", ("events",)),
    FormStep("mappings", "Map the values", ("mappings",)),
)


def _problems(known: Known, goal: ImportEventsGoalSettings, planned: Sequence[str]) -> list[Problem]:
    return import_problems(known, goal, EVENTS, planned)


def _adds(goal: ImportEventsGoalSettings) -> tuple[str, ...]:
    return tuple(mapping.target for mapping in goal.mappings)


def _plan(work: Work, goal: ImportEventsGoalSettings) -> PlannedImport:
    """Pull what the goal names and work it out; what was pulled by a killed attempt is not pulled again."""
    session = work.session
    work.show(RunEvent(work.run, "pull", 0, 0, f"{goal.name}: events from {session.vendor.title}"))
    prepared, told = prepare_import(
        session, goal, EVENTS, work.folder, full=work.options.full, on=work.on, planned=work.planned
    )
    asked = GoalRun(goal.name, "planned", kind=goal.kind, key=session.key(goal), warnings=told)
    return planned_import(session.home, prepared, work.run, asked, work.show, on=work.on)


def _carry_out(work: Work, plan: PlannedImport, line: Line) -> GoalRun:
    return store(plan, line, work.show, waited=work.waited)


def _undo(_ended: GoalRun, asked: Mapping[str, Any]) -> Undoing:
    mappings = asked.get("mappings", ())
    return Undoing(summed=tuple(mapping["to"] for mapping in mappings if mapping.get("rule") == Rule.SUM))


def _identifiers(vendor: Vendor, _discovery: Discovery) -> tuple[str, ...]:
    return () if vendor.event_importer is None else vendor.event_importer.identifiers


KIND = GoalKind(
    name="import_events",
    direction="import",
    order=22,
    settings=ImportEventsGoalSettings,
    steps=_STEPS,
    problems=_problems,
    adds=_adds,
    plan=_plan,
    carry_out=_carry_out,
    undo=_undo,
    nothing=NOTHING,
    part=lambda vendor: vendor.event_importer,
    segments=lambda _: False,
    identifiers=_identifiers,
)
