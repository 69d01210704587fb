"""How a run and a preview show themselves in notebooks."""

from typing import TypeVar

import polars as pl

from cdpkit.core.properties import BUILT_IN
from cdpkit.show.html import as_html
from cdpkit.show.outline import outline
from cdpkit.show.told import Lines, Told

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)

_FIRST = 20


def report_html(report: str, summary: pl.DataFrame | None = None) -> str:
    """The HTML of a report, with what it says of each property below it.

    Args:
        report: The lines.
        summary: A line a property; the first are shown.
    """
    told = outline(report)
    if summary is None or summary.is_empty():
        return as_html(told)
    more = summary.height - _FIRST
    left = [f"and {more:,} more, in preview.summary"] if more > 0 else []
    by_property = Told("By property", [Lines(summary.columns, summary.head(_FIRST).rows()), *left])
    return as_html(Told(told.headline, [*told.parts, by_property]))


def person_first(profiles: Frame) -> Frame:
    """Profiles with what is known of the person in front, and what the workspace keeps behind it."""
    kept = [*(prop.name for prop in BUILT_IN), "row"]
    there = profiles.collect_schema()
    return profiles.select(pl.exclude(kept), *(name for name in kept if name in there))
