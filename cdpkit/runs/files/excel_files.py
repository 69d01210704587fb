"""Reading sheets of Excel, typed as they are there; needs the extra `excel`.

Types are found from all rows, since a reader that looks at the first ones empties what does not fit later. Blank rows
are passed over, like blank lines.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cdpkit.core.field_names import clean_names
from cdpkit.errors import SourceError
from cdpkit.problem import no_such
from cdpkit.runs.files.given import FileRows, Understood, chosen
from cdpkit.runs.files.options import Read

_LOOK = 20
_LONG = r"^-?[0-9]*\.[0-9]{9,}$"


def read_excel(path: Path, options: Read, wanted: frozenset[str] | None = None) -> FileRows | None:
    """The wanted columns of a sheet; None where it is empty.

    Raises:
        SourceError: The reader is not installed, it is no Excel file, or there is no such sheet.
    """
    try:
        import fastexcel
    except ImportError:
        raise SourceError(f"{path} needs a reader of Excel files: pip install 'cdpkit[excel]'") from None
    logging.getLogger("fastexcel").addHandler(logging.NullHandler())  # it says of empty columns that they are
    try:
        return _read(path, fastexcel.read_excel(path), options, wanted)
    except fastexcel.FastExcelError as error:
        raise SourceError(
            f"{path} cannot be read as an Excel file ({type(error).__name__}); check that it is one, that it is whole "
            "and not protected by a password, or save it anew as .xlsx or .csv"
        ) from None


def _read(path: Path, book: Any, options: Read, wanted: frozenset[str] | None) -> FileRows | None:
    sheet = _sheet(path, book.sheet_names, options.sheet)
    header = options.header if options.header is not None else True
    before = (options.skip or 0) + (int(header) - 1 if header is not False else 0)
    first = _table(book, sheet, header=None, skip=before, rows=_LOOK)[0]
    if first.is_empty():
        return None
    if options.header is None:
        _check_title(path, first)
    rows, errors = _table(
        book, sheet, header=None if header is False else before, skip=before if header is False else 0
    )
    cells = ["" if cell is None else str(cell) for cell in first.row(0)]
    labels = [f"column_{number}" for number in range(1, rows.width + 1)] if header is False else cells
    named = clean_names((labels + [""] * rows.width)[: rows.width])
    empty = {name for name, column in zip(named.names, rows.get_columns(), strict=True) if _is_blank(column)}
    rows.columns = list(named.names)
    rows = rows.filter(~pl.all_horizontal(pl.all().is_null()))
    fields = tuple(name for name in named.names if name not in empty or name not in named.empty)
    kept = rows.select(_as_meant(rows[name]) for name in chosen(fields, wanted))
    notes = [note for note in named.told() if not (set(named.empty) <= empty and "without a name" in note)]
    if options.sheet is None and len(book.sheet_names) > 1:
        others = ", ".join(map(repr, book.sheet_names[1:]))
        notes.append(f"read sheet {sheet!r} alone; for {others} write read={{'sheet': name}}")
    standing = tuple(notes)
    if errors:
        notes.append(f"{errors:,} cells with errors such as #N/A are empty")
    settings = {"sheet": sheet, "header": header, **options.given()}
    detected = tuple(name for name in ("sheet", "header") if getattr(options, name) is None)
    return FileRows(kept, fields, Understood("Excel", settings, detected, tuple(notes), standing))


def _sheet(path: Path, names: Sequence[str], told: str | int | None) -> str:
    if told is None:
        return names[0]
    if isinstance(told, int) and 1 <= told <= len(names):
        return names[told - 1]
    if told not in names:
        raise SourceError(f"{path}: {no_such('sheet', str(told), names)}")
    return str(told)


def _table(
    book: Any, sheet: str, *, header: int | None, skip: int, rows: int | None = None
) -> tuple[pl.DataFrame, int]:
    """The cells, and how many of them are errors."""
    loaded = book.load_sheet(sheet, header_row=header, skip_rows=skip, n_rows=rows, schema_sample_rows=None)
    if not loaded.width or not loaded.height:
        return pl.DataFrame(schema=[column.name for column in loaded.available_columns()]), 0
    batch, errors = loaded.to_arrow_with_errors()
    return pl.DataFrame(batch), len(errors.errors) if errors else 0


def _is_blank(column: pl.Series) -> bool:
    return column.null_count() == column.len()


def _check_title(path: Path, first: pl.DataFrame) -> None:
    """Refuse a first row that is a title, with the names in a row below it."""
    filled = [sum(cell is not None for cell in row) for row in first.iter_rows()]
    full = max(filled)
    wide = [cells > full // 2 for cells in filled]  # some names and values may be missing
    place = wide.index(True)
    if place and full > 1 and sum(wide[place:]) * 2 > len(wide[place:]):
        raise SourceError(
            f"{path}: row 1 has {filled[0]} filled cells and row {place + 1} has {filled[place]}, so that row 1 seems "
            f"to be a title: write read={{'skip': {place}}}"
        )


def _as_meant(column: pl.Series) -> pl.Series:
    """Times without the day, days without the midnight that Excel gives them; numbers among texts as written."""
    if isinstance(column.dtype, pl.Datetime):
        early = column.dt.year() < 1900  # noqa: PLR2004 - Excel's days begin there
        if _is_blank(column):
            return column
        if early.all():
            return column.dt.time()
        return column.dt.date() if (column.dt.truncate("1d") == column).all() else column
    if column.dtype == pl.String and column.str.contains(_LONG).any():
        short = pl.when(pl.first().str.contains(_LONG)).then(pl.first().cast(pl.Float64, strict=False).cast(pl.String))
        return column.to_frame().select(short.otherwise(pl.first())).to_series()
    return column
