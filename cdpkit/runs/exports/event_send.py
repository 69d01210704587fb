"""Sending events: those of one way after the other, in batches."""

from collections.abc import Callable, Iterator

import polars as pl

from cdpkit.kit.batch import batches
from cdpkit.kit.effects import Effects
from cdpkit.kit.event_exporting import EventWay
from cdpkit.runs.exports.event_goal import event_exporter_of
from cdpkit.runs.exports.event_plan import EventPlan
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.runs.exports.pushing import Answers, Asked, Pushing, Step
from cdpkit.runs.session import Session


def send_events(session: Session, plan: EventPlan, journal: Journal, show: Callable[[int], None]) -> Answers:
    """Send the events of a plan; what `Pushing.send` says holds.

    Args:
        session: The connection.
        plan: The plan, kept on disk; each of its bodies fits into a push.
        journal: Its journal.
        show: Is given how many events were answered, each time that some were.
    """
    safe = plan.send.filter(pl.col("way").is_in(plan.again))["row"]
    pushing, sent = Pushing(session, journal, pl.col("row").is_in(safe.implode()), show), Answers()

    def steps(over: pl.DataFrame) -> Iterator[Step]:
        left = plan.send.join(over.select("row"), on="row", how="anti", maintain_order="left")
        for way, events in by_way(session, plan, left):
            yield PUSH, _pushes(pushing, plan, way, events)

    pushing.send(sent, steps)
    return sent


def by_way(session: Session, plan: EventPlan, events: pl.DataFrame) -> Iterator[tuple[EventWay, pl.DataFrame]]:
    """Each way in which events go, with those that do."""
    exporter, asked = event_exporter_of(session.vendor), plan.goal.asked
    ways = {(way := exporter.way(asked, name)).name: way for name in events["type"].unique().sort()}
    for name, way in ways.items():
        yield way, events.filter(way=name)


def starts_of(way: EventWay, events: pl.DataFrame) -> tuple[int, ...]:
    """The index of the first event of each push, whose bodies fit."""
    room = way.max_bytes - way.overhead
    return tuple(batches(events["body"], events["row"], max_rows=way.max_rows, max_bytes=room).starts)


def _pushes(
    pushing: Pushing, plan: EventPlan, way: EventWay, events: pl.DataFrame
) -> Iterator[tuple[Asked, Effects[pl.DataFrame | None]]]:
    """The pushes of events of one way, each written down before it is sent."""
    starts = starts_of(way, events)
    for start, end in zip(starts, [*starts[1:], events.height], strict=True):
        part = events.slice(start, end - start)
        yield pushing.asked(PUSH, part["row"]), way.push(plan.goal.asked, part)
