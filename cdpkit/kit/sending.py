"""Delivering people in parts where the whole is refused, until the fate of each is known.

What an answer says of a part is read by a function of the vendor's, in a few lines: who is refused is named by index,
by a value, by a count, or not at all. A refusal that is not about people is raised by it, and ends the delivery with
the one call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.errors import RemoteError
from cdpkit.kit.effects import Effects
from cdpkit.kit.exporting import OUTCOME, all_accepted

A = TypeVar("A")

NOBODY = pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String})
"""Nobody is refused."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What an answer says of the people who were sent; all that it names in neither way were taken.

    Attributes:
        refused: `row` and `reason` of those who are refused for good.
        again: Parts to send again, each smaller than the whole.
        suspects: People whom all of `again` clears or convicts: where nobody of `again` is refused, they are, for the
            reasons in `convicted`; else they are sent again too.
        convicted: As `refused`, of the suspects.
    """

    refused: pl.DataFrame = field(default_factory=lambda: NOBODY, repr=False)
    again: tuple[pl.DataFrame, ...] = field(default=(), repr=False)
    suspects: pl.DataFrame | None = field(default=None, repr=False)
    convicted: pl.DataFrame = field(default_factory=lambda: NOBODY, repr=False)


TAKEN = Verdict()
"""Everybody was taken."""


def deliver(
    people: pl.DataFrame, ask: Callable[[pl.DataFrame], Effects[A]], read: Callable[[A, pl.DataFrame], Verdict]
) -> Effects[pl.DataFrame]:
    """Send people, and parts of them again, until the fate of each is known.

    Args:
        people: `row`, and what `ask` and `read` look at.
        ask: Sends a part; returns the answer.
        read: What an answer says of a part. Raises where the refusal is not about people.

    Returns:
        `row` and `reason` of those whom the vendor refused; it took all others.

    Raises:
        RemoteError: A part that is to be sent again is no smaller than what was sent, so that it would never end.
    """
    refused, waiting = [NOBODY], [people]
    while waiting:
        part = waiting.pop()
        if part.is_empty():
            continue
        answer = yield from ask(part)
        verdict = read(answer, part)
        if any(again.height >= part.height for again in verdict.again):
            raise RemoteError("the vendor refused people without a word on whom; ask its support")
        refused.append(verdict.refused)
        if verdict.suspects is None:
            waiting += reversed(verdict.again)
            continue
        others = yield from deliver(pl.concat(verdict.again), ask, read)
        refused.append(others)
        if others.is_empty():
            refused.append(verdict.convicted)
        else:
            waiting.append(verdict.suspects)
    found = [each for each in refused if each.height]
    return pl.concat(found) if found else NOBODY


def body(people: pl.DataFrame, prefix: str, suffix: str) -> bytes:
    """The body of a call: the people's own bodies with commas between them, and what stands around them."""
    return (prefix + ",".join(people["body"].to_list()) + suffix).encode()


def rejected(part: pl.DataFrame, reasons: pl.Series) -> Verdict:
    """Those who have a reason are refused, and the others were taken."""
    return Verdict(_told(part, reasons))


def set_apart(part: pl.DataFrame, reasons: pl.Series, otherwise: str) -> Verdict:
    """Nobody was taken: those who have a reason are refused, and the others are sent again without them.

    Where nobody has a reason it is found out by halves, and whoever is refused alone has the reason `otherwise`.
    """
    if reasons.null_count() == part.height:
        return halved(part, otherwise)
    return Verdict(_told(part, reasons), (part.filter(reasons.is_null()),))


def halved(part: pl.DataFrame, reason: str) -> Verdict:
    """Nobody was taken, and nothing says who is refused: halves are sent again, and somebody alone is refused."""
    if part.height == 1:
        return Verdict(_told(part, pl.Series([reason], dtype=pl.String)))
    return Verdict(again=_halves(part))


