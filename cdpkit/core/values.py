"""Reading the mapped columns of the rows that reached a profile."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from cdpkit.core import reasons, scalars
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.keys import POSITION
from cdpkit.core.parse import Parsed, parse, single_values
from cdpkit.core.properties import DEFAULT_PERMISSION_LEVEL, Property, PropertyType

REJECTED = {POSITION: pl.UInt32, "field": pl.String, "property": pl.String, "value": pl.String, "reason": pl.String}


def read_column(source: pl.Series, mapping: FieldMapping, prop: Property, goal: ImportGoal) -> Parsed:
    """Read one mapped field into the property's type.

    Numbers for a sum kept in a text are checked as numbers; a permission level that is cleared is the default.
    """
    if mapping.rule is Rule.SET_OR_CLEAR and prop.name == "permission_level":
        read = parse(source, prop, goal.zone)
        cleared = read.values.is_null() & ~read.refused
        return replace(read, values=read.values.scatter(cleared.arg_true(), DEFAULT_PERMISSION_LEVEL))
    if mapping.rule is not Rule.SUM or prop.type is not PropertyType.TEXT:
        return parse(source, prop, goal.zone)
    texts = parse(source, prop, goal.zone)
    wholes, decimals = (
        parse(source, Property(prop.name, kind), goal.zone) for kind in (PropertyType.NUMBER, PropertyType.DECIMAL)
    )
    whole = wholes.values.is_not_null()
    kept = pl.select(pl.when(whole | decimals.values.is_not_null()).then(texts.values).alias(prop.name)).to_series()
    rejected = decimals.rejected.filter(~whole.gather(decimals.rejected["position"]))
    return Parsed(kept, decimals.refused & ~whole, rejected, texts.cut)


def rejected_values(parsed: Parsed, field: str, prop: str, positions: pl.Series | None) -> pl.DataFrame:
    """The rejected values of one field as `REJECTED`, with `positions` naming the rows where a part was read."""
    index = parsed.rejected["position"]
    return parsed.rejected.select(
        pl.lit(index if positions is None else positions.gather(index)).cast(pl.UInt32).alias(POSITION),
        pl.lit(field).alias("field"),
        pl.lit(prop).alias("property"),
        "value",
        "reason",
    )


def overflowing(values: pl.Series, mapping: FieldMapping, positions: pl.Series) -> pl.DataFrame:
    """Source values, and the rows they come from, as `REJECTED`: their sum would overflow."""
    return pl.DataFrame(
        {
            POSITION: positions,
            "field": pl.repeat(mapping.source, positions.len(), dtype=pl.String, eager=True),
            "property": pl.repeat(mapping.target, positions.len(), dtype=pl.String, eager=True),
            "value": scalars.shown(single_values(values)),
            "reason": pl.repeat(reasons.SUM_OUT_OF_RANGE.code, positions.len(), dtype=pl.String, eager=True),
        },
        schema_overrides=REJECTED,
    )


def all_rejected(parsed: Sequence[Parsed], overflow: Mapping[int, pl.Series], height: int) -> pl.Series:
    """One Boolean a row: it had values and every one of them was rejected."""
    accepted = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    refused = accepted
    for index, column in enumerate(parsed):
        over = overflow.get(index)
        lost = accepted.clear().extend_constant(value=False, n=height) if over is None else _mask(over, height)
        accepted |= column.values.is_not_null() & ~lost
        refused |= column.refused | lost
    return refused & ~accepted


def _mask(positions: pl.Series, height: int) -> pl.Series:
    return pl.repeat(value=0, n=height, dtype=pl.UInt8, eager=True).scatter(positions, 1).cast(pl.Boolean)
