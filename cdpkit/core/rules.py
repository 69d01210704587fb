"""The merge rules `set`, `set_if_empty` and `set_or_clear`, and what all rules share.

A rule sees lines: one for each row and profile it is applied to, ordered by profile and then by source order. For each
line it says whether the running state of the profile changed there, and what stands after it. A profile that occurs
once needs no look at its neighbours; where some occur several times, a line's running state is found through the index
of the last line before it that counted. No rule groups.
"""

from dataclasses import dataclass

import polars as pl

from cdpkit.core.goal import Rule


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one merge.

    Attributes:
        row: The profile of each line; ascending.
        start: The index of the first line of the same profile; None when every profile occurs once.
        last: The index of the last line of each profile, one a profile; None likewise.
    """

    row: pl.Series
    start: pl.Series | None
    last: pl.Series | None

    @classmethod
    def of(cls, row: pl.Series) -> "Lines":
        """Lines for an ascending series of profiles."""
        index = pl.int_range(pl.len(), dtype=pl.UInt32)
        changes = row.to_frame("row").with_columns(first=pl.col("row").ne_missing(pl.col("row").shift(1)), index=index)
        if changes["first"].all():
            return cls(row, None, None)
        start = changes.select(pl.when("first").then("index").forward_fill()).to_series()
        ends = changes.select(pl.col("first").shift(-1, fill_value=True)).to_series()
        return cls(row, start, changes["index"].filter(ends))

    def before(self, counted: pl.Series) -> pl.Series | None:
        """The index of the last counted line of the same profile before each line, null where there is none."""
        if self.start is None:
            return None
        index = pl.int_range(pl.len(), dtype=pl.UInt32)
        frame = pl.DataFrame({"counted": counted, "start": self.start})
        latest = pl.when("counted").then(index).forward_fill().shift(1)
        return frame.select(pl.when(latest >= pl.col("start")).then(latest)).to_series()

    def latest(self, counted: pl.Series) -> pl.Series:
        """For each profile the index of its last counted line, null where none counted."""
        index = pl.int_range(pl.len(), dtype=pl.UInt32)
        if self.start is None or self.last is None:
            return pl.DataFrame({"counted": counted}).select(pl.when("counted").then(index)).to_series()
        frame = pl.DataFrame({"counted": counted, "start": self.start})
        latest = pl.when("counted").then(index).forward_fill()
        return frame.select(pl.when(latest >= pl.col("start")).then(latest)).to_series().gather(self.last)


@dataclass(frozen=True, slots=True)
class Merged:
    """What a rule made of one property.

    Attributes:
        changed: One Boolean a line: the running state changed there.
        value: One value a line: what stands after the line where it changed.
        rejected: One Boolean a line: an accepted number that would overflow; None where that cannot happen.
    """

    changed: pl.Series
    value: pl.Series
    rejected: pl.Series | None = None


def merge_plain(rule: Rule, lines: Lines, before: pl.Series, values: pl.Series, refused: pl.Series) -> Merged:
    """Apply `set`, `set_if_empty` or `set_or_clear`.

    Args:
        rule: One of the three.
        lines: The lines.
        before: What the profile held when the run began, for each line.
        values: The accepted value of each line, null where it has none.
        refused: The line had a value and all of it was rejected.
    """
    counted = ~refused if rule is Rule.SET_OR_CLEAR else values.is_not_null()
    if rule is Rule.SET_IF_EMPTY:
        counted &= before.is_null()
    index = lines.before(counted)
    if rule is Rule.SET_IF_EMPTY:
        changed = counted if index is None else counted & index.is_null()
        return Merged(changed, values)
    old = before
    if index is not None:
        old = pl.select(pl.when(index.is_not_null()).then(values.gather(index)).otherwise(before)).to_series()
    return Merged(counted & differs(values, old), values)


def differs(values: pl.Series, others: pl.Series) -> pl.Series:
    """One Boolean a line: the values are not the same; lists of unique elements are, whatever their order."""
    different = values.ne_missing(others)
    if not isinstance(values.dtype, pl.List):
        return different
    doubtful = different & values.list.len().eq_missing(others.list.len()) & values.is_not_null()
    positions = doubtful.arg_true()
    if positions.is_empty():
        return different
    reordered = ordered(values.gather(positions)).eq_missing(ordered(others.gather(positions)))
    return different.scatter(positions.filter(reordered), values=False)


def ordered(lists: pl.Series) -> pl.Series:
    """Lists with their elements sorted, null for those without any; one sort of all elements, not one for each list."""
    elements = lists.to_frame("value").with_row_index("line").explode("value").drop_nulls("value")
    sorted_lists = elements.sort("line", "value").group_by("line", maintain_order=True).agg("value")
    lines = pl.int_range(lists.len(), dtype=pl.UInt32, eager=True).alias("line").to_frame()
    return lines.join(sorted_lists, on="line", how="left", maintain_order="left")["value"].alias(lists.name)
