"""A table as a value: what its rows hold, how its files lie, how small ones are folded, and who sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from cdpkit.store.table import Table


@dataclass(frozen=True, slots=True)
class TableKind:
    """One of the tables that every workspace has; `store/tables/<name>.py` ends with one as `TABLE`.

    Attributes:
        name: The name of its folder, of its file here, and in SQL.
        schema: Its columns, without the partition column. One may be added, with a new `FORMAT`; a column that is to
            hold something else gets another name.
        partition: The column that all rows of a file share, as text; None for none.
        fold: Puts small files together, so that the table says the same in fewer; None where they stay, and for the
            profiles, whose layers are folded.
        shown: Whether `ws.sql` shows it.
        rows_a_group: How many rows of a file are read at once; None for the usual number.
        since: The first format of a workspace that has it. Where it is missing from an older one it is made, from any
            other it was lost.
    """

    name: str
    schema: Mapping[str, pl.DataType]
    partition: str | None = None
    fold: Callable[[Table], None] | None = None
    shown: bool = False
    rows_a_group: int | None = None
    since: int = 1
