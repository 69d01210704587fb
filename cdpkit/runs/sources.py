"""Reading what is loaded: frames, CSV, Parquet, NDJSON, and globs of these files."""

import glob
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pyarrow import ArrowInvalid

from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError, SourceError
from cdpkit.runs.csv_files import RAGGED, read_csv


@dataclass(frozen=True, slots=True)
class SourceRows:
    """A source as it was read.

    Attributes:
        rows: The fields and `_source_row`, numbered from 0 through all files.
        unreadable: `_source_row`, `reason` of lines that were read but do not fit the others.
        inputs: What was read, to tell whether it is the same again: name, size and time of each file.
    """

    rows: pl.DataFrame
    unreadable: pl.DataFrame
    inputs: tuple[Mapping[str, Any], ...]


def read_source(source: object) -> SourceRows:
    """Read a frame, a path or a glob.

    Args:
        source: A Polars frame (eager or lazy), anything that `polars.DataFrame` takes (pandas, Arrow), or the path
            of CSV, Parquet, NDJSON or JSON-lines files; a path may hold `*`, `?` and `[]`.

    Raises:
        SourceError: No such file, a format that is not known, or content that cannot be read.
    """
    if isinstance(source, str | Path):
        return _read_files(str(source))
    if isinstance(source, pl.LazyFrame):
        source = source.collect(engine="streaming")
    if not isinstance(source, pl.DataFrame):
        source = _to_frame(source)
    if source.width == 0:
        raise SourceError("the source has no columns; give a frame or file with at least an identifier")
    return _numbered(source, ({"kind": "frame", "rows": source.height, "fields": source.columns},))


def _to_frame(source: object) -> pl.DataFrame:
    try:
        return pl.DataFrame(source)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise SourceError(
            f"a source is a frame or the path of a file, not {type(source).__name__}; give a Polars, pandas or Arrow "
            "frame"
        ) from error


def _read_files(pattern: str) -> SourceRows:
    paths = sorted(Path(found) for found in glob.glob(pattern, recursive=True)) or [Path(pattern)]  # noqa: PTH207
    missing = [path for path in paths if not path.is_file()]
    if missing:
        folder = Path(pattern).parent
        near = sorted(item.name for item in folder.iterdir())[:20] if folder.is_dir() else []
        raise SourceError(f"no file {pattern!r}; its folder has: {', '.join(near) or 'nothing, or does not exist'}")
    reader = _reader(paths)
    try:
        frames = [reader(path) for path in paths]
        rows = pl.concat(frames, how="diagonal_relaxed") if len(frames) > 1 else frames[0]
    except (pl.exceptions.PolarsError, ArrowInvalid) as error:
        # What the readers say may quote the content, which may be personal.
        raise SourceError(
            f"{pattern} cannot be read as {paths[0].suffix.lstrip('.')} ({type(error).__name__}); check that it is "
            "UTF-8, that quotes are closed, and that all files have the same kinds of columns; or read it yourself "
            "with Polars and load the frame"
        ) from None
    inputs = tuple(
        {"kind": "file", "path": str(path), "size": path.stat().st_size, "modified_ns": path.stat().st_mtime_ns}
        for path in paths
    )
    return _numbered(rows, inputs)


def _reader(paths: Sequence[Path]) -> Callable[[Path], pl.DataFrame]:
    kinds = {"".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix for path in paths}
    if len(kinds) > 1:
        raise SourceError(f"the files have several formats ({', '.join(sorted(kinds))}); load one format at a time")
    kind = kinds.pop().lower()
    reader = _READERS.get(kind)
    if reader is None:
        raise SourceError(f"no reader for {kind or 'files without an ending'}; there are: {', '.join(_READERS)}")
    return reader


def _read_ndjson(path: Path) -> pl.DataFrame:
    return pl.read_ndjson(path, infer_schema_length=None)


_READERS: Mapping[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": read_csv,
    ".csv.gz": read_csv,
    ".parquet": lambda path: pl.read_parquet(path, glob=False),
    ".ndjson": _read_ndjson,
    ".jsonl": _read_ndjson,
}


def _numbered(rows: pl.DataFrame, inputs: tuple[Mapping[str, Any], ...]) -> SourceRows:
    if SOURCE_ROW in rows.columns:
        raise ConfigurationError(f"the field {SOURCE_ROW!r} is kept for numbering the rows; rename it in the source")
    rows = rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(SOURCE_ROW))
    if RAGGED not in rows.columns:
        return SourceRows(rows, pl.DataFrame(schema={SOURCE_ROW: pl.Int64, "reason": pl.String}), inputs)
    unreadable = rows.filter(RAGGED).select(SOURCE_ROW, reason=pl.lit(RAGGED))
    return SourceRows(rows.filter(~pl.col(RAGGED).fill_null(value=False)).drop(RAGGED), unreadable, inputs)
