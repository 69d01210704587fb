"""The timeline events: lines appended by commit, in one layer what is there, in another what is there no more.

An event is there from the commit of its line on, until the commit of a line in the layer `gone` that names its key and,
as `of`, the commit that it came with. Compaction puts both into one line of the layer `former`, in which `of` is the
commit since which it is not there. Lines lie by ascending `row`, so that the events of a profile lie together.
"""

import polars as pl

from cdpkit.core.events.build import EVENT
from cdpkit.store.former import FORMER, GONE, HERE, fold
from cdpkit.store.kind import TableKind
from cdpkit.store.small_files import ROWS_A_GROUP

__all__ = ["EVENTS", "FORMER", "GONE", "HERE", "TABLE"]

EVENTS = "events"

TABLE = TableKind(
    EVENTS,
    {**EVENT, "source_row": pl.Int64(), "seq": pl.Int64(), "of": pl.Int64()},
    partition="layer",
    fold=fold,
    shown=True,
    rows_a_group=ROWS_A_GROUP,
    since=4,
)
