"""Putting the small files of a table together: the ways that tables choose from."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import polars as pl

from cdpkit.errors import ConflictError
from cdpkit.store.attempt import attempt
from cdpkit.store.data_file import DataFile, delete_files, write_file
from cdpkit.store.table import Table

MOST_FILES = 32
ROWS_A_FILE = 1_000_000
ROWS_A_GROUP = 32_768
"""Of files in which a few rows are looked for by `row`; with fewer a group, files become larger."""
SMALL = 16 * 2**20
"""A file of fewer bytes is gathered with its like when a table has more than `MOST_FILES` of them."""


def gather(table: Table) -> None:
    """Put the small files of a table without partitions together."""
    columns = [column for column in table.schema if column != table.partition]
    files = [file for file in table.files() if file.size < SMALL]
    if len(files) > MOST_FILES:
        _swap(table, lambda: [table.scan(files, columns).collect()], files)


def by_row(table: Table) -> None:
    """Put the small files of each partition together, their rows by ascending `row`."""
    columns = [column for column in table.schema if column != table.partition]
    small = [file for file in table.files() if file.size < SMALL]
    for partition, files in _by_partition(small).items():
        if len(files) > MOST_FILES:
            sorted_ = partial(_by_row, table.scan(files, columns))
            _swap(table, sorted_, files, partition, ROWS_A_GROUP)


def _by_row(lines: pl.LazyFrame) -> list[pl.DataFrame]:
    return [lines.sort("row").collect()]


def crowded(table: Table) -> bool:
    """Whether a partition has so many small files that they should be put together although nothing else is due."""
    small = [file for file in table.files() if file.size < SMALL]
    return any(len(files) > 2 * MOST_FILES for files in _by_partition(small).values())


def gather_now(table: Table) -> None:
    """Put all files of a table without partitions together and remove them at once, where no space is left.

    For a table of which nobody reads older versions.
    """
    columns = [column for column in table.schema if column != table.partition]
    files = table.files()
    if len(files) > 1 and _swap(table, lambda: [table.scan(files, columns).collect()], files):
        delete_files(table.root, files)


def each_partition(fold: Callable[[pl.LazyFrame, int], Iterable[pl.DataFrame]]) -> Callable[[Table], None]:
    """Put the files of each partition that has many together.

    Args:
        fold: Given the rows of a partition and how many they are, what is kept of them, a frame for each new file.
    """

    def folded(table: Table) -> None:
        columns = [column for column in table.schema if column != table.partition]
        for partition, files in _by_partition(table.files()).items():
            if len(files) > MOST_FILES:
                rows = sum(file.rows for file in files)
                _swap(table, partial(fold, table.scan(files, columns), rows), files, partition)

    return folded


def _by_partition(files: Iterable[DataFile]) -> dict[str | None, list[DataFile]]:
    found: dict[str | None, list[DataFile]] = {}
    for file in files:
        found.setdefault(file.partition, []).append(file)
    return found


def _swap(
    table: Table,
    rows: Callable[[], Iterable[pl.DataFrame]],
    removed: Sequence[DataFile],
    partition: str | None = None,
    rows_a_group: int | None = None,
) -> bool:
    """Commit rows that say the same as files; left for the next time, and False, when somebody else was first."""
    table.intact(removed)
    try:
        with attempt() as made:
            for part in rows():
                made.add(table.root, [write_file(table.root, part, partition=partition, rows_a_group=rows_a_group)])
            table.commit([file for _, file in made.made], removed, transactions={"cdpkit-gather": 1})
    except ConflictError:
        return False
    return True
