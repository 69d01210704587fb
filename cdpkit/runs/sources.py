"""Reading what is loaded: frames of every make, files of every format, and globs of files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.handed import handed
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError, SourceError
from cdpkit.place.foreign import translated
from cdpkit.runs.files.found import find_files, fingerprint, format_of
from cdpkit.runs.files.given import FileRows, Understood
from cdpkit.runs.files.options import Read
from cdpkit.runs.files.parquet_files import FileBackedRows
from cdpkit.runs.files.read import read_file
from cdpkit.runs.files.several import below_each_other

_NO_FRAME = "the source has no columns; give a frame or file with at least an identifier"


@dataclass(frozen=True, slots=True)
class SourceRows:
    """A source as it was read.

    Attributes:
        rows: The wanted fields; those of Parquet files are read where they are needed.
        source_row: The number of each row, from 0 through all files.
        fields: The names of all fields of the source, also of those that were not read.
        unreadable: `_source_row`, `reason` of lines that were read but do not fit the others.
        inputs: What was read, to tell whether it is the same again: name, size and time of each file.
        understood: How files were read: `file` (the first one), `files` (how many), `as` in words, and `read`, the
            options that read them like this again.
        notes: What a person should look at.
        unheld: For each field whose values cannot be held, what they are.
    """

    rows: Rows
    source_row: pl.Series
    fields: tuple[str, ...]
    unreadable: pl.DataFrame
    inputs: tuple[Mapping[str, Any], ...]
    understood: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    unheld: Mapping[str, str] = field(default_factory=dict)


def read_source(source: object, wanted: Collection[str] | None = None, options: Read | None = None) -> SourceRows:
    """Read a frame, rows, a path or a glob.

    Args:
        source: A Polars frame (eager or lazy), one of pandas, Arrow or DuckDB, a mapping of columns, rows as mappings,
            or the path of files (CSV, NDJSON, JSON, Parquet, Excel); a path may hold `*`, `?` and `[]`.
        wanted: The fields to read, None for all; a name that the source does not have is passed over.
        options: How files are read; what is left out is detected.

    Raises:
        SourceError: No such file, a format that is not known, or content that cannot be read.
        ConfigurationError: Options for what is no file, or one that does not fit.
    """
    taken = None if wanted is None else frozenset(wanted)
    if isinstance(source, str | Path):
        return _read_files(str(source), taken, options or Read())
    if options is not None and options.given():
        raise ConfigurationError("read= says how files are read; this source is none, so leave it out")
    return _read_frame(source, taken)


def _read_frame(source: object, wanted: frozenset[str] | None) -> SourceRows:
    given = handed(source)
    if not given.fields:
        raise SourceError(_NO_FRAME)
    held = [name for name in given.fields if name not in given.unheld]
    chosen = [name for name in held if wanted is None or name in wanted] or held[:1]
    with translated("the frame cannot be worked out", SourceError, mend="collect it yourself, and load what you get"):
        rows = given.frame.lazy().select(chosen).collect(engine="streaming")
    facts = {"kind": "frame", "rows": rows.height, "fields": list(given.fields)}
    read = SourceRows(
        Rows(rows, rows.height),
        _numbers(rows.height),
        given.fields,
        _unreadable([]),
        (facts,),
        (),
        given.notes,
        given.unheld,
    )
    return _checked(read)


def _read_files(pattern: str, wanted: frozenset[str] | None, options: Read) -> SourceRows:
    paths = find_files(pattern)
    kind = format_of(paths, options.format)
    with translated(f"{pattern} cannot be read as {kind.kind}", SourceError, mend="check its name and its permissions"):
        inputs = tuple(fingerprint(str(path)) for path in paths)
    found = [(path, read_file(path, kind.kind, options, wanted)) for path in paths]
    read = [(path, each) for path, each in found if each is not None]
    if not read:
        raise SourceError(f"{pattern} is empty; give a file with at least a line that names its fields")
    notes = [f"{path.name} is empty and was passed over" for path, each in found if each is None]
    notes += [f"{path.name}: {note}" for path, each in read for note in each.understood.notes]
    understood = _alike([(path.name, each.understood) for path, each in read])
    fields = tuple(dict.fromkeys(name for _, each in read for name in each.fields))
    with translated(
        f"{pattern} cannot be read as {kind.kind}",
        SourceError,
        mend="check that all files have the same kinds of columns",
    ):
        rows, heights = below_each_other([each for _, each in read], wanted)
    numbers, lost = _placed([each for _, each in read], heights)
    height = sum(heights)
    kept = Rows(rows, height) if isinstance(rows, pl.DataFrame) else FileBackedRows(rows, height, pattern)
    unheld = {name: what for _, each in read for name, what in each.unheld.items()}
    return _checked(SourceRows(kept, numbers, fields, _unreadable(lost), inputs, understood, tuple(notes), unheld))


def _alike(read: Sequence[tuple[str, Understood]]) -> tuple[Mapping[str, Any], ...]:
    """How files were read; those that were read alike once."""
    found: dict[str, dict[str, Any]] = {}
    for name, each in read:
        new = {"file": name, "files": 0, "as": each.told(), "read": dict(each.settings)}
        found.setdefault(each.told(), new)["files"] += 1
    return tuple(found.values())


def _placed(read: Sequence[FileRows], heights: Sequence[int]) -> tuple[pl.Series, list[int]]:
    """The numbers of the rows that could be read, and of those that could not, through all files."""
    start = 0
    parts: list[pl.Series] = []
    lost: list[int] = []
    for each, height in zip(read, heights, strict=True):
        at = each.malformed.at
        numbers = pl.int_range(start, start + height + len(at), dtype=pl.Int64, eager=True)
        if at:
            bad = pl.Series([start + place for place in at], dtype=pl.Int64)
            numbers, lost = numbers.filter(~numbers.is_in(bad.implode())), [*lost, *bad.to_list()]
        parts.append(numbers)
        start += height + len(at)
    return pl.concat(parts).alias(SOURCE_ROW), lost


def _numbers(height: int) -> pl.Series:
    return pl.int_range(height, dtype=pl.Int64, eager=True).alias(SOURCE_ROW)


def _unreadable(rows: Sequence[int]) -> pl.DataFrame:
    numbers = pl.Series(SOURCE_ROW, rows, dtype=pl.Int64).to_frame()
    return numbers.with_columns(reason=pl.lit(reasons.MALFORMED_LINE.code))


def _checked(read: SourceRows) -> SourceRows:
    if SOURCE_ROW in read.fields:
        raise ConfigurationError(f"the field {SOURCE_ROW!r} is kept for numbering the rows; rename it in the source")
    return read
