"""Sending events: a batch is journalled, pushed and journalled again; what was answered is never sent again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.outcome import IN_DOUBT, REJECTED
from cdpkit.errors import CdpkitError
from cdpkit.kit.batch import batches
from cdpkit.kit.effects import Effects
from cdpkit.kit.event_exporting import EventWay
from cdpkit.kit.exporting import OUTCOME, all_accepted
from cdpkit.runs.exports.event_goal import event_exporter_of
from cdpkit.runs.exports.event_plan import EventPlan
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.runs.exports.send import without_secrets
from cdpkit.runs.session import Session
from cdpkit.transport.redact import secrets_in

JOURNAL = "events.ndjson"
STATES = {"row": pl.Int64(), "fate": pl.String(), "reason": pl.String()}


@dataclass(slots=True)
class EventsSent:
    """What became of a plan's events.

    Attributes:
        states: `STATES`: of each event that was sent what became of it, once.
        tried: `row` of those that were sent when it ended early, without an answer, and can be sent again.
        error: What ended the sending early.
    """

    states: list[pl.DataFrame] = field(default_factory=lambda: [pl.DataFrame(schema=STATES)])
    tried: pl.Series = field(default_factory=lambda: pl.Series("row", [], pl.Int64))
    error: CdpkitError | None = None

    @property
    def known(self) -> pl.DataFrame:
        """All states."""
        return pl.concat(self.states)


@dataclass(frozen=True, slots=True)
class EventSender:
    """Sends the events of one plan.

    Attributes:
        session: The connection.
        plan: The plan, kept on disk.
        journal: Its journal.
        told: Is given how many events were answered, each time that some were.
    """

    session: Session
    plan: EventPlan
    journal: Journal
    told: Callable[[int], None]

    def send(self) -> EventsSent:
        """Send what earlier attempts of the same run have not.

        A vendor that cannot be reached any more, or that refuses altogether, ends it early: `EventsSent.error`.
        """
        before, sent, send = self.journal.read(), EventsSent(), self.plan.send
        sent.states.append(before.answered.select(*STATES))
        doubtful, _ = self._by_doubt(before.asked["row"])
        sent.states.append(doubtful_states(doubtful, reasons.BEFORE_KILL))
        done = sent.known["row"]
        if done.len():
            self.told(done.len())
        left = send.filter(~pl.col("row").is_in(done.implode()))
        with self.journal:
            try:
                for way, part in self._by_way(left):
                    self.session.driver.each(
                        self._pushes(way, part, sent), lambda batch, outcome: self._note(sent, batch, outcome)
                    )
            except CdpkitError as error:
                sent.error = error
        if sent.error is not None:
            asked = self.journal.read().asked["row"]
            doubtful, sent.tried = self._by_doubt(asked.filter(~asked.is_in(sent.known["row"].implode())))
            sent.states.append(doubtful_states(doubtful, reasons.BEFORE_FAILURE))
        return sent

    def _by_way(self, events: pl.DataFrame) -> list[tuple[EventWay, pl.DataFrame]]:
        exporter, asked = event_exporter_of(self.session.vendor), self.plan.goal.asked
        ways = {(way := exporter.way(asked, name)).name: way for name in events["type"].unique().sort()}
        return [(way, events.filter(way=name)) for name, way in ways.items()]

    def _by_doubt(self, rows: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Of events without an answer those that must not be sent again, and the others."""
        safe = self.plan.send.filter(pl.col("way").is_in(self.plan.again))["row"]
        return rows.filter(~rows.is_in(safe.implode())), rows.filter(rows.is_in(safe.implode()))

    def _pushes(
        self, way: EventWay, events: pl.DataFrame, sent: EventsSent
    ) -> Iterator[tuple[tuple[int, pl.Series], Effects[pl.DataFrame | None]]]:
        """The pushes of events of one way, each written down before it is sent."""
        room = way.max_bytes - way.overhead
        cut = batches(events["body"], events["row"], max_rows=way.max_rows, max_bytes=room)
        if cut.too_large.len():
            large = cut.too_large.to_frame("row").with_columns(
                fate=pl.lit(REJECTED), reason=pl.lit(reasons.TOO_LARGE.code)
            )
            sent.states.append(large.select(*STATES))
            events = events.filter(~pl.col("row").is_in(cut.too_large.implode()))
        ends = [*cut.starts[1:], events.height]
        for start, end in zip(cut.starts, ends, strict=True):
            part = events.slice(start, end - start)
            yield (self.journal.asked(PUSH, part["row"]), part["row"]), way.push(self.plan.goal.asked, part)

    def _note(self, sent: EventsSent, asked: tuple[int, pl.Series], outcome: pl.DataFrame | None) -> None:
        batch, rows = asked
        if outcome is None:
            self.journal.answered(batch, None)
            sent.states.append(all_accepted(rows).select(*STATES))
        else:
            lines = without_secrets(outcome, secrets_in(self.session.settings))
            self.journal.answered(batch, lines.select(*OUTCOME))
            sent.states.append(lines.select(*STATES))
        self.told(rows.len())


def doubtful_states(rows: pl.Series, why: reasons.Reason) -> pl.DataFrame:
    """`STATES` of events of which no answer came."""
    return rows.to_frame("row").with_columns(fate=pl.lit(IN_DOUBT), reason=pl.lit(why.code)).select(*STATES)
