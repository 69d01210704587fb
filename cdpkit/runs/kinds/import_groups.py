"""Importing groups: households, companies and others, with what is known of each; before the profiles in them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cdpkit.config.goals.import_groups import ASKING, ImportGroupsGoalSettings
from cdpkit.core.fates import NOTHING
from cdpkit.core.goal import Rule
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs.enrichments.groups import asked_problems, into
from cdpkit.runs.enrichments.planned import PlannedEnrichment, ask_and_store, paid, plan_enrichment
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.groups import planned_on
from cdpkit.runs.imports.goal import groups_of, prepare_import
from cdpkit.runs.imports.groups import import_groups_problems
from cdpkit.runs.imports.planned import PlannedImport, planned_import, store, telling
from cdpkit.runs.imports.risks import received_before
from cdpkit.runs.imports.rows import GROUP_ROWS
from cdpkit.runs.kind import Audience, FormStep, GoalKind, Line, Part, Undoing, Work
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.session import Known

_STEPS = (
    FormStep("source", "Choose what to import", ("source",)),
    FormStep(
        "ask",
        "Say about whom to ask",
        ASKING,
        {"segment": ("Segment", "The profiles about whose groups is asked; each request is paid for")},
    ),
    FormStep("processors", "Process the rows", ("processors",)),
    FormStep("groups", "Say which groups they are", ("group", "id", "create_groups")),
    FormStep("mappings", "Map the values", ("mappings",)),
)


def _asks(vendor: Vendor) -> bool:
    """Whether the vendor is asked about groups, and not read."""
    return vendor.importer is None and vendor.enricher is not None and bool(vendor.enricher.groups)


def _problems(known: Known, goal: ImportGroupsGoalSettings, planned: Sequence[str]) -> list[Problem]:
    if not _asks(known.vendor):
        return import_groups_problems(known, goal)
    return asked_problems(known, goal, planned)


def _plan(work: Work, goal: ImportGroupsGoalSettings) -> PlannedImport | PlannedEnrichment:
    """Pull what the goal names, or find whom to ask about, and work it out."""
    session = work.session
    if _asks(session.vendor):
        return plan_enrichment(work, goal.asked(), goal.kind, into(goal))
    work.show(RunEvent(work.run, "pull", 0, 0, f"{goal.name}: groups from {session.vendor.title}"))
    prepared, told = prepare_import(
        session,
        goal.pulled(),
        groups_of(goal.group),
        work.folder,
        full=work.options.full,
        on=work.on,
        planned=planned_on(work.on, goal.group),
    )
    asked = GoalRun(goal.name, "planned", kind=goal.kind, key=session.key(goal), warnings=told, group=goal.group)
    planned = telling(planned_import(session.home, prepared, work.run, asked, work.show, on=work.on))
    if prepared.files is not None:
        return planned  # a new file is another one, and may well have fewer rows
    return replace(planned, before=partial(received_before, session.home, session.name, goal.name))


def _carry_out(work: Work, plan: PlannedImport | PlannedEnrichment, line: Line) -> GoalRun:
    if isinstance(plan, PlannedEnrichment):
        return ask_and_store(work, plan, line)
    return store(plan, line, work.show, waited=work.waited)


def _undo(ended: GoalRun, asked: Mapping[str, Any]) -> Undoing:
    mappings = asked.get("mappings", ())
    summed = tuple(mapping["to"] for mapping in mappings if mapping.get("rule") == Rule.SUM)
    return Undoing(summed, stays=paid(ended))


def _audience(goal: ImportGroupsGoalSettings) -> Audience | None:
    if goal.segment is None:
        return None
    return Audience(goal.segment, tuple(pair.source for pair in goal.parameters or ()))


def _part(vendor: Vendor) -> Part | None:
    if _asks(vendor):
        return vendor.enricher
    return vendor.importer if vendor.importer is not None and vendor.importer.groups else None


def _identifiers(vendor: Vendor, _: Discovery) -> tuple[str, ...]:
    return vendor.enricher.parameters if vendor.enricher is not None and _asks(vendor) else ()


KIND = GoalKind(
    name="import_groups",
    direction="import",
    order=10,
    settings=ImportGroupsGoalSettings,
    steps=_STEPS,
    problems=_problems,
    adds=lambda _: (),
    plan=_plan,
    carry_out=_carry_out,
    undo=_undo,
    nothing=NOTHING,
    audience=_audience,
    part=_part,
    segments=_asks,
    without=lambda vendor: () if _asks(vendor) else ASKING,
    identifiers=_identifiers,
    rows=GROUP_ROWS,
)
