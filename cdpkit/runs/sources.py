"""Reading what is loaded: frames of every make, files of every format, globs of files, and what lies at addresses."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from weakref import finalize

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.handed import handed
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError, SourceError
from cdpkit.place import Place
from cdpkit.place.foreign import translated
from cdpkit.place.passing import passing
from cdpkit.runs.addresses.bring import Brought, bring, is_address, named
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
        standing: The notes that are about how files are written, and the same each time.
    """

    rows: Rows
    source_row: pl.Series
    fields: tuple[str, ...]
    unreadable: pl.DataFrame
    inputs: tuple[Mapping[str, Any], ...]
    understood: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    unheld: Mapping[str, str] = field(default_factory=dict)
    standing: tuple[str, ...] = ()


def read_source(
    source: object,
    wanted: Collection[str] | None = None,
    options: Read | None = None,
    place: Callable[[], Place] = passing,
) -> SourceRows:
    """Read a frame, rows, a path, a glob, or what lies at an address.

    Args:
        source: A Polars frame (eager or lazy), one of pandas, Arrow or DuckDB, a mapping of columns, rows as mappings,
            the path of files (CSV, NDJSON, JSON, Parquet, Excel), or the `https://` or `s3://` address of such; a path
            and a key may hold `*`, `?` and `[]`.
        wanted: The fields to read, None for all; a name that the source does not have is passed over.
        options: How files are read; what is left out is detected.
        place: Gives a folder of its own for what is fetched, which goes with the rows.

    Raises:
        SourceError: No such file, a format that is not known, or content that cannot be read.
        RemoteError: A server cannot be reached, or refuses.
        ConfigurationError: Options for what is no file, or one that does not fit.
    """
    taken = None if wanted is None else frozenset(wanted)
    if isinstance(source, str | Path):
        how = options or Read()
        if is_address(str(source)):
            return _read_address(str(source).strip(), taken, how, place())
        if how.allow_http is not None:
            raise ConfigurationError("read: 'allow_http' is for addresses; this source is a path, so leave it out")
        return _read_files(str(source), find_files(str(source)), taken, how)
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
        unreadable_rows([]),
        (facts,),
        (),
        given.notes,
        given.unheld,
    )
    return _checked(read)


def _read_address(source: str, wanted: frozenset[str] | None, options: Read, place: Place) -> SourceRows:
    """What lies at an address; it stays here as long as its rows, which may be read from the file later."""
    done = False
    try:
        brought = bring(source, place, allow_http=bool(options.allow_http))
        read = read_brought(named(source), brought, wanted, options)
        finalize(read.rows, place.delete)
        done = True
    finally:
        if not done:
            place.delete()
    return read


def read_brought(source: str, brought: Sequence[Brought], wanted: frozenset[str] | None, options: Read) -> SourceRows:
    """Files that were brought here, told of by their addresses.

    Args:
        source: What they are together, for messages.
        brought: At least one.
        wanted: The fields to read, None for all.
        options: How they are read.

    Raises:
        SourceError: They cannot be read.
        ConfigurationError: An option does not fit them.
    """
    try:
        read = _read_files(source, [each.path for each in brought], wanted, options)
    except SourceError as error:
        text = str(error)
        for each in brought:
            text = text.replace(str(each.path), each.address)
        raise SourceError(text) from None
    facts = tuple(
        {"kind": "address", "path": each.address, "size": local["size"], **each.facts}
        for each, local in zip(brought, read.inputs, strict=True)
    )
    again = {} if options.allow_http is None else {"allow_http": options.allow_http}
    understood = tuple({**each, "read": {**each["read"], **again}} for each in read.understood)
    return replace(read, inputs=facts, understood=understood)


def _read_files(pattern: str, paths: Sequence[Path], wanted: frozenset[str] | None, options: Read) -> SourceRows:
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
    standing = tuple(f"{path.name}: {note}" for path, each in read for note in each.understood.standing)
    rest = unreadable_rows(lost)
    return _checked(SourceRows(kept, numbers, fields, rest, inputs, understood, tuple(notes), unheld, standing))


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


def unreadable_rows(rows: Sequence[int]) -> pl.DataFrame:
    """Lines that do not fit the others, by their numbers."""
    numbers = pl.Series(SOURCE_ROW, rows, dtype=pl.Int64).to_frame()
    return numbers.with_columns(reason=pl.lit(reasons.MALFORMED_LINE.code))


def _checked(read: SourceRows) -> SourceRows:
    if SOURCE_ROW in read.fields:
        raise ConfigurationError(f"the field {SOURCE_ROW!r} is kept for numbering the rows; rename it in the source")
    return read
