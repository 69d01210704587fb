"""Values as a vendor's field takes them, by the vendor's word for the field's type."""

from collections.abc import Callable, Mapping

import polars as pl

from cdpkit.core import scalars, temporal
from cdpkit.core.parse import is_empty
from cdpkit.core.properties import Property, PropertyType

Convert = Callable[[pl.Series], pl.Series]
"""Single values into those of the same length that a field takes; null where one does not fit."""


def by_kind(values: pl.Series, kind: str, kinds: Mapping[str, PropertyType | Convert], otherwise: Convert) -> pl.Series:
    """Convert a column, single values or lists, by the vendor's word for the type of its field.

    Args:
        values: Single values, lists or arrays.
        kind: The word.
        kinds: For each word a type, into which values are read in UTC, or a function of single values.
        otherwise: For a word that is not among them.

    Returns:
        A column of the same name and length; null where a value, or an element of a list, does not fit.
    """
    found = kinds.get(kind, otherwise)
    return each(values, of_type(found) if isinstance(found, PropertyType) else found)


def of_type(kind: PropertyType) -> Convert:
    """Read values as properties of this type do, moments in UTC."""
    return lambda values: scalars.convert(values, Property("value", kind), "UTC")


def nothing(values: pl.Series) -> pl.Series:
    """No value fits."""
    return pl.Series(values.name, [None], dtype=pl.String).new_from_index(0, values.len())


def moments(pattern: str) -> Convert:
    """Moments in UTC written by a strftime pattern; days, also those that are texts, stay days: `2024-05-01`."""

    def convert(values: pl.Series) -> pl.Series:
        if values.dtype == pl.Date:
            return scalars.as_text(values)
        written = of_type(PropertyType.DATETIME)(values).dt.to_string(pattern)
        if values.dtype != pl.String:
            return written
        day = values.str.strip_chars()
        return day.zip_with(temporal.is_day(day) & written.is_not_null(), written)

    return convert


def folded(values: pl.Series, *, lower: bool) -> pl.Series:
    """Identifiers as a vendor compares them: texts without white space around them, null where nothing else is there.

    Args:
        values: Any; they need not be texts.
        lower: Whether the vendor takes capitals for small letters.
    """
    text = scalars.as_text(values).str.strip_chars()
    text = text.str.to_lowercase() if lower else text
    return text.to_frame().select(pl.when(pl.first() != "").then(pl.first()).alias(values.name)).to_series()


def each(values: pl.Series, convert: Convert) -> pl.Series:
    """Convert single values, or the elements of lists; a list with an element that does not fit is null as a whole.

    Empty elements are left out, and a list without others is null.
    """
    if isinstance(values.dtype, pl.Array):
        values = values.arr.to_list()
    if not isinstance(values.dtype, pl.List):
        return convert(values).alias(values.name)
    elements = values.explode(empty_as_null=False, keep_nulls=False)
    if not elements.null_count() and convert(elements).equals(elements, check_dtypes=True):
        return values.to_frame().select(pl.when(pl.first().list.len() > 0).then(pl.first())).to_series()
    position = pl.int_range(values.len(), dtype=pl.UInt32, eager=True).alias("position")
    raw = pl.DataFrame([position, values.alias("value")]).explode("value", empty_as_null=True)
    made = convert(raw["value"]).alias("value")
    clash = (made.is_null() & ~is_empty(raw["value"])).alias("clash")
    lists = (
        pl.DataFrame([raw["position"], made, clash])
        .group_by("position", maintain_order=True)
        .agg(pl.col("value").drop_nulls(), pl.col("clash").any())
    )
    fits = (pl.col("value").list.len() > 0) & ~pl.col("clash")
    return lists.select(pl.when(fits).then("value").alias(values.name)).to_series()
