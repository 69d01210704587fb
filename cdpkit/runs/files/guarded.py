"""Cells of CSV in the form that programs give them for others' sake: guarded formulas, and lists written as JSON."""

from dataclasses import replace

import polars as pl

from cdpkit.runs.files.given import FileRows

_GUARD, _GUARDED, _OPEN = "'", r"^'+[=+\-@\t\r]", r"^[=+\-@\t\r]"
_NUMERAL = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_TEXT = r'"(?:[^"\\]|\\.)*"'
_ARRAY = rf"(?s)^\s*\[\s*(?:{_TEXT}\s*(?:,\s*{_TEXT}\s*)*)?\]\s*$"
_SHOWN = 5


def without_guard(read: FileRows) -> FileRows:
    """A file without the apostrophes that keep spreadsheets from working cells out.

    They are known by this: some cells have one before `=`, `+`, `-`, `@`, a tab or CR, and no cell begins with such a
    sign unless it is a number. A file that has one is not guarded, and stays as it is.
    """
    if not isinstance(read.rows, pl.DataFrame):
        return read
    texts = [column for column in read.rows if column.dtype == pl.String]
    perhaps = [column for column in texts if column.str.starts_with(_GUARD).any()]  # which no pattern has to look for
    guarded = [column.name for column in perhaps if column.str.contains(_GUARDED).any()]
    if not guarded or any((c.str.contains(_OPEN) & ~c.str.contains(_NUMERAL)).any() for c in texts):
        return read
    bare = pl.when(pl.col(guarded).str.contains(_GUARDED)).then(pl.col(guarded).str.slice(1)).otherwise(pl.col(guarded))
    named = ", ".join(map(repr, guarded[:_SHOWN])) + (" and others" if len(guarded) > _SHOWN else "")
    note = (
        f"cells of {named} had the apostrophe before them that keeps spreadsheets from working them out; it was taken "
        "off, and stays where guard is false"
    )
    known = read.understood
    noted = replace(known, notes=(*known.notes, note), standing=(*known.standing, note))
    return replace(read, rows=read.rows.with_columns(bare.name.keep()), understood=noted)


def with_lists(read: FileRows, names: tuple[str, ...]) -> FileRows:
    """A file in which cells of these fields that are JSON arrays of texts are lists, and others lists of one."""
    if not isinstance(read.rows, pl.DataFrame):
        return read
    made = []
    for column in read.rows:
        if column.name in names and column.dtype == pl.String:
            array = column.str.contains(_ARRAY)
            if array.any():
                made.append(_as_lists(column, array.fill_null(value=False)))
    return replace(read, rows=read.rows.with_columns(made)) if made else read


def _as_lists(column: pl.Series, array: pl.Series) -> pl.Series:
    """Cells as lists: arrays of what is in them, others of themselves."""
    both = pl.DataFrame([column.alias("text"), array.alias("array")])
    decoded = pl.when("array").then("text").str.json_decode(pl.List(pl.String))
    single = pl.when(pl.col("text").is_not_null()).then(pl.concat_list("text"))
    return both.select(pl.when("array").then(decoded).otherwise(single).alias(column.name)).to_series()
