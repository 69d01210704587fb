"""Exporting profiles: those of a segment who are due are sent, and those who have left it are taken off its lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdpkit.config.goals.export_profiles import ExportGoalSettings
from cdpkit.core.properties import Property
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs.exports.goal import export_problems, mapped_properties, resolve_export
from cdpkit.runs.exports.outcome import NOTHING
from cdpkit.runs.exports.plan import ExportPlan, plan_export
from cdpkit.runs.exports.planned import PlannedExport, send
from cdpkit.runs.exports.profiles import PROFILES
from cdpkit.runs.exports.rows import ROWS
from cdpkit.runs.exports.send import Sent
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.identify import alike
from cdpkit.runs.kind import Audience, FormStep, GoalKind, Undoing, Work
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.session import Known
from cdpkit.store.exported import next_turn

_STEPS = (
    FormStep("segment", "Choose a segment", ("segment",)),
    FormStep("processors", "Process the rows", ("processors",)),
    FormStep("identifiers", "Link the identifiers", ("identifiers", "create")),
    FormStep("mappings", "Map the values", ("mappings", "skip_unchanged_payload")),
    FormStep("target", "Choose what happens at the vendor", ("target",)),
)


def _problems(known: Known, goal: ExportGoalSettings, planned: Sequence[str]) -> list[Problem]:
    return export_problems(known.home, known.vendor, known.settings, goal, known.discovery, planned)


def _adds(_goal: ExportGoalSettings) -> tuple[str, ...]:
    return ()


def _plan(work: Work, goal: ExportGoalSettings) -> PlannedExport[ExportPlan, Sent]:
    """Find who is sent, or read what a killed attempt of the same run worked out."""
    session, options = work.session, work.options
    work.show(RunEvent(work.run, "select", 0, 0, f"{goal.name}: segment {goal.segment!r}"))
    asked = resolve_export(session, goal, work.run, full=options.full, resend_in_doubt=options.resend_in_doubt)

    def work_out() -> ExportPlan:
        on = session.home.tables.snapshot() if work.on is None else work.on
        return plan_export(session, asked, work.folder, on, work.planned, options.people)

    turn = next_turn(session.home.tables, asked.key)  # before it reads what the goal knows
    return PlannedExport(goal.kind, session, PROFILES, work_out(), {asked.key: turn}, work_out)


def _undo(ended: GoalRun, _asked: Mapping[str, Any]) -> Undoing:
    sent = ended.counters.get("sent")
    return Undoing(stays=f"sent {sent:,} people; that is not taken back" if sent else "")


def _offer(vendor: Vendor, properties: Mapping[str, Property]) -> dict[str, Any] | None:
    if vendor.exporter is None:
        return None
    pairs = [{"from": to, "to": name} for name, to in alike(vendor.exporter.identifiers, properties)]
    return {"kind": KIND.name, "name": f"Export data to {vendor.title}", "identifiers": pairs}


def _audience(goal: ExportGoalSettings) -> Audience:
    return Audience(goal.segment, tuple(pair.source for pair in goal.identifiers), mapped_properties(goal.mappings))


def _identifiers(vendor: Vendor, discovery: Discovery) -> tuple[str, ...]:
    return () if vendor.exporter is None else discovery.identifiers(vendor.exporter.identifiers)


KIND = GoalKind(
    name="export_profiles",
    direction="export",
    order=30,
    settings=ExportGoalSettings,
    steps=_STEPS,
    problems=_problems,
    adds=_adds,
    plan=_plan,
    carry_out=send,
    undo=_undo,
    nothing=NOTHING,
    offer=_offer,
    audience=_audience,
    part=lambda vendor: vendor.exporter,
    identifiers=_identifiers,
    rows=ROWS,
)
