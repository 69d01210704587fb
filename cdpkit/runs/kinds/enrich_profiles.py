"""Enriching profiles: a vendor that is paid for each question is asked about a segment, and its answers are stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdpkit.config.goals.enrich_profiles import EnrichGoalSettings
from cdpkit.core.goal import Rule
from cdpkit.core.properties import Property
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs.enrichments.counters import NOTHING
from cdpkit.runs.enrichments.goal import enrich_problems
from cdpkit.runs.enrichments.planned import PlannedEnrichment, ask_and_store, paid, plan_enrichment
from cdpkit.runs.enrichments.rows import ROWS
from cdpkit.runs.enrichments.whom import left, waits
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.identify import alike
from cdpkit.runs.kind import Audience, Following, FormStep, GoalKind, Undoing, Work
from cdpkit.runs.session import Known

_ASKED = "The profiles that are asked about: those that are in it when the goal runs; each request is paid for"
_STEPS = (
    FormStep("segment", "Choose whom to ask about", ("segment",), {"segment": ("Segment", _ASKED)}),
    FormStep("parameters", "Map what to ask by", ("parameters",)),
    FormStep("mappings", "Map what is stored", ("mappings", "processors")),
    FormStep("when", "Choose when to ask", ("batch", "real_time")),
    FormStep("costs", "Limit what it costs", ("pause", "max_requests", "budget", "repeat_in_doubt")),
    FormStep("source", "Say how people are matched", ("source",), {"source": ("How people are matched", "")}),
)


def _problems(known: Known, goal: EnrichGoalSettings, planned: Sequence[str]) -> list[Problem]:
    return enrich_problems(known, goal, planned)


def _adds(goal: EnrichGoalSettings) -> tuple[str, ...]:
    return tuple(mapping.target for mapping in goal.mappings)


def _plan(work: Work, goal: EnrichGoalSettings) -> PlannedEnrichment:
    return plan_enrichment(work, goal, goal.kind)


def _undo(ended: GoalRun, asked: Mapping[str, Any]) -> Undoing:
    summed = tuple(mapping["to"] for mapping in asked["mappings"] if mapping["rule"] == Rule.SUM)
    return Undoing(summed, stays=paid(ended))


def _offer(vendor: Vendor, properties: Mapping[str, Property]) -> dict[str, Any] | None:
    if vendor.enricher is None:
        return None
    pairs = [{"from": to, "to": name} for name, to in alike(vendor.enricher.parameters, properties)]
    return {"kind": KIND.name, "name": f"Enrich with {vendor.title}", "parameters": pairs}


def _audience(goal: EnrichGoalSettings) -> Audience:
    return Audience(goal.segment, tuple(pair.source for pair in goal.parameters))


def _follows(goal: EnrichGoalSettings) -> Following | None:
    if not goal.real_time:
        return None
    return Following(
        properties=tuple(pair.source for pair in goal.parameters),
        segment=goal.segment,
        waits=lambda home, connection, rows: waits(home, connection, goal, rows),
        left=left,
    )


def _identifiers(vendor: Vendor, _: Discovery) -> tuple[str, ...]:
    return () if vendor.enricher is None else vendor.enricher.parameters


KIND = GoalKind(
    name="enrich_profiles",
    direction="import",
    order=25,
    settings=EnrichGoalSettings,
    steps=_STEPS,
    problems=_problems,
    adds=_adds,
    plan=_plan,
    carry_out=ask_and_store,
    undo=_undo,
    nothing=NOTHING,
    offer=_offer,
    audience=_audience,
    follows=_follows,
    part=lambda vendor: vendor.enricher,
    identifiers=_identifiers,
    rows=ROWS,
)
