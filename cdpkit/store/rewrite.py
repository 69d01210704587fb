"""Changing what is in a table, for a workspace that is brought up to date."""

from collections.abc import Callable

import polars as pl

from cdpkit.store.attempt import attempt
from cdpkit.store.table import Table


def rewrite(table: Table, done: str, change: Callable[[pl.LazyFrame], pl.LazyFrame]) -> None:
    """Put in the place of each file what `change` makes of its rows: all files in one commit, once under a name.

    The order of the rows stays, and which file they are in; older versions of the table keep what they had.

    Args:
        table: The newest version of a table.
        done: A name of its own, such as `cdpkit-format-2`; where it is in the table already, nothing happens.
        change: Given the columns that a file carries, those that it shall carry, all of them columns of the table.

    Raises:
        ConflictError: Somebody else committed meanwhile.
        WorkspaceError: A file does not hold what was written.
    """
    if table.transaction(done) is not None:
        return
    files = table.files()
    table.intact(files)
    with attempt() as made:
        for file in files:
            carried = [name for name in table.schema if name in file.columns]
            rows = change(table.scan([file], carried)).collect()
            made.add(table.root, [table.write(rows, partition=file.partition)])
        table.commit([file for _, file in made.made], files, transactions={done: 1})
