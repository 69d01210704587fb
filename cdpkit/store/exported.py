"""What export goals know of profiles: lines appended by run, of which the newest of a profile holds.

Profiles are numbered without large gaps, so the newest line of each is found by its row as an index, which takes a
tenth of the time that joining or grouping millions of rows would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import polars as pl

from cdpkit.store.commits import Tables
from cdpkit.store.data_file import DataFile
from cdpkit.store.table import Table
from cdpkit.store.tables import GOAL_ROWS, TABLES
from cdpkit.store.tables.goal_rows import newest

KNOWN = {name: dtype for name, dtype in TABLES[GOAL_ROWS].schema.items() if name != "turn"}
_NARROW = ("row", "state", "seq", "config", "selection", "labels", "owes")
_STATE = pl.Categorical()


@dataclass(frozen=True, slots=True)
class Known:
    """What one goal knows.

    Attributes:
        lines: `row`, `state`, `seq`, `config`, `selection`, `labels`, `owes` (it is on a list that the goal put it
            on), in the order in which they were written.
        newest: The index in `lines` of each row's newest line, null where there is none.
    """

    table: Table
    files: tuple[DataFile, ...]
    lines: pl.DataFrame
    newest: pl.Series

    @classmethod
    def read(cls, tables: Tables, goal: str, rows: int) -> "Known":
        """Read what a goal knows.

        Args:
            tables: The tables.
            goal: The goal's key.
            rows: The number that the next profile gets.
        """
        table = tables.open(GOAL_ROWS)
        files = _in_turn(table, [file for file in table.files() if file.partition == goal])
        narrow = [table.scan([file], _NARROW).with_columns(pl.col("state").cast(_STATE)) for file in files]
        empty = pl.LazyFrame(schema={name: KNOWN[name] for name in _NARROW}).cast({"state": _STATE})
        lines = pl.concat([empty, *narrow]).collect(engine="streaming")
        newest = pl.repeat(None, rows, dtype=pl.UInt32, eager=True)
        start = 0
        for file in files:
            part = lines["row"].slice(start, file.rows)
            newest = newest.scatter(part, pl.int_range(start, start + file.rows, dtype=pl.UInt32, eager=True))
            start += file.rows
        return cls(table, files, lines, newest)

    @property
    def listed(self) -> int:
        """How many profiles are on a list that the goal put them on, or may be."""
        return int(self.lines["owes"].gather(self.newest.drop_nulls()).sum())

    def at(self, rows: pl.Series) -> pl.DataFrame:
        """The newest line of each of these profiles without `row`, null where there is none."""
        index = self.newest.gather(rows)
        known = index.is_not_null()
        columns = []
        for column in self.lines.drop("row"):
            same = _the_value(column)  # most columns hold one value, which need not be gathered
            one = pl.when(known).then(pl.lit(same, column.dtype)).alias(column.name)
            columns.append(one if same is not None else pl.lit(column).gather(index).alias(column.name))
        return pl.select(columns) if rows.len() else self.lines.drop("row").clear()

    def others(self, rows: pl.Series) -> pl.DataFrame:
        """The newest lines of all profiles but these, by ascending row."""
        newest = self.newest.clone().scatter(rows, None)  # which writes into what it is asked of
        return self.lines.select(pl.all().gather(newest.drop_nulls()))

    def whole(self, rows: pl.Series) -> pl.DataFrame:
        """All that is known of these profiles, as `KNOWN`, by ascending row."""
        if rows.is_empty() or not self.files:
            return pl.DataFrame(schema=KNOWN)
        scan = self.table.scan(self.files, [*KNOWN, "turn"])
        return newest(scan.filter(pl.col("row").is_in(rows.implode()))).select(*KNOWN).sort("row").collect()

    def holders(self, keys: pl.Series) -> pl.DataFrame:
        """`row`, `key` of the profiles whose newest line has one of these keys."""
        if keys.is_empty() or not self.files:
            return pl.DataFrame(schema={"row": pl.Int64(), "key": pl.String()})
        scan = self.table.scan(self.files, ["row", "key"])
        rows = scan.filter(pl.col("key").is_in(keys.unique().implode())).select(pl.col("row").unique()).collect()
        whole = self.whole(rows["row"]).select("row", "key")
        return whole.filter(pl.col("key").is_in(keys.unique().implode()))


def _the_value(column: pl.Series) -> int | bool | None:
    """The only value of a column of numbers or truths; None where there are several, or empty ones."""
    if column.dtype not in (pl.Int64, pl.Boolean) or column.null_count() or column.is_empty():
        return None
    least = cast("int | bool", column.min())
    return least if least == column.max() else None


def next_turn(tables: Tables, goal: str, table: str = GOAL_ROWS) -> int:
    """The number for the lines that a goal's next run appends to a table of what it knows."""
    last = tables.scan(table, where=goal).select(pl.col("turn").max()).collect().item()
    return 1 if last is None else int(last) + 1


def _in_turn(table: Table, files: Sequence[DataFile]) -> tuple[DataFile, ...]:
    """Files in the order in which their lines were written; folded ones hold nothing newer than what came after."""
    last = {file.path: table.scan([file], ["turn"]).select(pl.col("turn").max()).collect().item() for file in files}
    return tuple(sorted(files, key=lambda file: last[file.path]))
