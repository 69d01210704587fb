"""Several files as one source: their rows below each other, whatever types their columns have."""

from collections.abc import Sequence

import polars as pl

from cdpkit.runs.files.alike import lazily_together, stacked
from cdpkit.runs.files.given import FileRows


def below_each_other(
    read: Sequence[FileRows], wanted: frozenset[str] | None
) -> tuple[pl.LazyFrame | pl.DataFrame, list[int]]:
    """The rows of all files, and how many each has; a field that a file lacks is empty there."""
    frames = [each.rows for each in read]
    heights = [
        frame.height if isinstance(frame, pl.DataFrame) else frame.select(pl.len()).collect().item() for frame in frames
    ]
    if len(frames) == 1:
        return frames[0], heights
    fields = {name for each in read for name in each.fields}
    taken = fields if wanted is None else fields & wanted
    eager = [frame for frame in frames if isinstance(frame, pl.DataFrame)]
    if len(eager) == len(frames):
        kept = [frame.select(name for name in frame.columns if not taken or name in taken) for frame in eager]
        return stacked(kept, heights), heights
    return lazily_together([frame.lazy() for frame in frames]), heights
