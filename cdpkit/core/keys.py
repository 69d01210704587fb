"""The identifier values of source rows and of profiles, in the form in which they are compared."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cdpkit.core.goal import ImportGoal
from cdpkit.core.hashing import hash_columns
from cdpkit.core.parse import Parsed, parse
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.rules import ordered

POSITION = "position"
"""The index of a row among the rows that reach matching; frames about rows are keyed by it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The identifiers of the rows of one source.

    Attributes:
        values: `position` and one column a pair (`key_0`, `key_1`, ...) in compared form; a row with several
            values has several lines, one for each combination. Rows without a value for some pair are left out.
        rows: `position` and the key columns as they are before that, one line a row.
        missing: One Boolean a row: no accepted value for at least one pair.
        parsed: What was accepted and rejected, one entry a pair.
        several: Whether any row has more than one line.
    """

    values: pl.DataFrame
    rows: pl.DataFrame
    missing: pl.Series
    parsed: tuple[Parsed, ...]
    several: bool


def key_names(count: int) -> list[str]:
    """The names of the key columns of so many identifier pairs."""
    return [f"key_{index}" for index in range(count)]


def compared(values: pl.Expr, prop: Property) -> pl.Expr:
    """One value, or a list of values, in the form that is compared: stripped, e-mail addresses in lower case."""
    if prop.multi:
        return values.list.eval(_plain(pl.element(), prop)).list.unique(maintain_order=True)
    return _plain(values, prop)


def _plain(value: pl.Expr, prop: Property) -> pl.Expr:
    if prop.type is PropertyType.EMAIL:
        return value.str.strip_chars().str.to_lowercase()
    return value.str.strip_chars() if prop.type is PropertyType.TEXT else value


def source_keys(rows: pl.DataFrame, goal: ImportGoal, properties: Mapping[str, Property]) -> Keys:
    """Read the identifiers of all rows; a source list is several values whatever the property holds."""
    names = key_names(len(goal.identifiers))
    parsed, columns, lists = [], [], []
    for name, (field, target) in zip(names, goal.identifiers, strict=True):
        prop = properties[target]
        several = isinstance(rows.schema[field], pl.List | pl.Array)
        shape = Property(prop.name, prop.type, multi=several, identifier=True, choices=prop.choices)
        read = parse(rows[field], shape, goal.zone)
        parsed.append(read)
        columns.append(pl.select(compared(pl.lit(read.values), shape).alias(name)).to_series())
        if several:
            lists.append(name)
    frame = pl.DataFrame(columns).with_row_index(POSITION)
    missing = frame.select(pl.any_horizontal(pl.col(names).is_null())).to_series()
    present = frame.filter(~missing) if missing.any() else frame
    several = any((present[name].list.len() > 1).any() for name in lists)
    lines = present
    for name in lists:
        lines = lines.explode(name)
    return Keys(lines, present, missing, tuple(parsed), several)


def unit_hashes(keys: Keys) -> pl.Series:
    """The Int64 unit of each line of `keys.rows`: rows with the same identifiers, as compared, share one."""
    names = [name for name in keys.rows.columns if name != POSITION]
    lists = [name for name in names if isinstance(keys.rows.schema[name], pl.List)]
    return hash_columns(keys.rows.with_columns(ordered(keys.rows[name]) for name in lists), names).alias("unit")


def stored_keys(profiles: pl.LazyFrame, goal: ImportGoal, properties: Mapping[str, Property]) -> pl.LazyFrame:
    """The identifiers of the profiles: `row` and the key columns, one line a combination."""
    names = key_names(len(goal.identifiers))
    targets = [properties[target] for _, target in goal.identifiers]
    lines = profiles.select(
        "row",
        *(compared(pl.col(prop.name), prop).alias(name) for name, prop in zip(names, targets, strict=True)),
    )
    for name, prop in zip(names, targets, strict=True):
        if prop.multi:
            lines = lines.explode(name)
    return lines
