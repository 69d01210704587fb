"""Profiles as a version of the table has them, as a lazy frame and in SQL."""

from collections.abc import Iterator
from datetime import datetime

import polars as pl
from polars.io.plugins import register_io_source

from cdpkit.errors import ConfigurationError
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.exchange import EXCHANGE, exchange_frame
from cdpkit.runs.exchange import SCHEMA as EXCHANGED
from cdpkit.runs.groups import all_groups, group_tables
from cdpkit.runs.home import Home
from cdpkit.runs.run import Run, find_run, history
from cdpkit.runs.timeline import numbered
from cdpkit.runs.told import person_first
from cdpkit.show.tells import Tells
from cdpkit.show.told import Told
from cdpkit.store import sql
from cdpkit.store.relation import Below, Limits, Relation
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import EVENTS, PROFILES, RUNS
from cdpkit.workspace.events import Events
from cdpkit.workspace.groups import Groups
from cdpkit.workspace.looked import told_of
from cdpkit.workspace.profiles import Profiles

_MEMBERS = {"segment": pl.String(), "row": pl.Int64(), "profile_id": pl.String()}


class View(Tells):
    """The profiles as they were at one version: read only.

    Attributes:
        version: The version of the profile table.
    """

    def __init__(self, home: Home, snapshot: Snapshot) -> None:
        self._home = home
        self._snapshot = snapshot
        self.version = snapshot.version

    @property
    def profiles(self) -> Profiles:
        """The built-in properties, then one column for each property."""
        return Profiles.of(self._numbered().drop("row"))

    @property
    def events(self) -> Events:
        """The timeline events: `profile_id`, `type`, `id`, `time`, `properties`."""
        return Events.at(self._home, self._snapshot)

    @property
    def groups(self) -> Groups:
        """The groups of all types: `type`, `group_id`, the properties of all types, and what is kept of each."""
        return Groups.of(all_groups(self._home, self._snapshot).drop("row"))

    def sql(self, text: str, timeout: float | None = None) -> Relation:
        """Query `profiles`, `events` and `groups` so, `segments`, `exchange`, `runs`, `changes` and others as they are.

        Args:
            text: One SELECT.
            timeout: How many seconds it may compute; `sql_seconds` of the settings where it is left out.

        Raises:
            ConfigurationError: It is no single SELECT, takes too much time or memory, or DuckDB refuses it; the
                rows are computed when they are asked for, so the methods of what is returned raise it too.
        """
        profiles, tables, below = self._numbered(), self._home.tables, Below()
        limits = self._home.limits(timeout)
        members = self._members(profiles, limits, below)
        made = {
            PROFILES: person_first(profiles),
            "segments": members,
            EVENTS: numbered(self._home, self._snapshot),
            RUNS: history(self._home).lazy(),
            EXCHANGE: self._exchange(),
            **group_tables(self._home, self._snapshot),
        }
        kept = {name: tables.scan(name) for name, kind in tables.kinds.items() if kind.shown and name not in made}
        return sql.query(made | kept, text, limits, below)

    def _told(self) -> Told:
        shown = told_of(self.profiles)
        return Told(f"View of version {self.version}: {shown.headline}", shown.parts)

    def _numbered(self) -> pl.LazyFrame:
        """The profiles with the internal number `row` in front."""
        return catalogued(self._home, self._snapshot)

    def _exchange(self) -> pl.LazyFrame:
        """What connections have exchanged; computed only when a query asks for it."""

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, _n_rows: int | None, _batch: int | None
        ) -> Iterator[pl.DataFrame]:
            found = exchange_frame(self._home)
            yield (found if predicate is None else found.filter(predicate)).select(columns or list(EXCHANGED))

        return register_io_source(read, schema=EXCHANGED, is_pure=True)

    def _members(self, profiles: pl.LazyFrame, limits: Limits, below: Below) -> pl.LazyFrame:
        """Who is in which segment; computed only when a query asks for it. One that fails says why in `below`."""
        segments = self._home.settings.read().segments

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, _n_rows: int | None, _batch: int | None
        ) -> Iterator[pl.DataFrame]:
            for name, where in segments.items():
                try:
                    rows = sql.segment_rows(profiles, where, limits=limits, above=below)
                except ConfigurationError as error:  # on its way it would become DuckDB's, without the name
                    below.errors.append(ConfigurationError(f"segment {name!r}: {error}"))
                    raise
                ids = profiles.select("row", "profile_id").join(rows.lazy(), on="row", how="semi").collect()
                members = ids.select(pl.lit(name).alias("segment"), "row", "profile_id")
                members = members if predicate is None else members.filter(predicate)
                yield members.select(columns or list(_MEMBERS))

        return register_io_source(read, schema=_MEMBERS, is_pure=True)


def snapshot_at(home: Home, moment: str | Run | datetime | None = None) -> Snapshot:
    """The profiles as a run left them, as they were at a time, or as they are.

    Raises:
        UnknownNameError: No such run.
        ConfigurationError: The run stored nothing, the time has no zone, or nothing that old is kept.
    """
    if moment is None:
        return home.tables.snapshot()
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ConfigurationError("a time needs its zone, such as datetime(2026, 1, 31, tzinfo=UTC)")
        return home.tables.snapshot(moment)
    run = find_run(home, moment)
    if run.version is None:
        raise ConfigurationError(f"run {run.id} is {run.state} and stored nothing; name one that did")
    return home.tables.snapshot(run.version)


def profiles_in(snapshot: Snapshot) -> int:
    """How many profiles there are."""
    return int(snapshot.profiles().select(pl.len()).collect().item())
