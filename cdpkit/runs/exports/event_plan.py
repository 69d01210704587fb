"""The plan of an export of events: which are sent and how, and which are left out and why.

It is kept on disk, bodies and all, before anything is sent, so that a killed run goes on with the very same.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.consent import CONSENTED, REFUSED, consents
from cdpkit.core.events.types import EventType
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT, REJECTED
from cdpkit.kit.event_exporting import SENT_EVENT, EventWay
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.exports import kept_plan
from cdpkit.runs.exports.event_goal import EventGoal, event_exporter_of
from cdpkit.runs.exports.people import compared, near
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.session import Session
from cdpkit.store import sql
from cdpkit.store.commits import Tables
from cdpkit.store.events import events_of
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables.event_exports import EVENT_EXPORTS, newest_events

_FRAMES = ("send", "refused", "skipped")
OF = {"row": pl.Int64(), "profile": pl.Int64(), "type": pl.String(), "id": pl.String(), "seq": pl.Int64()}
"""An event, by `row` (its key), with the number of its profile."""
_LONGEST = 200
"""So many characters of an event's own id are a part of what it is called at the vendor."""


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What an export of events does.

    Attributes:
        goal: The goal.
        snapshot: The profiles and events of which it was worked out.
        send: `OF`, `SENT_EVENT`, the linked identifiers, `way`, `body`: those to send, the oldest first.
        refused: `OF` and `reason`: those that cannot be sent.
        skipped: `OF` and `reason`: those that are left out, of which no line is kept.
        before: How many were sent before, or refused as they are, by reason.
        again: The ways of which a push that may have arrived can be made again.
    """

    goal: EventGoal
    snapshot: Snapshot
    send: pl.DataFrame
    refused: pl.DataFrame
    skipped: pl.DataFrame
    before: dict[str, int]
    again: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many events it is about."""
        return self.send.height + self.refused.height + self.skipped.height + sum(self.before.values())


def plan_event_export(session: Session, goal: EventGoal, folder: GoalFolder, snapshot: Snapshot) -> EventPlan:
    """Work an export of events out, or read what a killed attempt of the same run worked out.

    Raises:
        ConfigurationError: The segment cannot be computed, or the goal is not the one that was planned.
    """
    kept = kept_plan.read(folder, goal.config)
    if kept is not None:
        return _read(session, goal, folder, kept)
    people = _people(session, goal, snapshot)
    events = _events(session, goal, snapshot, people)
    known = known_events(session.home.tables, goal.key)
    events, before = _without_known(events, known, goal)
    named = [pl.col(name).is_not_null() for _, name in goal.pairs]
    why = (
        pl.when(~pl.col("consents"))
        .then(pl.lit(reasons.WITHOUT_CONSENT.code))
        .when(~pl.any_horizontal(named))
        .then(pl.lit(reasons.WITHOUT_IDENTIFIER.code))
    )
    events = events.with_columns(why.alias("reason"))
    skipped = events.filter(pl.col("reason").is_not_null()).select(*OF, "reason")
    rendered = _rendered(session, goal, events.filter(pl.col("reason").is_null()).drop("reason"))
    refused = rendered.filter(pl.col("body").is_null()).select(*OF, "reason")
    send = rendered.filter(pl.col("body").is_not_null()).drop("reason").sort("time", "row", maintain_order=True)
    return EventPlan(goal, snapshot, send, refused, skipped, before, _repeatable(session, goal, send))


def known_events(tables: Tables, key: str) -> pl.DataFrame:
    """What a goal knows of events: `key`, `state`, `seq`, `turn`."""
    lines = newest_events(tables.scan(EVENT_EXPORTS, where=key))
    return lines.select("key", "state", "seq", "turn").collect(engine="streaming")


def _repeatable(session: Session, goal: EventGoal, send: pl.DataFrame) -> tuple[str, ...]:
    """The names of the ways that can be made again."""
    ways = {event_exporter_of(session.vendor).way(goal.asked, name) for name in send["type"].unique()}
    return tuple(sorted(way.name for way in ways if way.repeatable))


def _people(session: Session, goal: EventGoal, snapshot: Snapshot) -> pl.DataFrame:
    """`profile`, `profile_id`, `consents` and the vendor's identifiers of the segment's members."""
    profiles = catalogued(session.home, snapshot)
    rows = sql.segment_rows(profiles, goal.where, limits=session.home.limits())
    linked = [pl.col(prop).alias(f"id {name}") for prop, name in goal.pairs]
    consent = [CONSENTED, REFUSED] if goal.objectives else []
    found = near(profiles, rows, "profile_id", *linked, *consent)
    exporter = session.vendor.exporter
    ids = found.select(pl.col(f"id {name}").alias(name) for _, name in goal.pairs)
    ids = compared(ids, exporter) if exporter is not None else ids
    given = consents(goal.objectives) if goal.objectives else pl.lit(value=True)
    return found.select(pl.col("row").alias("profile"), "profile_id", given.alias("consents")).with_columns(ids)


