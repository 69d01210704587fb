"""People as the bytes of a file: CSV, lines of JSON, Parquet."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.text import to_text

_RISKY = r"^'*[=+\-@\t\r]"
"""How cells begin that a spreadsheet works out; those with apostrophes before are guarded once more, so that what
takes the guard off finds them as they were."""
_NUMERAL = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class Written:
    """How a file is written.

    Attributes:
        separator: What stands between two fields of CSV.
        encoding: How letters of CSV are written.
        guard: Whether cells are guarded that a spreadsheet would work out.
    """

    separator: str = ","
    encoding: str = "utf-8"
    guard: bool = True


def as_csv(people: pl.DataFrame, bodies: pl.Series, how: Written) -> bytes:
    """A line a person, below a line of names; nothing for what is empty, lists as JSON."""
    del bodies
    cells = people.select(_cell(column, guard=how.guard) for column in people)
    held = BytesIO()
    cells.write_csv(held, separator=how.separator, quote_style="necessary", line_terminator="\n")
    text = held.getvalue()
    return text if how.encoding == "utf-8" else text.decode().encode(how.encoding)


def as_lines(people: pl.DataFrame, bodies: pl.Series, how: Written) -> bytes:
    """An object a line and person, without what is empty; JSON is UTF-8."""
    del people, how
    return ("\n".join([*bodies, ""]) if bodies.len() else "").encode()


def as_parquet(people: pl.DataFrame, bodies: pl.Series, how: Written) -> bytes:
    """A row a person, with the types of the properties."""
    del bodies, how
    held = BytesIO()
    people.write_parquet(held, compression="zstd")
    return held.getvalue()


def packed(content: bytes) -> bytes:
    """The same in gzip; equal contents are equal files."""
    return gzip.compress(content, mtime=0)


FORMATS: Mapping[str, Callable[[pl.DataFrame, pl.Series, Written], bytes]] = {
    ".csv": as_csv,
    ".tsv": as_csv,
    ".ndjson": as_lines,
    ".jsonl": as_lines,
    ".parquet": as_parquet,
}
"""What writes a file, by the end of its name."""

TEXTS: Sequence[str] = (".csv", ".tsv", ".ndjson", ".jsonl")
"""Those that may be packed."""


def is_risky(text: str) -> bool:
    """Whether a cell with this text is guarded."""
    return bool(pl.Series([text]).str.contains(_RISKY).item())


def _cell(column: pl.Series, *, guard: bool) -> pl.Series:
    """A column as texts that say exactly what it holds."""
    text = to_text(column).alias(column.name)
    if column.dtype.is_float():
        return scalars.as_text(column).fill_null(text).alias(column.name)
    if column.dtype != pl.String or not guard:
        return text
    risky = pl.first().str.contains(_RISKY) & ~pl.first().str.contains(_NUMERAL)
    guarded = pl.when(risky).then(pl.lit("'") + pl.first()).otherwise(pl.first())
    return text.to_frame().select(guarded.alias(column.name)).to_series()
