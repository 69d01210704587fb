"""The types of columns, as Delta Lake and as Polars call them."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from deltalake.schema import ArrayType, PrimitiveType

_PRIMITIVES: Mapping[str, pl.DataType] = {
    "string": pl.String(),
    "long": pl.Int64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
}


def delta_type(dtype: pl.DataType) -> PrimitiveType | ArrayType:
    """The type of a column in the schema of a table."""
    if isinstance(dtype, pl.List):
        return ArrayType(delta_type(_instance(dtype.inner)), contains_null=True)
    for name, known in _PRIMITIVES.items():
        if known == dtype:
            return PrimitiveType(name)
    raise TypeError(f"no column type for {dtype}")


def polars_type(kind: Any) -> pl.DataType:
    """The type of a column in a frame."""
    if isinstance(kind, ArrayType):
        return pl.List(polars_type(kind.element_type))
    return _PRIMITIVES[kind.type]


def _instance(dtype: Any) -> pl.DataType:
    instance: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return instance