def _events(session: Session, goal: EventGoal, snapshot: Snapshot, people: pl.DataFrame) -> pl.DataFrame:
    """The events of these people of the goal's types and time, with what `people` has of them."""
    wanted = [pl.col("type").is_in(goal.chosen)] if goal.chosen else []
    wanted += [pl.col("time") >= goal.since] if goal.since is not None else []
    wanted += [pl.col("time") < goal.until] if goal.until is not None else []
    events = events_of(session.home.tables, snapshot)
    events = events.filter(*wanted) if wanted else events
    own = events.rename({"row": "profile", "key": "row"}).join(people.lazy(), on="profile", how="inner")
    return own.collect(engine="streaming")


def _without_known(events: pl.DataFrame, known: pl.DataFrame, goal: EventGoal) -> tuple[pl.DataFrame, dict[str, int]]:
    """The events that are due, and how many are not, by reason.

    What was accepted stays so, whatever it has become; what was refused is tried again when it has changed; what is in
    doubt is only sent again where that is asked for.
    """
    beside = events.join(known.rename({"key": "row", "seq": "then"}), on="row", how="left", maintain_order="left")
    state = pl.col("state")
    doubtful = pl.lit(not goal.doubtful_again)
    why = (
        pl.when((state == ACCEPTED) & pl.lit(not goal.full))
        .then(pl.lit(reasons.SENT_BEFORE.code))
        .when((state == REJECTED) & (pl.col("then") == pl.col("seq")) & pl.lit(not goal.full))
        .then(pl.lit(reasons.REFUSED_BEFORE.code))
        .when((state == IN_DOUBT) & doubtful)
        .then(pl.lit(reasons.SINCE_EARLIER_RUN.code))
    )
    beside = beside.with_columns(why.alias("why"))
    counts = beside["why"].drop_nulls().value_counts()
    before = dict(counts.iter_rows()) if counts.height else {}
    return beside.filter(pl.col("why").is_null()).drop("why", "state", "then", "turn"), before


def _rendered(session: Session, goal: EventGoal, events: pl.DataFrame) -> pl.DataFrame:
    """The events with `way`, `body` and `reason`."""
    exporter, made = event_exporter_of(session.vendor), []
    called = pl.concat_str(
        pl.col("id").str.slice(0, _LONGEST), pl.col("row").reinterpret(signed=False).cast(pl.String), separator="-"
    )
    events = events.with_columns(called.alias("called"))
    for name, part in _by_type(events):
        way = exporter.way(goal.asked, name)
        bodies = way.bodies(goal.asked, part, goal.types.get(name) or EventType(name))
        made.append(part.with_columns(pl.lit(way.name).alias("way"), *_fitting(bodies, way)))
    empty = {name: pl.String() for name in ("way", "body", "reason")}
    columns = {**SENT_EVENT, **OF, **{name: pl.String() for _, name in goal.pairs}, **empty}
    return pl.concat([pl.DataFrame(schema=columns), *(part.select(*columns) for part in made)])


def _fitting(bodies: pl.DataFrame, way: EventWay) -> list[pl.Series]:
    """`BODIES` of events that fit into a push."""
    large = pl.col("body").str.len_bytes() > way.max_bytes - way.overhead
    fits = [
        pl.when(~large).then("body").alias("body"),
        pl.when(large).then(pl.lit(reasons.TOO_LARGE.code)).otherwise("reason").alias("reason"),
    ]
    return bodies.select(fits).get_columns()


def _by_type(events: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    parts = events.partition_by("type", as_dict=True, maintain_order=True)
    return [(str(name), part) for (name,), part in parts.items()]


def keep_event_plan(plan: EventPlan, folder: GoalFolder) -> None:
    """Keep a plan on disk, before anything of it is sent."""
    facts = {"config": plan.goal.config, "version": plan.snapshot.version, "before": plan.before, "again": plan.again}
    kept_plan.keep(folder, {name: getattr(plan, name) for name in _FRAMES}, facts)


def _read(session: Session, goal: EventGoal, folder: GoalFolder, kept: dict[str, Any]) -> EventPlan:
    frames = kept_plan.read_frames(folder, kept, _FRAMES)
    snapshot = session.home.tables.snapshot(int(kept["version"]))
    return EventPlan(goal, snapshot, before=dict(kept["before"]), again=tuple(kept["again"]), **frames)
