"""Sending people: parts are rendered, cut into batches and pushed; then leavers are taken off lists."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from cdpkit.core import reasons
from cdpkit.kit.batch import batches
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects
from cdpkit.kit.exporting import Outgoing
from cdpkit.runs.exports.goal import exporter_of, withdrawal_of
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.runs.exports.people import identifiers_in
from cdpkit.runs.exports.plan import ExportPlan
from cdpkit.runs.exports.pushing import Answers, Asked, Pushing, Step
from cdpkit.runs.exports.render import REFUSED
from cdpkit.runs.session import Session

T = TypeVar("T")

PART = 50_000
"""How many people are rendered at once."""


@dataclass(slots=True)
class Sent(Answers):
    """What became of a plan's people.

    Attributes:
        refused: `REFUSED`: never sent, because a value or the whole does not fit.
        left_out: `LEFT_OUT`: never sent, by a processor or because nothing changed.
        unread: `UNREAD`: the values that processors could not read, also of those whom an earlier attempt sent.
        notes: `NOTES`, also of those whom an earlier attempt sent.
    """

    refused: list[pl.DataFrame] = field(default_factory=list)
    left_out: list[pl.DataFrame] = field(default_factory=list)
    unread: list[pl.DataFrame] = field(default_factory=list)
    notes: list[pl.DataFrame] = field(default_factory=list)


def send_people(session: Session, plan: ExportPlan, journal: Journal, show: Callable[[int], None]) -> Sent:
    """Send the people of a plan and take leavers off their lists; what `Pushing.send` says holds.

    Args:
        session: The connection.
        plan: The plan, kept on disk.
        journal: Its journal.
        show: Is given how many people were answered, each time that some were.
    """
    withdrawal = exporter_of(session.vendor).withdrawal
    off = withdrawal is None or withdrawal.repeatable
    again = pl.when(do=PUSH).then(pl.lit(plan.way.repeatable)).otherwise(pl.lit(off))
    pushing, sent = Pushing(session, journal, again, show), Sent()
    pushing.send(sent, _People(session, plan, pushing, sent).steps)
    return sent


@dataclass(frozen=True, slots=True)
class _People:
    """The people of one plan, on their way.

    Attributes:
        session: The connection.
        plan: The plan.
        pushing: What sends them.
        sent: Takes what becomes of them before they are sent.
    """

    session: Session
    plan: ExportPlan
    pushing: Pushing
    sent: Sent

    def steps(self, over: pl.DataFrame) -> Iterator[Step]:
        """What is left to do."""
        leavers = self.plan.due.withdraw.unique(["key", "list"], keep="first", maintain_order=True)
        moved = leavers["row"].is_in(self.plan.due.send["row"].implode())
        people, done = self.plan.due.send, over.filter(do=PUSH)["row"].unique()
        waves = people["wave"].unique().sort().to_list()
        # Former keys first: once somebody is accepted under the new one, the former is forgotten.
        yield from self._off(over, leavers.filter(moved))
        for wave in waves or [0] * self.plan.way.nobody_too:
            yield PUSH, self._pushes(people.filter(wave=wave), done)
        yield from self._off(over, leavers.filter(~moved))

    def _pushes(self, people: pl.DataFrame, done: pl.Series) -> Iterator[tuple[Asked, Effects[pl.DataFrame | None]]]:
        """The pushes of some people, rendered as they are needed, a batch written down before it is sent."""
        for outgoing in self._batches(people, done):
            yield self.pushing.asked(PUSH, outgoing.rows["row"]), self.plan.way.push(self.plan.goal.asked, outgoing)

    def _batches(self, people: pl.DataFrame, done: pl.Series) -> Iterator[Outgoing]:
        """Full batches; what a part leaves over goes with the next one.

        Those of whom an earlier attempt has an answer are rendered too, because processors look at all people
        together, and because the goal has to know what was sent to them.
        """
        way, renderer, sent = self.plan.way, self.plan.renderer(self.session), self.sent
        over: list[Outgoing] = []
        nobody = way.nobody_too and done.is_empty()
        size = max(people.height, 1) if self.plan.goal.steps else PART
        starts = range(0, max(people.height, nobody), size)
        parts = (renderer.render(people.slice(start, size)) for start in starts)
        for start, part in zip(starts, ahead(parts) if len(starts) > 1 else parts, strict=True):
            sent.notes.append(part.notes)
            rendered = part.without(done)
            sent.refused.append(rendered.refused)
            sent.left_out.append(rendered.left_out)
            sent.unread.append(rendered.unread)
            over.append(rendered.outgoing)
            last = start + size >= people.height
            room = way.max_bytes - way.overhead
            if not last and _fill_none(over, way.max_rows, room):
                continue
            ready = _joined(over)
            cut = batches(ready.rows["body"], ready.rows["row"], max_rows=way.max_rows, max_bytes=room)
            if cut.too_large.len():
                large = cut.too_large.to_frame("row").with_columns(
                    field=pl.lit(None, pl.String), reason=pl.lit(reasons.TOO_LARGE.code)
                )
                sent.refused.append(large.select(*REFUSED))
                ready = ready.filter(~ready.rows["row"].is_in(cut.too_large.implode()))
            cuts = [*cut.starts, ready.rows.height]
            full = len(cut) if last else len(cut) - 1
            nobody = nobody and not cut.starts
            if last and nobody:
                yield ready
            for nth in range(full):
                yield ready.slice(cuts[nth], cuts[nth + 1] - cuts[nth])
            over = [] if last or not cut.starts else [ready.slice(cuts[full], ready.rows.height - cuts[full])]

    def _off(self, over: pl.DataFrame, leavers: pl.DataFrame) -> Iterator[Step]:
        left = leavers.join(over.select("row", list="do"), on=["row", "list"], how="anti", maintain_order="left")
        for (list_id,), people in left.group_by("list", maintain_order=True):
            yield str(list_id), self._withdrawals(str(list_id), people)

    def _withdrawals(self, list_id: str, people: pl.DataFrame) -> Iterator[tuple[Asked, Effects[pl.DataFrame | None]]]:
        session, exporter = self.session, exporter_of(self.session.vendor)
        withdrawal = withdrawal_of(session.vendor)
        target = next((listed for listed in session.discovery.lists if listed.id == list_id), None)
        target = target or Item(list_id, list_id)
        known_by = session.discovery.identifiers(exporter.identifiers)
        for start in range(0, people.height, withdrawal.max_rows):
            part = people.slice(start, withdrawal.max_rows)
            rows = identifiers_in(part.select("row", "key"), known_by)
            yield self.pushing.asked(list_id, part["row"]), withdrawal.take(self.plan.goal.asked, target, rows)


def ahead(parts: Iterator[T]) -> Iterator[T]:
    """The same parts, each made while the one before it is in use."""
    with ThreadPoolExecutor(1) as maker:
        following = maker.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = maker.submit(next, parts, None)
            yield part


def _fill_none(parts: Sequence[Outgoing], rows: int, room: int) -> bool:
    """Whether people are so few that they surely fill no batch."""
    held = sum(part.rows.height for part in parts)
    return held <= rows and sum(int(part.rows["body"].str.len_bytes().sum()) for part in parts) + held <= room


def _joined(parts: Sequence[Outgoing]) -> Outgoing:
    if len(parts) == 1:
        return parts[0]
    return Outgoing(
        pl.concat([part.rows for part in parts], rechunk=True),
        pl.concat([part.fields for part in parts], how="vertical_relaxed", rechunk=True),
        any(part.enters for part in parts),
    )
