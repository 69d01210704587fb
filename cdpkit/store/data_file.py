"""A Parquet file of a table, as its log describes it."""

from collections.abc import Mapping
from dataclasses import dataclass


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
