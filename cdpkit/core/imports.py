"""One import from beginning to end, as a pure function: rows, profiles and records in; what to store and say out."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.consent import carriers, consents
from cdpkit.core.delta import Seen, look_up, records
from cdpkit.core.events.mapping import place_of
from cdpkit.core.events.part import FOUND, Events, events_of
from cdpkit.core.fates import APPLIED, UNCHANGED, Fates, ImportCounters, counted
from cdpkit.core.goal import ImportGoal, OnMultiple
from cdpkit.core.hashing import hash_columns
from cdpkit.core.keys import POSITION, Keys, key_names, source_keys, stored_keys, unit_hashes
from cdpkit.core.match import Owned, resolve
from cdpkit.core.merge import CHANGES
from cdpkit.core.part import Matched, Part, merge_part
from cdpkit.core.properties import SOURCE_ROW, Property
from cdpkit.core.rows import PART, Rows, parts_of
from cdpkit.core.values import REJECTED, rejected_values

_LISTED = (SOURCE_ROW, POSITION, "field", "property", "value", "reason")

CREATED_RULE = "create"
"""The rule named by the one change that a created profile leaves."""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows on their way into an import, after the processors.

    Attributes:
        rows: The fields, read where they are needed.
        source_row: The number of each row, Int64; null for rows that a processor added.
        removed: `_source_row`, `reason` of rows that were left out before.
        added: How many rows processors added.
        unread: `_source_row`, `field`, `value`, `reason` of values that processors could not read; None for none.
    """

    rows: Rows
    source_row: pl.Series
    removed: pl.DataFrame
    added: int = 0
    unread: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Emitted:
    """What an import makes of some profiles, handed on as soon as it is known.

    Attributes:
        created: `row`, identifiers and mapped properties of new profiles, by ascending row.
        patch: `row` and the mapped properties of the profiles that change, by ascending row.
        changes: `row`, `property`, `before`, `after`, `rule`, `_source_row`; a created profile is one line
            with the rule `create`.
        lines: How many rows were merged, one that reached several profiles once for each.
        events: `EVENT`, `fate`, `_source_row`: the timeline events to store; None for none.
        gone: `GONE`: those in whose place they come.
    """

    created: pl.DataFrame
    patch: pl.DataFrame
    changes: pl.DataFrame
    lines: int = 0
    events: pl.DataFrame | None = None
    gone: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import would say, and keep of its rows.

    Attributes:
        fates: `_source_row`, `fate`, `reason`: every row once.
        rejected: `_source_row`, `row`, `field`, `property`, `value`, `reason`: every rejected value once, with the
            profile that its row reached; null where it reached none, or several.
        records: The import delta to keep, None for a goal without a name.
    """

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
    emit: Callable[[Emitted], None],
    part_size: int = PART,
    events: pl.LazyFrame | None = None,
) -> ImportResult:
    """Work out an import.

    Where the goal has objectives, rows reach profiles alone that consented to one of them when the run began, and a
    row creates a profile only if it carries that consent itself; the others are `no_consent`. Of several matches the
    newest is chosen first and then asked. Once a row has created a profile, all later rows that match it are applied.

    Args:
        source: The rows after the processors.
        goal: A goal without `problems` for these fields and properties.
        properties: The catalogue by name, built-in properties included.
        profiles: `row`, `updated_seq` and all properties, as they are now.
        kept: The records of the import delta under this goal, as `RECORD` and `seq`; None without one.
        next_row: The number that the first created profile gets.
        emit: Is given what becomes of the profiles, part by part, by ascending row of those created.
        part_size: How many rows are merged at once.
        events: The timeline events as they are now, as `FOUND`; None for none.

    Raises:
        ConfigurationError: Lists of identifiers chain through too many rows.
    """
    fates = Fates(source.source_row)
    matched = _match(source, goal, properties, profiles, kept, next_row, fates)
    rejected, sums, cut, created, updated = _rejected_identifiers(matched), [], 0, 0, 0
    stored, timeline = pl.LazyFrame(schema=FOUND) if events is None else events, Counter[str]()
    together = matched.keys.several or goal.on_multiple_matches is OnMultiple.ALL
    for targets in parts_of(matched.matches.targets, whole=together, size=part_size):
        part = merge_part(matched, targets)
        own = events_of(source.rows, targets, goal.events, goal.types, stored, matched.seen, goal.zone)
        fates.excluded(_lost(part, own, goal), reasons.ALL_REJECTED)
        fates.applied(pl.concat([part.applied, own.applied]))
        new = matched.matches.created_among(targets["row"])
        fates.applied(new[POSITION])  # whatever became of their values
        changes = _changes(part, new, source.source_row)
        emit(Emitted(part.created, part.patch, changes, targets.height, _numbered(own.added, source), own.gone))
        rejected.append(_unlisted(pl.concat([part.rejected, own.rejected]), rejected[0]))
        timeline.update(own.counted)
        sums.append(part.sums)
        cut, created, updated = cut + part.cut, created + part.created.height, updated + part.patch.height
    listed = pl.concat(rejected).sort(POSITION, maintain_order=True)
    said = listed.with_columns(source.source_row.gather(listed[POSITION]).alias(SOURCE_ROW))
    if source.unread is not None and source.unread.height:
        said = pl.concat([_unread(source.unread, source.source_row, matched), said.select(_LISTED)])
        said = said.sort(SOURCE_ROW, nulls_last=True, maintain_order=True)
    said = _with_profile(said.select(_LISTED), matched.matches.targets)
    lines = fates.frame(source.removed)
    return ImportResult(
        fates=lines,
        rejected=said,
        records=None if matched.seen is None else records(matched.seen, pl.concat(sums)),
        counters=replace(
            _counters(source, lines, said, created, updated, matched.matches.several, cut), events=dict(timeline)
        ),
    )


def _lost(part: Part, events: Events, goal: ImportGoal) -> pl.Series:
    """The rows of which nothing was accepted, neither a value nor an event."""
    lost = events.none if not goal.mappings else part.lost
    return lost.filter(~lost.is_in(events.told.implode())) if events.told.len() else lost


def _numbered(events: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Events with the number of a row of theirs in the place of its position."""
    return events.with_columns(source.source_row.gather(events[POSITION]).alias(SOURCE_ROW)).drop(POSITION)


