"""What previews and runs are made of, as people look at it: frames with words in the place of codes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.reasons import Stage, find
from cdpkit.errors import CdpkitError
from cdpkit.runs.report import Goal, Meaning, broken, counts
from cdpkit.show.bar import Bar
from cdpkit.show.frames import FIRST, first_rows
from cdpkit.show.told import Lines

SET, CHANGED, CLEARED = "+ set", "~ changed", "- cleared"
MARKS = pl.Enum([SET, CHANGED, CLEARED])
"""What happened to a value: a sign and a word each."""

_OF_ROWS = (Stage.EXCLUDED, Stage.VALUE)
_OF_PEOPLE = (Stage.SKIPPED, Stage.REFUSED, Stage.IN_DOUBT, Stage.STAYS, Stage.KEPT)
_MOST_PROPERTIES = 20
_MATCHED = {"one": "one profile", "several": "several", "none": "nobody", "near": "nearly", "missing": "no value"}


Held = dict[str, pl.DataFrame]
"""Frames that were made, by name."""


@dataclass(frozen=True, slots=True)
class Part:
    """A frame of a preview or a run.

    Attributes:
        name: For programs.
        label: For people: what its rows are.
        frame: Makes it; may take long where there are many rows.
        later: It is made only when somebody asks for it, and stands in no twin.
    """

    name: str
    label: str
    frame: Callable[[], pl.DataFrame]
    later: bool = False


def samples(parts: Iterable[Part]) -> Iterator[Lines | str]:
    """The first rows of each part that has some; looking never fails, and what is wrong with a part stands there."""
    for part in parts:
        if part.later:
            continue
        try:
            frame = part.frame()
        except CdpkitError as error:
            yield f"{part.label}: {error}"
            continue
        if frame.height:
            more = f": {frame.height:,}, the first {FIRST}" if frame.height > FIRST else f": {frame.height:,}"
            yield first_rows(frame, caption=f"{part.label}{more}")


def in_numbers(goal: Goal, caption: str, refused: pl.DataFrame | None = None) -> list[Lines | str]:
    """What a goal does, its numbers with a bar each, then what that takes and costs, then what went wrong.

    Args:
        goal: The goal.
        caption: What stands above it.
        refused: `field`, `reason` and `source_row` of what was refused in it, a line each.
    """
    every = counts(goal, refused)
    found = [each for each in every if each.meaning is not Meaning.PAID]
    paid = [(each.words, each.n) for each in every if each.n and each.meaning is Meaning.PAID]
    most = max((each.n for each in found), default=0)
    lines = [(each.words, Bar(each.n, most, each.meaning)) for each in found]
    said = [f"failed: {goal.message}"] if goal.message else []
    said += [f"warning: {each}" for each in (*broken(goal.counters, refused), *goal.warnings)]
    said += goal.said
    shown = Lines(("what", "how many"), lines, caption=caption) if lines else caption
    costs = Lines(("what", "how many"), paid, caption=f"{caption}: calls and costs")
    return [shown, costs, *said]


def by_property(summary: pl.DataFrame) -> list[Lines | str]:
    """What changes, by property.

    Args:
        summary: `property`, `rule`, `set`, `changed`, `cleared`.
    """
    if summary.is_empty():
        return []
    numbers = summary.select("set", "changed", "cleared")
    most = max(max(row) for row in numbers.rows())
    lines = [
        (name, rule, *(Bar(n, most, kind) for kind, n in enumerate(several)))
        for name, rule, *several in summary.head(_MOST_PROPERTIES).rows()
    ]
    more = summary.height - _MOST_PROPERTIES
    left = [f"and {more:,} more properties, in the frame summary"] if more > 0 else []
    return [Lines(summary.columns, lines, caption="Values that change in existing profiles, by property"), *left]


def by_identifier(matching: pl.DataFrame) -> list[Lines | str]:
    """How each identifier fares: in how many rows it is missing, and of how many values match what.

    Args:
        matching: `field`, `property`, `rows`, `missing`, `one`, `several`, `none`, `near`, and more.
    """
    if "near" not in matching.columns or matching.is_empty():
        return []
    header = ("identifier", *_MATCHED.values())
    several = "goal" in matching.columns and matching["goal"].n_unique() > 1
    lines = [
        (
            (f"{line['goal']}: " if several else "") + f"{line['field']} → {line['property']}",
            *(Bar(line[name], line["rows"], kind) for kind, name in enumerate(_MATCHED)),
        )
        for line in matching.iter_rows(named=True)
    ]
    return [Lines(header, lines, caption="How rows match, by identifier")]


def marked(changes: pl.DataFrame) -> pl.DataFrame:
    """The changes of existing profiles, with what happens to each value between `before` and `after`, and the rule.

    Args:
        changes: `profile_id`, `property`, `before`, `after`, `rule`, `source_row`, and more.
    """
    if "rule" not in changes.columns:
        return changes
    before, after = pl.col("before").is_null(), pl.col("after").is_null()
    what = pl.when(after).then(pl.lit(CLEARED)).when(before).then(pl.lit(SET)).otherwise(pl.lit(CHANGED))
    there = changes.filter(pl.col("rule") != CREATED_RULE).with_columns(what.cast(MARKS).alias("what"))
    first = ["profile_id", "property", "before", "what", "after"]
    return there.select(*first, *(name for name in there.columns if name not in first))


def worded(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with reasons in words: those of rows of a source, and those of people."""
    if "reason" not in frame.columns or frame.is_empty():
        return frame
    codes = frame["reason"].unique().drop_nulls().to_list()
    of_people = _words(codes, (*_OF_PEOPLE, *_OF_ROWS))
    if "source_row" not in frame.columns:
        return frame.with_columns(of_people)
    of_rows = _words(codes, (*_OF_ROWS, *_OF_PEOPLE))
    return frame.with_columns(pl.when(pl.col("source_row").is_null()).then(of_people).otherwise(of_rows))


def _words(codes: Sequence[str], stages: Sequence[Stage]) -> pl.Expr:
    found = {code: _in_words(code, stages) for code in codes}
    return pl.col("reason").replace(list(found), list(found.values()))


def _in_words(code: str, stages: Sequence[Stage]) -> str:
    """What a code says in the first stage that knows it; a vendor's own words stay."""
    said = (find(stage, code).words for stage in stages)
    return next((words for words in said if words != code), code)


def parts_in(
    held: Held, frames: Iterable[tuple[str, str, Callable[[], pl.DataFrame]]], *, later: Sequence[str] = ()
) -> tuple[Part, ...]:
    """Frames by name and label, with reasons in words, each made once.

    Args:
        held: Where they are kept once they are made.
        frames: A name, a label, and what makes the frame.
        later: The names of those that are made only when somebody asks for them.
    """
    return tuple(Part(name, label, partial(_held, held, name, made), name in later) for name, label, made in frames)


def _held(held: Held, name: str, made: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    if name not in held:
        held[name] = worded(made())
    return held[name]
