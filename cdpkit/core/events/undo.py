"""Taking the events of a run back: what it stored goes, what it took the place of returns, unless others came since."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.events.part import FOUND, GONE
from cdpkit.core.undo import CONFLICTS

LINE = {**FOUND, "source_row": pl.Int64()}
"""An event as its table has it: also one that is there no more."""
REMOVED = {**GONE, "seq": pl.Int64()}
"""An event that is there no more, and the commit since which it is not."""


@dataclass(frozen=True, slots=True)
class EventsBack:
    """What an undo does to events.

    Attributes:
        gone: `GONE`: those that go.
        back: `LINE` without `seq`: those that return.
        conflicts: `row`, `property` (the type of the event), `reason`: those that others have changed since.
    """

    gone: pl.DataFrame
    back: pl.DataFrame
    conflicts: pl.DataFrame


def undo_events(lines: pl.DataFrame, removed: pl.DataFrame, seqs: Sequence[int]) -> EventsBack:
    """Work out what taking a run back does to the events that it touched.

    Args:
        lines: `LINE`: all that there ever was of these events.
        removed: `REMOVED`: likewise.
        seqs: The numbers of the run's commits.
    """
    mine = pl.col("seq").is_in(seqs)
    own = lines.filter(mine)
    first = own.group_by("key").agg(first=pl.col("seq").min(), last=pl.col("seq").max())
    since = pl.concat([lines.select("key", "seq"), removed.select("key", "seq")]).join(first, on="key")
    foreign = since.filter((pl.col("seq") > pl.col("first")) & ~mine)["key"].unique().implode()
    told = own.join(first, left_on=["key", "seq"], right_on=["key", "last"], how="semi")
    conflicts = told.filter(pl.col("key").is_in(foreign)).select(
        "row", property="type", reason=pl.lit(reasons.CHANGED_AGAIN.code)
    )
    taken = first.filter(~pl.col("key").is_in(foreign))
    before_it = removed.join(first, on="key").filter(pl.col("seq") < pl.col("first")).select("key", seq="of")
    before = (
        lines.join(taken, on="key")
        .filter(pl.col("seq") < pl.col("first"))
        .join(before_it, on=["key", "seq"], how="anti")
    )
    return EventsBack(
        gone=taken.select("key", of="last"),
        back=before.select(name for name in LINE if name != "seq"),
        conflicts=conflicts.cast(CONFLICTS),  # type: ignore[arg-type]
    )
