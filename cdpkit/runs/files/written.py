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
from cdpkit.runs.files.guarded import with_lists, without_guard
from cdpkit.runs.files.options import Read

_COMMA = r"^\s*[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]+\s*$"
_POINT = r"^\s*[+-]?[0-9]+\.[0-9]+\s*$"
_BOTH = r",[0-9]{3}[.,]"
_THOUSANDS = {
    (point, mark): rf"^\s*[+-]?(?:[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+|[0-9]+)(?:{re.escape(point)}[0-9]+)?\s*$"
    for point, marks in (
        (",", (".", " ", "\u00a0", "\u202f", "'", "\u2019")),
        (".", (",", " ", "\u00a0", "'", "\u2019")),
    )
    for mark in marks
}
"""How numbers look under a decimal mark and one between thousands."""
_LOOK = 1000
_MOST = 0.9
"""The share of values that must look like numbers: the others are typos, or words for no value."""


def as_read(read: FileRows, options: Read) -> FileRows:
    """Texts as the options say that they are to be read; and a word where decimal commas seem to be in them."""
    marks = _marks(read, options)
    known = read.understood
    noted = replace(known, notes=(*known.notes, *marks), standing=(*known.standing, *marks))
    read = replace(read, understood=noted)
    if known.format == "CSV":
        read = without_guard(read) if options.guard else read
        read = with_lists(read, options.lists) if options.lists else read
    if not (options.nulls or options.decimal or options.thousands or options.dates):
        return read
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


def _marks(read: FileRows, options: Read) -> list[str]:
    """A word about the fields whose values look like numbers with marks that no option says; each field once."""
    if not isinstance(read.rows, pl.DataFrame) or read.understood.format == "Excel" or options.thousands:
        return []
    found: dict[str, list[str]] = {}
    for column in read.rows.get_columns():
        if column.dtype == pl.String:
            said = column.head(_LOOK).drop_nulls()
            said = said.filter(said.str.contains(r"\S"))
            # where one option is given, the other one must not be missed: `1.234` would be a number, and another one
            mend = _mend(said, column if options.decimal else said, options.decimal) if said.len() else None
            if mend is not None:
                found.setdefault(f"read={mend!r}", []).append(column.name)
    return [_told(fields, mend) for mend, fields in found.items()]


def _mend(said: pl.Series, whole: pl.Series, decimal: str | None) -> dict[str, str] | None:
    """The options under which these are numbers, where nearly all are and some are by these alone."""
    if decimal is None:
        if _share(said, _COMMA) >= _MOST and not said.str.contains(_POINT).any():
            return {"decimal": ",", "thousands": "."}
        return {"thousands": ","} if _share(said, _THOUSANDS[".", ","]) == 1 and _share(said, _BOTH) else None
    for (point, mark), form in _THOUSANDS.items():
        marked = rf"[0-9]{re.escape(mark)}[0-9]{{3}}"
        if (
            point == decimal
            and _share(said, form) >= _MOST
            and whole.filter(whole.str.contains(form)).str.contains(marked).any()
        ):
            return {"decimal": decimal, "thousands": mark}
    return None


def _share(values: pl.Series, form: str) -> float:
    return float(values.str.contains(form).sum()) / values.len()


def _told(fields: list[str], mend: str) -> str:
    what = "commas between thousands" if "decimal" not in mend else "decimal commas or marks between thousands"
    several = f"{', '.join(map(repr, fields[:5]))} seem to have" if len(fields) > 1 else f"{fields[0]!r} seems to have"
    return f"{several} {what}: write {mend} to have numbers"
