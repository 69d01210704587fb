"""The frames of a preview: those of all its plans that have one, below each other."""

from collections.abc import Sequence
from dataclasses import fields

import polars as pl

from cdpkit.core.text import stacked_apart
from cdpkit.runs.plan import Look

VIEWS = tuple(field.name for field in fields(Look) if field.name not in {"counters", "estimate", "group"})
"""The frames that a preview has."""

_COLUMNS = {
    "excluded": ["source_row", "profile_id", "reason"],
    "rejected": ["source_row", "profile_id", "field", "property", "value", "reason"],
}
"""The columns that a frame has for a connection; all that there are where none are named."""


def joined(name: str, looks: Sequence[tuple[str, Look]], *, named: bool) -> pl.DataFrame:
    """One of the frames, of all that have it.

    Args:
        name: The frame.
        looks: The goals, each with what its plan has to be looked at.
        named: Whether the column `goal` at its end says whose a row is.
    """
    parts = [(goal, frame()) for goal, look in looks if (frame := getattr(look, name)) is not None]
    if not named:
        return parts[0][1] if parts else pl.DataFrame()
    marked = [frame.with_columns(goal=pl.lit(goal)) for goal, frame in parts]
    both = stacked_apart(marked) if marked else pl.DataFrame(schema={"goal": pl.String()})
    columns = _COLUMNS.get(name)
    if columns is None:
        return both
    missing = [pl.lit(None).alias(column) for column in columns if column not in both.columns]
    return both.with_columns(missing).select(*columns, "goal")


def refused_by(looks: Sequence[tuple[str, Look]]) -> dict[str, pl.DataFrame]:
    """What each goal would refuse: `field`, `reason`, `source_row`; people who are sent have no row of a source."""
    refused = {goal: frame() for goal, look in looks if (frame := look.rejected) is not None}
    return {goal: _with_source_row(frame) for goal, frame in refused.items()}


def _with_source_row(refused: pl.DataFrame) -> pl.DataFrame:
    row = [] if "source_row" in refused.columns else [pl.lit(None, pl.Int64).alias("source_row")]
    return refused.with_columns(row).select("field", "reason", "source_row")