def counted(part: pl.DataFrame, reasons: pl.Series, failed: int, otherwise: str) -> Verdict:
    """So many are refused and the others were taken; the doubtful are sent again where names and number differ.

    Args:
        part: Who was sent.
        reasons: The reason of each whom a name fits, else null. A name may fit several people, or none.
        failed: How many are refused.
        otherwise: The reason of somebody who is refused alone and not named.
    """
    named = part.height - reasons.null_count()
    if named == failed:
        return rejected(part, reasons)
    if part.height == 1:
        return rejected(part, reasons.fill_null(otherwise))
    if named < failed:
        return Verdict(_told(part, reasons), _halves(part.filter(reasons.is_null())))
    return Verdict(again=_halves(part.filter(reasons.is_not_null())))


def suspected(part: pl.DataFrame, reasons: pl.Series, suspicions: pl.Series, failed: int, otherwise: str) -> Verdict:
    """So many are refused, some of them for good, and the others are to be found although names may mislead.

    The names of a clash may be those of the person who is in the way, not of who was refused. So those who are not
    named are sent again: if all of them are taken, those who are named were refused.

    Args:
        part: Who was sent.
        reasons: The reason of each who is refused for sure, else null.
        suspicions: The reason of each whom a misleading name fits, else null.
        failed: How many are refused.
        otherwise: The reason of somebody who is refused and not named.
    """
    told, rest = _told(part, reasons), part.filter(reasons.is_null())
    left, doubts = failed - told.height, suspicions.filter(reasons.is_null())
    suspects, others = rest.filter(doubts.is_not_null()), rest.filter(doubts.is_null())
    if left >= rest.height:
        return Verdict(pl.concat([told, _told(rest, doubts.fill_null(otherwise))]))
    if suspects.is_empty() or others.is_empty():
        return Verdict(told, _halves(rest))
    if suspects.height != left:
        return Verdict(told, (suspects, others))
    return Verdict(told, (others,), suspects, _told(suspects, doubts.drop_nulls()))


def by_index(part: pl.DataFrame, reasons: Mapping[int, str]) -> pl.Series:
    """The reason of each whose place in the body, from 0, is named; else null."""
    index = pl.int_range(part.height, eager=True)
    return index.replace_strict(dict(reasons), default=None, return_dtype=pl.String).alias("reason")


def by_value(values: pl.Series, named: pl.DataFrame) -> pl.Series:
    """The reason of each whose value is named; else null.

    Args:
        values: A text of each, such as the address, as the vendor compares it; null names nobody.
        named: `value`, as the vendor compares it, and `reason`; of several for one value the first counts.
    """
    words = named.select("value", "reason").unique("value", keep="first")
    return values.alias("value").to_frame().join(words, on="value", how="left", maintain_order="left")["reason"]


def outcome(rows: pl.Series, refused: pl.DataFrame) -> pl.DataFrame:
    """All rows with their fate as `OUTCOME`, on no list, given `row` and `reason` of those who were refused."""
    if refused.is_empty():
        return all_accepted(rows)
    fate = pl.when(pl.col("reason").is_null()).then(pl.lit(ACCEPTED)).otherwise(pl.lit(REJECTED)).alias("fate")
    told = rows.to_frame().join(refused, on="row", how="left", maintain_order="left")
    return told.select("row", fate, "reason", pl.lit([], OUTCOME["lists"]).alias("lists"))


def entered(told: pl.DataFrame, on: pl.DataFrame) -> pl.DataFrame:
    """An `OUTCOME` frame with the lists on which people were put.

    Args:
        told: `OUTCOME`.
        on: `row` and `lists`, the id of one list a row.
    """
    lists = on.group_by("row", maintain_order=True).agg("lists")
    told = told.drop("lists").join(lists, on="row", how="left", maintain_order="left")
    return told.with_columns(pl.col("lists").fill_null([])).select(*OUTCOME)


def without(people: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """The people who are not among those refused."""
    return people if refused.is_empty() else people.filter(~pl.col("row").is_in(refused["row"].implode()))


def _told(part: pl.DataFrame, reasons: pl.Series) -> pl.DataFrame:
    return part.select("row", reasons.alias("reason")).filter(pl.col("reason").is_not_null())


def _halves(part: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    middle = part.height // 2
    return part[:middle], part[middle:]
