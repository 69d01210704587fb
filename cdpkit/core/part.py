"""Merging one part of the matched rows: what becomes of its profiles, and of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from cdpkit.core.delta import Seen, added_before
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.keys import POSITION, Keys
from cdpkit.core.match import Matches
from cdpkit.core.merge import Column, merge
from cdpkit.core.parse import Parsed
from cdpkit.core.properties import DEFAULT_PERMISSION_LEVEL, Property
from cdpkit.core.rows import Rows
from cdpkit.core.sums import number_texts
from cdpkit.core.values import REJECTED, all_rejected, overflowing, read_column, rejected_values


@dataclass(frozen=True, slots=True)
class Matched:
    """An import whose rows are matched: all that merging a part of it needs.

    Attributes:
        rows: The source.
        profiles: `row` and all properties, as they are before the import.
        next_row: The number of the first profile that the import creates.
        unread: By field the positions of rows whose value a processor could not read, and emptied.
    """

    rows: Rows
    goal: ImportGoal
    properties: Mapping[str, Property]
    profiles: pl.LazyFrame
    keys: Keys
    matches: Matches
    seen: Seen | None
    next_row: int
    unread: Mapping[str, pl.Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of an import makes of its profiles and rows; rows are named by `position`.

    Attributes:
        created: `row`, identifiers and mapped properties of new profiles, by ascending row.
        patch: `row` and the mapped properties of the profiles that change, by ascending row.
        changes: `row`, `property`, `before`, `after`, `rule`, `position`, of profiles that existed.
        rejected: The rejected values of mapped fields.
        applied: The rows that changed something.
        lost: The rows whose values were all rejected, and which changed nothing by that.
        sums: `position`, `sums`: all rows of the part, with the hashes of the numbers they added.
        cut: How many lists were cut to their first value.
    """

    created: pl.DataFrame
    patch: pl.DataFrame
    changes: pl.DataFrame
    rejected: pl.DataFrame
    applied: pl.Series
    lost: pl.Series
    sums: pl.DataFrame
    cut: int


def merge_part(matched: Matched, targets: pl.DataFrame) -> Part:
    """Merge the rows of one part.

    Args:
        matched: The import.
        targets: `position`, `row`, ordered by row and position; all lines of each profile in it.
    """
    goal, properties = matched.goal, matched.properties
    reached = targets[POSITION].unique().sort()
    source = matched.rows.at(sorted({mapping.source for mapping in goal.mappings}), reached)
    parsed = [_read(matched, mapping, source[mapping.source], reached) for mapping in goal.mappings]
    columns, sums = _columns(goal, parsed, reached, matched.seen)
    new = _new_profiles(matched, targets["row"])
    before = _before(matched, targets["row"], new)
    outcome = merge(_lines(targets, reached), columns, before, properties, matched.next_row)
    overflow = {i: outcome.overflow[m.target] for i, m in enumerate(goal.mappings) if m.target in outcome.overflow}
    lost = {i: outcome.lost[m.target] for i, m in enumerate(goal.mappings) if m.target in outcome.lost}
    changes = outcome.changes.with_columns(reached.gather(outcome.changes["line"]).alias(POSITION)).drop("line")
    is_old = outcome.state["row"] < matched.next_row
    merged = outcome.state.filter(~is_old)
    return Part(
        created=merged.with_columns(new[name] for name in new.columns if name not in merged.columns),
        patch=outcome.state.filter(is_old & outcome.updated),
        changes=changes,
        rejected=_rejected(goal, parsed, source, reached, overflow),
        applied=reached.gather(outcome.applied),
        lost=reached.filter(all_rejected(parsed, lost, reached.len())),
        sums=_added_sums(sums, lost),
        cut=sum(read.cut for read in parsed),
    )


def _read(matched: Matched, mapping: FieldMapping, values: pl.Series, reached: pl.Series) -> Parsed:
    """The values of a mapping; what a processor emptied because it could not read it was refused: it clears nothing."""
    read = read_column(values, mapping, matched.properties[mapping.target], matched.goal)
    unread = matched.unread.get(mapping.source)
    if unread is None:
        return read
    return replace(read, refused=read.refused | (reached.is_in(unread.implode()) & read.values.is_null()))


