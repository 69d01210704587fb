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

    One that is as the run left it becomes what it was before, or goes; any other stays, and is a conflict.

    Args:
        lines: `LINE`: all that there ever was of these events.
        removed: `REMOVED`: likewise.
        seqs: The numbers of the run's commits.
    """
    mine = pl.col("seq").is_in(seqs)
    own = lines.filter(mine)
    span = own.group_by("key").agg(first=pl.col("seq").min(), last=pl.col("seq").max())
    told = own.join(span, left_on=["key", "seq"], right_on=["key", "last"], how="semi")
    now = lines.join(removed.select("key", seq="of"), on=["key", "seq"], how="anti").select(
        "key", "properties", of="seq"
    )
    same = told.join(now, on=["key", "properties"], how="inner").join(span, on="key")
    between = pl.concat([lines.select("key", "seq"), removed.select("key", "seq")]).filter(~mine).join(span, on="key")
    torn = between.filter(pl.col("seq").is_between("first", "last"))["key"].unique()
    taken = same.filter(~pl.col("key").is_in(torn.implode())).select("key", "first", "of")
    left = told.join(taken, on="key", how="anti").select(
        "row", property="type", reason=pl.lit(reasons.CHANGED_AGAIN.code)
    )
    earlier = lines.join(taken.select("key", "first"), on="key").filter(pl.col("seq") < pl.col("first"))
    gone_by_then = removed.join(span, on="key").filter(pl.col("seq") < pl.col("first")).select("key", seq="of")
    before = earlier.join(gone_by_then, on=["key", "seq"], how="anti")
    return EventsBack(
        gone=taken.select(*GONE),
        back=before.select(name for name in LINE if name != "seq"),
        conflicts=left.cast(CONFLICTS),  # type: ignore[arg-type]
    )
