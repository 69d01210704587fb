"""Putting the small files of a table together: the ways that tables choose from."""

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from cdpkit.errors import ConflictError
from cdpkit.store.data_file import DataFile
from cdpkit.store.table import Table

MOST_FILES = 32
ROWS_A_FILE = 1_000_000
SMALL = 16 * 2**20
"""A file of fewer bytes is gathered with its like when a table has more than `MOST_FILES` of them."""


def gather(table: Table) -> None:
    """Put the small files of a table without partitions together."""
    columns = [column for column in table.schema if column != table.partition]
    files = [file for file in table.files() if file.size < SMALL]
    if len(files) > MOST_FILES:
        _swap(table, [table.write(table.scan(files, columns).collect())], files)


def each_partition(fold: Callable[[pl.LazyFrame, int], Iterable[pl.DataFrame]]) -> Callable[[Table], None]:
    """Put the files of each partition that has many together.

    Args:
        fold: Given the rows of a partition and how many they are, what is kept of them, a frame for each new file.
    """

    def folded(table: Table) -> None:
        columns = [column for column in table.schema if column != table.partition]
        for partition, files in _by_partition(table.files()).items():
            if len(files) > MOST_FILES:
                kept = fold(table.scan(files, columns), sum(file.rows for file in files))
                _swap(table, [table.write(part, partition=partition) for part in kept], files)

    return folded


def _by_partition(files: Iterable[DataFile]) -> dict[str | None, list[DataFile]]:
    found: dict[str | None, list[DataFile]] = {}
    for file in files:
        found.setdefault(file.partition, []).append(file)
    return found


def _swap(table: Table, added: Sequence[DataFile], removed: Sequence[DataFile]) -> None:
    """Commit files that say the same as others; left for the next time when somebody else was first."""
    try:
        table.commit(added, removed, transactions={"cdpkit-gather": 1})
    except ConflictError:
        return
