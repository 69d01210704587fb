"""Timeline events as what an export sends."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.fates import counted
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT, REJECTED
from cdpkit.runs.exports.estimate import estimate
from cdpkit.runs.exports.event_plan import EventPlan, keep_event_plan, known_events
from cdpkit.runs.exports.event_send import by_way, send_events, starts_of
from cdpkit.runs.exports.outcome import SKIPPED, Exported
from cdpkit.runs.exports.pushing import Answers
from cdpkit.runs.exports.sending import Sending
from cdpkit.runs.plan import Figures, Look
from cdpkit.runs.session import Session
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables.event_exports import EVENT_EXPORTS

NOTHING: Mapping[str, Any] = {
    "events": 0,
    "sent": 0,
    "accepted": 0,
    "rejected": {},
    "skipped": {},
    "in_doubt": 0,
}
"""The counters of an export of events that did not come to them."""


def _figures(plan: EventPlan) -> Figures:
    """The events, and the counters if nobody refuses one."""
    hoped = plan.send.select("row", fate=pl.lit(ACCEPTED), reason=pl.lit(None, pl.String))
    counters = _counters(plan, hoped, {})
    told = sum(counters["skipped"].values()) + sum(counters["rejected"].values())
    return Figures(plan.total, told + counters["accepted"] + counters["in_doubt"], counters)


def _estimate(plan: EventPlan, session: Session) -> Mapping[str, int]:
    """How many calls it takes at least, and how long."""
    ways = by_way(session, plan, plan.send)
    return estimate(session, [(len(starts_of(way, events)), {way.limit: 1}) for way, events in ways])


def _look(plan: EventPlan, session: Session) -> Look:
    ids = [name for _, name in plan.goal.pairs]
    shown = ("profile_id", "type", "id", "time", "properties", pl.col("way").alias("fate"))
    return Look(
        counters=lambda: _figures(plan).counters,
        estimate=lambda: _estimate(plan, session),
        excluded=lambda: _named(plan, plan.skipped).select("profile_id", "type", "id", "reason"),
        rejected=lambda: _named(plan, plan.refused).select("profile_id", pl.col("type").alias("field"), "reason"),
        sends=lambda: _named(plan, plan.send).select("profile_id", *ids, "body"),
        events=lambda: _named(plan, plan.send).select(shown),
    )


def _named(plan: EventPlan, events: pl.DataFrame) -> pl.DataFrame:
    """Events with the `profile_id` of their profiles."""
    wanted = events["profile"].unique().implode()
    ids = plan.snapshot.profiles().filter(pl.col("row").is_in(wanted)).select("profile_id", profile="row")
    return events.join(ids.collect(), on="profile", how="left", maintain_order="left")


def _as_committed(plan: EventPlan, session: Session, snapshot: Snapshot) -> EventPlan:
    """Without what was sent since."""
    asked = replace(plan.goal.asked, settings=session.settings, discovery=session.discovery)
    plan = replace(plan, goal=replace(plan.goal, asked=asked), snapshot=snapshot)
    known = known_events(session.home.tables, plan.goal.key).filter(pl.col("state").is_in([ACCEPTED, IN_DOUBT]))
    over = plan.send["row"].is_in(known["key"].implode())
    if plan.goal.full or plan.goal.doubtful_again or not over.any():
        return plan
    before = {**plan.before, reasons.SENT_BEFORE.code: plan.before.get(reasons.SENT_BEFORE.code, 0) + int(over.sum())}
    return replace(plan, send=plan.send.filter(~over), before=before)


def _account(plan: EventPlan, sent: Answers) -> Exported:
    """Account for every event."""
    states = sent.answered().select("row", "fate", "reason")
    tried = sent.tried.height
    unsent = {reasons.TRIED_AGAIN.code: tried, reasons.NOT_SENT.code: plan.send.height - states.height - tried}
    lines = _lines(plan, states)
    skipped = plan.skipped.select(pl.col("profile").alias("row"), pl.lit(SKIPPED).alias("fate"), "reason")
    return Exported(
        known=lines,
        fates=pl.concat([lines.select("row", pl.col("state").alias("fate"), "reason"), skipped]),
        rejected=lines.filter(state=REJECTED).select("row", "reason", field="type"),
        counters=_counters(plan, states, {reason: count for reason, count in unsent.items() if count}),
    )


def _lines(plan: EventPlan, states: pl.DataFrame) -> pl.DataFrame:
    """`key`, `row` (the profile), `type`, `id`, `state`, `reason`, `seq` of events that were sent or refused."""
    sent = plan.send.join(states, on="row", how="inner", maintain_order="left").rename({"fate": "state"})
    refused = plan.refused.with_columns(state=pl.lit(REJECTED))
    columns = [pl.col("row").alias("key"), pl.col("profile").alias("row"), "type", "id", "state", "reason", "seq"]
    return pl.concat([sent.select(columns), refused.select(columns)])


def _counters(plan: EventPlan, states: pl.DataFrame, unsent: Mapping[str, int]) -> dict[str, Any]:
    doubtful = plan.before.get(reasons.SINCE_EARLIER_RUN.code, 0)
    before = {reason: count for reason, count in plan.before.items() if reason != reasons.SINCE_EARLIER_RUN.code}
    refused = pl.concat([plan.refused["reason"], states.filter(fate=REJECTED)["reason"]])
    return {
        "events": plan.total,
        "sent": states.height,
        "accepted": states.filter(fate=ACCEPTED).height,
        "rejected": counted(refused.fill_null(reasons.NO_REASON.code)),
        "skipped": {**before, **counted(plan.skipped["reason"]), **unsent},
        "in_doubt": states.filter(fate=IN_DOUBT).height + doubtful,
    }


EVENTS: Sending[EventPlan, Answers] = Sending(
    called="events",
    table=EVENT_EXPORTS,
    total=lambda plan: plan.send.height,
    figures=_figures,
    look=_look,
    keep=keep_event_plan,
    as_committed=_as_committed,
    send=send_events,
    account=_account,
)
