"""Values in the form in which properties take them, where options say how the file writes them.

Each value by itself: what is not written as the options say stays as it is, and is rejected later if it does not fit.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import polars.selectors as cs

from cdpkit.core.processors.dates import ParseDates
from cdpkit.core.processors.registry import Context
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError
from cdpkit.problem import no_such
from cdpkit.runs.files.given import FileRows
from cdpkit.runs.files.options import Read

_COMMA = r"^\s*[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]+\s*$"
_POINT = r"^\s*[+-]?[0-9]+\.[0-9]+\s*$"
_LOOK = 1000


def as_read(read: FileRows, options: Read) -> FileRows:
    """Texts as the options say that they are to be read; and a word where decimal commas seem to be in them."""
    if not (options.nulls or options.decimal or options.thousands or options.dates):
        return replace(read, understood=replace(read.understood, notes=(*read.understood.notes, *_commas(read))))
    rows = read.rows
    texts = [name for name, dtype in rows.collect_schema().items() if dtype == pl.String]
    column = cs.by_name(texts).as_expr()
    if options.nulls:
        rows = rows.with_columns(pl.when(~column.is_in(list(options.nulls))).then(column).name.keep())
    if options.decimal or options.thousands:
        rows = rows.with_columns(_plain_numbers(column, options.decimal or ".", options.thousands or ""))
    if options.dates:
        rows = _dated(rows, read.fields, texts, options.dates)
    return replace(read, rows=rows)


def _plain_numbers(column: pl.Expr, decimal: str, thousands: str) -> pl.Expr:
    point, mark = re.escape(decimal), re.escape(thousands)
    whole = rf"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]+)" if thousands else "[0-9]+"
    number = column.str.contains(rf"^\s*[+-]?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)\s*$")
    plain = column.str.replace_all(thousands, "", literal=True) if thousands else column
    return pl.when(number).then(plain.str.replace(decimal, ".", literal=True)).otherwise(column).name.keep()


def _dated(
    rows: "pl.LazyFrame | pl.DataFrame", fields: tuple[str, ...], texts: list[str], dates: "str | Mapping[str, str]"
) -> pl.DataFrame:
    formats = dict.fromkeys(texts, dates) if isinstance(dates, str) else dates
    strange = [name for name in formats if name not in fields]
    if strange:
        raise ConfigurationError(f"read: 'dates': {no_such('field', strange[0], fields)}")
    frame = rows.lazy().collect(engine="streaming")
    numbered = frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(SOURCE_ROW))
    for text in dict.fromkeys(formats.values()):
        named = tuple(name for name, format_ in formats.items() if format_ == text and name in texts)
        if named:
            step = ParseDates(fields=named, formats=(text,), on_error="keep")
            numbered = step.apply(numbered, Context(step="dates", today=None, functions={}, sql=None))  # type: ignore[arg-type]
    return numbered.drop(SOURCE_ROW)


def _commas(read: FileRows) -> list[str]:
    """A word about the fields whose values look like numbers with a decimal comma."""
    if not isinstance(read.rows, pl.DataFrame) or read.understood.format == "Excel":
        return []
    found = []
    for column in read.rows.head(_LOOK).iter_columns():
        if column.dtype == pl.String:
            said = column.drop_nulls()
            said = said.filter(said.str.contains(r"\S"))
            if said.len() and said.str.contains(_COMMA).all() and not said.str.contains(_POINT).any():
                found.append(column.name)
    if not found:
        return []
    several = f"{', '.join(map(repr, found[:5]))} seem to have" if len(found) > 1 else f"{found[0]!r} seems to have"
    return [f"{several} decimal commas: write read={{'decimal': ',', 'thousands': '.'}} to have numbers"]
