"""Hashes that are kept: the same for ever, on every machine and under every version of Polars.

A value is first written as a text that does not depend on how its source was typed (5, 5.0 and "5" are one value, all
empties are one, a one-element list is its element), then hashed with XXH3 (64 bits, seed 0). Rows combine the hashes of
their fields by 64-bit arithmetic. The whole recipe is named by `HASH_NAME`, which is stored beside the hashes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
import polars_hash  # noqa: F401  (adds the hash functions to expressions)

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

HASH_NAME = "xxh3_64/1"

_MULTIPLIER = 0x9E3779B97F4A7C15
_EMPTY = 0x51ED270B9F1B2C4D
_EXACT_FLOAT = 2.0**53


def hash_text(text: str) -> int:
    """The signed 64-bit hash of one text."""
    value: int = pl.select(_signed(_hash(pl.lit(text)))).item()
    return value


def hash_columns(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """The Int64 hash of each row over these columns, in the order of their names; never null."""
    return frame.select(_signed(_chain(frame.schema, sorted(set(names))))).to_series().alias("hash")


def hash_labelled(label: str, texts: pl.Expr) -> pl.Expr:
    """The Int64 hash of canonical texts under a label; null where there is none."""
    return _signed(pl.lit(hash_text(label), pl.Int64).reinterpret(signed=False) * _MULTIPLIER + _hash(texts))


def canonical(value: pl.Expr, dtype: "PolarsDataType") -> pl.Expr:
    """One text a value, whatever its type; null where it is empty."""
    if isinstance(dtype, pl.List | pl.Array):
        items = value.arr.to_list() if isinstance(dtype, pl.Array) else value
        texts = items.list.eval(canonical(pl.element(), dtype.inner).drop_nulls())
        return pl.when(texts.list.len() > 0).then(texts.list.join("\x1f"))
    if isinstance(dtype, pl.Struct):
        members = [
            pl.lit(field.name + "\x1d") + canonical(value.struct.field(field.name), field.dtype)
            for field in sorted(dtype.fields, key=lambda field: field.name)
        ]
        text = pl.concat_str(members, separator="\x1e", ignore_nulls=True)
        return pl.when(text != "").then(text)
    return _scalar(value, dtype)


def _scalar(value: pl.Expr, dtype: "PolarsDataType") -> pl.Expr:
    if dtype == pl.String:
        return pl.when(value.str.contains(r"\S")).then(value)
    if dtype.is_float():
        wide = value.cast(pl.Float64)
        whole = (wide == wide.round()) & (wide.abs() < _EXACT_FLOAT)
        bits = pl.lit("f") + wide.reinterpret(dtype=pl.Int64).cast(pl.String)
        return pl.when(whole).then(wide.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(bits)
    if dtype.is_temporal():
        return _temporal(value, dtype)
    return value.bin.encode("hex") if dtype == pl.Binary else value.cast(pl.String)


def _temporal(value: pl.Expr, dtype: "PolarsDataType") -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        return pl.lit("t") + value.dt.epoch("us").cast(pl.String)
    if dtype == pl.Date:
        return value.dt.to_string("%Y-%m-%d")
    label, count = (
        ("d", value.dt.total_nanoseconds()) if isinstance(dtype, pl.Duration) else ("c", value.cast(pl.Int64))
    )
    return pl.lit(label) + count.cast(pl.String)


def _chain(schema: pl.Schema, names: Sequence[str]) -> pl.Expr:
    state = pl.lit(0, pl.UInt64)
    for name in names:
        state = state * _MULTIPLIER + _hash(canonical(pl.col(name), schema[name])).fill_null(_EMPTY)
    return state


def _hash(text: pl.Expr) -> pl.Expr:
    hashed: pl.Expr = text.nchash.xxh3_64()  # type: ignore[attr-defined]
    return hashed


def _signed(value: pl.Expr) -> pl.Expr:
    return value.reinterpret(signed=True)
