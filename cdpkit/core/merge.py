"""From matched rows to what becomes of the profiles: new values, changes, and the fate of each row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from cdpkit.core.additions import merge_add
from cdpkit.core.goal import FieldMapping, Rule
from cdpkit.core.properties import Property
from cdpkit.core.rules import Lines, Merged, differs, merge_plain
from cdpkit.core.sums import merge_sum
from cdpkit.core.text import to_text


@dataclass(frozen=True, slots=True)
class Column:
    """The accepted values of one mapping, one a source row that reached a profile.

    Attributes:
        values: Null where the row has no accepted value.
        refused: The row had a value and all of it was rejected.
        skipped: Under `sum`: the number was added before and is left out; None where no row has one.
    """

    mapping: FieldMapping
    values: pl.Series
    refused: pl.Series
    skipped: pl.Series | None = None

    def at(self, rows: pl.Series) -> "Column":
        """The same for these rows, in this order."""
        skipped = None if self.skipped is None else self.skipped.gather(rows)
        return Column(self.mapping, self.values.gather(rows), self.refused.gather(rows), skipped)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a merge made of its profiles and rows.

    Attributes:
        state: `row` and one column a mapped property: how each profile stands afterwards, by ascending row.
        updated: One Boolean a line of `state`: at least one value differs from before.
        changes: `row`, `property`, `before`, `after`, `rule`, `line`: one entry for each value that differs, and the
            source row that brought about the last change.
        applied: The source rows, as indexes, that changed the running state of a profile.
        overflow: For each property that sums the source rows whose number some profile could not take.
        lost: Likewise those whose number no profile took.
    """

    state: pl.DataFrame
    updated: pl.Series
    changes: pl.DataFrame
    applied: pl.Series
    overflow: Mapping[str, pl.Series] = field(default_factory=dict)
    lost: Mapping[str, pl.Series] = field(default_factory=dict)


CHANGES = {
    "row": pl.Int64(),
    "property": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
    "rule": pl.String(),
    "line": pl.UInt32(),
}


def merge(
    targets: pl.DataFrame,
    columns: list[Column],
    before: pl.DataFrame,
    properties: Mapping[str, Property],
    next_row: int,
) -> Outcome:
    """Apply all mappings.

    Args:
        targets: `line` (the index of the source row in the columns' series) and `row`, ordered by row and line.
        columns: The accepted values, one entry a mapping.
        before: `row` and the mapped properties of exactly the profiles in `targets`, by ascending row.
        properties: The catalogue.
        next_row: Profiles from this row on are created by this run; their values are no changes.
    """
    lines = Lines.of(targets["row"])
    row_of_line, old = targets["line"], before["row"].head(int((before["row"] < next_row).sum()))
    once = lines.start is None
    aligned = once and bool((row_of_line == pl.int_range(targets.height, dtype=pl.UInt32, eager=True)).all())
    state, changes, overflow, lost = [before["row"]], [], {}, {}
    applied = pl.repeat(value=False, n=targets.height, dtype=pl.Boolean, eager=True)
    updated = pl.repeat(value=False, n=before.height, dtype=pl.Boolean, eager=True)
    spread = None if once else lines.row.rle_id()
    for column in columns:
        name = column.mapping.target
        held = before[name]
        given = column if aligned else column.at(row_of_line)
        merged = _apply(given, lines, held if spread is None else held.gather(spread), properties[name])
        applied |= merged.changed
        if once:  # what changed there is how the profile stands, and it differs from before
            value, line, moved = merged.value, row_of_line, merged.changed
        else:
            latest = lines.latest(merged.changed)
            value, line = merged.value.gather(latest), row_of_line.gather(latest)
            moved = latest.is_not_null() & differs(value, held)
        after = pl.select(pl.when(moved).then(value).otherwise(held).alias(name)).to_series()
        state.append(after)
        updated |= moved
        changes.append(_changes(column.mapping, old, held, after, line, moved))
        if merged.rejected is not None and merged.rejected.any():
            overflow[name] = row_of_line.filter(merged.rejected).unique().sort()
            taken = row_of_line.filter(~merged.rejected & given.values.is_not_null())
            lost[name] = overflow[name].filter(~overflow[name].is_in(taken.implode()))
    return Outcome(
        pl.DataFrame(state),
        updated,
        pl.concat(changes) if changes else pl.DataFrame(schema=CHANGES),
        row_of_line.filter(applied).unique(),
        overflow,
        lost,
    )


def _apply(column: Column, lines: Lines, before: pl.Series, prop: Property) -> Merged:
    values, rule = column.values, column.mapping.rule
    if rule is Rule.ADD:
        return merge_add(lines, before, values)
    if rule is Rule.SUM:
        if column.skipped is not None:
            adding = pl.when(~column.skipped).then(values)
            values = pl.select(adding).to_series()
        return merge_sum(lines, prop, before, values)
    return merge_plain(rule, lines, before, values, column.refused)


def _changes(
    mapping: FieldMapping, row: pl.Series, before: pl.Series, after: pl.Series, line: pl.Series, moved: pl.Series
) -> pl.DataFrame:
    moved = moved.head(row.len())
    before, after, line = (values.head(row.len()) for values in (before, after, line))
    count = int(moved.sum())
    return pl.DataFrame(
        {
            "row": row.filter(moved),
            "property": pl.repeat(mapping.target, count, dtype=pl.String, eager=True),
            "before": to_text(before.filter(moved)),
            "after": to_text(after.filter(moved)),
            "rule": pl.repeat(mapping.rule.value, count, dtype=pl.String, eager=True),
            "line": line.filter(moved),
        },
        schema_overrides=CHANGES,
    )
