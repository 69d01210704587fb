"""Frames that users hand over, of whatever make: Polars, pandas, Arrow, DuckDB, or rows and columns of Python.

Their makers are told by what they offer, so that none of them has to be installed. Columns are taken one by one: one
that cannot be held is named, and stands in nobody's way until it is asked for.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit.core.field_names import clean_names
from cdpkit.core.handed_values import Column, column_of
from cdpkit.core.processors.fields import column
from cdpkit.errors import ConfigurationError, SourceError

_DASHES = (r"^(.{8})(.{4})(.{4})(.{4})(.{12})$", "$1-$2-$3-$4-$5")
_WRONG = (
    TypeError,
    ValueError,
    OverflowError,
    NotImplementedError,
    AttributeError,
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
)
"""What makers of frames raise where a column cannot be had."""
_NO_WAY = ("interval", "union", "run_end", "list_view", "decimal256", "decimal512")
"""Types of Arrow that Polars does not take."""
_BY_TEXT = re.compile(r"(?:UHUGEINT|BIGNUM|BIT|TIME WITH TIME ZONE)((?:\[[0-9]*\])*)")
"""Types of DuckDB, also in lists, that Arrow has not: what it makes of them is another value."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A frame that was handed over.

    Attributes:
        frame: Its columns, but for those that cannot be held.
        fields: The names of all columns.
        unheld: For the name of each column that cannot be held, what it is.
        notes: What a person should look at.
    """

    frame: pl.LazyFrame | pl.DataFrame
    fields: tuple[str, ...]
    unheld: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def to_frame(given: object) -> pl.DataFrame:
    """A Polars frame of whatever `handed` takes, without the columns that cannot be held.

    Raises:
        SourceError: It is no frame.
    """
    frame = handed(given).frame
    return frame.collect(engine="streaming") if isinstance(frame, pl.LazyFrame) else frame


def handed(given: object) -> Handed:
    """A frame of what was given: one of Polars, pandas, Arrow or DuckDB, a mapping of columns, or rows as mappings.

    Raises:
        SourceError: It is no frame.
    """
    if isinstance(given, pl.LazyFrame):
        return _lazy(given)
    found = _made(given, type(given).__module__.partition(".")[0])
    if found is not None:
        return found
    if isinstance(given, Mapping):
        return _of_columns([str(name) for name in given], [_values(values) for values in given.values()])
    if isinstance(given, Iterable) and not hasattr(given, "__arrow_c_stream__") and not isinstance(given, pl.Series):
        return _of_rows(list(given), type(given).__name__)
    try:
        frame = pl.DataFrame(given)  # type: ignore[arg-type]  # whether it fits is what is tried
    except _WRONG:
        raise _no_frame(type(given).__name__) from None
    return _of_columns(frame.columns, [_polars(frame[name]) for name in frame.columns])


def _made(given: object, maker: str) -> Handed | None:
    """What is a frame by its maker; None for what is none."""
    if isinstance(given, pl.DataFrame):
        return _of_columns(given.columns, [_polars(given[name]) for name in given.columns])
    if maker == "pandas" and hasattr(given, "columns"):
        labels = [str(label) for label in given.columns]
        return _of_columns(labels, [_pandas(given.iloc[:, place]) for place in range(len(labels))])  # type: ignore[attr-defined]
    arrow = _arrow_table(given, maker)
    if arrow is None:
        return None
    return _of_columns(arrow.column_names, [_arrow(column) for column in arrow.columns])


def refuse_unheld(fields: Iterable[str], unheld: Mapping[str, str]) -> None:
    """Refuse fields that cannot be held.

    Raises:
        ConfigurationError: Some of them; names the first.
    """
    for name in fields:
        if name in unheld:
            raise ConfigurationError(
                f"the field {name!r} holds {unheld[name]}, which no property can; make texts of it in the source, or "
                "leave it out"
            )


def _of_columns(labels: Sequence[str], columns: Sequence[Column]) -> Handed:
    named = clean_names(labels)
    pairs = list(zip(named.names, columns, strict=True))
    lengths = {column.len() for _, (column, _, _) in pairs if column is not None}
    if len(lengths) > 1:
        raise SourceError("the columns of the source have different lengths; give each as many values")
    unheld = {name: what for name, (column, what, _) in pairs if column is None}
    frame = pl.DataFrame([column.alias(name) for name, (column, _, _) in pairs if column is not None])
    mended = sum(count for _, (_, _, count) in pairs)
    notes = [*named.told(), *([f"{mended:,} characters that are no Unicode became U+FFFD"] if mended else [])]
    return Handed(frame, named.names, unheld, tuple(notes))


def _lazy(lazy: pl.LazyFrame) -> Handed:
    try:
        schema = lazy.collect_schema()
    except _WRONG as error:
        raise SourceError(
            f"the lazy frame cannot be worked out ({type(error).__name__}); collect it yourself, and load what you get"
        ) from None
    named = clean_names(schema.names())
    pairs = list(zip(schema.items(), named.names, strict=True))
    unheld = {new: strange(dtype) for (_, dtype), new in pairs if strange(dtype)}
    kept = [column(old).alias(new) for (old, _), new in pairs if new not in unheld]
    if unheld or schema.names() != list(named.names):
        lazy = lazy.select(kept)
    return Handed(lazy, named.names, unheld, tuple(named.told()))


def _of_rows(rows: list[Any], what: str) -> Handed:
    strange = next((place for place, row in enumerate(rows) if not isinstance(row, Mapping)), None)
    if strange is not None:
        found = f"{what} whose element {strange} is {type(rows[strange]).__name__} and no mapping"
        raise _no_frame(found)
    labels = list(dict.fromkeys(name for row in rows for name in row))
    return _of_columns([str(name) for name in labels], [column_of([row.get(name) for row in rows]) for name in labels])


def _no_frame(what: str) -> SourceError:
    return SourceError(
        f"a source is a frame or the path of a file, not {what}; give a Polars, pandas or Arrow frame, or rows as "
        "mappings"
    )


def strange(dtype: pl.DataType) -> str:
    """What values of a type are that no property can hold; empty where one can."""
    if dtype == pl.Object:
        return "objects of Python"
    return f"values of the foreign type {dtype.ext_name()}" if isinstance(dtype, pl.BaseExtension) else ""


def _polars(column: pl.Series) -> Column:
    if column.dtype == pl.Object:
        return column_of(column.to_list())
    what = strange(column.dtype)
    return (None, what, 0) if what else (column, "", 0)


def _pandas(column: Any) -> Column:
    """Objects by their values, since a frame takes whole numbers among floats for floats."""
    if str(column.dtype) == "float16":
        return column_of(list(column.to_numpy()))
    if str(column.dtype) in ("object", "category"):
        return column_of(column.tolist())
    if str(column.dtype).startswith("period"):
        return column_of([str(value) if value == value else None for value in column.tolist()])  # noqa: PLR0124
    try:
        return _polars(pl.Series(column))
    except _WRONG:
        return column_of(column.tolist())


def _arrow_table(given: Any, maker: str) -> Any:
    """A table of Arrow, of what is one or makes one."""
    if maker in {"duckdb", "_duckdb"}:
        return texts_first(given).to_arrow_table() if hasattr(given, "to_arrow_table") else None
    if maker != "pyarrow":
        return None
    for make in ("read_all", "to_table"):
        if hasattr(given, make):
            return getattr(given, make)()
    return given if hasattr(given, "column_names") and hasattr(given, "columns") else None


def texts_first(relation: Any) -> Any:
    """A relation of DuckDB with texts for what Arrow has no type for."""
    types = [str(kind) for kind in getattr(relation, "types", [])]
    names = getattr(relation, "columns", [])
    if not any(map(_BY_TEXT.fullmatch, types)) or len(set(names)) < len(names):
        return relation
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    return relation.project(
        ", ".join(
            f"cast({name} as varchar{found[1]}) as {name}" if (found := _BY_TEXT.fullmatch(kind)) else name
            for name, kind in zip(quoted, types, strict=True)
        )
    )


def _arrow(column: Any) -> Column:
    kind = str(column.type)
    if kind == "halffloat":
        return column_of(list(column.to_numpy()))
    if kind.startswith("decimal256"):
        return column_of(column.to_pylist())
    if kind == "date64[ms]":
        column = column.cast("date32")
    if any(part in kind for part in _NO_WAY):
        return None, f"values of type {kind}", 0
    try:
        series = pl.Series(column)
    except _WRONG:
        return None, f"values of type {kind}", 0
    if kind == "extension<arrow.uuid>":
        series = series.to_frame("").select(pl.first().bin.encode("hex").str.replace(*_DASHES)).to_series()
    return _polars(series)


def _scalars(array: Any) -> list[Any]:
    """The values of an array of NumPy, of which floats that are not Python's stay what they are."""
    return list(array) if array.dtype.kind == "f" else list(array.tolist())


def _values(values: Any) -> Column:
    if isinstance(values, pl.Series):
        return _polars(values)
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise SourceError("a mapping is taken as columns: give a list of values for each name")
    maker = type(values).__module__.partition(".")[0]
    if maker in ("pandas", "numpy"):
        return _pandas(values) if hasattr(values, "iloc") else column_of(_scalars(values))
    return _arrow(values) if maker == "pyarrow" else column_of(list(values))
