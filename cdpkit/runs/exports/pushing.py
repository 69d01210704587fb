"""Sending through a journal: a batch is written down, pushed and written down again, and never sent once answered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT
from cdpkit.errors import CdpkitError
from cdpkit.kit.effects import Effects
from cdpkit.kit.exporting import OUTCOME, all_accepted
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.runs.session import Session
from cdpkit.transport.redact import secrets_in, without

Asked = tuple[int, pl.Series]
"""The number of a batch in the journal, and its rows."""

Step = tuple[str, Iterable[tuple[Asked, Effects[pl.DataFrame | None]]]]
"""What batches do (`PUSH`, or the id of a list to withdraw from), and the batches."""

_ANSWER = {**OUTCOME, "do": pl.String()}
_NO_LISTS = pl.lit([], pl.List(pl.String))


@dataclass(slots=True)
class Answers:
    """What a vendor answered.

    Attributes:
        answers: `OUTCOME` and `do`: `push`, or the id of the list that was withdrawn from.
        accepted: `row` of batches that were pushed, accepted as a whole, and put on no list.
        off_before: `do`, `row`: those whom an earlier attempt asked to be taken off a list, without an answer.
        tried: `row`: those who were sent when it ended early, and of whom no answer came.
        error: What ended the sending early.
        told: What the vendor's part says to people.
    """

    answers: list[pl.DataFrame] = field(default_factory=list)
    accepted: list[pl.Series] = field(default_factory=list)
    off_before: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"do": pl.String(), "row": pl.Int64()})
    )
    tried: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"row": pl.Int64()}))
    error: CdpkitError | None = None
    told: tuple[str, ...] = ()

    def answered(self) -> pl.DataFrame:
        """All answers."""
        whole = all_accepted(pl.concat([pl.Series("row", [], pl.Int64), *self.accepted]))
        return pl.concat([pl.DataFrame(schema=_ANSWER), whole.with_columns(do=pl.lit(PUSH)), *self.answers])


@dataclass(frozen=True, slots=True)
class Pushing:
    """Sends what a plan holds.

    Attributes:
        session: The connection.
        journal: Its journal.
        again: Of `do` and `row`: whether what may have arrived can be sent again.
        show: Is given how many people or events were answered, each time that some were.
        said: What the vendor's part has told people, and whether it was in this goal.
    """

    session: Session
    journal: Journal
    again: pl.Expr
    show: Callable[[int], None]
    said: dict[str, bool] = field(default_factory=dict)

    def send(self, sent: Answers, steps: Callable[[pl.DataFrame], Iterable[Step]]) -> None:
        """Send what earlier attempts of the same run have not; what was answered is never sent again.

        A vendor that cannot be reached any more, or that refuses altogether, ends it early: `Answers.error`. An
        interrupt is passed on; the journal has what was answered until then.

        Args:
            sent: Takes what becomes of them.
            steps: Given what is answered already, or in doubt, what is left; one step begins when the one before ends.
        """
        before = self.journal.read()
        self.said.update(dict.fromkeys(self.session.driver.told, False) | dict.fromkeys(before.told, True))
        sent.off_before = before.asked.filter(pl.col("do") != PUSH)
        sent.answers += [before.answered, _doubtful(before.asked.filter(~self.again), reasons.BEFORE_KILL)]
        over = pl.concat(sent.answers)
        if over.height:
            self.show(over.height)
        with self.journal:
            try:
                for do, batches in steps(over):
                    self.session.driver.each(batches, partial(self._note, sent, do))
            except CdpkitError as error:
                sent.error = error
        sent.told = tuple(text for text, own in self.said.items() if own)
        if sent.error is not None:
            unanswered = self.journal.read().asked.join(over.select("row", "do"), on=["row", "do"], how="anti")
            sent.answers.append(_doubtful(unanswered.filter(~self.again), reasons.BEFORE_FAILURE))
            sent.tried = unanswered.filter(self.again, do=PUSH).select("row")

    def asked(self, do: str, rows: pl.Series) -> Asked:
        """Write a batch down, before it is sent."""
        return self.journal.asked(do, rows), rows

    def _note(self, sent: Answers, do: str, asked: Asked, outcome: pl.DataFrame | None) -> None:
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
            lines = _without_secrets(lines, secrets_in(self.session.settings))
            self.journal.answered(batch, lines.select(*OUTCOME))
            sent.answers.append(lines.select(*OUTCOME, pl.lit(do).alias("do")))
        self.show(rows.len())


def _with_lists(outcome: pl.DataFrame, do: str, off_before: pl.DataFrame) -> pl.DataFrame:
    """An outcome with `lists`; those who were gone because an earlier attempt had taken them off count as taken off."""
    if "lists" not in outcome.columns:
        return outcome.with_columns(lists=_NO_LISTS)
    before = pl.col("row").is_in(off_before.filter(do=do)["row"].implode()) & (pl.col("fate") == ACCEPTED)
    off = pl.when(before).then(pl.lit([do], pl.List(pl.String))).otherwise("lists")
    return outcome if off_before.is_empty() else outcome.with_columns(lists=off)


def _without_secrets(outcome: pl.DataFrame, secrets: tuple[str, ...]) -> pl.DataFrame:
    """An outcome whose reasons, in the vendor's words, hold no secret."""
    words = outcome["reason"].drop_nulls().unique()
    if not secrets or words.is_empty():
        return outcome
    safe = pl.Series([without(word, secrets) for word in words], dtype=pl.String)
    return outcome.with_columns(pl.col("reason").replace(words, safe))


def _doubtful(asked: pl.DataFrame, why: reasons.Reason) -> pl.DataFrame:
    """Answers for those of whom none came."""
    return asked.with_columns(fate=pl.lit(IN_DOUBT), reason=pl.lit(why.code), lists=_NO_LISTS).select(*_ANSWER)
