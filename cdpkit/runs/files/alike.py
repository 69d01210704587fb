"""Frames below each other, whatever types their columns have; nothing is lost on the way."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from cdpkit.core.processors.fields import column as by_name

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

ROW = "\x00row"
"""The column of rows that have none; a name that no field has."""
_EXACT = 2**53
_MOMENT = "%Y-%m-%dT%H:%M:%S%.6f"

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
_Types = Mapping[str, Sequence[pl.DataType]]


def together(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Frames below each other; a field that is a list in one of them is a list in all, and otherwise what holds both.

    Nothing is lost: where types have nothing in common, values become texts, objects as JSON, whole floats as integers.
    """
    parts = [frame for frame in frames if frame.width]
    return _below(parts) if parts else pl.DataFrame()


def stacked(frames: Sequence[pl.DataFrame], heights: Sequence[int]) -> pl.DataFrame:
    """The same, where a frame without columns stands for so many empty rows."""
    filled = [
        frame if frame.width else pl.select(pl.repeat(None, height, dtype=pl.Null).alias(ROW))
        for frame, height in zip(frames, heights, strict=True)
    ]
    rows = together(filled)
    return rows.drop(ROW, strict=False) if rows.width > 1 else rows


def lazily_together(frames: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """The same of lazy frames; of columns whose types differ it may have to look at the values."""
    return _below(frames)


def _below(parts: Sequence[Frame]) -> Frame:
    types: dict[str, list[pl.DataType]] = {}
    schemas = [part.collect_schema() for part in parts]
    for schema in schemas:
        for name, dtype in schema.items():
            types.setdefault(name, []).append(dtype)
    mixed = {name: found for name, found in types.items() if any(dtype != found[0] for dtype in found)}
    for name, found in mixed.items():
        holders = [part for part, schema in zip(parts, schemas, strict=True) if name in schema]
        if floats_among(found) and any(_beyond_floats(_column(part, name)) for part in holders):
            found.append(pl.String())
    alike = [_made_alike(part, schema, mixed) for part, schema in zip(parts, schemas, strict=True)]
    return pl.concat(alike, how="diagonal_relaxed")


def _column(part: pl.DataFrame | pl.LazyFrame, name: str) -> pl.Series:
    return part.lazy().select(name).collect(engine="streaming").to_series()


def _made_alike(part: Frame, schema: pl.Schema, mixed: _Types) -> Frame:
    exprs = []
    for name, found in mixed.items():
        if name not in schema:
            continue
        column, dtype = by_name(name), schema[name]
        known = [kind for kind in found if kind not in (pl.Null, pl.List(pl.Null))]
        lists = any(isinstance(kind, pl.List) for kind in found)
        inner = [kind.inner if isinstance(kind, pl.List) else kind for kind in known]
        families = {_family(kind) for kind in inner}
        apart = families in ({"other"}, {"time"}) and len(set(map(_kind, inner))) > 1
        if len(families) > 1 or families & {"object", "decimal"} or apart:
            column, dtype = _text(column, dtype), pl.List(pl.String()) if isinstance(dtype, pl.List) else pl.String()
        elif len(set(inner)) > 1 and all(kind.is_integer() for kind in inner):
            wide = pl.Int128()  # the type that holds all of them; with signs and without Polars would take floats
            column = column.cast(pl.List(wide) if isinstance(dtype, pl.List) else wide)
        elif dtype == pl.Float32 and len(set(inner)) > 1:
            column = column.cast(pl.String).cast(pl.Float64)  # as it is written, not as it is kept
        if lists and not isinstance(dtype, pl.List):
            column = pl.when(column.is_not_null()).then(pl.concat_list(column))
        exprs.append(column.alias(name))
    return part.with_columns(exprs)


def _family(kind: "PolarsDataType") -> str:
    """Types of one family have one that holds them all."""
    if kind == pl.Boolean:
        return "boolean"
    if kind.is_decimal():
        return "decimal"
    if kind.is_numeric():
        return "number"
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if kind in (pl.Date, pl.Datetime):
        return "time"
    return "object" if kind.is_nested() else "other"


def _kind(kind: "PolarsDataType") -> object:
    """What has to be one for columns to be one: of times whether and where they have a zone, of all else the type."""
    if kind == pl.Date:
        return None
    return kind.time_zone if isinstance(kind, pl.Datetime) else kind


def floats_among(found: Iterable[pl.DataType]) -> bool:
    """Whether some of these types, or of what lists hold, are floats."""
    return any((kind.inner if isinstance(kind, pl.List) else kind).is_float() for kind in found)


def _beyond_floats(values: pl.Series) -> bool:
    """Whether some are integers that a float cannot tell apart."""
    single = values.explode() if isinstance(values.dtype, pl.List) else values
    return single.dtype.is_integer() and bool(((single > _EXACT) | (single < -_EXACT)).any())


def _text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.List):
        return column.list.eval(_text(pl.element(), instance(dtype)))
    if dtype.is_float():
        whole = column.round() == column
        exact = column.abs() <= _EXACT
        return (
            pl.when(whole & exact)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is None:
            return column.dt.strftime(_MOMENT)
        return column.dt.convert_time_zone("UTC").dt.strftime(_MOMENT + "Z")
    return column.struct.json_encode() if isinstance(dtype, pl.Struct) else column.cast(pl.String)


def instance(dtype: pl.List) -> pl.DataType:
    """What a list holds."""
    inner = dtype.inner
    held: pl.DataType = inner() if isinstance(inner, type) else inner
    return held
