"""Stored values as text and back, without loss."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from cdpkit.core.properties import UTC, Property, PropertyType
from cdpkit.errors import ConfigurationError

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

_MOMENT = "%Y-%m-%dT%H:%M:%S%.6f"
_WRAP = '{"v":'


def to_text(values: pl.Series) -> pl.Series:
    """Write a stored column as text.

    Args:
        values: A scalar or list column of any property type.

    Returns:
        String of the same name and length: numbers as digits, decimals as the shortest text that reads back the
        same, dates `YYYY-MM-DD`, moments `YYYY-MM-DDTHH:MM:SS.ffffffZ`, booleans `true` and `false`, lists as a JSON
        array of such texts; null stays null.
    """
    dtype = values.dtype
    if not isinstance(dtype, pl.List):
        return values.to_frame().select(_text(pl.first(), dtype)).to_series()
    return json_text(values.list.eval(_text(pl.element(), dtype.inner)))


def stacked_apart(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames under each other; a column that is of one type here and of another there is text in all of them.

    So are the properties of profiles and those of groups, which may have one name and two types.
    """
    held: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            held.setdefault(name, set()).add(dtype)
    told = {name: types - {pl.Null()} for name, types in held.items()}
    apart = [name for name, types in told.items() if len(types) > 1 and not all(each.is_numeric() for each in types)]
    alike = [
        frame.with_columns(to_text(frame[name]) for name in apart if frame.schema.get(name, pl.Null()) != pl.Null())
        for frame in frames
    ]
    return pl.concat(alike, how="diagonal_relaxed")


def from_text(text: pl.Series, prop: Property) -> pl.Series:
    """Read what `to_text` wrote.

    Args:
        text: String.
        prop: What the text holds.

    Returns:
        The column of the same name, with the type of the property; null stays null.

    Raises:
        ConfigurationError: Some text was not written by `to_text` for this type.
    """
    misfit = ConfigurationError(f"column {text.name!r} holds text that is not a stored {prop.type}; write it anew")
    if not prop.multi:
        values = text.to_frame().select(typed_text(pl.first(), prop.type).alias(text.name)).to_series()
        if values.null_count() > text.null_count():
            raise misfit
        return values
    try:
        texts = text.str.json_decode(pl.List(pl.String))
    except pl.exceptions.ComputeError:
        # The cause quotes the text, and the text may be about a person.
        raise misfit from None
    lists = texts.list.eval(typed_text(pl.element(), prop.type))
    if texts.null_count() > text.null_count() or lists.explode().null_count() > texts.explode().null_count():
        raise misfit
    return lists.cast(prop.dtype)


def json_text(values: pl.Series) -> pl.Series:
    """Write a list or struct column as JSON; null stays null."""
    # Only structs can be encoded, so that each value is wrapped in one and its wrapping is cut off.
    wrapped = pl.struct(pl.first().alias("v")).struct.json_encode()
    bare = wrapped.str.strip_prefix(_WRAP).str.head(-1)
    return values.to_frame().select(pl.when(pl.first().is_not_null()).then(bare).alias(values.name)).to_series()


def encoded(value: pl.Expr, name: str = "") -> pl.Expr:
    """`"name":value` in JSON, or `value` where the name is empty: an object of Polars' encoder without its braces."""
    return pl.struct(value.alias(name)).struct.json_encode().str.slice(1 if name else 4).str.head(-1)


def _text(values: pl.Expr, dtype: "PolarsDataType") -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is None:
            return values.dt.strftime(_MOMENT)
        return values.dt.convert_time_zone("UTC").dt.strftime(_MOMENT + "Z")
    return values if dtype == pl.String else values.cast(pl.String)


def typed_text(text: pl.Expr, kind: PropertyType) -> pl.Expr:
    """A text that `to_text` wrote as a value of this type; null where it is none."""
    match kind:
        case PropertyType.TEXT | PropertyType.EMAIL:
            return text
        case PropertyType.NUMBER:
            return text.cast(pl.Int64, strict=False)
        case PropertyType.DECIMAL:
            return text.cast(pl.Float64, strict=False)
        case PropertyType.BOOLEAN:
            return pl.when(text == "true").then(True).when(text == "false").then(False)
        case PropertyType.DATE:
            return text.str.to_date("%Y-%m-%d", strict=False)
        case PropertyType.DATETIME:
            return (
                text.str.to_datetime(_MOMENT + "Z", strict=False, time_unit="us").dt.replace_time_zone("UTC").cast(UTC)
            )
