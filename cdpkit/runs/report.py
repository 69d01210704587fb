"""Counters in words: what a tired analyst reads first."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

import polars as pl

from cdpkit.core.asking import FAILED, IN_DOUBT, IN_WORDS, MATCHED, REFUSED
from cdpkit.core.events.part import UNCHANGED
from cdpkit.core.fates import NOTHING
from cdpkit.core.reasons import NO_REASON, UNREAD_TO_SEND, WANTED_BY, Stage, find
from cdpkit.runs.numbers import is_nothing
from cdpkit.show.cells import visible

LARGE_SHARE = 0.2
SEVERAL = 3
"""Where values of a field were refused in so large a part of the rows, and in several, the report calls it out."""


class Goal(Protocol):
    """What a report says of a goal."""

    @property
    def name(self) -> str:
        """The goal."""

    @property
    def counters(self) -> Mapping[str, Any]:
        """What happened, in numbers."""

    @property
    def message(self) -> str | None:
        """Why it failed."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a person should look at."""

    @property
    def said(self) -> Sequence[str]:
        """What else is to be known of it."""

    @property
    def estimate(self) -> Mapping[str, int]:
        """Before it is carried out, what that takes at least."""

    @property
    def group(self) -> str:
        """The type of the groups that it was about; empty for profiles."""


def report_lines(
    kind: str,
    run_id: str,
    state: str,
    goals: Iterable[Goal],
    message: str | None = None,
    refused: Mapping[str, pl.DataFrame] | None = None,
) -> list[str]:
    """A headline, and a few lines for each goal.

    Args:
        kind: What ran.
        run_id: Its id.
        state: How it ended.
        goals: Its goals.
        message: Why it failed as a whole.
        refused: For names of goals `field`, `reason` and `source_row` of what was refused, a line each.
    """
    lines = [f"{kind} {run_id}: {state.replace('_', ' ')}", *([f"  {message}"] if message else [])]
    for goal in goals:
        by_field = _by_field((refused or {}).get(goal.name))
        lines += [f"  goal {goal.name!r}", *(f"    {_line(each)}" for each in _of(goal, by_field))]
        lines += [f"    failed: {goal.message}"] if goal.message else []
        lines += [f"    warning: {warning}" for warning in (*_broken(goal.counters, by_field), *goal.warnings)]
        lines += [f"    {text}" for text in goal.said]
    return lines


class Meaning(IntEnum):
    """What a number means, as far as it matters to whoever looks: the kind of its bar."""

    GOOD = 0
    """It got where it should."""
    LEFT_OUT = 1
    """It was left out, as the goal says."""
    REFUSED = 2
    """It could not be had, and somebody should look."""
    TOLD = 4
    """How many there are."""
    PAID = 5
    """What it costs, or how often the vendor is called: a number that is not one of people."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of a goal.

    Attributes:
        n: The number.
        words: What there are so many of.
        meaning: What that means.
    """

    n: int
    words: str
    meaning: Meaning = Meaning.TOLD


@dataclass(frozen=True, slots=True)
class _Refused:
    """Values of a field that were refused for one reason.

    Attributes:
        field: The field; None where it is not about one.
        reason: Why.
        count: How many values, or people.
        rows: In how many rows of the source.
    """

    field: str | None
    reason: str
    count: int
    rows: int


def _by_field(refused: pl.DataFrame | None) -> list[_Refused]:
    """What was refused by field and reason, the most frequent first."""
    if refused is None or refused.is_empty():
        return []
    counts = pl.len().alias("count"), pl.col("source_row").drop_nulls().n_unique().alias("rows")
    filled = refused.with_columns(pl.col("reason").fill_null(NO_REASON.code))
    found = filled.group_by("field", "reason", maintain_order=True).agg(*counts)
    return [_Refused(*line) for line in found.sort("count", descending=True, maintain_order=True).iter_rows()]


def broken(counters: Mapping[str, Any], refused: pl.DataFrame | None = None) -> list[str]:
    """Warnings of a goal: the fields of which a large share was refused; with arguments as `counts`."""
    return list(_broken(counters, _by_field(refused)))


