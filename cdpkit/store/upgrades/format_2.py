"""What goals know of lists stands in columns of its own; format 1 marked ids of lists by a first character."""

import polars as pl

from cdpkit.core.membership import NO_LISTS
from cdpkit.place import Place
from cdpkit.place.frames import read_frame, write_frame
from cdpkit.store.commits import Tables
from cdpkit.store.rewrite import rewrite
from cdpkit.store.tables import GOAL_ROWS

_THEIRS, _MAYBE = "~", "?"
_COLUMNS = ("lists", "theirs", "maybe")
"""Those of format 2; later ones know more."""
_OURS = rf"^[^{_THEIRS}{_MAYBE}]"


def upgrade(tables: Tables, root: Place) -> None:
    """Take marked ids apart, in what goals know and in the plans of runs that were stopped."""
    rewrite(tables.open(GOAL_ROWS), "cdpkit-format-2", lambda lines: lines.with_columns(_apart("lists")))
    for run in (root / "runs").list():
        for goal in run.list():
            _upgrade_plan(goal)


def _upgrade_plan(goal: Place) -> None:
    """The frames of a plan, each written whole; one that was done before a kill stays."""
    for name in ("left", "noted"):
        place = goal / f"{name}.parquet"
        if place.exists() and "maybe" not in (frame := read_frame(place)).columns:
            write_frame(place, frame.with_columns(_apart("lists")))
    place = goal / "send.parquet"
    if place.exists() and "held" in (frame := read_frame(place)).columns:
        held, owed, found = (frame.select(_apart(name)) for name in ("held", "owed", "theirs"))
        known = [owed["lists"], held["theirs"], owed["maybe"], found["theirs"].alias("found")]
        write_frame(place, frame.drop("held", "owed").with_columns(known))


def _apart(ids: str) -> list[pl.Expr]:
    """The columns of a column of marked ids."""
    each, marked = pl.element(), pl.col(ids).fill_null(NO_LISTS)
    ours = marked.list.eval(each.filter(each.str.contains(_OURS)))
    theirs, maybe = (
        marked.list.eval(each.filter(each.str.starts_with(mark)).str.strip_prefix(mark)) for mark in (_THEIRS, _MAYBE)
    )
    return [column.alias(name) for name, column in zip(_COLUMNS, (ours, theirs, maybe), strict=True)]