def _match(
    source: Source,
    goal: ImportGoal,
    properties: Mapping[str, Property],
    profiles: pl.LazyFrame,
    kept: pl.LazyFrame | None,
    next_row: int,
    fates: Fates,
) -> Matched:
    rows = source.rows
    keys = source_keys(rows.columns([field for field, _ in goal.identifiers]), goal, properties)
    fates.excluded(keys.missing.arg_true().cast(pl.UInt32), reasons.ROW_WITHOUT_IDENTIFIER)
    seen = None if kept is None else _seen(source, keys, goal, kept)
    lines = keys.values
    if seen is not None:
        known = seen.rows.filter("known")[POSITION]
        fates.excluded(known, reasons.NOT_CHANGED)
        lines = lines.filter(~pl.col(POSITION).is_in(known.implode())) if known.len() else lines
    owned = None
    if goal.create_profiles:
        carrying = carriers(rows, goal, properties) if goal.objectives else None
        owned = Owned(_owned(keys, goal, properties), next_row, carrying)
    matches = resolve(
        lines,
        stored_keys(profiles, goal, properties),
        profiles.select("row", "updated_seq"),
        owned=owned,
        on_multiple=goal.on_multiple_matches,
        several_values=keys.several,
        consents=profiles.select("row", consents=consents(goal.objectives)) if goal.objectives else None,
    )
    fates.excluded(matches.unmatched, reasons.NO_MATCH)
    fates.excluded(matches.skipped, reasons.MULTIPLE_MATCHES)
    fates.excluded(matches.withheld, reasons.ROW_WITHOUT_CONSENT)
    return Matched(rows, goal, properties, profiles, keys, matches, seen, next_row, _unread_at(source))


def _seen(source: Source, keys: Keys, goal: ImportGoal, kept: pl.LazyFrame) -> Seen:
    """Compare the rows that have identifiers, and were not added by a processor, with what is kept of them."""
    fields = sorted({place.column for field in goal.named if (place := place_of(field, source.rows.schema))})
    hashes = pl.concat([hash_columns(part, fields) for part in source.rows.parts(fields)])
    position = keys.rows[POSITION]
    compared = pl.DataFrame([position, unit_hashes(keys), hashes.gather(position).alias("hash")])
    own = source.source_row.gather(position).is_not_null()
    return look_up(compared.filter(own), kept, fingerprint=goal.fingerprint(), full=goal.full)


