"""Why rows match or do not: each identifier by itself, and the values that would match if they were written alike."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from cdpkit.core.goal import ImportGoal
from cdpkit.core.keys import POSITION, source_keys, stored_keys
from cdpkit.core.properties import Property
from cdpkit.core.rows import Rows

MATCHING = {
    "field": pl.String(),
    "property": pl.String(),
    "rows": pl.Int64(),
    "missing": pl.Int64(),
    "one": pl.Int64(),
    "several": pl.Int64(),
    "none": pl.Int64(),
    "near": pl.Int64(),
}
"""A line for each identifier: how many rows there are; how many of them have no value that it takes; how many find one
profile by it, several, or none; and how many of these last would find one if blanks and case did not count."""

NEAR_MISSES = {
    POSITION: pl.UInt32(),
    "field": pl.String(),
    "property": pl.String(),
    "value": pl.String(),
    "stored": pl.String(),
    "row": pl.Int64(),
}
"""Values of rows that find nobody, each with a stored value that differs in blanks or in upper and lower case alone."""

_KEY, _ALIKE = "key_0", "alike"


def matching(rows: Rows, goal: ImportGoal, properties: Mapping[str, Property], profiles: pl.LazyFrame) -> pl.DataFrame:
    """How each identifier of a goal fares by itself, as `MATCHING`, in the goal's order.

    Args:
        rows: The source, after the processors.
        goal: The goal.
        properties: The catalogue by name.
        profiles: `row` and the properties.
    """
    lines = []
    for field, target in goal.identifiers:
        keys, stored, missing = _one(rows, goal, properties, profiles, (field, target))
        found = stored.join(keys.lazy(), on=_KEY, how="inner").select(POSITION, "row").unique()
        counts = found.group_by(POSITION).agg(pl.len().alias("profiles")).collect(engine="streaming")
        with_value = keys[POSITION].n_unique()
        one, several = int((counts["profiles"] == 1).sum()), int((counts["profiles"] > 1).sum())
        near = _near(keys, stored, counts[POSITION], properties[target])[POSITION].n_unique()
        none = with_value - one - several
        lines.append((field, target, rows.height, missing, one, several, none, near))
    return pl.DataFrame(lines, schema=MATCHING, orient="row")


def near_misses(
    rows: Rows, goal: ImportGoal, properties: Mapping[str, Property], profiles: pl.LazyFrame
) -> pl.DataFrame:
    """The values that nearly match, as `NEAR_MISSES`, identifier by identifier, by position."""
    parts = [pl.DataFrame(schema=NEAR_MISSES)]
    for field, target in goal.identifiers:
        keys, stored, _ = _one(rows, goal, properties, profiles, (field, target))
        matched = stored.join(keys.lazy(), on=_KEY, how="inner").select(pl.col(POSITION).unique())
        near = _near(keys, stored, matched.collect(engine="streaming").to_series(), properties[target])
        told = near.with_columns(field=pl.lit(field), property=pl.lit(target)).sort(POSITION, "row")
        parts.append(told.select(*NEAR_MISSES))
    return pl.concat(parts)


def _one(
    rows: Rows,
    goal: ImportGoal,
    properties: Mapping[str, Property],
    profiles: pl.LazyFrame,
    pair: tuple[str, str],
) -> tuple[pl.DataFrame, pl.LazyFrame, int]:
    """The values of one identifier: of the rows, of the profiles, and how many rows have none."""
    alone = replace(goal, identifiers=(pair,))
    keys = source_keys(rows.columns([pair[0]]), alone, properties)
    stored = stored_keys(profiles, alone, properties).filter(pl.col(_KEY).is_not_null())
    return keys.values, stored, int(keys.missing.sum())


def _near(keys: pl.DataFrame, stored: pl.LazyFrame, matched: pl.Series, prop: Property) -> pl.DataFrame:
    """`position`, `value`, `stored`, `row` of what nearly matches among the rows that match nothing."""
    if prop.element != pl.String():
        return pl.DataFrame(schema={name: NEAR_MISSES[name] for name in (POSITION, "value", "stored", "row")})
    rest = keys.filter(~pl.col(POSITION).is_in(matched.implode()))
    alike = pl.col(_KEY).str.to_lowercase().str.replace_all(r"\s+", "").alias(_ALIKE)
    theirs = stored.select("row", pl.col(_KEY).alias("stored"), alike)
    ours = rest.lazy().select(POSITION, pl.col(_KEY).alias("value"), alike)
    return theirs.join(ours, on=_ALIKE, how="inner").select(POSITION, "value", "stored", "row").collect()
