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
    exporter, asked = event_exporter_of(session.vendor), plan.goal.asked

    def steps(over: pl.DataFrame) -> Iterator[Step]:
        left = plan.send.join(over.select("row"), on="row", how="anti", maintain_order="left")
        ways = {(way := exporter.way(asked, name)).name: way for name in left["type"].unique().sort()}
        for name, way in ways.items():
            yield PUSH, _pushes(pushing, plan, way, left.filter(way=name))

    pushing.send(sent, steps)
    return sent


def _pushes(
    pushing: Pushing, plan: EventPlan, way: EventWay, events: pl.DataFrame
) -> Iterator[tuple[Asked, Effects[pl.DataFrame | None]]]:
    """The pushes of events of one way, each written down before it is sent."""
    room = way.max_bytes - way.overhead
    cut = batches(events["body"], events["row"], max_rows=way.max_rows, max_bytes=room)
    for start, end in zip(cut.starts, [*cut.starts[1:], events.height], strict=True):
        part = events.slice(start, end - start)
        yield pushing.asked(PUSH, part["row"]), way.push(plan.goal.asked, part)
