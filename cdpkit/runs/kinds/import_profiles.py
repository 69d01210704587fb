"""Importing profiles: people are pulled from the vendor and merged into the profiles."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cdpkit.config.goals.import_profiles import ImportGoalSettings
from cdpkit.core.fates import NOTHING
from cdpkit.core.goal import Rule
from cdpkit.core.properties import Property
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.identify import alike
from cdpkit.runs.imports.goal import PEOPLE, import_problems, prepare_import
from cdpkit.runs.imports.planned import PlannedImport, planned_import, store, telling
from cdpkit.runs.imports.risks import received_before
from cdpkit.runs.imports.rows import ROWS
from cdpkit.runs.kind import Audience, FormStep, GoalKind, Line, Undoing, Work
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.session import Known

_OFFERED = "Import data into cdpkit"

_STEPS = (
    FormStep("source", "Choose what to import", ("source", "segment", "save_lists_to", "save_lists_rule")),
    FormStep("processors", "Process the rows", ("processors",)),
    FormStep("identifiers", "Match the profiles", ("identifiers", "on_multiple_matches", "create_profiles")),
    FormStep("mappings", "Map the values", ("mappings", "events")),
)


def _problems(known: Known, goal: ImportGoalSettings, planned: Sequence[str]) -> list[Problem]:
    return import_problems(known, goal, PEOPLE, planned)


def _adds(goal: ImportGoalSettings) -> tuple[str, ...]:
    lists = () if goal.save_lists_to is None else (goal.save_lists_to,)
    return (*(mapping.target for mapping in goal.mappings), *lists)


def _plan(work: Work, goal: ImportGoalSettings) -> PlannedImport:
    """Pull what the goal names and work it out; what was pulled by a killed attempt is not pulled again."""
    session = work.session
    work.show(RunEvent(work.run, "pull", 0, 0, f"{goal.name}: from {session.vendor.title}"))
    prepared, told = prepare_import(
        session, goal, PEOPLE, work.folder, full=work.options.full, on=work.on, planned=work.planned
    )
    key = session.key(goal)
    asked = GoalRun(goal.name, "planned", kind=goal.kind, key=key, warnings=told)
    planned = telling(planned_import(session.home, prepared, work.run, asked, work.show, on=work.on))
    if goal.segment is not None or prepared.files is not None:
        return planned  # asked about given people, a vendor answers of those whom it knows; a new file is another one
    return replace(planned, before=partial(received_before, session.home, session.name, goal.name))


def _carry_out(work: Work, plan: PlannedImport, line: Line) -> GoalRun:
    return store(plan, line, work.show, waited=work.waited)


def _undo(_ended: GoalRun, asked: Mapping[str, Any]) -> Undoing:
    return Undoing(summed=tuple(mapping["to"] for mapping in asked["mappings"] if mapping["rule"] == Rule.SUM))


def _offer(vendor: Vendor, properties: Mapping[str, Property]) -> dict[str, Any] | None:
    importer = vendor.importer
    if importer is None:
        return None
    everyone = {name: value for name, value in (importer.everyone or {}).items() if value}
    source = {"source": everyone} if everyone else {}
    pairs = [{"from": name, "to": to} for name, to in alike(importer.identifiers, properties)]
    return {"kind": KIND.name, "name": _OFFERED, **source, "identifiers": pairs}


def _audience(goal: ImportGoalSettings) -> Audience | None:
    asked = tuple(pair.target for pair in goal.identifiers)
    return None if goal.segment is None else Audience(goal.segment, asked)


def _segments(vendor: Vendor) -> bool:
    return vendor.importer is not None and vendor.importer.asks is not None


def _identifiers(vendor: Vendor, discovery: Discovery) -> tuple[str, ...]:
    return () if vendor.importer is None else discovery.identifiers(vendor.importer.identifiers)


KIND = GoalKind(
    name="import_profiles",
    direction="import",
    order=20,
    settings=ImportGoalSettings,
    steps=_STEPS,
    problems=_problems,
    adds=_adds,
    plan=_plan,
    carry_out=_carry_out,
    undo=_undo,
    nothing=NOTHING,
    offer=_offer,
    audience=_audience,
    part=lambda vendor: vendor.importer,
    segments=_segments,
    identifiers=_identifiers,
    rows=ROWS,
)
