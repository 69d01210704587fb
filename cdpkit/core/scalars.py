"""One column of single values into the type of a property, and why a value does not fit.

Conversion is asked first and for the whole column; reasons are worked out for the few rejected values alone.
"""

from typing import TYPE_CHECKING

import polars as pl

from cdpkit.core import numerals, reasons, temporal
from cdpkit.core.numerals import only
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.text import json_text, to_text

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
# Case is folded for ASCII alone: Unicode has a second small s, and "yes" written with it is no yes.
_TRUE = r"^(?i-u:true|yes|1)$"
_FALSE = r"^(?i-u:false|no|0)$"
# UTF-8 in hexadecimal digits: no surrogates, nothing beyond the last code point, no longer form than needed.
_UTF8_HEX = (
    r"^(?:[0-7][0-9a-f]"
    r"|(?:c[2-9a-f]|d[0-9a-f])[89ab][0-9a-f]"
    r"|(?:e0[ab][0-9a-f]|e[1-9a-cef][89ab][0-9a-f]|ed[89][0-9a-f])[89ab][0-9a-f]"
    r"|(?:f0[9ab][0-9a-f]|f[1-3][89ab][0-9a-f]|f48[0-9a-f])(?:[89ab][0-9a-f]){2})*$"
)
EDGES = r"^[\s\p{Cf}]+|[\s\p{Cf}]+$"
_AT_AN_EDGE = r"^[\s\p{Cf}]|[\s\p{Cf}]$"
UNSEEN = r"[\s\p{Cf}]"


def convert(source: pl.Series, prop: Property, zone: str) -> pl.Series:
    """Read a column of single values.

    Args:
        source: Any dtype; a nested value is taken by text alone, as JSON.
        prop: Whose type, choices and identifier flag count; `multi` does not.
        zone: Where moments without a zone are read.

    Returns:
        A column of `prop.element`, of the same length; null where the source is empty or the value does not fit.
    """
    if source.dtype.is_nested() and prop.type is not PropertyType.TEXT:
        return _nulls(source, prop.element)
    match prop.type:
        case PropertyType.TEXT | PropertyType.EMAIL:
            values = _texts(source, prop, zone)
        case PropertyType.NUMBER:
            values = _numbers(source)
        case PropertyType.DECIMAL:
            values = _decimals(source)
        case PropertyType.BOOLEAN:
            values = _booleans(source)
        case PropertyType.DATE:
            values = temporal.dates(_iso(source), zone)
        case PropertyType.DATETIME:
            values = temporal.datetimes(_iso(source), zone)
    return values


def why(rejected: pl.Series, prop: Property, zone: str) -> pl.Series:
    """Say why `convert` accepted none of these values, as String of the same length."""
    if rejected.dtype.is_nested() and prop.type is not PropertyType.TEXT:
        return _same(rejected, reasons.NESTED.code)
    match prop.type:
        case PropertyType.TEXT | PropertyType.EMAIL:
            found = _text_reasons(rejected, prop, zone)
        case PropertyType.NUMBER:
            found = _number_reasons(rejected)
        case PropertyType.DECIMAL:
            found = _decimal_reasons(rejected)
        case PropertyType.BOOLEAN:
            found = _same(rejected, reasons.NOT_BOOLEAN.code)
        case PropertyType.DATE:
            found = temporal.date_reasons(_iso(rejected))
        case PropertyType.DATETIME:
            found = temporal.datetime_reasons(_iso(rejected), zone)
    return found


def as_text(source: pl.Series, zone: str = "UTC") -> pl.Series:
    """Write any column as text: as `to_text` does, whole floats without `.0`, durations as ISO 8601, nested as JSON.

    Null where the source is null or has no text: bytes that are no UTF-8, moments that cannot be placed in UTC within
    the years 1 to 9999, floats that are not finite or so large that whole ones cannot be told apart, Python objects.
    """
    dtype = source.dtype
    if dtype == pl.String:
        text = source
    elif isinstance(dtype, pl.Datetime):
        text = to_text(temporal.datetimes(source, zone))
    elif dtype == pl.Date:
        text = to_text(temporal.dates(source))
    elif dtype.is_float():
        text = numerals.float_texts(source)
    elif dtype == pl.Duration:
        text = source.dt.to_string("iso")
    elif dtype == pl.Binary:
        text = _decoded(source)
    elif not _has_text(dtype):
        text = _nulls(source, pl.String())
    else:
        text = json_text(source) if dtype.is_nested() else to_text(source)
    return text


def shown(rejected: pl.Series) -> pl.Series:
    """Write rejected values for people to see; empty where a value has no text.

    Bytes that are no text are written in hexadecimal, and moments without a zone are left without one.
    """
    dtype = rejected.dtype
    if dtype == pl.Binary:
        return as_text(rejected).fill_null(rejected.bin.encode("hex"))
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return as_text(rejected).str.strip_suffix("Z").fill_null("")
    if dtype.is_float():
        return as_text(rejected).fill_null(rejected.cast(pl.String)).fill_null("")
    return as_text(rejected).fill_null("")


def stripped(text: pl.Series) -> pl.Series:
    """Take surrounding white space off; a column that has none is handed back as it is."""
    padded = text.str.contains(r"^\s").any() or text.str.contains(r"\s$").any()
    return text.str.strip_chars() if padded else text


