"""An export of events, worked out: what any plan answers, and how it is sent and recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.fates import counted
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT, REJECTED
from cdpkit.runs.draft import side_files
from cdpkit.runs.exports.event_plan import EventPlan, keep_event_plan, known_events, next_event_turn
from cdpkit.runs.exports.event_send import JOURNAL, EventSender, EventsSent
from cdpkit.runs.exports.journal import Journal
from cdpkit.runs.exports.outcome import SKIPPED
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.guard import unchanged
from cdpkit.runs.kind import Line, Work
from cdpkit.runs.plan import Figures, Look
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.run import FAILED, SUCCEEDED, WITH_WARNINGS
from cdpkit.runs.session import Session
from cdpkit.store.commits import describe
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import REJECTED as REFUSED_VALUES
from cdpkit.store.tables import RUN_ROWS
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


@dataclass(frozen=True, slots=True)
class PlannedEventExport:
    """An export of events, worked out; a `Plan`.

    Attributes:
        kind: Its kind.
        session: The connection.
        plan: What is sent.
        work_out: Works it out on the events as they are by then, or reads what this run has kept of it.
    """

    kind: str
    session: Session
    plan: EventPlan
    work_out: Callable[[], EventPlan]

    @property
    def name(self) -> str:
        """The goal."""
        return self.plan.goal.name

    @property
    def snapshot(self) -> Snapshot:
        """The profiles whose events are sent."""
        return self.plan.snapshot

    @property
    def turns(self) -> Mapping[str, int]:
        """None: what was sent meanwhile is known by the event."""
        return {}

    @property
    def new_properties(self) -> tuple[()]:
        """None."""
        return ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """None."""
        return ()

    def figures(self) -> Figures:
        """The events, and the counters if nobody refuses one."""
        counters = _counters(
            self.plan, self.plan.send.select("row", fate=pl.lit(ACCEPTED), reason=pl.lit(None, pl.String)), {}
        )
        return Figures(self.plan.total, _accounted(counters), counters)

    def look(self) -> Look:
        """Its frames."""
        return Look(
            counters=lambda: self.figures().counters,
            excluded=lambda: self._named(self.plan.skipped).select("profile_id", "type", "id", "reason"),
            rejected=lambda: self._named(self.plan.refused).select(
                "profile_id", pl.col("type").alias("field"), "reason"
            ),
            sends=lambda: self._named(self.plan.send).select("profile_id", *self._identifiers(), "body"),
            events=lambda: self._named(self.plan.send).select(
                "profile_id", "type", "id", "time", "properties", pl.col("way").alias("fate")
            ),
        )

    def _identifiers(self) -> list[str]:
        return [name for _, name in self.plan.goal.pairs]

    def _named(self, events: pl.DataFrame) -> pl.DataFrame:
        """Events with the `profile_id` of their profiles."""
        wanted = events["profile"].unique().implode()
        ids = self.plan.snapshot.profiles().filter(pl.col("row").is_in(wanted)).select("profile_id", profile="row")
        return events.join(ids.collect(), on="profile", how="left", maintain_order="left")

    def is_whole(self) -> bool:
        """Always: it is in memory until its run keeps it."""
        return True

    def afterwards(self) -> Snapshot:
        """The profiles as they are: an export changes none."""
        return self.plan.snapshot

    def discard(self) -> None:
        """Nothing: what it keeps is in the folder of its run."""

    def again(self, _attempt: int) -> "PlannedEventExport":
        """The same; where events were sent already, what was kept of it."""
        return replace(self, plan=self.work_out())


def send_events(work: Work, planned: PlannedEventExport, line: Line) -> GoalRun:
    """Send what was planned and record it; what a killed attempt sent is not sent again."""
    session, run, plan = work.session, work.run, planned.plan
    if work.waited:
        unchanged(session.home, planned.snapshot.seq, {})
        plan = _still_due(session, plan)
    keep_event_plan(plan, work.folder)
    sent = EventSender(session, plan, Journal(work.folder.path / JOURNAL), _telling(work, plan)).send()
    message = None if sent.error is None else session.said(sent.error)
    states = sent.known
    counters = _counters(plan, states, _unsent(plan, sent))
    attention = bool(counters["rejected"] or counters["in_doubt"])
    state = FAILED if message else WITH_WARNINGS if attention else SUCCEEDED
    told = tuple(session.driver.told)
    ended = GoalRun(plan.goal.name, state, counters, planned.kind, plan.goal.key, message=message, warnings=told)
    record_events(session, run, plan, states, line(ended))
    return ended


def record_events(session: Session, run: str, plan: EventPlan, states: pl.DataFrame, line: dict[str, Any]) -> None:
    """Keep what became of events, with a line of the history."""
    home, key = session.home, plan.goal.key
    lines = lines_of(plan, states)
    turn = next_event_turn(home.tables, key)
    whose = {"run_id": run, "goal": key}
    fates = pl.concat([lines.select("row", "state", "reason"), _skipped(plan)]).rename({"state": "fate"})
    refused = lines.filter(state=REJECTED).select("row", "reason", field="type")
    kept = lines.with_columns(turn=pl.lit(turn, pl.Int64), run_id=pl.lit(run)).sort("key")
    with side_files(home) as write:
        files = {
            EVENT_EXPORTS: write(EVENT_EXPORTS, kept, partition=key),
            RUN_ROWS: write(RUN_ROWS, fates, **whose),
            REFUSED_VALUES: write(REFUSED_VALUES, refused, **whose),
        }
        home.tables.conclude(f"{run}/{key}", {"files": describe(files), "record": line})
        home.tables.roll_forward()


def lines_of(plan: EventPlan, states: pl.DataFrame) -> pl.DataFrame:
    """`key`, `row` (the profile), `type`, `id`, `state`, `reason`, `seq` of events that were sent or refused."""
    sent = plan.send.join(states, on="row", how="inner", maintain_order="left").rename({"fate": "state"})
    refused = plan.refused.with_columns(state=pl.lit(REJECTED))
    columns = [pl.col("row").alias("key"), pl.col("profile").alias("row"), "type", "id", "state", "reason", "seq"]
    return pl.concat([sent.select(columns), refused.select(columns)])


def _skipped(plan: EventPlan) -> pl.DataFrame:
    return plan.skipped.select(pl.col("profile").alias("row"), pl.lit(SKIPPED).alias("state"), "reason")


def _still_due(session: Session, plan: EventPlan) -> EventPlan:
    """The plan of a preview without what was sent since."""
    known = known_events(session.home.tables, plan.goal.key).filter(pl.col("state").is_in([ACCEPTED, IN_DOUBT]))
    over = plan.send["row"].is_in(known["key"].implode())
    if plan.goal.full or plan.goal.doubtful_again or not over.any():
        return plan
    before = {**plan.before, reasons.SENT_BEFORE.code: plan.before.get(reasons.SENT_BEFORE.code, 0) + int(over.sum())}
    return replace(plan, send=plan.send.filter(~over), before=before)


def _unsent(plan: EventPlan, sent: EventsSent) -> dict[str, int]:
    """What was not sent, or may be sent again, by reason."""
    tried, left = sent.tried.len(), plan.send.height - sent.known.height
    found = {reasons.TRIED_AGAIN.code: tried, reasons.NOT_SENT.code: left - tried}
    return {reason: count for reason, count in found.items() if count}


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


def _accounted(counters: Mapping[str, Any]) -> int:
    told = sum(counters["skipped"].values()) + sum(counters["rejected"].values())
    return int(told + counters["accepted"] + counters["in_doubt"])


def _telling(work: Work, plan: EventPlan) -> Callable[[int], None]:
    """Tell how many events were answered."""
    total, done, name = plan.send.height, 0, plan.goal.name
    work.show(RunEvent(work.run, "send", 0, total, f"{name}: {total:,} events"))

    def told(events: int) -> None:
        nonlocal done
        done += events
        work.show(RunEvent(work.run, "send", done, total, f"{name}: {done:,} of {total:,} events"))

    return told
