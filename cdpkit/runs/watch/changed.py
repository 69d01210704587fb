"""Which profiles commits have changed: read from the lists of changes that each commit names, and nothing else."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from cdpkit.runs.home import Home
from cdpkit.runs.watch.kept import Seen
from cdpkit.store.data_file import DataFile
from cdpkit.store.log import Log
from cdpkit.store.tables import CHANGES, PROFILES


def changed_since(home: Home, since: Seen, properties: Collection[str], own: str) -> tuple[Seen, pl.Series]:
    """The profiles that have been made since, or of which one of some properties has changed.

    Args:
        home: The workspace.
        since: What was looked at before.
        properties: The properties that count.
        own: The key of a goal whose own commits do not count.

    Returns:
        How far that goes, with those who were due before; and the rows, ascending, each once.
    """
    table = home.tables.open(PROFILES)
    if table.version == since.version:
        return since, pl.Series("row", [], pl.Int64)
    here = home.tables.snapshot(table.version)
    now = replace(since, version=table.version, seq=here.seq)
    if since.version + 1 not in Log.of(table.root).entries():  # they are kept for some weeks, or somebody went back
        return now, here.layers.changed(since.seq)["row"].unique().sort()  # whoever has changed in any way
    parts = [_of_commit(home, told, properties) for _, told in table.commits(since.version) if _goal_of(told) != own]
    return now, pl.concat([pl.Series("row", [], pl.Int64), *parts]).unique().sort()


def _goal_of(commit: Mapping[str, Any]) -> str:
    return str(commit["key"]).partition("/")[2]


def _of_commit(home: Home, commit: Mapping[str, Any], properties: Collection[str]) -> pl.Series:
    files = [DataFile(**file) for file in commit["files"].get(CHANGES, ())]
    if not files:
        return pl.Series("row", [], pl.Int64)
    if home.tables.lost(CHANGES, files):  # put together with others since
        run, _, goal = str(commit["key"]).partition("/")
        lines = home.tables.scan(CHANGES).filter(run_id=run, goal=goal)
    else:
        lines = home.tables.read(CHANGES, files)
    counts = pl.col("property").is_in(list(properties)) & pl.col("before").ne_missing(pl.col("after"))
    return lines.filter(pl.col("property").is_null() | counts).select("row").collect()["row"]


def from_now(home: Home) -> Seen:
    """Nobody is due yet, and what is there already does not count."""
    here = home.tables.snapshot()
    return Seen(here.version, here.seq)
