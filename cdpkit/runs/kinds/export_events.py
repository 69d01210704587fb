"""Exporting timeline events: those of a segment's profiles, by type and time, each once."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdpkit.config.goals.export_events import ExportEventsGoalSettings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs.exports.event_goal import export_events_problems, resolve_event_export
from cdpkit.runs.exports.event_plan import EventPlan, plan_event_export
from cdpkit.runs.exports.events import EVENTS, NOTHING
from cdpkit.runs.exports.planned import PlannedExport, send
from cdpkit.runs.exports.pushing import Answers
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.kind import Audience, FormStep, GoalKind, Undoing, Work
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.session import Known

_STEPS = (
    FormStep("segment", "Choose a segment", ("segment",)),
    FormStep("identifiers", "Link the identifiers", ("identifiers",)),
    FormStep("events", "Choose the events", ("types", "since", "until", "last_days")),
    FormStep("target", "Choose what happens at the vendor", ("target",)),
)


def _problems(known: Known, goal: ExportEventsGoalSettings, _planned: Sequence[str]) -> list[Problem]:
    return export_events_problems(known, goal)


def _adds(_goal: ExportEventsGoalSettings) -> tuple[str, ...]:
    return ()


def _plan(work: Work, goal: ExportEventsGoalSettings) -> PlannedExport[EventPlan, Answers]:
    """Find which events are sent, or read what a killed attempt of the same run worked out."""
    session, options = work.session, work.options
    work.show(RunEvent(work.run, "select", 0, 0, f"{goal.name}: events of segment {goal.segment!r}"))
    asked = resolve_event_export(session, goal, full=options.full, resend_in_doubt=options.resend_in_doubt)

    def work_out() -> EventPlan:
        on = session.home.tables.snapshot() if work.on is None else work.on
        return plan_event_export(session, asked, work.folder, on)

    return PlannedExport(goal.kind, session, EVENTS, work_out(), {}, work_out)  # an event tells itself what was sent


def _undo(ended: GoalRun, _asked: Mapping[str, Any]) -> Undoing:
    sent = ended.counters.get("sent", 0)
    return Undoing(stays=f"sent {sent:,} events; that is not taken back" if sent else "")


def _audience(goal: ExportEventsGoalSettings) -> Audience:
    return Audience(goal.segment, tuple(pair.source for pair in goal.identifiers))


def _identifiers(vendor: Vendor, _discovery: Discovery) -> tuple[str, ...]:
    return () if vendor.event_exporter is None else vendor.event_exporter.identifiers


KIND = GoalKind(
    name="export_events",
    direction="export",
    order=40,
    settings=ExportEventsGoalSettings,
    steps=_STEPS,
    problems=_problems,
    adds=_adds,
    plan=_plan,
    carry_out=send,
    undo=_undo,
    nothing=NOTHING,
    audience=_audience,
    part=lambda vendor: vendor.event_exporter,
    identifiers=_identifiers,
)