def bare(text: pl.Series, *, anywhere: bool = False) -> pl.Series:
    """Take white space and format characters (Unicode `White_Space`, `Cf`) off both ends, or out of the whole.

    They are not seen, so that a text with them would be another person who looks the same.
    """
    if not text.str.contains(UNSEEN if anywhere else _AT_AN_EDGE).any():
        return text
    return text.str.replace_all(UNSEEN if anywhere else EDGES, "")


def _texts(source: pl.Series, prop: Property, zone: str) -> pl.Series:
    text = as_text(source, zone)
    is_email = prop.type is PropertyType.EMAIL
    if is_email or prop.identifier:
        text = bare(text, anywhere=is_email)
        if source.dtype.is_decimal():
            text = text.str.replace(r"\.0+$", "")  # the places of the column, and no part of who it is
    elif prop.choices:
        text = stripped(text)
    text = only(text.str.contains(_EMAIL if is_email else r"\S"), text)
    return only(text.is_in(prop.choices), text) if prop.choices else text


def _numbers(source: pl.Series) -> pl.Series:
    dtype = source.dtype
    if dtype.is_integer():
        return source.cast(pl.Int64, strict=False)
    if dtype.is_float():
        return numerals.float_wholes(source)
    if dtype.is_numeric():
        whole = source.cast(pl.Int64, strict=False)
        return only(whole.cast(dtype, strict=False) == source, whole)
    return numerals.text_wholes(stripped(as_text(source)))


def _decimals(source: pl.Series) -> pl.Series:
    return numerals.decimals(source) if source.dtype.is_numeric() else numerals.text_decimals(stripped(as_text(source)))


def _booleans(source: pl.Series) -> pl.Series:
    if source.dtype == pl.Boolean:
        return source
    if source.dtype.is_numeric():
        true, false = source == 1, source == 0
    else:
        text = stripped(as_text(source))
        true, false = text.str.contains(_TRUE), text.str.contains(_FALSE)
    return only(true | false, true)


def _iso(source: pl.Series) -> pl.Series:
    """Dates and moments stay typed, all else becomes stripped text."""
    return source if source.dtype in (pl.Date, pl.Datetime) else stripped(as_text(source))


def _text_reasons(rejected: pl.Series, prop: Property, zone: str) -> pl.Series:
    has_text = as_text(rejected, zone).is_not_null()
    misfit = reasons.NOT_EMAIL.code if prop.type is PropertyType.EMAIL else reasons.NO_TEXT_FORM.code
    if prop.choices:
        misfit = reasons.NOT_A_CHOICE.of(", ".join(prop.choices))
    if isinstance(rejected.dtype, pl.Datetime):
        unread = temporal.datetime_reasons(rejected, zone)
    elif rejected.dtype == pl.Date:
        unread = temporal.date_reasons(rejected)
    elif rejected.dtype == pl.Binary:
        unread = _same(rejected, reasons.NOT_UTF8.code)
    elif rejected.dtype.is_float():
        unread = _either(rejected.is_finite(), reasons.WOULD_LOSE_DIGITS.code, reasons.NOT_FINITE.code)
    else:
        unread = _same(rejected, reasons.NESTED.code if rejected.dtype.is_nested() else reasons.NO_TEXT_FORM.code)
    return _same(rejected, misfit).zip_with(has_text, unread)


def _number_reasons(rejected: pl.Series) -> pl.Series:
    dtype = rejected.dtype
    if dtype.is_integer():
        return _same(rejected, reasons.WOULD_LOSE_DIGITS.code)
    if dtype.is_numeric():
        whole = rejected.is_finite() & (rejected == rejected.round()) if dtype.is_float() else rejected % 1 == 0
        return _either(whole, reasons.WOULD_LOSE_DIGITS.code, reasons.NOT_WHOLE.code)
    return numerals.whole_reasons(stripped(as_text(rejected)))


def _decimal_reasons(rejected: pl.Series) -> pl.Series:
    if rejected.dtype.is_float():
        return _same(rejected, reasons.NOT_FINITE.code)
    return numerals.decimal_reasons(stripped(as_text(rejected)))


def _decoded(source: pl.Series) -> pl.Series:
    try:
        return source.cast(pl.String)
    except pl.exceptions.ComputeError:
        valid = source.bin.encode("hex").str.contains(_UTF8_HEX)
        # The cast also looks at bytes that are masked as null, so that they are emptied first.
        emptied = pl.select(pl.when(valid).then(source).otherwise(pl.lit(b"")).cast(pl.String)).to_series()
        return only(valid, emptied)


def _has_text(dtype: "PolarsDataType") -> bool:
    """Whether every value of the type can be written; JSON has no bytes."""
    if isinstance(dtype, pl.Struct):
        return all(_has_text(inner) for inner in dtype.to_schema().values())
    if isinstance(dtype, pl.List | pl.Array):
        return _has_text(dtype.inner)
    plain = (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Null)
    return dtype.is_numeric() or dtype.is_temporal() or dtype in plain


def _nulls(source: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.Series(source.name, [None], dtype=dtype).new_from_index(0, source.len())


def _same(rejected: pl.Series, reason: str) -> pl.Series:
    return pl.Series("reason", [reason]).new_from_index(0, rejected.len())


def _either(first: pl.Series, reason: str, otherwise: str) -> pl.Series:
    return pl.select(pl.when(first).then(pl.lit(reason)).otherwise(pl.lit(otherwise)).alias("reason")).to_series()
