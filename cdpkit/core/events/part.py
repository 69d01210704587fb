"""The events of one part of an import: made of its rows, and compared with those that are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from cdpkit.core.delta import Seen
from cdpkit.core.events.build import EVENT, WHICH, Made, build
from cdpkit.core.events.mapping import EventMapping
from cdpkit.core.events.types import EventType
from cdpkit.core.events.values import ID, TIME, Reader, chosen
from cdpkit.core.fates import counted
from cdpkit.core.keys import POSITION
from cdpkit.core.rows import Rows
from cdpkit.core.values import REJECTED

GONE = {"key": pl.Int64(), "of": pl.Int64()}
"""A stored event that is there no more: its key, and the number of the commit that stored it."""

ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"
FOUND = {**EVENT, "seq": pl.Int64()}
"""A stored event, with the number of the commit that stored it."""


@dataclass(frozen=True, slots=True)
class Events:
    """What becomes of events.

    Attributes:
        added: `EVENT`, `position`, `fate`: those to store, `added` or `changed`, with the last row of each.
        gone: `GONE`: those in whose place others are stored.
        applied: The positions of rows that are part of one to store.
        told: The positions of rows that are part of any.
        none: The positions of rows that hold an event that is none.
        rejected: `REJECTED`.
        counted: How many were `added`, `changed` and `unchanged`.
    """

    added: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={**EVENT, POSITION: pl.UInt32}))
    gone: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GONE))
    applied: pl.Series = field(default_factory=lambda: pl.Series(POSITION, [], pl.UInt32))
    told: pl.Series = field(default_factory=lambda: pl.Series(POSITION, [], pl.UInt32))
    none: pl.Series = field(default_factory=lambda: pl.Series(POSITION, [], pl.UInt32))
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECTED))
    counted: Mapping[str, int] = field(default_factory=dict)


NO_EVENTS = Events()


def events_of(
    rows: Rows,
    targets: pl.DataFrame,
    mappings: Sequence[EventMapping],
    types: Mapping[str, EventType],
    stored: pl.LazyFrame,
    seen: Seen | None = None,
    zone: str = "UTC",
) -> Events:
    """Make the events of rows that reached profiles.

    A row that was seen before takes part in its event where another row of that is new, so that the event is whole.

    Args:
        rows: The source.
        targets: `position`, `row`: which rows reached which profiles; all rows of each profile in it.
        mappings: What fills what.
        types: The types by name.
        stored: `FOUND`: the events as they are.
        seen: The import delta; None without one.
        zone: Where texts without a zone are read.
    """
    if not mappings or targets.is_empty():
        return NO_EVENTS
    new = targets[POSITION].unique()
    made: list[Made] = []
    for mapping in mappings:
        more = _seen_beside(rows, targets, mapping, types[mapping.type], seen, zone)
        made.append(build(rows, pl.concat([targets, more]), mapping, types[mapping.type], zone))
    events = pl.concat([each.events for each in made]).unique("key", keep="last", maintain_order=True)
    reached = pl.concat([each.reached for each in made]).filter(pl.col(POSITION).is_in(new.implode()))
    rejected = pl.concat([each.rejected for each in made]).filter(pl.col(POSITION).is_in(new.implode()))
    fates = _compared(events, stored)
    kept = fates.filter(pl.col("fate") != UNCHANGED)
    last = reached.group_by("key").agg(pl.col(POSITION).max())
    tally = counted(fates["fate"])
    return Events(
        added=kept.select(*EVENT, "fate").join(last, on="key", how="left", maintain_order="left"),
        gone=kept.filter(pl.col("fate") == CHANGED).select("key", of="seq"),
        applied=reached.join(kept, on="key", how="semi")[POSITION].unique(),
        told=reached[POSITION].unique(),
        none=pl.concat([each.none for each in made]).unique(),
        rejected=rejected,
        counted={fate: tally.get(fate, 0) for fate in (ADDED, CHANGED, UNCHANGED)},
    )


def _compared(events: pl.DataFrame, stored: pl.LazyFrame) -> pl.DataFrame:
    """The events with `fate`, and with the `seq` of the stored one in whose place they come."""
    keys = stored.select("key").join(events.lazy().select("key"), on="key", how="semi").collect(engine="streaming")
    if keys.is_empty():
        return events.with_columns(fate=pl.lit(ADDED), seq=pl.lit(None, pl.Int64))
    held = stored.filter(pl.col("key").is_in(keys["key"].unique().implode())).select(*FOUND)
    before = held.rename({"properties": "before"}).collect(engine="streaming")
    beside = events.join(before, on=["key", *WHICH], how="left", maintain_order="left")
    same = pl.col("before") == pl.col("properties")
    fate = pl.when(pl.col("before").is_null()).then(pl.lit(ADDED)).when(same).then(pl.lit(UNCHANGED))
    return beside.with_columns(fate=fate.otherwise(pl.lit(CHANGED))).drop("before")


def _seen_beside(
    rows: Rows, targets: pl.DataFrame, mapping: EventMapping, kind: EventType, seen: Seen | None, zone: str
) -> pl.DataFrame:
    """`position`, `row` of rows that were seen before and are part of an event that a new row is part of too."""
    identified, nothing = mapping.identified_by(kind), targets.clear()
    if seen is None or identified is None or not seen.rows["known"].any():
        return nothing
    units = targets.join(seen.rows.select(POSITION, "unit"), on=POSITION, how="inner")
    known = seen.rows.filter("known").select(POSITION, "unit").join(units, on="unit", how="semi")
    if known.is_empty():
        return nothing
    at = pl.concat([units[POSITION], known[POSITION]]).unique().sort()
    if mapping.where is not None:
        at = chosen(rows, at, mapping.where)
    reader = Reader.of(rows, at, EventMapping(mapping.type, mapping.time, identified), kind, zone)
    which = pl.DataFrame([at, reader.parsed(identified, ID, "").alias("id"), reader.parsed(mapping.time, TIME, "")])
    which = which.drop_nulls()
    new = units.join(which, on=POSITION, how="inner").select("unit", "id", "time", "row").unique()
    return (
        known.join(which, on=POSITION, how="inner")
        .join(new, on=["unit", "id", "time"], how="inner")
        .select(POSITION, "row")
        .unique()
    )
