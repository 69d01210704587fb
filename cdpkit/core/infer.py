"""A property for a source column that has none yet: its type from the values, its name from the field."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from cdpkit.core.parse import parse
from cdpkit.core.properties import RESERVED, Property, PropertyType
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError

_CANDIDATES = (
    PropertyType.NUMBER,
    PropertyType.DECIMAL,
    PropertyType.DATE,
    PropertyType.DATETIME,
    PropertyType.BOOLEAN,
    PropertyType.EMAIL,
)
_CODE = r"^\s*(?:[+-]?0[0-9]+(?:\.[0-9]*)?|\+[0-9]+|[+-]?[0-9]{19,}|[+-]?[0-9]*\.?[0-9]*[eE][+-]?[0-9]+)\s*$"
"""Numerals that are no quantities: a leading zero or plus sign, an exponent, or more digits than a number keeps."""
_WITH_TIME = r"[0-9][T ][0-9]"
_WIDE = (pl.UInt64, pl.Int128, pl.UInt128)
"""Types of whole numbers that hold more than a property does."""
_SAMPLE = 1000


def infer(source: pl.Series, name: str) -> Property:
    """Choose the property that fits a whole source column.

    Typed columns map directly. A column of text gets the first of number, decimal, date, datetime, boolean and email
    that every non-empty value fits, else text. It is text as well when any value is a numeral that would lose
    something as a number (`007`, `12E5` and `+3247..` are codes; `0` and `0.5` are numbers), when two values that are
    written differently would be one decimal (`1.1` and `1.10`), and when it has no value at all.

    Args:
        source: The whole column; a list makes the property `multi`.
        name: The name of the property, as `slug` makes it.

    Returns:
        The property, with no flag but `multi`.

    Raises:
        ConfigurationError: The name has characters that no property may have.
    """
    multi = isinstance(source.dtype, pl.List | pl.Array)
    values = source.explode() if multi else source
    if values.dtype in (pl.Categorical, pl.Enum):
        values = values.cast(pl.String)
    kind = _of_text(values) if values.dtype == pl.String else _of_dtype(values.dtype)
    if (values.dtype in _WIDE or values.dtype.is_decimal()) and not _fits(values, kind):
        kind = PropertyType.TEXT
    return Property(name, kind, multi=multi)


@dataclass(frozen=True, slots=True)
class Why:
    """Why a type was chosen.

    Attributes:
        words: For people, without values.
        rows: The positions of the rows that decided; empty where no single ones did.
        nearly: The type that all others fit, where a few rows made it text.
    """

    words: str
    rows: pl.Series
    nearly: PropertyType | None = None


def why(source: pl.Series, prop: Property) -> Why:
    """Why `infer` chose a type.

    Args:
        source: The column, or its beginning.
        prop: What `infer` made of it.
    """
    rows = pl.int_range(source.len(), dtype=pl.UInt32, eager=True).alias("row")
    lines = pl.DataFrame([rows, source.alias("value")])
    lines = lines.explode("value") if isinstance(source.dtype, pl.List | pl.Array) else lines
    values, none = lines["value"], rows.clear()
    if values.dtype in (pl.Categorical, pl.Enum):
        values = values.cast(pl.String)
    if values.dtype != pl.String:
        return Why(f"the field holds {values.dtype}", none)
    filled = int(values.str.contains(r"\S").sum())
    if not filled or prop.type is not PropertyType.TEXT:
        return Why(f"all {filled:,} values fit" if filled else "the field is empty", none)
    return _why_text(lines["row"], values, filled)


def _why_text(rows: pl.Series, values: pl.Series, filled: int) -> Why:
    codes = values.str.contains(_CODE).fill_null(value=False)
    if codes.any():
        return Why("it has numerals that would lose digits as numbers", rows.filter(codes))
    misfits = {kind: parse(values, Property("candidate", kind)).rejected["position"] for kind in _CANDIDATES}
    nearest = min(misfits, key=lambda kind: misfits[kind].len())
    if misfits[nearest].is_empty():
        return Why(f"values that are written differently would be the same {nearest.value}", rows.clear())
    if misfits[nearest].len() > filled / 2:
        return Why("no other type fits", rows.clear())
    return Why(f"the others are {nearest.value}, these are not", rows.gather(misfits[nearest]), nearest)


def new_properties(
    pairs: Iterable[tuple[str, str]], rows: Rows, catalogue: Mapping[str, Property], several: Collection[str] = ()
) -> tuple[Property, ...]:
    """Properties made on the spot, where the catalogue has none for a pair of field and property.

    Args:
        pairs: Field and property.
        rows: The source.
        catalogue: The properties that there are.
        several: The properties that are to hold several values, also where a row brings one, as under the rule `add`.

    Raises:
        ConfigurationError: There is one whose name differs only in case, or the name is none.
    """
    known = {name.lower(): name for name in catalogue}
    new: dict[str, Property] = {}
    for field, target in pairs:
        there = target in catalogue or target in new
        if there or field not in rows.schema or target.lower() in RESERVED:  # the last is a problem of the goal
            continue
        taken = known.get(target.lower())
        if taken is not None:
            raise ConfigurationError(f"no property {target!r}, but there is {taken!r}; write it like that")
        made = infer(rows.columns([field]).to_series(), target)
        new[target] = replace(made, multi=made.multi or target in several)
        known[target.lower()] = target
    return tuple(new.values())


def slug(prefix: str, field: str) -> str:
    """Make a legal property name of a prefix and a field of the source.

    Accents are dropped, other characters than letters, digits, `_` and `-` become `_`, which neither repeats nor
    stands at an end; a reserved name gets a `_` at its end, and a name of which nothing is left is "field".
    """
    plain = unicodedata.normalize("NFKD", prefix + field)
    unaccented = "".join(char for char in plain if not unicodedata.combining(char))
    name = re.sub(r"[^A-Za-z0-9-]+", "_", unaccented).strip("_") or "field"
    return f"{name}_" if name.lower() in RESERVED else name


def _of_dtype(dtype: pl.DataType) -> PropertyType:
    if dtype.is_integer():
        return PropertyType.NUMBER
    if dtype.is_numeric():
        return PropertyType.DECIMAL
    if dtype == pl.Boolean:
        return PropertyType.BOOLEAN
    if dtype == pl.Date:
        return PropertyType.DATE
    if dtype == pl.Datetime:
        return PropertyType.DATETIME
    return PropertyType.TEXT


def _of_text(values: pl.Series) -> PropertyType:
    if not values.str.contains(r"\S").any() or values.str.contains(_CODE).any():
        return PropertyType.TEXT
    return next((kind for kind in _CANDIDATES if _fits(values, kind)), PropertyType.TEXT)


def _fits(values: pl.Series, kind: PropertyType) -> bool:
    """A few rows turn most types down before the whole column is read."""
    candidate = Property("candidate", kind)
    if not all(parse(part, candidate).rejected.is_empty() for part in (values.head(_SAMPLE), values)):
        return False
    if kind is PropertyType.DATE and values.dtype == pl.String:
        return not values.str.contains(_WITH_TIME).any()  # the day alone would be kept of it
    return kind is not PropertyType.DECIMAL or values.dtype != pl.String or _all_differ(values)


def _all_differ(values: pl.Series) -> bool:
    """Whether texts that are written differently stay different as decimals."""
    texts = values.drop_nulls().str.strip_chars()
    texts = texts.filter(texts != "").unique()
    return texts.cast(pl.Float64, strict=False).n_unique() == texts.len()
