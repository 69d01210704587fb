"""The files that users hand in: theirs, outside the workspace."""

import glob
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from cdpkit.errors import SourceError
from cdpkit.place.bundled import SAMPLE, sample
from cdpkit.runs.csv_files import read_csv
from cdpkit.runs.ndjson import changed_by_floats, read_ndjson


def find_files(pattern: str) -> list[Path]:
    """The files that a path or a glob names; a path that exists is that file, whatever it looks like.

    `sample:crm.csv` is a file of the sample data that comes with the package.

    Raises:
        SourceError: There are none; names what is in the folder.
        UnknownNameError: There is no such sample; names those that there are.
    """
    if Path(pattern).is_file():
        return [Path(pattern)]
    if pattern.startswith(SAMPLE):
        return [sample(pattern)]
    found = sorted(map(Path, glob.glob(pattern, recursive=True)), key=_natural)  # noqa: PTH207
    paths = found or [Path(pattern)]
    if all(path.is_file() for path in paths):
        return paths
    if paths == [Path(pattern)] and paths[0].is_dir():
        raise SourceError(f"{pattern!r} is a folder; name its files, such as {str(paths[0] / '*.csv')!r}")
    folder = Path(pattern).parent
    near = sorted(item.name for item in folder.iterdir())[:20] if folder.is_dir() else []
    raise SourceError(f"no file {pattern!r}; its folder has: {', '.join(near) or 'nothing, or does not exist'}")


def _natural(path: Path) -> list[tuple[int, str]]:
    """Orders part-2 before part-10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", str(path))]


def reader(paths: Sequence[Path]) -> Callable[[Path], pl.LazyFrame]:
    """What reads files of their format.

    Raises:
        SourceError: There are several formats, or one that is not known.
    """
    kinds = {"".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix for path in paths}
    if len(kinds) > 1:
        raise SourceError(f"the files have several formats ({', '.join(sorted(kinds))}); load one format at a time")
    kind = kinds.pop().lower()
    found = _READERS.get(kind)
    if found is None:
        raise SourceError(f"no reader for {kind or 'files without an ending'}; there are: {', '.join(_READERS)}")
    return found


def _read_ndjson(path: Path) -> pl.LazyFrame:
    content = pa.memory_map(str(path)).read_buffer() if path.stat().st_size else b""
    if changed_by_floats(content):
        return read_ndjson(bytes(content)).lazy()
    return pl.scan_ndjson(path, infer_schema_length=None)


_READERS: Mapping[str, Callable[[Path], pl.LazyFrame]] = {
    ".csv": lambda path: read_csv(path).lazy(),
    ".csv.gz": lambda path: read_csv(path).lazy(),
    ".parquet": lambda path: pl.scan_parquet(path, glob=False),
    ".ndjson": _read_ndjson,
    ".jsonl": _read_ndjson,
}


def fingerprint(path: str) -> Mapping[str, Any]:
    """What tells whether a file is still the same: its size, and when it was written."""
    facts = Path(path).stat()
    return {"kind": "file", "path": path, "size": facts.st_size, "modified_ns": facts.st_mtime_ns}
