"""A Parquet file of a table, as its log describes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from cdpkit.errors import WorkspaceError


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
    def columns(self) -> frozenset[str]:
        """Which of the table's columns it carries."""
        return frozenset(self.nulls)


def write_file(root: Path, frame: pl.DataFrame, *, partition: str | None = None, label: str = "part") -> DataFile:
    """Write a frame as a Parquet file into the folder of a table; it is invisible until it is committed.

    Raises:
        WorkspaceError: There is no such folder.
    """
    if not root.is_dir():
        raise WorkspaceError(f"the table {root.name!r} is missing from the workspace; restore it from a backup")
    path = root / f"{label}-{uuid4().hex}.parquet"
    frame.lazy().sink_parquet(path, compression="zstd", compression_level=1, sync_on_close="data")
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


def read_files(root: Path, files: Sequence[DataFile]) -> pl.LazyFrame:
    """The rows of files of a table with the columns that the files have, committed or not."""
    return pl.scan_parquet([root / file.path for file in files], glob=False)


def lost_files(root: Path, files: Iterable[DataFile]) -> list[DataFile]:
    """Those of the files that are not there any more."""
    return [file for file in files if not (root / file.path).exists()]


def delete_files(root: Path, files: Iterable[DataFile]) -> None:
    """Remove files of a table that are not to be committed."""
    for file in files:
        (root / file.path).unlink(missing_ok=True)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