def _broken(counters: Mapping[str, Any], by_field: Sequence[_Refused]) -> Iterable[str]:
    """The fields of which a large share was refused."""
    total = counters.get("received", 0) + counters.get("added", 0)
    for field in dict.fromkeys(each.field for each in by_field if each.field is not None):
        rows = sum(each.rows for each in by_field if each.field == field)
        if rows >= max(total * LARGE_SHARE, SEVERAL):
            yield (
                f"{rows:,} of {total:,} rows have a value in {field!r} that was refused; look at the field's form, "
                "the type of its property and the processors"
            )


def counts(goal: Goal, refused: pl.DataFrame | None = None) -> list[Count]:
    """What the counters of a goal say, a number a line; nothing where it did not come to its rows or people.

    Args:
        goal: The goal.
        refused: `field`, `reason` and `source_row` of what was refused in it, a line each.
    """
    return _of(goal, _by_field(refused))


def _of(goal: Goal, by_field: Sequence[_Refused]) -> list[Count]:
    if goal.message and is_nothing(goal.counters):
        return []
    whose = "groups" if goal.group else "profiles"
    return [*_counts(goal.counters, by_field, whose), *_takes(goal.estimate)]


def _takes(estimate: Mapping[str, int]) -> list[Count]:
    """How many calls it takes, and how long in a unit that can be read at a glance."""
    if not estimate:
        return []
    seconds, units = estimate["seconds"], (("hours", 3600), ("minutes", 60), ("seconds", 1))
    unit, length = next(each for each in units if seconds >= 2 * each[1] or each[1] == 1)
    lines = [Count(estimate["calls"], "calls that send, at least", Meaning.PAID)]
    words = f"{unit} that they take at best, by the vendor's limits"
    return [*lines, Count(math.ceil(seconds / length), words, Meaning.PAID)] if seconds else lines


def _counts(counters: Mapping[str, Any], by_field: Sequence[_Refused], whose: str = "profiles") -> list[Count]:
    if "asked_about" in counters:
        return [*_asking_counts(counters), *_counts(_without_asking(counters), by_field, whose)]
    if "in_segment" in counters:
        return _export_counts(counters, by_field)
    if "sent" in counters:
        return _event_counts(counters, by_field)
    if "received" not in counters:
        return [Count(count, name.replace("_", " ")) for name, count in counters.items()]
    lines = [Count(counters["received"], "rows received")]
    if counters["added"]:
        lines.append(Count(counters["added"], "rows added by processors"))
    lines += [
        Count(counters["applied"], "rows applied", Meaning.GOOD),
        Count(counters["unchanged"], "rows unchanged"),
        *_reasons("rows excluded", Stage.EXCLUDED, counters["excluded"]),
        *_refusals("values rejected", Stage.VALUE, counters["rejected"], by_field),
        Count(counters["created"], f"{whose} created", Meaning.GOOD),
        Count(counters["updated"], f"{whose} updated", Meaning.GOOD),
    ]
    for fate, count in counters.get("events", {}).items():
        lines.append(Count(count, f"timeline events {fate}", Meaning.TOLD if fate == UNCHANGED else Meaning.GOOD))
    if counters["multiple_matches"]:
        lines.append(Count(counters["multiple_matches"], "rows matched several profiles", Meaning.LEFT_OUT))
    if counters["cut_lists"]:
        lines.append(Count(counters["cut_lists"], "lists cut to their first value", Meaning.LEFT_OUT))
    return lines


