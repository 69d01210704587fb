"""A Parquet file of a table, as its log describes it.

The first half of the SHA-256 of what it holds is a part of its name, so that the log has it, in every version.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from cdpkit.errors import WorkspaceError
from cdpkit.place import Place
from cdpkit.place.disk import flush_file
from cdpkit.place.foreign import translated

_DIGITS = 32
_SUMMED = re.compile(rf"\.([0-9a-f]{{{_DIGITS}}})\.parquet$")


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file of a table.

    Attributes:
        path: Relative to the table.
        partition: The value that all its rows share in the partition column, None in a table without one.
        rows: How many.
        nulls: For each column that the file carries how often it is null.
        first: The smallest value of the column `row`, where it has one.
        last: The largest.
        size: In bytes.
    """

    path: str
    partition: str | None
    rows: int
    nulls: Mapping[str, int]
    first: int | None
    last: int | None
    size: int

    @property
    def checksum(self) -> str | None:
        """What its content has to have; None where an earlier cdpkit wrote it, which kept none."""
        found = _SUMMED.search(self.path)
        return None if found is None else found[1]

    @property
    def columns(self) -> frozenset[str]:
        """Which of the table's columns it carries."""
        return frozenset(self.nulls)


def write_file(
    root: Place,
    frame: pl.DataFrame,
    *,
    partition: str | None = None,
    label: str = "part",
    rows_a_group: int | None = None,
) -> DataFile:
    """Write a frame as a Parquet file into the folder of a table; it is invisible until it is committed.

    Its content is on the disk when this returns; it is where it stays for good when it is kept, before it is committed.

    Args:
        root: The folder of the table.
        frame: The rows.
        partition: The value of the partition column.
        label: What its name begins with.
        rows_a_group: How many rows are read at once at least; fewer where few of them are looked for. None for the
            usual number.

    Raises:
        WorkspaceError: There is no such folder, or it cannot be written; then nothing of it is left.
    """
    root.here(())
    folder = root.local
    if not folder.is_dir():
        raise WorkspaceError(f"the table {root.name!r} is missing from the workspace; restore it from a backup")
    name = f"{label}-{uuid4().hex}"
    unfinished = folder / f"{name}.part"
    with translated(f"the table {root.name!r} cannot be written"):
        try:
            frame.lazy().sink_parquet(unfinished, compression="zstd", compression_level=1, row_group_size=rows_a_group)
            flush_file(unfinished)
            path = folder / f"{name}.{checksum_of(unfinished)}.parquet"
            unfinished.rename(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    rows = frame["row"] if "row" in frame.columns else pl.Series("row", [], pl.Int64)
    return DataFile(
        path=path.name,
        partition=partition,
        rows=frame.height,
        nulls={column.name: column.null_count() for column in frame},
        first=_whole(rows.min()),
        last=_whole(rows.max()),
        size=path.stat().st_size,
    )


def checksum_of(path: Path) -> str:
    """The checksum of what a file holds, as names of files have it."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:_DIGITS]


def is_damaged(folder: Path, file: DataFile, *, largest: int | None = None) -> bool:
    """Whether a file of a table is not what was written.

    Args:
        folder: The folder of the table on this machine.
        file: One that is there.
        largest: A larger one is not looked at; None to look at every one, however often.
    """
    if file.checksum is None or (largest is not None and file.size > largest):
        return False
    path = folder / file.path
    found = path.stat()
    seen = checksum_of(path) if largest is None else _seen(path, found.st_size, found.st_mtime_ns)
    return seen != file.checksum


@lru_cache(4096)
def _seen(path: Path, _size: int, _written: int) -> str:
    """The checksum of a file, worked out once in a process as long as nobody writes to it."""
    return checksum_of(path)


def read_files(root: Place, files: Sequence[DataFile]) -> pl.LazyFrame:
    """The rows of files of a table with the columns that the files have, committed or not."""
    root.here(file.path for file in files)
    return pl.scan_parquet([root.local / file.path for file in files], glob=False)


def lost_files(root: Place, files: Sequence[DataFile]) -> list[DataFile]:
    """Those of the files that are not there any more."""
    root.here(file.path for file in files)
    return [file for file in files if not (root.local / file.path).exists()]


def delete_files(root: Place, files: Iterable[DataFile]) -> None:
    """Remove files of a table that are not to be committed."""
    root.drop(file.path for file in files)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
