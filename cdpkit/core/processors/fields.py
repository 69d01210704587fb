"""Fields of source rows as processors see them: which exist, which hold text, and how a text is changed.

Text means String, Categorical or Enum, or a list of one of them. A column of nothing but nulls may be any type, so
text processors pass it by. Fields that a user names must hold text; without names every field that does is taken.
"""

from collections.abc import Callable, Iterable
from typing import Literal

import polars as pl
import polars.selectors as cs

from cdpkit.core.numerals import most_exact
from cdpkit.core.processors.registry import Context
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.core.scalars import EDGES, UNSEEN
from cdpkit.errors import ConfigurationError, UnknownNameError

TextChange = Callable[[pl.Expr], pl.Expr]
"""Changes a text, as a column or as the elements of a list; null for a value that cannot be changed."""

OnError = Literal["empty", "exclude", "keep"]
"""What becomes of a value that does not fit: it is emptied, its row is excluded, or it is kept as it is."""


def column(name: str) -> pl.Expr:
    """The column of exactly that name; `pl.col` would read `*` and `^...$` as patterns."""
    return cs.by_name(name).as_expr()


def require_fields(rows: pl.DataFrame, names: Iterable[str], context: Context) -> None:
    """Raise `UnknownNameError`, naming the fields there are, unless all of them exist."""
    for name in names:
        if name not in rows.columns:
            existing = [field for field in rows.columns if field != SOURCE_ROW]
            raise UnknownNameError("field", name, existing, f"mend the processor step {context.step!r}")


def is_text(dtype: pl.DataType) -> bool:
    """Whether a column holds one text per row."""
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def is_text_list(dtype: pl.DataType) -> bool:
    """Whether a column holds a list of texts per row."""
    return isinstance(dtype, pl.List) and dtype.inner in (pl.String, pl.Categorical, pl.Enum)


def is_nothing(dtype: pl.DataType) -> bool:
    """Whether a column can hold no value at all."""
    return isinstance(dtype, pl.Null) or (isinstance(dtype, pl.List) and dtype.inner == pl.Null())


def text_fields(rows: pl.DataFrame, names: tuple[str, ...], context: Context) -> list[str]:
    """The fields to change: those named (each must hold text), or every one that holds text when none is named.

    Raises:
        UnknownNameError: A named field does not exist.
        ConfigurationError: A named field holds something else than text.
    """
    require_fields(rows, names, context)
    for name in names:
        dtype = rows.schema[name]
        if not (is_text(dtype) or is_text_list(dtype) or is_nothing(dtype)):
            raise ConfigurationError(
                f"processor step {context.step!r}: field {name!r} holds {dtype}, not text; "
                f"leave it out, or cast it in a sql step before"
            )
    candidates = dict.fromkeys(names or rows.columns)
    return [name for name in candidates if is_text(rows.schema[name]) or is_text_list(rows.schema[name])]


def bare(text: pl.Expr) -> pl.Expr:
    """The text without white space and format characters (Unicode `White_Space`, `Cf`) at its ends."""
    return text.str.replace_all(EDGES, "")


def without_unseen(text: pl.Expr) -> pl.Expr:
    """The text without white space and format characters anywhere."""
    return text.str.replace_all(UNSEEN, "")


def if_present(text: pl.Expr) -> pl.Expr:
    """The text, null when it is empty or white space only."""
    return pl.when(text.str.strip_chars() != "").then(text)


def written(rows: pl.DataFrame, name: str) -> pl.Expr:
    """A field of single values as texts: whole floats without `.0`, NaN empty, durations as ISO 8601."""
    dtype, value = rows.schema[name], column(name)
    if dtype == pl.Duration:
        return value.dt.to_string("iso")
    if not dtype.is_float():
        return value.cast(pl.String)
    whole = (value.round() == value) & (value.abs() <= most_exact(dtype))
    short = pl.when(whole).then(value.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(value.cast(pl.String))
    return pl.when(value.is_not_nan()).then(short)


def changed(rows: pl.DataFrame, name: str, change: TextChange) -> pl.Expr:
    """The field after a change; of a list, elements that become null are dropped."""
    if is_text_list(rows.schema[name]):
        return (
            column(name)
            .cast(pl.List(pl.String))
            .list.eval(change(pl.element()))
            .list.filter(pl.element().is_not_null())
        )
    return change(column(name).cast(pl.String))


def change_texts(rows: pl.DataFrame, names: tuple[str, ...], change: TextChange, context: Context) -> pl.DataFrame:
    """The rows with the named text fields (all of them when none is named) changed."""
    return rows.with_columns(changed(rows, name, change).alias(name) for name in text_fields(rows, names, context))


def attempt_texts(
    rows: pl.DataFrame, names: tuple[str, ...], attempt: TextChange, on_error: OnError, context: Context
) -> pl.DataFrame:
    """Change text fields where a value may not fit; `attempt` gives null for those.

    A value that does not fit, or an element of a list, is listed as unread, and is emptied or takes its row with it.
    Empty values always fit.
    """
    fields = text_fields(rows, names, context)
    if not fields:
        return rows
    if on_error == "keep":
        return change_texts(rows, tuple(fields), lambda text: pl.coalesce(attempt(text), text), context)
    flags = {name: f"{SOURCE_ROW} failed {position}" for position, name in enumerate(fields)}
    tried = [changed(rows, name, attempt).alias(name) for name in fields]
    failures = [_failed(rows, name, attempt).alias(flag) for name, flag in flags.items()]
    # In one lazy projection the attempts are shared: each value is tried once.
    done = rows.lazy().with_columns(*tried, *failures).collect()
    failed = [name for name, flag in flags.items() if done[flag].any()]
    context.unread.extend(_unread(rows.filter(done[flags[name]]), name, attempt) for name in failed)
    if on_error == "exclude" and failed:
        done = done.filter(~pl.any_horizontal(column(flags[name]) for name in failed))
    return done.drop(flags.values())


def _failed(rows: pl.DataFrame, name: str, attempt: TextChange) -> pl.Expr:
    given, tried = changed(rows, name, if_present), changed(rows, name, attempt)
    if is_text_list(rows.schema[name]):
        return (tried.list.len() < given.list.len()).fill_null(value=False)
    return given.is_not_null() & tried.is_null()


def _unread(rows: pl.DataFrame, name: str, attempt: TextChange) -> pl.DataFrame:
    """The values of these rows that do not fit, each element of a list by itself."""
    dtype = pl.List(pl.String) if is_text_list(rows.schema[name]) else pl.String()
    values = rows.select(SOURCE_ROW, field=pl.lit(name), value=column(name).cast(dtype))
    if isinstance(dtype, pl.List):
        values = values.explode("value")
    value = pl.col("value")
    return values.filter(if_present(value).is_not_null() & attempt(value).is_null())