def _asking_counts(counters: Mapping[str, Any]) -> list[Count]:
    costs = {
        "cost_at_most": "is what that costs at most",
        "cost": "is what that cost",
        "cost_in_doubt": "is what it may have cost beside that",
    }
    lines = [
        Count(counters["in_segment"], "profiles in the segment"),
        *_reasons("not asked about", Stage.SKIPPED, counters["left_out"]),
        Count(counters["asked_about"], "asked about", Meaning.GOOD),
        Count(counters["requests"], "requests", Meaning.PAID),
        Count(counters["billed"], "documents billed", Meaning.PAID),
    ]
    lines += [Count(counters[name], words, Meaning.PAID) for name, words in costs.items() if counters.get(name)]
    if counters["maybe_billed"]:
        lines.append(Count(counters["maybe_billed"], "requests in doubt, which may be billed", Meaning.REFUSED))
    if counters["shared"]:
        lines.append(Count(counters["shared"], "answered by an earlier request that asked the same", Meaning.GOOD))
    bad = {REFUSED, FAILED, IN_DOUBT}
    for outcome, count in counters["outcomes"].items():
        meaning = Meaning.GOOD if outcome == MATCHED else Meaning.REFUSED if outcome in bad else Meaning.LEFT_OUT
        lines.append(Count(count, f"answers: {IN_WORDS.get(outcome, outcome)}", meaning))
    return lines


def _without_asking(counters: Mapping[str, Any]) -> dict[str, Any]:
    """The counters of the import of what was answered; those of no rows, where there is none."""
    return {name: value for name, value in counters.items() if name in NOTHING} or dict(NOTHING)


def _export_counts(counters: Mapping[str, Any], by_field: Sequence[_Refused]) -> list[Count]:
    lines = [
        Count(counters["in_segment"], "profiles in the segment"),
        *_reasons("skipped", Stage.SKIPPED, counters["skipped"]),
        Count(counters["sent"], "sent", Meaning.GOOD),
        Count(counters["accepted"], "accepted", Meaning.GOOD),
        *_refusals("rejected", Stage.REFUSED, counters["rejected"], [each for each in by_field if not _unread(each)]),
        *_refusals("values", Stage.REFUSED, counters.get("unread", {}), [each for each in by_field if _unread(each)]),
    ]
    if counters["in_doubt"]:
        words = "in doubt: no answer came, and they are not sent again by themselves"
        lines.append(Count(counters["in_doubt"], words, Meaning.REFUSED))
    if counters["withdrawn"]:
        lines.append(Count(counters["withdrawn"], "taken off lists", Meaning.GOOD))
    for by, count in counters.get("kept_on_lists", {}).items():
        words = f"stay on lists: {find(Stage.STAYS, WANTED_BY.of(by)).words}"
        lines.append(Count(count, words, Meaning.LEFT_OUT))
    return [*lines, *(Count(count, what, Meaning.PAID) for what, count in counters.get("cost", {}).items())]


def _event_counts(counters: Mapping[str, Any], by_field: Sequence[_Refused]) -> list[Count]:
    lines = [
        Count(counters["events"], "timeline events of the segment"),
        *_reasons("skipped", Stage.SKIPPED, counters["skipped"]),
        Count(counters["sent"], "sent", Meaning.GOOD),
        Count(counters["accepted"], "accepted", Meaning.GOOD),
        *_refusals("rejected", Stage.REFUSED, counters["rejected"], by_field),
    ]
    if counters["in_doubt"]:
        words = "in doubt: no answer came, and they are not sent again by themselves"
        lines.append(Count(counters["in_doubt"], words, Meaning.REFUSED))
    return lines


def _reasons(what: str, stage: Stage, counted: Mapping[str, int], meaning: Meaning = Meaning.LEFT_OUT) -> list[Count]:
    return [Count(count, f"{what}: {find(stage, reason).words}", meaning) for reason, count in counted.items()]


def _refusals(what: str, stage: Stage, counted: Mapping[str, int], by_field: Sequence[_Refused]) -> list[Count]:
    """By field and reason where that is known, else by reason."""
    if not by_field:
        return _reasons(what, stage, counted, Meaning.REFUSED)
    lines = []
    for each in by_field:
        place = "" if each.field is None else f" (field {each.field!r})"
        lines.append(Count(each.count, f"{what}: {find(stage, each.reason).words}{place}", Meaning.REFUSED))
    return lines


def _unread(refused: _Refused) -> bool:
    """Whether it is a value that a processor of an export could not read; its person is sent without it."""
    return refused.reason.startswith(UNREAD_TO_SEND.of(""))


def _line(count: Count) -> str:
    return f"{count.n:>10,}  {visible(count.words)}"
