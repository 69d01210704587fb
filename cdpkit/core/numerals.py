"""Numerals on their way into a property: every digit is kept as it was written, or the value does not pass.

What would lose its form is rejected as `WOULD_LOSE_DIGITS` (semantics, section 16): leading zeros or plus, more digits
than the property holds, exponents where a whole number is asked, and whole floats beyond those that a float can tell
apart.
"""

from typing import cast

import polars as pl

from cdpkit.core import reasons

DIGITS = 15
"""The significant digits that every decimal holds, whatever they are."""

_WHOLE = r"^(?:0|-?[1-9][0-9]*)$"
_ANY_WHOLE = r"^[+-]?(?:[0-9]+|[0-9]+\.?[0-9]*[eE][+-]?[0-9]+)$"
_DECIMAL = r"^-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_ANY_DECIMAL = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_SMALLEST = 2.0**-1022
"""Nearer to zero a float has fewer digits."""


def most_exact(dtype: pl.DataType) -> float:
    """The whole number up to which floats of this type are exact."""
    return 2.0**24 if dtype == pl.Float32 else 2.0**53


def float_texts(values: pl.Series) -> pl.Series:
    """Floats as texts: whole ones without `.0`; null for what is not finite, and beyond `most_exact` for whole ones."""
    value, whole = pl.first(), pl.first() == pl.first().round()
    exact = value.abs() <= most_exact(values.dtype)
    if values.drop_nulls().drop_nans().is_empty():
        return pl.Series(values.name, [None], pl.String).new_from_index(0, values.len())
    text = pl.when(whole & exact).then(value.cast(pl.Int64, strict=False).cast(pl.String))
    return values.to_frame().select(text.when(value.is_finite() & ~whole).then(value.cast(pl.String))).to_series()


def float_wholes(values: pl.Series) -> pl.Series:
    """Floats as Int64; null for those that are not whole, or not surely the number that was meant."""
    fits = (values == values.round()) & (values.abs() <= most_exact(values.dtype))
    return only(fits, values).cast(pl.Int64, strict=False)


def text_wholes(text: pl.Series) -> pl.Series:
    """Stripped text as Int64; null for what is not written as an Int64 is."""
    return only(text.str.contains(_WHOLE), text).cast(pl.Int64, strict=False)


def text_decimals(text: pl.Series) -> pl.Series:
    """Stripped text as Float64; null for what is no decimal of at most `DIGITS` significant digits."""
    values = only(text.str.contains(_DECIMAL), text).cast(pl.Float64, strict=False)
    doubtful = ((text.str.len_bytes() > DIGITS) | (values.abs() < _SMALLEST)).fill_null(value=False)
    if doubtful.any():
        index = doubtful.arg_true()
        values = values.scatter(index.filter(_loses(text.gather(index), values.gather(index))), None)
    return only(values.is_finite(), values)


def decimals(values: pl.Series) -> pl.Series:
    """A column of any numeric type as Float64; null for what is not finite or has too many digits."""
    dtype = values.dtype
    if dtype == pl.Float64:
        return only(values.is_finite(), values)
    if dtype.is_integer() and _in_digits(values):
        return values.cast(pl.Float64)
    # By way of text: a narrow float is meant as it is written, and a decimal or a large integer has to be counted.
    return text_decimals(values.cast(pl.String))


def whole_reasons(text: pl.Series) -> pl.Series:
    """Why `text_wholes` took none of these texts, as String of the same length."""
    return _either(text.str.contains(_ANY_WHOLE), reasons.WOULD_LOSE_DIGITS.code, reasons.NOT_WHOLE.code)


def decimal_reasons(text: pl.Series) -> pl.Series:
    """Why `text_decimals` took none of these texts, as String of the same length."""
    numeral = text.str.contains(_ANY_DECIMAL)
    finite = only(numeral, text).cast(pl.Float64, strict=False).is_finite().fill_null(value=False)
    return _either(
        finite,
        reasons.WOULD_LOSE_DIGITS.code,
        _either(numeral, reasons.OUT_OF_RANGE.code, reasons.NOT_DECIMAL.code),
    )


def only(fits: pl.Series, values: pl.Series) -> pl.Series:
    """The values that fit, null for the others; all of them cost nothing."""
    if fits.all():
        return values
    return pl.select(pl.when(fits).then(values).alias(values.name)).to_series()


def _in_digits(integers: pl.Series) -> bool:
    """Whether none of these integers, signed or not, has more than `DIGITS` digits."""
    # Compared as Python's own numbers, since a column without signs is compared with no negative number.
    least, most = cast("int | None", integers.min()), cast("int | None", integers.max())
    return least is None or most is None or (least > -(10**DIGITS) and most < 10**DIGITS)


def _loses(text: pl.Series, values: pl.Series) -> pl.Series:
    """Whether texts have more significant digits than fit, or have become zero or nearly so."""
    written = text.str.replace(r"[eE].*$", "").str.replace_all(r"[^0-9]", "")
    digits = written.str.strip_chars("0").str.len_bytes()
    vanished = (values.abs() < _SMALLEST).fill_null(value=False) & (digits > 0)
    return ((digits > DIGITS) | vanished).fill_null(value=False)


def _either(first: pl.Series, reason: str, otherwise: str | pl.Series) -> pl.Series:
    rest = pl.lit(otherwise)
    return pl.select(pl.when(first).then(pl.lit(reason)).otherwise(rest).alias("reason")).to_series()
