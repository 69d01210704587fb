"""Which fields of people go: all that have something to say, or those alone that differ from what the vendor has.

A goal that sends the changed ones alone remembers for each profile a hash of every field as the vendor accepted it
last, in the order of its mappings. A field that is empty and clears nothing is not sent, and so keeps its hash.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from cdpkit.config.goals.export_profiles import ExportMappingSettings
from cdpkit.core.hashing import hash_columns
from cdpkit.kit.exporting import ExportAsked, Price
from cdpkit.kit.render import Member

HASHES = pl.List(pl.Int64)
"""A hash for each mapping, null for a field that was never sent; null as a whole where nothing is remembered."""

NOTES = {"row": pl.Int64(), "payload": pl.Int64(), "fields": HASHES, "cost": pl.Int64(), "spared": pl.Int64()}
"""What is noted of people who were rendered: the hash of the body, their fields as `HASHES`, what it costs to send
them, and what is spared since some of it, or all, is not sent."""


@dataclass(frozen=True, slots=True)
class Going:
    """What of people goes.

    Attributes:
        flags: For each field that not everybody is sent a column of its name: whether it goes; as high as people.
        notes: `fields`, `cost`, `spared`, as `NOTES`.
    """

    flags: pl.DataFrame
    notes: pl.DataFrame


def going(
    before: pl.Series | None,
    fields: pl.DataFrame,
    mappings: Sequence[ExportMappingSettings],
    price: Price | None,
    asked: ExportAsked,
    people: int,
) -> Going:
    """Tell which fields go.

    Args:
        before: As `HASHES`, for each person; None where all fields go that have a value, or are cleared.
        fields: The fields as the vendor takes them.
        mappings: The goal's.
        price: What the vendor bills.
        asked: What the vendor is asked.
        people: How many there are; a goal without mappings has no fields to tell it.
    """
    flags, hashes = [], []
    cost = spared = pl.repeat(0, people, dtype=pl.Int64, eager=True)
    for nth, mapping in enumerate(mappings):
        name = mapping.target
        old = None if before is None else before.list.get(nth, null_on_oob=True)
        if name not in fields.columns:
            hashes.append(old)
            continue
        goes = filled = fields[name].is_not_null() | mapping.send_empty
        if old is not None:
            new = hash_columns(fields, [name])
            goes = filled & old.ne_missing(new)
            hashes.append(pl.select(pl.when(filled).then(new).otherwise(old)).to_series())
            flags.append(goes.alias(name))
        if price is not None:
            points = price.of(fields[name], name, asked).cast(pl.Int64)
            cost, spared = cost + points * goes.cast(pl.Int64), spared + points * (filled & ~goes).cast(pl.Int64)
    kept = pl.DataFrame([each.alias(f"\x00{nth}") for nth, each in enumerate(hashes) if each is not None])
    remembered = pl.concat_list(kept.columns) if kept.width else pl.lit(None, HASHES)
    told = pl.DataFrame([cost.alias("cost"), spared.alias("spared"), *kept])
    return Going(pl.DataFrame(flags), told.select(remembered.cast(HASHES).alias("fields"), "cost", "spared"))


def noted(rows: pl.Series, payload: pl.Series, some: Going, same: pl.Series) -> pl.DataFrame:
    """What is noted of people, as `NOTES`; all that it would cost is spared of those who are not sent.

    Args:
        rows: Their rows.
        payload: The hashes of their bodies.
        some: What of them goes.
        same: Who is left out, since the vendor has them as they would be sent.
    """
    lines = pl.DataFrame([rows.alias("row"), payload.alias("payload"), *some.notes, same.alias("same")])
    out, whole = pl.col("same"), pl.col("cost") + pl.col("spared")
    return lines.with_columns(
        cost=pl.when(~out).then("cost").otherwise(0), spared=pl.when(out).then(whole).otherwise("spared")
    ).select(*NOTES)


def where(members: Sequence[Member], flags: Mapping[str, str]) -> tuple[Member, ...]:
    """Members that are written of those alone for whom a flag is true.

    Args:
        members: The body.
        flags: For columns of members the columns of their flags.
    """
    return tuple(
        replace(each, where=flags.get(each.column or ""), members=where(each.members, flags)) for each in members
    )
