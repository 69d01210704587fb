"""Source columns into property values: what is accepted, what is rejected and why."""

from dataclasses import dataclass

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.properties import Property

_REJECTED = pl.Schema({"position": pl.UInt32, "value": pl.String, "reason": pl.String})


@dataclass(frozen=True, slots=True)
class Parsed:
    """One source column, read as the values of one property.

    Attributes:
        values: Named and typed like the property, one row for each of the source; null where the source is empty or
            nothing of it was accepted, never an empty list.
        refused: Boolean without nulls: the row had a value and every one of them was rejected.
        rejected: One row for each rejected value, the elements of a list one by one, in source order:
            `position` (UInt32, row of the source from 0), `value` (String; empty where it has no text) and `reason`
            (String).
        cut: Rows whose list of several non-empty values went to a single-valued property, which takes the first.
    """

    values: pl.Series
    refused: pl.Series
    rejected: pl.DataFrame
    cut: int


def parse(source: pl.Series, prop: Property, zone: str = "UTC") -> Parsed:
    """Read a source column as values of a property.

    A value that does not fit is rejected by itself and reported; it never becomes null in silence. White space around
    a value is ignored, except by text that identifies nobody, which is kept as it comes. Lists for a `multi` property
    keep their unique elements, first seen first; a single value makes a list of one.

    Args:
        source: A column of any dtype; text has the form of ISO 8601 and of plain numbers (`.` for the decimal point).
        prop: The property that is to hold the values.
        zone: Where dates and times without a zone are read, such as "Europe/Brussels".

    Returns:
        Values, refused rows and rejections.

    Raises:
        ConfigurationError: The zone is unknown, and the column has dates or times.
    """
    if not isinstance(source.dtype, pl.List | pl.Array):
        return _from_scalars(source, prop, zone, cut=0)
    lists = source.arr.to_list() if isinstance(source.dtype, pl.Array) else source
    if prop.multi:
        return _from_lists(lists, prop, zone)
    first, cut = _first_values(lists)
    return _from_scalars(first, prop, zone, cut=cut)


def single_values(source: pl.Series) -> pl.Series:
    """What a single-valued property looks at: of each list its first value that is not empty."""
    if not isinstance(source.dtype, pl.List | pl.Array):
        return source
    return _first_values(source.arr.to_list() if isinstance(source.dtype, pl.Array) else source)[0]


def is_empty(source: pl.Series) -> pl.Series:
    """Mark the rows without a value: null, NaN, `""`, white space only, and lists of only such elements.

    Zero, false and a struct are values.

    Args:
        source: A column of any dtype.

    Returns:
        Boolean without nulls, of the same name and length.
    """
    dtype = source.dtype
    if isinstance(dtype, pl.List | pl.Array):
        listed = source.arr.to_list() if isinstance(dtype, pl.Array) else source
        elements = _elements(listed)
        empty = elements.select("position", is_empty(elements["value"]).alias("empty"))
        if not empty["empty"].any():
            return pl.repeat(value=False, n=source.len(), eager=True).alias(source.name)
        return _by_position(empty).agg(pl.col("empty").all())["empty"].alias(source.name)
    if dtype in (pl.Categorical, pl.Enum, pl.Binary):
        text = scalars.as_text(source)
        return source.is_null() | (text.is_not_null() & is_empty(text))
    if dtype == pl.String:
        return (~source.str.contains(r"\S")).fill_null(value=True)
    if dtype.is_float():
        return source.is_null() | source.is_nan().fill_null(value=True)
    return source.is_null()


def _from_scalars(source: pl.Series, prop: Property, zone: str, *, cut: int) -> Parsed:
    values = scalars.convert(source, prop, zone).alias(prop.name)
    refused = pl.repeat(value=False, n=source.len(), eager=True)
    rejected = _REJECTED.to_frame()
    if values.null_count() > source.null_count():
        refused = values.is_null() & ~is_empty(source)
        rejected = _rejections(refused.arg_true(), source.filter(refused), prop, zone)
    if prop.multi:
        values = _lists_of_one(values)
    return Parsed(values, refused.alias("refused"), rejected, cut)


def _from_lists(source: pl.Series, prop: Property, zone: str) -> Parsed:
    elements = _elements(source)
    position, raw = elements.get_columns()
    converted = scalars.convert(raw, prop, zone).alias("value")
    kept = pl.col("value").drop_nulls().unique(maintain_order=True)
    lists = _by_position(pl.DataFrame([position, converted])).agg(kept)["value"]
    if converted.null_count():
        lists = lists.to_frame().select(pl.when(pl.first().list.len() > 0).then(pl.first())).to_series()
    refused = pl.repeat(value=False, n=source.len(), eager=True)
    rejected = _REJECTED.to_frame()
    if converted.null_count() > raw.null_count():
        misfit = converted.is_null() & ~is_empty(raw)
        rejected = _rejections(position.filter(misfit), raw.filter(misfit), prop, zone)
        with_misfit = pl.int_range(source.len(), dtype=pl.UInt32, eager=True).is_in(rejected["position"].implode())
        refused = lists.is_null() & with_misfit
    return Parsed(lists.alias(prop.name), refused.alias("refused"), rejected, 0)


def _first_values(source: pl.Series) -> tuple[pl.Series, int]:
    """The first non-empty element of each list, and how many lists had more than that one."""
    elements = _elements(source)
    value = pl.col("value")
    present = elements.with_columns(pl.when(~is_empty(elements["value"])).then(value).alias("value"))
    firsts = _by_position(present).agg(value.drop_nulls().first(), value.count().alias("count"))
    return firsts["value"], int((firsts["count"] > 1).sum())


def _elements(lists: pl.Series) -> pl.DataFrame:
    """Columns `position` and `value`: one row for each element, and one with null for a list that has none."""
    position = pl.int_range(lists.len(), dtype=pl.UInt32, eager=True).alias("position")
    return pl.DataFrame([position, lists.alias("value")]).explode("value", empty_as_null=True)


def _by_position(elements: pl.DataFrame) -> "pl.dataframe.group_by.GroupBy":
    # Elements come in the order of their rows; told so, Polars groups them without hashing.
    return elements.with_columns(pl.col("position").set_sorted()).group_by("position", maintain_order=True)


def _lists_of_one(values: pl.Series) -> pl.Series:
    one = pl.concat_list(pl.first())
    return values.to_frame().select(pl.when(pl.first().is_not_null()).then(one).alias(values.name)).to_series()


def _rejections(position: pl.Series, raw: pl.Series, prop: Property, zone: str) -> pl.DataFrame:
    columns = [
        position.alias("position"),
        scalars.shown(raw).alias("value"),
        scalars.why(raw, prop, zone).alias("reason"),
    ]
    return pl.DataFrame(columns).cast(_REJECTED)
