"""One file, read as what it is."""

from collections.abc import Callable, Mapping
from pathlib import Path

from cdpkit.errors import ConfigurationError, SourceError
from cdpkit.place.foreign import translated
from cdpkit.runs.files.csv_files import read_csv
from cdpkit.runs.files.excel_files import read_excel
from cdpkit.runs.files.given import FileRows
from cdpkit.runs.files.json_files import read_json
from cdpkit.runs.files.options import Read
from cdpkit.runs.files.parquet_files import read_parquet
from cdpkit.runs.files.written import as_read

_Reader = Callable[[Path, Read, frozenset[str] | None], FileRows | None]
_READERS: Mapping[str, tuple[str, _Reader]] = {
    "csv": ("CSV", read_csv),
    "json": ("JSON", read_json),
    "parquet": ("Parquet", read_parquet),
    "excel": ("Excel", read_excel),
}
_OF_VALUES = ("format", "decimal", "thousands", "nulls", "dates", "guard", "lists", "allow_http")
_MEANT = {
    "csv": (*_OF_VALUES, "separator", "encoding", "quote", "header", "skip"),
    "json": (*_OF_VALUES, "encoding"),
    "parquet": _OF_VALUES,
    "excel": (*_OF_VALUES, "sheet", "header", "skip"),
}


def read_file(path: Path, kind: str, options: Read, wanted: frozenset[str] | None) -> FileRows | None:
    """The wanted fields of a file; None where it is empty.

    Args:
        path: The file.
        kind: csv, json, parquet or excel.
        options: How it is read; what is left out is detected.
        wanted: The fields to read, None for all.

    Raises:
        SourceError: It cannot be read; names the file, the line where there is one, and what to do.
        ConfigurationError: An option that files of this kind do not have.
    """
    name, reader = _READERS[kind]
    strange = [option for option in options.given() if option not in _MEANT[kind]]
    if strange:
        raise ConfigurationError(
            f"read: {strange[0]!r} means nothing for {name} files; these have: {', '.join(_MEANT[kind])}"
        )
    mend = "check that it is whole and of that format, or read it yourself and load the frame"
    with translated(f"{path} cannot be read as {name}", SourceError, mend=mend):
        read = reader(path, options, wanted)
    return None if read is None else as_read(read, options)
