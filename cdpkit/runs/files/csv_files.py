"""Reading CSV as text: one grammar, whatever the other lines hold.

That of RFC 4180: a quote inside a field that does not begin with one is a character, blank lines are passed over, and
lines end with LF, CRLF or CR, mixed as they may be. A line whose quotes do not pair, with more or fewer fields than the
header, or with a field beyond `FIELD` is malformed: with values under wrong names, or an empty end that would clear
what a profile holds, it cannot be trusted. It is left out alone; a quote in it that is never closed hides no other.

Arrow reads what is even. Where quotes do not pair, or a line is not even, a strict reader looks at it first.
"""

import csv
import io
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow

from cdpkit.core.field_names import Named, clean_names
from cdpkit.errors import SourceError
from cdpkit.runs.files import layout
from cdpkit.runs.files.content import content_of, has, matches
from cdpkit.runs.files.encoding import Text, text_of, uncertain
from cdpkit.runs.files.given import FileRows, Malformed, Understood, chosen
from cdpkit.runs.files.options import Read

FIELD = 1 << 26
"""The largest field in characters, 64 Mi."""

_BLOCKS = (1 << 24, 1 << 26)
_LARGEST_BLOCK = (1 << 31) - 1
_SAMPLE = 1 << 18
_TWICE = 2
_HEADER_LINES = 1000
_HINT, _LINE = re.compile(r'"?sep=([^"\r\n])"?[\r\n]', re.IGNORECASE), 16
_WHY = "quotes that do not pair, or more or fewer fields than the {} of the header"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields stand in lines: what is between them, and what is around them."""

    separator: str
    quote: str | None

    def reader(self, lines: "Sequence[str] | _Lines | io.TextIOBase") -> "csv._reader":  # type: ignore[name-defined]
        """A strict reader of these lines."""
        if csv.field_size_limit() < FIELD:
            csv.field_size_limit(FIELD)
        if self.quote is None:
            return csv.reader(lines, delimiter=self.separator, quoting=csv.QUOTE_NONE, strict=True)
        return csv.reader(lines, delimiter=self.separator, quotechar=self.quote, strict=True)


def read_csv(path: Path, options: Read, wanted: frozenset[str] | None = None) -> FileRows | None:
    """The wanted fields of a CSV file as text; None where the file is empty.

    Raises:
        SourceError: It is no text, or what its lines look like is uncertain; names the option to give.
    """
    text = text_of(content_of(path), options.encoding)
    options = _with_hint(options, text.utf8)
    utf8, before = _after_lines(text.utf8, (options.skip or 0) + _lines_to_header(options))
    sample = _sample(utf8)
    if not any(line.strip("\r\n") for line in sample):
        return None
    quote = None if options.quote is False else str(options.quote or '"')
    first = "\t" if {".tsv", ".tab"} & {suffix.lower() for suffix in path.suffixes} else ","
    voted = layout.Separator(options.separator) if options.separator else layout.vote(sample, quote, first)
    dialect = Dialect(voted.mark, quote)
    try:
        if options.header is None:
            layout.check_title(sample, voted.mark, quote)
        named, utf8, header_lines = _header(utf8, dialect, options)
    except SourceError as error:
        raise SourceError(f"{path}: {error}") from None
    fields = chosen(named.names, wanted)
    places = {name: place for place, name in enumerate(named.names)}
    taken = [places[name] for name in fields]
    columns, malformed = _read(utf8, dialect, len(named.names), taken, before + header_lines)
    standing = [*uncertain(text), *_separator_notes(voted), *named.told()]
    notes = [*standing, *_broken(text), *malformed.told(_WHY.format(len(named.names)))]
    understood = _understood(options, text, voted, notes, standing)
    del text, utf8  # which may lie in memory, as the columns do
    return FileRows(_frame(columns, fields), named.names, understood, malformed)


def _frame(columns: list[pa.ChunkedArray], names: Sequence[str]) -> pl.DataFrame:
    """Columns of Arrow as those of Polars, a few at a time, so that no more than those are there twice."""
    held = dict(zip(names, columns, strict=True))
    columns.clear()

    def made(name: str) -> pl.Series:
        column = pl.Series(name, pl.from_arrow(held.pop(name), rechunk=False))
        _pool().release_unused()
        return column

    with ThreadPoolExecutor(_TWICE) as pool:
        return pl.DataFrame(list(pool.map(made, names)))


def _pool() -> pa.MemoryPool:
    """What gives memory back soonest and asks the system for it least often, where Arrow has it."""
    try:
        return pa.jemalloc_memory_pool()
    except NotImplementedError:
        return pa.default_memory_pool()


def _with_hint(options: Read, utf8: pa.Buffer) -> Read:
    """The options that a first line such as `sep=;` gives, which Excel writes and minds."""
    hint = _HINT.match(utf8[:_LINE].to_pybytes().decode(errors="ignore"))
    if hint is None or options.separator or options.skip or options.header is not None:
        return options
    return replace(options, separator=hint[1], skip=1)


def _lines_to_header(options: Read) -> int:
    header = options.header
    return header - 1 if isinstance(header, int) and not isinstance(header, bool) else 0


def _understood(
    options: Read, text: Text, voted: layout.Separator, notes: Sequence[str], standing: Sequence[str]
) -> Understood:
    settings = {"separator": voted.mark, "encoding": text.encoding, "header": True, **options.given()}
    detected = tuple(name for name in ("separator", "encoding", "header") if getattr(options, name) is None)
    return Understood("CSV", settings, detected, tuple(notes), tuple(standing))


def _broken(text: Text) -> list[str]:
    if not text.broken:
        return []
    place = "place is" if text.broken == 1 else "places are"
    return [
        (
            f"{text.broken:,} {place} no {text.encoding} and became U+FFFD; if letters are wrong write the encoding, "
            "such as read={'encoding': 'cp1252'}"
        )
    ]


def _separator_notes(voted: layout.Separator) -> list[str]:
    if not voted.rivals:
        return []
    others = " or ".join(map(repr, voted.rivals))
    found = f"read as {voted.mark!r}, and {others} parts the lines as evenly"
    return [f"the separator is uncertain: {found}; write read={{'separator': {voted.mark!r}}} or the other one"]


def _after_lines(utf8: pa.Buffer, lines: int) -> tuple[pa.Buffer, int]:
    """What is left after so many lines, and how many there were."""
    if not lines:
        return utf8, 0
    feed = _opened(utf8)
    size = passed = 0
    for line in feed:
        size += len(line.encode())
        passed += 1
        if passed == lines:
            break
    return utf8[size:], passed


def _opened(utf8: pa.Buffer) -> io.TextIOWrapper:
    return io.TextIOWrapper(pa.BufferReader(utf8), encoding="utf-8", newline="")


def _sample(utf8: pa.Buffer) -> list[str]:
    """The first whole lines; one that is longer than the sample is cut."""
    part = utf8[:_SAMPLE]
    lines = list(io.StringIO(part.to_pybytes().decode(errors="ignore"), newline=""))
    return lines[:-1] if part.size < utf8.size and len(lines) > 1 else lines


def _header(utf8: pa.Buffer, dialect: Dialect, options: Read) -> tuple[Named, pa.Buffer, int]:
    """The names, what is below them, and how many lines they and what is blank before them take."""
    size = passed = 0
    lines: list[str] = []
    source = iter(_opened(utf8))
    record: list[str] = []
    while not record:
        line = next(source, None)
        if line is None:
            break
        lines.append(line)
        size, passed = size + len(line.encode()), passed + 1
        try:
            record = next(dialect.reader(lines), [])
        except csv.Error:
            if len(lines) < _HEADER_LINES:
                continue  # names may go over several lines
            break
        lines.clear()
    if lines:
        start = passed - len(lines) + 1
        raise SourceError(f"the quotes of line {start}, which is to name the fields, do not pair; mend that line")
    if options.header is False:
        names = tuple(f"column_{number}" for number in range(1, len(record) + 1))
        return Named(names), utf8, 0
    if options.header is None:
        layout.check_names(record)
    return clean_names(record), utf8[size:], passed


def _read(
    utf8: pa.Buffer, dialect: Dialect, width: int, indexes: Sequence[int], before: int
) -> tuple[list[pa.ChunkedArray], Malformed]:
    quoted = dialect.quote is not None and has(utf8, dialect.quote)
    if not quoted or _pairs(utf8, dialect):
        table = _arrow(utf8, dialect, width, indexes, _BLOCKS, quoted=quoted)
        if table is not None:
            return table.columns, Malformed()
    kept, malformed = _without_malformed(utf8, dialect, width, before)
    table = _arrow(kept, dialect, width, indexes, (*_BLOCKS, _LARGEST_BLOCK), quoted=quoted)
    if table is None:
        raise pa.ArrowInvalid("lines that are even for one reader are not for the other")
    return table.columns, malformed


def _arrow(
    utf8: pa.Buffer, dialect: Dialect, width: int, indexes: Sequence[int], blocks: Sequence[int], *, quoted: bool
) -> pa.Table | None:
    """The columns at these places; None where a line is not even, or too long for all blocks."""
    if not utf8.size:
        return pa.table({str(index): pa.array([], pa.large_string()) for index in indexes})
    names = [str(index) for index in range(width)]
    taken = [names[index] for index in indexes]
    uneven = False

    def stop(_row: arrow.InvalidRow) -> str:
        nonlocal uneven
        uneven = True
        return "error"

    parse = arrow.ParseOptions(
        delimiter=dialect.separator,
        quote_char=dialect.quote if quoted else False,
        newlines_in_values=quoted,
        invalid_row_handler=stop,
    )
    convert = arrow.ConvertOptions(
        include_columns=taken, column_types=dict.fromkeys(taken, pa.large_string()), check_utf8=False
    )
    for block in blocks:
        read = arrow.ReadOptions(column_names=names, block_size=block)
        try:
            return arrow.read_csv(pa.BufferReader(utf8), read, parse, convert, memory_pool=_pool())
        except pa.ArrowInvalid:
            if uneven:
                return None
            if block == _LARGEST_BLOCK or utf8.size <= block:
                raise
    return None


def _pairs(utf8: pa.Buffer, dialect: Dialect) -> bool:
    """Whether all quotes pair, so that every reader reads the same; the grammar is a regular one."""
    mark, quote = re.escape(dialect.separator), re.escape(dialect.quote or "")
    field = rf"(?:{quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{quote}{mark}\r\n][^{mark}\r\n]*)?"
    return matches(utf8, rf"(?s)\A{field}(?:(?:{mark}|\r\n|\n|\r){field})*\z")


class _Lines:
    """Lines that can be read again from a place."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines, self.at = lines, 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.at == len(self.lines):
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def _without_malformed(utf8: pa.Buffer, dialect: Dialect, width: int, before: int) -> tuple[pa.Buffer, Malformed]:
    """The text without its malformed lines; of a quote that is never closed its line alone is one."""
    lines = list(_opened(utf8))
    feed = _Lines(lines)
    reader = dialect.reader(feed)
    at: list[int] = []
    numbers: list[int] = []
    number = 0
    while (start := feed.at) < len(lines):
        try:
            fields = len(next(reader))
        except csv.Error:
            feed.at, fields = start + 1, -1
        if fields not in (0, width):
            at.append(number)
            numbers.append(before + start + 1)
            lines[start : feed.at] = [""] * (feed.at - start)
        number += fields != 0
    return pa.py_buffer("".join(lines).encode()), Malformed(at, numbers)
