"""The timeline events, as they were after a commit, and what becomes of them by another."""

from collections.abc import Sequence

import polars as pl

from cdpkit.core.events.part import FOUND
from cdpkit.core.events.undo import LINE, REMOVED
from cdpkit.store.commits import Tables
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables.events import EVENTS, FORMER, GONE, HERE


def events_by(tables: Tables, seqs: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All that there ever was of the events that some commits touched: as `LINE`, and as `REMOVED`."""
    former = tables.scan(EVENTS, where=FORMER)
    here = pl.concat([tables.scan(EVENTS, where=HERE), former])
    gone = pl.concat([tables.scan(EVENTS, where=GONE).select(*REMOVED), former.select("key", of="seq", seq="of")])
    keys = here.filter(pl.col("seq").is_in(seqs)).select("key").collect(engine="streaming")["key"].unique()
    if keys.is_empty():
        return pl.DataFrame(schema=LINE), pl.DataFrame(schema=REMOVED)
    touched = pl.col("key").is_in(keys.implode())
    return (
        here.filter(touched).select(*LINE).collect(engine="streaming"),
        gone.filter(touched).collect(),
    )


def with_others(events: pl.LazyFrame, rows: pl.Series, seqs: Sequence[int]) -> pl.Series:
    """Those of the profiles that have events which came with other commits than these.

    Args:
        events: `FOUND`.
        rows: The profiles.
        seqs: The commits.
    """
    others = events.filter(~pl.col("seq").is_in(seqs) & pl.col("row").is_in(rows.implode()))
    return others.select("row").unique().collect(engine="streaming")["row"]


def events_of(tables: Tables, snapshot: Snapshot) -> pl.LazyFrame:
    """The events beside the profiles of a snapshot, as `FOUND`; what was committed has joined the tables."""
    table = tables.open(EVENTS)
    files = [*table.files(), *snapshot.events]

    def lines(layer: str, *columns: str | pl.Expr) -> pl.LazyFrame:
        of_layer = [file for file in files if file.partition == layer]
        found = table.scan(of_layer, [name for name in table.schema if name != table.partition])
        return found.filter(pl.col("seq") <= snapshot.seq).select(*columns)

    here, layers = lines(HERE, *FOUND), {file.partition for file in files}
    if GONE in layers:
        here = here.join(lines(GONE, "key", pl.col("of").alias("seq")), on=["key", "seq"], how="anti")
    if FORMER in layers:
        then = lines(FORMER, *FOUND, "of").filter(pl.col("of") > snapshot.seq)
        here = pl.concat([here, then.select(*FOUND)])
    return here