def _columns(
    goal: ImportGoal, parsed: list[Parsed], reached: pl.Series, seen: Seen | None
) -> tuple[list[Column], pl.DataFrame]:
    """The mapped columns, and the hashes of the numbers that sums add, one column a sum."""
    columns, sums = [], reached.alias(POSITION).to_frame()
    for index, (mapping, read) in enumerate(zip(goal.mappings, parsed, strict=True)):
        skipped = None
        if seen is not None and mapping.rule is Rule.SUM:
            numbers = pl.DataFrame({POSITION: reached, "number": number_texts(read.values)})
            added = added_before(seen, mapping.source, numbers)
            sums = sums.with_columns(added["sum"].alias(str(index)))
            skipped = added["before"] if added["before"].any() else None
        columns.append(Column(mapping, read.values, read.refused, skipped))
    return columns, sums


def _lines(targets: pl.DataFrame, reached: pl.Series) -> pl.DataFrame:
    """The targets with `line`, the index of the row among those that were read, for its position."""
    line = reached.alias(POSITION).to_frame().with_row_index("line")
    return targets.join(line, on=POSITION, how="left", maintain_order="left").select("line", "row")


def _new_profiles(matched: Matched, rows: pl.Series) -> pl.DataFrame:
    """The profiles that this part creates, with their identifiers and empty mapped properties."""
    created = matched.matches.created_among(rows)
    columns = [created["row"]]
    for (_, target), read in zip(matched.goal.identifiers, matched.keys.parsed, strict=True):
        values, prop = read.values.gather(created[POSITION]), matched.properties[target]
        if isinstance(values.dtype, pl.List):
            values = values if prop.multi else values.list.first()
        elif prop.multi:
            values = pl.select(pl.concat_list(values)).to_series()
        columns.append(values.alias(target))
    known = {column.name for column in columns}
    for mapping in matched.goal.mappings:
        if mapping.target not in known:
            default = DEFAULT_PERMISSION_LEVEL if mapping.target == "permission_level" else None
            dtype = matched.properties[mapping.target].dtype
            columns.append(pl.repeat(default, created.height, dtype=dtype, eager=True).alias(mapping.target))
    return pl.DataFrame(columns)


def _before(matched: Matched, rows: pl.Series, new: pl.DataFrame) -> pl.DataFrame:
    """The profiles of this part as they are before it, by ascending row."""
    names = [mapping.target for mapping in matched.goal.mappings]
    old = rows.filter(rows < matched.next_row).unique().sort()
    before = new.select("row", *names)
    if old.is_empty():
        return before
    held = matched.profiles.filter(pl.col("row").is_in(old.implode())).select("row", *names)
    # In one chunk, because lists are gathered from several chunks ten times as slowly.
    return pl.concat([held.collect(engine="streaming").sort("row"), before], rechunk=True)


def _rejected(
    goal: ImportGoal,
    parsed: list[Parsed],
    source: pl.DataFrame,
    reached: pl.Series,
    overflow: Mapping[int, pl.Series],
) -> pl.DataFrame:
    mapped = [
        rejected_values(read, mapping.source, mapping.target, reached)
        for mapping, read in zip(goal.mappings, parsed, strict=True)
        if read.rejected.height
    ]
    for index, lines in overflow.items():
        mapping = goal.mappings[index]
        mapped.append(overflowing(source[mapping.source].gather(lines), mapping, reached.gather(lines)))
    return pl.concat([pl.DataFrame(schema=REJECTED), *mapped])


def _added_sums(sums: pl.DataFrame, lost: Mapping[int, pl.Series]) -> pl.DataFrame:
    """One list a row, without the numbers that no profile took."""
    names = sums.columns[1:]
    for index, lines in lost.items():
        if str(index) in names:
            kept = ~sums.select(pl.int_range(pl.len(), dtype=pl.UInt32).is_in(lines.implode())).to_series()
            sums = sums.with_columns(pl.when(kept).then(str(index)).alias(str(index)))
    lists = pl.concat_list(names).list.filter(pl.element().is_not_null()) if names else pl.lit([], pl.List(pl.Int64))
    return sums.select(POSITION, sums=lists)
