"""Reading CSV as text, with the lines that do not have as many fields as the header told apart.

Such a line cannot be trusted: with a field too few or too many, values stand under the wrong names, and an empty end
would clear what a profile holds. It is kept as an empty row and marked, so that it is counted and listed.
"""

import csv as strict_csv
import gzip
from collections import Counter, deque
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import csv

from cdpkit.errors import SourceError

RAGGED = "\x00ragged"
"""The column that marks such lines; a name that no field has."""


def read_csv(path: Path) -> pl.DataFrame:
    """All columns as text, in the order of the lines; with a Boolean column `RAGGED` where a line is.

    Raises:
        pyarrow.ArrowInvalid: The file is empty, is not UTF-8, or has a quote that is never closed.
        SourceError: Two fields have the same name.
    """
    ragged: list[int | None] = []
    rows = _read(path, ragged, threads=True)
    _check_quotes(path, rows)
    if not ragged:
        return rows
    ragged.clear()  # lines are only numbered when one thread reads
    rows = _read(path, ragged, threads=False)
    numbers = pl.Series([number for number in ragged if number is not None], dtype=pl.Int64).sort()
    lines = pl.int_range(rows.height + numbers.len(), eager=True) + 2  # line 1 is the header
    marked = lines.is_in(numbers.implode())
    kept = rows.with_columns(lines.filter(~marked).alias(RAGGED))
    placed = lines.alias(RAGGED).to_frame().join(kept, on=RAGGED, how="left", maintain_order="left")
    return placed.select(*rows.columns, marked.alias(RAGGED))


def _read(path: Path, ragged: list[int | None], *, threads: bool) -> pl.DataFrame:
    unclosed = False

    def note(row: csv.InvalidRow) -> str:
        nonlocal unclosed
        unclosed |= row.text.count('"') % 2 == 1
        ragged.append(row.number)
        return "skip"

    names = _header(path)
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(use_threads=threads),
        parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string())),
    )
    if unclosed:
        raise pa.ArrowInvalid("a quote is never closed, which hides every line after it")
    return pl.DataFrame(table)


def _check_quotes(path: Path, rows: pl.DataFrame) -> None:
    """Refuse a quote that is not closed: all lines up to the next quote become one value, and no line looks ragged."""
    if not rows.select(pl.any_horizontal(pl.all().str.contains_any(["\n", "\r"]).any())).item():
        return
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        try:
            deque(strict_csv.reader(lines, strict=True), maxlen=0)
        except strict_csv.Error:
            raise pa.ArrowInvalid("a quote is not closed, which hides the lines after it") from None


def _header(path: Path) -> list[str]:
    with csv.open_csv(path, parse_options=csv.ParseOptions(invalid_row_handler=lambda _: "skip")) as reader:
        names = list(reader.schema.names)
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise SourceError(f"{path} has several fields {', '.join(map(repr, twice))}; give each a name of its own")
    return names
