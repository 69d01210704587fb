"""Reading what is loaded: frames, CSV, Parquet, NDJSON, and globs of these files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pyarrow import ArrowInvalid

from cdpkit.core import reasons
from cdpkit.core.frames import to_frame
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError, SourceError
from cdpkit.runs.csv_files import RAGGED
from cdpkit.runs.given_files import find_files, fingerprint, reader


@dataclass(frozen=True, slots=True)
class SourceRows:
    """A source as it was read.

    Attributes:
        rows: The wanted fields; those of Parquet files are read where they are needed.
        source_row: The number of each row, from 0 through all files.
        fields: The names of all fields of the source, also of those that were not read.
        unreadable: `_source_row`, `reason` of lines that were read but do not fit the others.
        inputs: What was read, to tell whether it is the same again: name, size and time of each file.
    """

    rows: Rows
    source_row: pl.Series
    fields: tuple[str, ...]
    unreadable: pl.DataFrame
    inputs: tuple[Mapping[str, Any], ...]


def read_source(source: object, wanted: Collection[str] | None = None) -> SourceRows:
    """Read a frame, a path or a glob.

    Args:
        wanted: The fields to read, None for all; a name that the source does not have is passed over.
        source: A Polars frame (eager or lazy), anything that `polars.DataFrame` takes (pandas, Arrow), or the path
            of CSV, Parquet, NDJSON or JSON-lines files; a path may hold `*`, `?` and `[]`.

    Raises:
        SourceError: No such file, a format that is not known, or content that cannot be read.
    """
    if isinstance(source, str | Path):
        return _read_files(str(source), wanted)
    lazy = source if isinstance(source, pl.LazyFrame) else to_frame(source).lazy()
    fields = lazy.collect_schema().names()
    if not fields:
        raise SourceError("the source has no columns; give a frame or file with at least an identifier")
    rows = lazy.select(_chosen(fields, wanted)).collect(engine="streaming")
    return _numbered(rows, rows.height, fields, ({"kind": "frame", "rows": rows.height, "fields": fields},))


def _chosen(fields: Sequence[str], wanted: Collection[str] | None) -> list[str]:
    """The fields to read, in the source's order; all of them where none of the wanted ones is there."""
    return [name for name in fields if wanted is None or name in wanted] or list(fields)


def _read_files(pattern: str, wanted: Collection[str] | None) -> SourceRows:
    paths = find_files(pattern)
    read = reader(paths)
    try:
        frames = [read(path) for path in paths]
        lazy = pl.concat(frames, how="diagonal_relaxed") if len(frames) > 1 else frames[0]
        fields = [name for name in lazy.collect_schema().names() if name != RAGGED]
        chosen = _chosen(fields, wanted)
        chosen += [RAGGED] if RAGGED in lazy.collect_schema() else []
        inputs = tuple(fingerprint(str(path)) for path in paths)
        rows: pl.LazyFrame | pl.DataFrame = lazy.select(chosen)
        if paths[0].suffix != ".parquet":
            rows = rows.lazy().collect(engine="streaming")
        height = rows.lazy().select(pl.len()).collect(engine="streaming").item()
    except (pl.exceptions.PolarsError, ArrowInvalid) as error:
        # What the readers say may quote the content, which may be personal.
        raise SourceError(
            f"{pattern} cannot be read as {paths[0].suffix.lstrip('.')} ({type(error).__name__}); check that it is "
            "UTF-8, that quotes are closed, and that all files have the same kinds of columns; or read it yourself "
            "with Polars and load the frame"
        ) from None
    return _numbered(rows, height, fields, inputs)


def _numbered(
    rows: pl.LazyFrame | pl.DataFrame, height: int, fields: Sequence[str], inputs: tuple[Mapping[str, Any], ...]
) -> SourceRows:
    if SOURCE_ROW in fields:
        raise ConfigurationError(f"the field {SOURCE_ROW!r} is kept for numbering the rows; rename it in the source")
    numbers = pl.int_range(height, dtype=pl.Int64, eager=True).alias(SOURCE_ROW)
    if not isinstance(rows, pl.DataFrame) or RAGGED not in rows.columns:
        none = pl.DataFrame(schema={SOURCE_ROW: pl.Int64, "reason": pl.String})
        return SourceRows(Rows(rows, height), numbers, tuple(fields), none, inputs)
    ragged = rows[RAGGED].fill_null(value=False)
    whole = rows.drop(RAGGED).filter(~ragged)
    unreadable = numbers.filter(ragged).to_frame().with_columns(reason=pl.lit(reasons.RAGGED_LINE.code))
    return SourceRows(Rows(whole, whole.height), numbers.filter(~ragged), tuple(fields), unreadable, inputs)
