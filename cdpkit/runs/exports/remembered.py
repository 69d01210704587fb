"""What export goals know of what they have sent: written down as the lines of their next turn."""

import polars as pl

from cdpkit.runs.draft import WriteSide
from cdpkit.runs.home import Home
from cdpkit.store.data_file import DataFile
from cdpkit.store.exported import next_turn
from cdpkit.store.tables import TABLES


def remember(home: Home, write: WriteSide, table: str, known: pl.DataFrame, key: str, run: str) -> list[DataFile]:
    """Write down what a goal knows now.

    Args:
        home: The workspace.
        write: Writes the files.
        table: Where it is kept.
        known: The columns of the table but `turn` and `run_id`.
        key: The goal's.
        run: The run that has sent it.

    Returns:
        The files, to be committed.
    """
    turn = pl.lit(next_turn(home.tables, key, table), pl.Int64)
    columns = list(TABLES[table].schema)
    lines = known.with_columns(turn=turn, run_id=pl.lit(run)).select(columns)
    return write(table, lines.sort(columns[0]), partition=key)
