"""Sending a plan: parts are rendered, cut into batches, pushed and journalled; then leavers are taken off lists."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT
from cdpkit.errors import CdpkitError
from cdpkit.kit.batch import batches
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects
from cdpkit.kit.exporting import OUTCOME, Outgoing, all_accepted
from cdpkit.runs.exports.goal import exporter_of, withdrawal_of
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.runs.exports.people import identifiers_in
from cdpkit.runs.exports.plan import ExportPlan
from cdpkit.runs.exports.render import REFUSED
from cdpkit.runs.session import Session
from cdpkit.transport.redact import secrets_in, without

T = TypeVar("T")

PART = 50_000
"""How many people are rendered at once."""

_ANSWER = {**OUTCOME, "do": pl.String()}


@dataclass(slots=True)
class Sent:
    """What became of a plan's people.

    Attributes:
        answers: `OUTCOME` and `do`: `push`, or the id of the list that was withdrawn from.
        accepted: `row` of batches that were pushed, accepted as a whole, and put on no list.
        refused: `REFUSED`: never sent, because a value or the whole does not fit.
        left_out: `LEFT_OUT`: never sent, by a processor or because nothing changed.
        unread: `UNREAD`: the values that processors could not read, also of those whom an earlier attempt sent.
        off_before: `do`, `row`: those whom an earlier attempt asked to be taken off a list, without an answer.
        notes: `NOTES`, also of those whom an earlier attempt sent.
        tried: `row`: those who were sent when it ended early, and of whom no answer came.
        error: What ended the sending early.
        told: What the vendor's part says to people.
    """

    answers: list[pl.DataFrame] = field(default_factory=list)
    accepted: list[pl.Series] = field(default_factory=list)
    refused: list[pl.DataFrame] = field(default_factory=list)
    left_out: list[pl.DataFrame] = field(default_factory=list)
    unread: list[pl.DataFrame] = field(default_factory=list)
    off_before: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"do": pl.String(), "row": pl.Int64()})
    )
    notes: list[pl.DataFrame] = field(default_factory=list)
    tried: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"row": pl.Int64()}))
    error: CdpkitError | None = None
    told: tuple[str, ...] = ()

    def answered(self) -> pl.DataFrame:
        """All answers."""
        whole = all_accepted(pl.concat([pl.Series("row", [], pl.Int64), *self.accepted]))
        return pl.concat([pl.DataFrame(schema=_ANSWER), whole.with_columns(do=pl.lit(PUSH)), *self.answers])


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends the plan of one goal.

    Attributes:
        session: The connection.
        plan: The plan, kept on disk.
        journal: Its journal, open.
        told: Is given how many people were answered, each time that some were.
        said: What the vendor's part has told people, and whether it was in this goal.
    """

    session: Session
    plan: ExportPlan
    journal: Journal
    told: Callable[[int], None]
    said: dict[str, bool] = field(default_factory=dict)

    def send(self) -> Sent:
        """Send what earlier attempts of the same run have not; what was answered is never sent again.

        A vendor that cannot be reached any more, or that refuses altogether, ends it early: `Sent.error`. An
        interrupt is passed on; the journal has what was answered until then.
        """
        before, sent = self.journal.read(), Sent()
        self.said.update(dict.fromkeys(self.session.driver.told, False) | dict.fromkeys(before.told, True))
        sent.answers.append(before.answered)
        sent.off_before = before.asked.filter(pl.col("do") != PUSH)
        doubtful, _ = self._by_doubt(before.asked)
        sent.answers.append(_doubtful(doubtful, reasons.BEFORE_KILL))
        over = pl.concat(sent.answers)
        if over.height:
            self.told(over.height)
        leavers = self.plan.due.withdraw.unique(["key", "list"], keep="first", maintain_order=True)
        moved = leavers["row"].is_in(self.plan.due.send["row"].implode())
        with self.journal:
            try:
                # Former keys first: once somebody is accepted under the new one, the former is forgotten.
                self._withdraw(sent, over, leavers.filter(moved))
                self._push(sent, over.filter(do=PUSH))
                self._withdraw(sent, over, leavers.filter(~moved))
            except CdpkitError as error:
                sent.error = error
        sent.told = tuple(text for text, own in self.said.items() if own)
        if sent.error is not None:
            unanswered = self.journal.read().asked.join(over.select("row", "do"), on=["row", "do"], how="anti")
            doubtful, tried = self._by_doubt(unanswered)
            sent.answers.append(_doubtful(doubtful, reasons.BEFORE_FAILURE))
            sent.tried = tried.filter(do=PUSH).select("row")
        return sent

    def _by_doubt(self, asked: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Of people of whom no answer came: those who cannot be sent or withdrawn again, and the others."""
        withdrawal = exporter_of(self.session.vendor).withdrawal
        off = withdrawal is None or withdrawal.repeatable
        again = pl.when(do=PUSH).then(pl.lit(self.plan.way.repeatable)).otherwise(pl.lit(off))
        return asked.filter(~again), asked.filter(again)

    def _push(self, sent: Sent, over: pl.DataFrame) -> None:
        people, done = self.plan.due.send, over["row"].unique()
        waves = people["wave"].unique().sort().to_list()
        for wave in waves or [0] * self.plan.way.nobody_too:
            tasks = self._pushes(people.filter(wave=wave), done, sent)
            self.session.driver.each(tasks, lambda batch, outcome: self._note(sent, PUSH, batch, outcome))

    def _pushes(
        self, people: pl.DataFrame, done: pl.Series, sent: Sent
    ) -> Iterator[tuple["_Asked", Effects[pl.DataFrame | None]]]:
        """The pushes of some people, rendered as they are needed, a batch written down before it is sent."""
        for outgoing in self._batches(people, done, sent):
            rows = outgoing.rows["row"]
            yield (
                (self.journal.asked(PUSH, rows), rows),
                self.plan.way.push(self.plan.goal.asked, outgoing),
            )

    def _batches(self, people: pl.DataFrame, done: pl.Series, sent: Sent) -> Iterator[Outgoing]:
        """Full batches; what a part leaves over goes with the next one.

        Those of whom an earlier attempt has an answer are rendered too, because processors look at all people
        together, and because the goal has to know what was sent to them.
        """
        way, renderer = self.plan.way, self.plan.renderer(self.session)
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

    def _withdraw(self, sent: Sent, over: pl.DataFrame, leavers: pl.DataFrame) -> None:
        done = over.select("row", list="do")
        left = leavers.join(done, on=["row", "list"], how="anti", maintain_order="left")
        for (list_id,), people in left.group_by("list", maintain_order=True):
            name = str(list_id)
            tasks = self._withdrawals(name, people)
            self.session.driver.each(
                tasks,
                lambda batch, outcome, name=name: self._note(sent, name, batch, outcome),  # type: ignore[misc]
            )

    def _withdrawals(self, list_id: str, people: pl.DataFrame) -> Iterator[tuple["_Asked", Effects[pl.DataFrame]]]:
        session, exporter = self.session, exporter_of(self.session.vendor)
        withdrawal = withdrawal_of(session.vendor)
        target = next((listed for listed in session.discovery.lists if listed.id == list_id), None)
        target = target or Item(list_id, list_id)
        known_by = session.discovery.identifiers(exporter.identifiers)
        for start in range(0, people.height, withdrawal.max_rows):
            part = people.slice(start, withdrawal.max_rows)
            rows = identifiers_in(part.select("row", "key"), known_by)
            yield (
                (self.journal.asked(list_id, part["row"]), part["row"]),
                withdrawal.take(self.plan.goal.asked, target, rows),
            )

    def _note(self, sent: Sent, do: str, asked: "_Asked", outcome: pl.DataFrame | None) -> None:
        batch, rows = asked
        new = [text for text in self.session.driver.told if text not in self.said]
        if new:
            self.journal.told(new)
            self.said.update(dict.fromkeys(new, True))
        if outcome is None:
            self.journal.answered(batch, None)
            sent.accepted.append(rows)
        else:
            lines = _with_lists(outcome, do, sent.off_before)
            lines = without_secrets(lines, secrets_in(self.session.settings))
            self.journal.answered(batch, lines.select(*OUTCOME))
            sent.answers.append(lines.select(*OUTCOME, pl.lit(do).alias("do")))
        self.told(rows.len())


_Asked = tuple[int, pl.Series]
"""The number of a batch in the journal, and its rows."""


def ahead(parts: Iterator[T]) -> Iterator[T]:
    """The same parts, each made while the one before it is in use."""
    with ThreadPoolExecutor(1) as maker:
        following = maker.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = maker.submit(next, parts, None)
            yield part


_NO_LISTS = pl.lit([], pl.List(pl.String))


def _with_lists(outcome: pl.DataFrame, do: str, off_before: pl.DataFrame) -> pl.DataFrame:
    """An outcome with `lists`; those who were gone because an earlier attempt had taken them off count as taken off."""
    if "lists" not in outcome.columns:
        return outcome.with_columns(lists=_NO_LISTS)
    before = pl.col("row").is_in(off_before.filter(do=do)["row"].implode()) & (pl.col("fate") == ACCEPTED)
    off = pl.when(before).then(pl.lit([do], pl.List(pl.String))).otherwise("lists")
    return outcome if off_before.is_empty() else outcome.with_columns(lists=off)


def without_secrets(outcome: pl.DataFrame, secrets: tuple[str, ...]) -> pl.DataFrame:
    """An outcome whose reasons, in the vendor's words, hold no secret."""
    words = outcome["reason"].drop_nulls().unique()
    if not secrets or words.is_empty():
        return outcome
    safe = pl.Series([without(word, secrets) for word in words], dtype=pl.String)
    return outcome.with_columns(pl.col("reason").replace(words, safe))


def _doubtful(asked: pl.DataFrame, why: reasons.Reason) -> pl.DataFrame:
    """Answers for people of whom none came."""
    return asked.with_columns(fate=pl.lit(IN_DOUBT), reason=pl.lit(why.code), lists=_NO_LISTS).select(*_ANSWER)


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
