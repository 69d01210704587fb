"""Stored values of one property in another type: what they become, and which of them cannot be held."""

from dataclasses import dataclass

import polars as pl

from cdpkit.core import numerals, scalars
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.text import to_text

_TEXTS = (PropertyType.TEXT, PropertyType.EMAIL)
_NUMBERS = (PropertyType.NUMBER, PropertyType.DECIMAL)
_AS_WRITTEN = (PropertyType.NUMBER, PropertyType.DECIMAL, PropertyType.DATE, PropertyType.EMAIL)
"""Types that take a text only if they would write it just so; the others take what a load takes."""
_NONE_FIT = {(kind, other) for kind in (*_NUMBERS, PropertyType.BOOLEAN) for other in PropertyType} - {
    *((kind, other) for kind in _NUMBERS for other in (*_NUMBERS, PropertyType.TEXT, PropertyType.BOOLEAN)),
    *((PropertyType.BOOLEAN, other) for other in (PropertyType.BOOLEAN, PropertyType.TEXT)),
}
"""Pairs of which no value is the other: a number is no date, whatever its digits are."""


@dataclass(frozen=True, slots=True)
class Retyped:
    """A stored column in another type.

    Attributes:
        values: Of the new type, of the same length; null where there was nothing, or nothing of it fits.
        misfit: Boolean without nulls: some value of the row does not fit.
        misfits: How many values that are, the elements of lists one by one.
    """

    values: pl.Series
    misfit: pl.Series
    misfits: int


def retype(stored: pl.Series, old: Property, new: Property, zone: str) -> Retyped:
    """Read stored values as those of another property.

    Every value fits a text. A text fits a number, a decimal, a date or an e-mail address if that would be written just
    so, and a boolean or a moment if a load would take it; a moment fits a date at midnight in the zone. Of a list, one
    value fits a property that holds one.

    Args:
        stored: The column, of `old.dtype`.
        old: What it holds.
        new: What it is to hold.
        zone: Where days begin, and where moments without a zone are.
    """
    if not old.multi:
        values = _values(stored, old, new, zone)
        misfit = values.is_null() & stored.is_not_null()
        return Retyped(_lists(values) if new.multi else values, misfit, int(misfit.sum()))
    row = pl.int_range(stored.len(), dtype=pl.UInt32, eager=True).alias("row")
    elements = pl.DataFrame([row, stored.alias("old")]).explode("old").drop_nulls("old")
    elements = elements.with_columns(_values(elements["old"], old, new, zone).alias("new"))
    one = pl.lit(value=True) if new.multi else pl.len().over("row") == 1
    fits = elements.with_columns(fits=pl.col("new").is_not_null() & one)
    lost = fits.filter(~pl.col("fits"))
    kept = fits.filter("fits").group_by("row", maintain_order=True).agg(pl.col("new").unique(maintain_order=True))
    values = row.to_frame().join(kept, on="row", how="left", maintain_order="left")["new"].cast(pl.List(new.element))
    return Retyped(
        (values if new.multi else values.list.first()).alias(stored.name), row.is_in(lost["row"].implode()), lost.height
    )


def written(values: pl.Series) -> pl.Series:
    """Single stored values as the texts that a text property gets of them: as they are stored, whole ones without `.0`.

    Nothing is lost: each reads back the same.
    """
    if values.dtype.is_float():
        return numerals.float_texts(values).fill_null(values.cast(pl.String))
    return to_text(values)


def _values(stored: pl.Series, old: Property, new: Property, zone: str) -> pl.Series:
    """Single values in the new type, null for those that do not fit."""
    if old.type is new.type:
        return stored
    if new.type is PropertyType.TEXT:
        return written(stored)
    if (old.type, new.type) in _NONE_FIT:
        return pl.Series(stored.name, [None], new.element).new_from_index(0, stored.len())
    if old.type in _TEXTS and new.type is PropertyType.DECIMAL:
        # Not as a load does, which cannot know whether all digits were meant: here they have to come back.
        read = scalars.stripped(stored).cast(pl.Float64, strict=False)
        read = numerals.only(read.is_finite().fill_null(value=False), read)
    else:
        read = scalars.convert(stored, Property(new.name, new.type), zone).alias(stored.name)
    if old.type in _TEXTS and new.type in _AS_WRITTEN:
        return numerals.only((written(read) == scalars.stripped(stored)).fill_null(value=False), read)
    if (old.type, new.type) == (PropertyType.DATETIME, PropertyType.DATE):
        begun = scalars.convert(read, Property(new.name, old.type), zone)
        return numerals.only((begun == stored).fill_null(value=False), read)
    return read


def _lists(values: pl.Series) -> pl.Series:
    one = pl.concat_list(pl.first())
    return values.to_frame().select(pl.when(pl.first().is_not_null()).then(one).alias(values.name)).to_series()
