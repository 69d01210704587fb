"""Rows into events: rows of the same event are gathered, and what an event holds is written as a JSON object."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import polars_hash  # noqa: F401  (adds the hash functions to expressions)

from cdpkit.core import reasons
from cdpkit.core.events.mapping import EventMapping
from cdpkit.core.events.types import BETWEEN, EventType
from cdpkit.core.events.values import ID, TIME, Reader, chosen, json_objects
from cdpkit.core.hashing import hash_columns
from cdpkit.core.keys import POSITION
from cdpkit.core.parse import is_empty
from cdpkit.core.properties import UTC
from cdpkit.core.rows import Rows
from cdpkit.core.values import REJECTED

EVENT = {
    "row": pl.Int64(),
    "type": pl.String(),
    "id": pl.String(),
    "time": UTC,
    "properties": pl.String(),
    "key": pl.Int64(),
}
"""An event: whose it is, its type, id and time, what it holds as a JSON object, and the hash of the first four.

Profile, type, id and time say which event it is; one that has them in common with another takes its place.
"""

WHICH = ("row", "type", "id", "time")
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Made:
    """What rows became.

    Attributes:
        events: `EVENT`, each once, by ascending row and time.
        reached: `position`, `key`: which row is part of which event.
        rejected: `REJECTED`: the values that did not fit, and the events that are none, by their rows.
        none: The positions of rows that hold an event that is none.
    """

    events: pl.DataFrame
    reached: pl.DataFrame
    rejected: pl.DataFrame
    none: pl.Series


def build(rows: Rows, targets: pl.DataFrame, mapping: EventMapping, kind: EventType, zone: str) -> Made:
    """Make the events of one type.

    Rows of a profile with the same id and time are one event: of each property it has the last value; of what is there
    several times, one in a row, all of them in the order of the rows, and where rows have lists of it the last list.
    A row without an id is an event by itself, and its id is made of type, time and what it holds. A row without a time
    is no event, and rejected where it holds anything else.

    Args:
        rows: The source.
        targets: `position`, `row`: which rows reached which profiles.
        mapping: What fills what.
        kind: Its type.
        zone: Where texts without a zone are read.
    """
    positions = targets[POSITION].unique().sort()
    if mapping.where is not None:
        positions = chosen(rows, positions, mapping.where)
    reader = Reader.of(rows, positions, mapping, kind, zone)
    lines, parts = _lines(reader)
    lost, listed = _without_time(reader, lines, parts)
    timely = lines.filter(pl.col("time").is_not_null()).join(targets, on=POSITION, how="inner", maintain_order="left")
    timely = timely.with_columns(pl.lit(kind.name).alias("type"))
    named = timely.filter(pl.col("id").is_not_null())
    named = named.with_columns(hash_columns(named, WHICH).alias("key"))
    bare = _written(timely.filter(pl.col("id").is_null()), parts)
    bare = bare.with_columns(_made_id().alias("id"))
    bare = bare.with_columns(hash_columns(bare, WHICH).alias("key"))
    whole = [_written(_gathered(named, parts), parts), bare]
    events = pl.concat([each.select(*EVENT) for each in whole]).unique("key", keep="last", maintain_order=True)
    reached = pl.concat([each.select(POSITION, "key") for each in (named, bare)])
    rejected = pl.concat([*reader.rejected, listed])
    return Made(events.sort("row", "time", maintain_order=True), reached, rejected, lost)


@dataclass(frozen=True, slots=True)
class _Part:
    """A property as a column of the lines.

    Attributes:
        name: The property.
        column: The column: texts `"name":value`; or lists of JSON objects, where it is `nested`.
        nested: Whether it holds properties.
        multiple: Whether it is there several times.
        gathered: Whether the rows of an event have one of them each.
    """

    name: str
    column: str
    nested: bool
    multiple: bool
    gathered: bool


def _lines(reader: Reader) -> tuple[pl.DataFrame, list[_Part]]:
    """`position`, `id`, `time` and the parts, a line for each row."""
    mapping, kind = reader.mapping, reader.kind
    filled = {target: field for field, target in mapping.mappings}
    identified = mapping.identified_by(kind)
    none = pl.repeat(None, reader.positions.len(), dtype=pl.String, eager=True)
    ids = none if identified is None else reader.parsed(identified, ID, kind.name).str.strip_chars()
    time = reader.parsed(mapping.time, TIME, kind.name)
    columns = [reader.positions.alias(POSITION), ids.alias("id"), time.alias("time")]
    parts: list[_Part] = []
    for prop in kind.properties:
        inner = [(each, filled.get(f"{prop.name}{BETWEEN}{each.name}")) for each in prop.properties]
        fields = [(each, field) for each, field in inner if field is not None]
        if prop.name in filled and not prop.properties:
            values = reader.plain(prop, filled[prop.name])
        elif fields:
            values = reader.nested(prop, fields)
        else:
            continue
        gathered = bool(fields) and prop.multiple and not reader.in_lists([field for _, field in fields])
        part = _Part(prop.name, f"p{len(parts)}", bool(fields), prop.multiple, gathered)
        parts.append(part)
        columns.append(values.alias(part.column))
    return pl.DataFrame(columns), parts


def _without_time(reader: Reader, lines: pl.DataFrame, parts: Sequence[_Part]) -> tuple[pl.Series, pl.DataFrame]:
    """The rows that hold something of an event and no time; and `REJECTED` of those where it is empty."""
    empty = is_empty(reader.raw(reader.mapping.time)).alias("empty")
    held = pl.any_horizontal(pl.col("id", *(part.column for part in parts)).is_not_null())
    lost = lines.with_columns(empty).filter(pl.col("time").is_null() & (held | ~pl.col("empty")))
    listed = lost.filter("empty").select(
        POSITION,
        field=pl.lit(reader.mapping.time),
        property=pl.lit(reader.kind.name),
        value=pl.lit(""),
        reason=pl.lit(reasons.EVENT_WITHOUT_TIME.code),
    )
    return lost[POSITION], listed.cast(REJECTED)  # type: ignore[arg-type]


def _gathered(lines: pl.DataFrame, parts: Sequence[_Part]) -> pl.DataFrame:
    """A line for each event; most have one row, and are left as they are."""
    several = lines["key"].is_duplicated()
    if not several.any():
        return lines
    lists = [part.column for part in parts if part.gathered]
    rest = pl.all().exclude("key", *lists).drop_nulls().last()
    together = [pl.col(name).explode().drop_nulls() for name in lists]
    gathered = lines.filter(several).group_by("key", maintain_order=True).agg(rest, *together)
    return pl.concat([lines.filter(~several), gathered.select(lines.columns)])


def _written(lines: pl.DataFrame, parts: Sequence[_Part]) -> pl.DataFrame:
    """The lines with `properties`: one JSON object."""
    members = []
    for part in parts:
        values = pl.col(part.column)
        if part.nested:
            values = pl.when(values.list.len() > 0).then(
                pl.concat_str(pl.lit(f'"{part.name}":['), values.list.join(","), pl.lit("]"))
                if part.multiple
                else pl.concat_str(pl.lit(f'"{part.name}":'), values.list.last())
            )
        members.append(lines.select(values).to_series())
    empty = pl.lit("{}").alias("properties")
    return lines.with_columns(json_objects(members).fill_null("{}").alias("properties") if members else empty)


def _made_id() -> pl.Expr:
    """The id of an event that has none: half of the SHA-256 of its type, its time and what it holds."""
    text = pl.concat_str("type", pl.col("time").dt.epoch("us").cast(pl.String), "properties", separator="\x1f")
    hashed: pl.Expr = text.chash.sha2_256()  # type: ignore[attr-defined]
    return hashed.str.head(_DIGITS)
