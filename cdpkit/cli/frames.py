"""Rows of a frame as a table for people, as CSV, and as JSON."""

import json
import shutil
import sys
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

import polars as pl

_CELL = 40
"""How many characters of a value a table shows."""


def frame_lines(frame: pl.DataFrame) -> list[str]:
    """Aligned columns; in a terminal those that fit beside each other, and the names of the others below."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    columns = [_column(frame[name]) for name in frame.columns]
    fitting, used = 0, 0
    for cells in columns:
        used += len(cells[0]) + (2 if fitting else 0)
        if width is not None and fitting and used > width:
            break
        fitting += 1
    lines = ["  ".join(cells).rstrip() for cells in zip(*columns[:fitting], strict=True)]
    left = frame.columns[fitting:]
    return [*lines, *([f"... and {len(left)} more columns: {', '.join(left)}"] if left else [])]


def csv_text(frame: pl.DataFrame) -> str:
    """CSV with a header; lists and the like as JSON."""
    return pl.DataFrame([_flat(column) for column in frame.get_columns()]).write_csv().rstrip("\n")


def json_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One object a row; times in ISO 8601, and numbers that JSON does not have as null."""
    return [_plain(row) for row in frame.to_dicts()]


def _column(values: pl.Series) -> list[str]:
    """The cells of a column below its name, all of the same width."""
    right = values.dtype.is_numeric()
    cells = [values.name, *map(_cell, values)]
    longest = max(map(len, cells))
    return [cell.rjust(longest) if right else cell.ljust(longest) for cell in cells]


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    text = ", ".join(map(str, value)) if isinstance(value, pl.Series) else str(value)
    text = " ".join(text.split()) if any(sign in text for sign in "\r\n\t") else text
    return text if len(text) <= _CELL else f"{text[: _CELL - 3]}..."


def _flat(column: pl.Series) -> pl.Series:
    """A column that CSV can hold."""
    if not column.dtype.is_nested() and not isinstance(column.dtype, pl.Binary):
        return column
    plain = map(_plain, column.to_list())
    texts = [value if value is None or isinstance(value, str) else json.dumps(value) for value in plain]
    return pl.Series(column.name, texts, dtype=pl.String)


def _plain(value: Any) -> Any:
    """A value as JSON has it; whole numbers keep their digits, other decimals are texts that do."""
    match value:
        case dict():
            plain: Any = {name: _plain(each) for name, each in value.items()}
        case list():
            plain = [_plain(each) for each in value]
        case float():
            plain = value if isfinite(value) else None
        case Decimal():
            plain = int(value) if value == value.to_integral_value() else str(value)
        case datetime() | date() | time():
            plain = value.isoformat()
        case bytes():
            plain = value.hex()
        case None | bool() | int():
            plain = value
        case _:
            plain = str(value)
    return plain
