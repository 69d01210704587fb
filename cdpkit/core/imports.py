"""One import from beginning to end, as a pure function: rows, profiles and records in; what to store and say out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from cdpkit.core.delta import RECORD, Seen, added_before, look_up, records
from cdpkit.core.fates import APPLIED, UNCHANGED, Fates, ImportCounters, counted
from cdpkit.core.goal import ImportGoal, Rule
from cdpkit.core.keys import POSITION, Keys, key_names, source_keys, stored_keys, unit_hashes
from cdpkit.core.match import Matches, Owned, resolve
from cdpkit.core.merge import Column, Outcome, merge
from cdpkit.core.parse import Parsed
from cdpkit.core.properties import DEFAULT_PERMISSION_LEVEL, SOURCE_ROW, Property
from cdpkit.core.sums import number_texts
from cdpkit.core.values import REJECTED, all_rejected, overflowing, read_column, rejected_values

CREATED_RULE = "create"
"""The rule named by the one change that a created profile leaves."""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows on their way into an import, after the processors.

    Attributes:
        rows: The fields and `_source_row` (Int64, null for rows that a processor added).
        removed: `_source_row`, `reason` of rows that a processor removed.
        added: How many rows processors added.
    """

    rows: pl.DataFrame
    removed: pl.DataFrame
    added: int = 0


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import would store and say.

    Attributes:
        created: `row`, identifiers and mapped properties of new profiles, by ascending row.
        patch: `row` and the mapped properties of the profiles that change, by ascending row.
        changes: `row`, `property`, `before`, `after`, `rule`, `_source_row`; a created profile is one line
            with the rule `create`.
        fates: `_source_row`, `fate`, `reason`: every row once.
        rejected: `_source_row`, `field`, `property`, `value`, `reason`: every rejected value once.
        records: The import delta to keep, None for a goal without a name.
    """

    created: pl.DataFrame
    patch: pl.DataFrame
    changes: pl.DataFrame
    fates: pl.DataFrame
    rejected: pl.DataFrame
    records: pl.DataFrame | None
    counters: ImportCounters


def import_rows(
    source: Source,
    goal: ImportGoal,
    properties: Mapping[str, Property],
    profiles: pl.LazyFrame,
    kept: pl.LazyFrame | None,
    next_row: int,
) -> ImportResult:
    """Work out an import.

    Args:
        source: The rows after the processors.
        goal: A goal without `problems` for these fields and properties.
        properties: The catalogue by name, built-in properties included.
        profiles: `row`, `updated_seq` and all properties, as they are now.
        kept: The records of the import delta under this goal, as `RECORD` and `seq`; None without one.
        next_row: The number that the first created profile gets.

    Raises:
        ConfigurationError: Lists of identifiers chain through too many rows.
    """
    rows = source.rows
    keys = source_keys(rows, goal, properties)
    fates = Fates(rows[SOURCE_ROW])
    fates.excluded(_where(keys.missing), "missing_identifier")
    seen = None if kept is None else _seen(rows, keys, goal, kept)
    lines = keys.values
    if seen is not None:
        known = seen.rows.filter("known")[POSITION]
        fates.excluded(known, "not_changed")
        lines = lines.filter(~pl.col(POSITION).is_in(known.implode())) if known.len() else lines
    owned = Owned(_owned(keys, goal, properties), next_row) if goal.create_profiles else None
    matches = resolve(
        lines,
        stored_keys(profiles, goal, properties),
        owned=owned,
        on_multiple=goal.on_multiple_matches,
        several_values=keys.several,
    )
    fates.excluded(matches.unmatched, "no_match")
    fates.excluded(matches.skipped, "multiple_matches")
    return _merge_matched(source, goal, properties, profiles, _Matched(keys, matches, seen, fates, next_row))


@dataclass(frozen=True, slots=True)
class _Matched:
    keys: Keys
    matches: Matches
    seen: Seen | None
    fates: Fates
    next_row: int


def _merge_matched(
    source: Source,
    goal: ImportGoal,
    properties: Mapping[str, Property],
    profiles: pl.LazyFrame,
    matched: _Matched,
) -> ImportResult:
    rows, matches, fates = source.rows, matched.matches, matched.fates
    reached = matches.targets[POSITION].unique().sort()
    whole = reached.len() == rows.height
    parsed = [
        read_column(rows[m.source] if whole else rows[m.source].gather(reached), m, properties[m.target], goal)
        for m in goal.mappings
    ]
    columns, sums = _columns(goal, parsed, reached, matched.seen)
    targets = _lines(matches.targets, reached, whole)
    new = _new_profiles(matched, goal, properties)
    before = _before(profiles, matches.targets["row"], new, goal, matched.next_row)
    outcome = merge(targets, columns, before, properties, matched.next_row)
    overflow = {i: outcome.overflow[m.target] for i, m in enumerate(goal.mappings) if m.target in outcome.overflow}
    lost = {i: outcome.lost[m.target] for i, m in enumerate(goal.mappings) if m.target in outcome.lost}
    fates.excluded(reached.filter(all_rejected(parsed, lost, reached.len())), "all_rejected")
    fates.applied(reached.gather(outcome.applied))
    fates.applied(matches.created[POSITION])
    rejected = _rejected(matched.keys, goal, parsed, rows, reached, overflow)
    changes = outcome.changes.with_columns(reached.gather(outcome.changes["line"]).alias(POSITION)).drop("line")
    outcome = replace(outcome, changes=changes)
    cut = sum(read.cut for read in parsed)
    return _result(source, goal, matched, outcome, new, rejected, cut, _records(matched.seen, sums, lost))


def _seen(rows: pl.DataFrame, keys: Keys, goal: ImportGoal, kept: pl.LazyFrame) -> Seen:
    fields = [field for field, _ in goal.identifiers] + [mapping.source for mapping in goal.mappings]
    compared = rows.select(SOURCE_ROW, *sorted(set(fields)))
    if keys.rows.height < rows.height:
        compared = compared.filter(~keys.missing)
    own = compared[SOURCE_ROW].is_not_null()
    units = pl.DataFrame([keys.rows[POSITION], unit_hashes(keys)]).filter(own)
    return look_up(compared.filter(own), units, kept, fields=fields, fingerprint=goal.fingerprint(), full=goal.full)


def _owned(keys: Keys, goal: ImportGoal, properties: Mapping[str, Property]) -> pl.DataFrame:
    """What each row would store as identifiers, in compared form: of several values a single property takes one."""
    lines = keys.rows
    if not keys.several:
        return keys.values
    for name, (_, target) in zip(key_names(len(goal.identifiers)), goal.identifiers, strict=True):
        if isinstance(lines.schema[name], pl.List):
            lines = lines.explode(name) if properties[target].multi else lines.with_columns(pl.col(name).list.first())
    return lines


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


def _lines(targets: pl.DataFrame, reached: pl.Series, whole: bool) -> pl.DataFrame:
    if whole:
        return targets.rename({POSITION: "line"})
    line = reached.alias(POSITION).to_frame().with_row_index("line")
    return targets.join(line, on=POSITION, how="left", maintain_order="left").select("line", "row")


def _new_profiles(matched: _Matched, goal: ImportGoal, properties: Mapping[str, Property]) -> pl.DataFrame:
    """The profiles that this run creates, with their identifiers and empty mapped properties."""
    created = matched.matches.created
    columns = [created["row"]]
    for (_, target), read in zip(goal.identifiers, matched.keys.parsed, strict=True):
        values, prop = read.values.gather(created[POSITION]), properties[target]
        if isinstance(values.dtype, pl.List):
            values = values if prop.multi else values.list.first()
        elif prop.multi:
            values = pl.select(pl.concat_list(values)).to_series()
        columns.append(values.alias(target))
    known = {column.name for column in columns}
    for mapping in goal.mappings:
        if mapping.target not in known:
            default = DEFAULT_PERMISSION_LEVEL if mapping.target == "permission_level" else None
            dtype = properties[mapping.target].dtype
            columns.append(pl.repeat(default, created.height, dtype=dtype, eager=True).alias(mapping.target))
    return pl.DataFrame(columns)


def _before(
    profiles: pl.LazyFrame, rows: pl.Series, new: pl.DataFrame, goal: ImportGoal, next_row: int
) -> pl.DataFrame:
    names = [mapping.target for mapping in goal.mappings]
    old = rows.filter(rows < next_row).unique().sort()
    held = profiles.filter(pl.col("row").is_in(old.implode())).select("row", *names) if old.len() else None
    before = new.select("row", *names)
    if held is None:
        return before
    return pl.concat([held.collect(engine="streaming").sort("row"), before])


def _rejected(
    keys: Keys,
    goal: ImportGoal,
    parsed: list[Parsed],
    rows: pl.DataFrame,
    reached: pl.Series,
    overflow: Mapping[int, pl.Series],
) -> pl.DataFrame:
    """Every rejected value once, also where a field is both an identifier and mapped."""
    identifiers = [
        rejected_values(read, field, target, None)
        for (field, target), read in zip(goal.identifiers, keys.parsed, strict=True)
        if read.rejected.height
    ]
    mapped = [
        rejected_values(read, mapping.source, mapping.target, reached)
        for mapping, read in zip(goal.mappings, parsed, strict=True)
        if read.rejected.height
    ]
    mapped += [
        overflowing(rows[goal.mappings[index].source], goal.mappings[index], reached.gather(lines))
        for index, lines in overflow.items()
    ]
    none = pl.DataFrame(schema=REJECTED)
    first, second = pl.concat([none, *identifiers]), pl.concat([none, *mapped])
    if first.height and second.height:
        second = second.join(first, on=[POSITION, "field", "value"], how="anti", maintain_order="left")
    numbered = pl.concat([first, second]).sort(POSITION, maintain_order=True)
    return numbered.select(rows[SOURCE_ROW].gather(numbered[POSITION]), "field", "property", "value", "reason")


def _records(seen: Seen | None, sums: pl.DataFrame, lost: Mapping[int, pl.Series]) -> pl.DataFrame | None:
    if seen is None:
        return None
    names = sums.columns[1:]
    for index, lines in lost.items():
        kept = ~sums.select(pl.int_range(pl.len(), dtype=pl.UInt32).is_in(lines.implode())).to_series()
        sums = sums.with_columns(pl.when(kept).then(str(index)).alias(str(index)))
    lists = pl.concat_list(names).list.drop_nulls() if names else pl.lit([], RECORD["sums"])
    return records(seen, sums.select(POSITION, sums=lists))


def _result(
    source: Source,
    goal: ImportGoal,
    matched: _Matched,
    outcome: Outcome,
    new: pl.DataFrame,
    rejected: pl.DataFrame,
    cut: int,
    kept: pl.DataFrame | None,
) -> ImportResult:
    source_row = source.rows[SOURCE_ROW]
    is_old = outcome.state["row"] < matched.next_row
    patch = outcome.state.filter(is_old & outcome.updated)
    merged = outcome.state.filter(~is_old)
    identifiers = [target for _, target in goal.identifiers if target not in merged.columns]
    created = pl.concat([merged, new.select(identifiers)], how="horizontal") if identifiers else merged
    changes = pl.concat(
        [
            outcome.changes,
            matched.matches.created.select(
                "row",
                property=pl.lit(None, pl.String),
                before=pl.lit(None, pl.String),
                after=pl.lit(None, pl.String),
                rule=pl.lit(CREATED_RULE),
                position=pl.col(POSITION),
            ),
        ]
    ).sort("row", maintain_order=True)
    fates = matched.fates.frame(source.removed)
    tally = counted(fates["fate"])
    counters = ImportCounters(
        received=source.rows.height - source.added + source.removed.height,
        added=source.added,
        checked=source.rows.height,
        applied=tally.get(APPLIED, 0),
        unchanged=tally.get(UNCHANGED, 0),
        excluded=counted(fates["reason"]),
        rejected=counted(rejected["reason"]),
        created=created.height,
        updated=patch.height,
        multiple_matches=matched.matches.several,
        cut_lists=cut,
    )
    lines = changes.with_columns(source_row.gather(changes[POSITION]).alias(SOURCE_ROW)).drop(POSITION)
    return ImportResult(created, patch, lines, fates, rejected, kept, counters)


def _where(mask: pl.Series) -> pl.Series:
    return mask.arg_true().cast(pl.UInt32)