def _owned(keys: Keys, goal: ImportGoal, properties: Mapping[str, Property]) -> pl.DataFrame:
    """What each row would store as identifiers, in compared form: of several values a single property takes one."""
    lines = keys.rows
    if not keys.several:
        return keys.values
    for name, (_, target) in zip(key_names(len(goal.identifiers)), goal.identifiers, strict=True):
        if isinstance(lines.schema[name], pl.List):
            lines = lines.explode(name) if properties[target].multi else lines.with_columns(pl.col(name).list.first())
    return lines


def _rejected_identifiers(matched: Matched) -> list[pl.DataFrame]:
    pairs = zip(matched.goal.identifiers, matched.keys.parsed, strict=True)
    found = [rejected_values(read, field, target, None) for (field, target), read in pairs if read.rejected.height]
    listed = pl.concat([pl.DataFrame(schema=REJECTED), *found])
    if matched.seen is not None and listed.height:  # what is as it was has been listed before
        known = matched.seen.rows.filter("known")[POSITION]
        listed = listed.filter(~pl.col(POSITION).is_in(known.implode()))
    return [listed]


def _unread(unread: pl.DataFrame, source_row: pl.Series, matched: Matched) -> pl.DataFrame:
    """What processors could not read, with the property for which it was meant; but for rows that were seen before."""
    targets = dict((*matched.goal.identifiers, *matched.goal.stored))
    if matched.seen is not None:
        known = source_row.gather(matched.seen.rows.filter("known")[POSITION])
        unread = unread.filter(~pl.col(SOURCE_ROW).is_in(known.implode()) | pl.col(SOURCE_ROW).is_null())
    meant = pl.col("field").replace_strict(list(targets), list(targets.values()), default=None, return_dtype=pl.String)
    at = source_row.alias(SOURCE_ROW).to_frame().with_row_index(POSITION).drop_nulls(SOURCE_ROW)
    named = unread.select(SOURCE_ROW, "field", meant.alias("property"), "value", "reason")
    return named.join(at, on=SOURCE_ROW, how="left", maintain_order="left").select(_LISTED)


def _with_profile(listed: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """What is listed with the `row` of the profile in the place of the position; of several profiles none is meant."""
    reached = targets.join(listed.select(POSITION), on=POSITION, how="semi") if listed.height else targets.clear()
    only = reached.unique(POSITION, keep="none")
    return listed.join(only, on=POSITION, how="left", maintain_order="left").select(
        SOURCE_ROW, "row", pl.exclude(SOURCE_ROW, "row", POSITION)
    )


def _unread_at(source: Source) -> dict[str, pl.Series]:
    """By field the positions of rows whose value a processor could not read."""
    if source.unread is None or source.unread.is_empty():
        return {}
    at = source.source_row.alias(SOURCE_ROW).to_frame().with_row_index(POSITION)
    found = source.unread.drop_nulls(SOURCE_ROW).join(at, on=SOURCE_ROW, how="inner").group_by("field").agg(POSITION)
    return {str(name): positions for name, positions in zip(found["field"], found[POSITION], strict=True)}


def _unlisted(rejected: pl.DataFrame, identifiers: pl.DataFrame) -> pl.DataFrame:
    """What is not listed yet, where a field is both an identifier and mapped."""
    if rejected.is_empty() or identifiers.is_empty():
        return rejected
    return rejected.join(identifiers, on=[POSITION, "field", "value"], how="anti", maintain_order="left")


def _changes(part: Part, new: pl.DataFrame, source_row: pl.Series) -> pl.DataFrame:
    """The changes of a part, with one line for each profile that it creates."""
    nothing = {name: pl.lit(None, pl.String) for name in ("property", "before", "after")}
    created = new.select("row", rule=pl.lit(CREATED_RULE), position=POSITION, **nothing)
    columns = [name if name != "line" else POSITION for name in CHANGES]
    changes = pl.concat([part.changes.select(columns), created.select(columns)])
    if part.changes.height:
        changes = changes.sort("row", maintain_order=True)
    return changes.with_columns(source_row.gather(changes[POSITION]).alias(SOURCE_ROW)).drop(POSITION)


def _counters(
    source: Source, fates: pl.DataFrame, rejected: pl.DataFrame, created: int, updated: int, several: int, cut: int
) -> ImportCounters:
    tally = counted(fates["fate"])
    return ImportCounters(
        received=source.rows.height - source.added + source.removed.height,
        added=source.added,
        checked=source.rows.height,
        applied=tally.get(APPLIED, 0),
        unchanged=tally.get(UNCHANGED, 0),
        excluded=counted(fates["reason"]),
        rejected=counted(rejected["reason"]),
        created=created,
        updated=updated,
        multiple_matches=several,
        cut_lists=cut,
    )
