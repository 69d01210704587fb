"""The timeline events as people look at them: with the profile whose they are, and with what they hold as columns."""

import polars as pl

from cdpkit.core.events.read import typed
from cdpkit.core.events.types import EventType
from cdpkit.runs.home import Home
from cdpkit.store.events import events_of
from cdpkit.store.snapshot import Snapshot

TIMELINE = ("profile_id", "type", "id", "time", "properties")
"""The columns of events; `properties` is a JSON object."""


def numbered(home: Home, snapshot: Snapshot) -> pl.LazyFrame:
    """The events with the internal number `row` of their profiles, and `seq`, the commit that they came with."""
    return events_of(home.tables, snapshot).select("row", *TIMELINE[1:], "seq")


def timeline(home: Home, snapshot: Snapshot) -> pl.LazyFrame:
    """The events with the `profile_id` whose they are, as `TIMELINE`."""
    ids = snapshot.profiles().select("row", "profile_id")
    return numbered(home, snapshot).join(ids, on="row", how="inner", maintain_order="left").select(*TIMELINE)


def events_of_profile(home: Home, snapshot: Snapshot, row: int) -> pl.DataFrame:
    """The events of one profile, the newest first: `time`, `type`, `id`, `properties`."""
    own = numbered(home, snapshot).filter(pl.col("row") == row)
    return own.select("time", "type", "id", "properties").sort("time", "id", descending=True).collect()


def of_type(events: pl.LazyFrame, kind: EventType) -> pl.LazyFrame:
    """The events of one type, each property of it as a column in the place of `properties`."""
    return typed(events.filter(pl.col("type") == kind.name), kind)
