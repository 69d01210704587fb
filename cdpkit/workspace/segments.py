"""Segments: named expressions over the profiles, with their members now and how they moved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
import tomlkit

from cdpkit.config.settings_file import Document
from cdpkit.core.names import check_name
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.home import Home
from cdpkit.show.face import Faced
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.store.sql import segment_rows, try_segment
from cdpkit.workspace.catalogue import Catalogue, TellsOfFiles
from cdpkit.workspace.view import snapshot_at


@dataclass(frozen=True, slots=True, repr=False)
class Segment(Faced, TellsOfFiles):
    """A named expression.

    Attributes:
        name: How it is called.
        where: A SQL expression over the columns of `profiles`.
    """

    _home: Home = field(repr=False)
    name: str
    where: str

    def members(self) -> pl.DataFrame:
        """The profiles that belong to it now, with all their properties."""
        now = self._profiles(None)
        return _of_rows(now, self._rows(now))

    def sample(self, number: int = 10) -> pl.DataFrame:
        """Some of the profiles that belong to it now, spread over all of them, with all their properties."""
        now = self._profiles(None)
        rows = self._rows(now)
        every = max(1, rows.height // max(1, number))
        return _of_rows(now, rows.gather_every(every).head(number))

    def count(self) -> int:
        """How many profiles belong to it now."""
        return self._rows(self._profiles(None)).height

    def entered(self, since: str | datetime, until: str | datetime | None = None) -> pl.DataFrame:
        """The profiles that belong to it at `until` (now, where left out) and did not at `since`.

        Args:
            since: The id of a run, or a time.
            until: Likewise.
        """
        before, after = self._profiles(since), self._profiles(until)
        return _of_rows(after, _minus(self._rows(after), self._rows(before)))

    def left(self, since: str | datetime, until: str | datetime | None = None) -> pl.DataFrame:
        """The profiles that belonged to it at `since` and do not at `until`, as they were at `since`."""
        before, after = self._profiles(since), self._profiles(until)
        return _of_rows(before, _minus(self._rows(before), self._rows(after)))

    def _rows(self, profiles: pl.LazyFrame) -> pl.DataFrame:
        try:
            return segment_rows(profiles, self.where, limits=self._home.limits())
        except ConfigurationError as error:
            raise ConfigurationError(f"segment {self.name!r}: {error}") from None

    def _told(self) -> Told:
        return Told(f"Segment({self.name!r}, {' '.join(self.where.split())!r}): {counted(self.count(), 'profile')}")

    def _profiles(self, moment: str | datetime | None) -> pl.LazyFrame:
        return catalogued(self._home, snapshot_at(self._home, moment))


class Segments(Faced, Catalogue[Segment]):
    """All segments by name; a mapping that reads the settings each time."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def add(self, name: str, where: str) -> Segment:
        """Add a segment; adding the very same one again changes nothing.

        Args:
            name: Any text.
            where: A SQL expression over the columns of `profiles`, such as `plan = 'gold' and points > 100`.

        Raises:
            ConfigurationError: It is no expression, does not fit the properties or their values, or there is another
                segment of this name.
        """
        check_name("segment", name)
        self._check(where)

        def edit(document: Document) -> None:
            if self._wheres().get(name, where) != where:
                raise ConfigurationError(
                    f"there is a segment {name!r} already; change it with ws.segments.change({name!r}, where)"
                )
            if "segments" not in document:
                document.append("segments", tomlkit.table())
            document["segments"][name] = where

        self._home.settings.edit(edit)
        return self[name]

    def change(self, name: str, where: str) -> Segment:
        """Give a segment another expression.

        Raises:
            UnknownNameError: No such segment.
            ConfigurationError: It is no expression, or does not fit the properties.
        """
        self[name]
        self._check(where)

        def edit(document: Document) -> None:
            document["segments"][name] = where

        self._home.settings.edit(edit)
        return self[name]

    def define(self, name: str, where: str) -> Segment:
        """Add a segment, or change the one of this name: for cells that run again with another expression.

        Raises:
            ConfigurationError: It is no expression, or does not fit the properties.
        """
        return self.change(name, where) if name in self._wheres() else self.add(name, where)

    def remove(self, name: str) -> None:
        """Forget a segment.

        Raises:
            UnknownNameError: No such segment.
        """
        self[name]

        def edit(document: Document) -> None:
            del document["segments"][name]

        self._home.settings.edit(edit)

    @property
    def exposed(self) -> bool:
        """Whether names of segments may be sent to vendors, where a goal maps them."""
        return self._home.settings.read().expose_segments

    def expose(self, *, exposed: bool = True) -> None:
        """Let the names of segments be sent to vendors where a goal maps them, or no longer; usually they are not."""

        def edit(document: Document) -> None:
            document["expose_segments"] = exposed

        self._home.settings.edit(edit)

    def frame(self) -> pl.DataFrame:
        """`name`, `where`, `profiles`: one line a segment, with its count now."""
        schema = {"name": pl.String, "where": pl.String, "profiles": pl.Int64}
        lines = [(name, segment.where, segment.count()) for name, segment in self.items()]
        return pl.DataFrame(lines, schema=schema, orient="row")

    def __getitem__(self, name: str) -> Segment:
        wheres = self._wheres()
        if name not in wheres:
            raise UnknownNameError("segment", name, wheres, f"add it with ws.segments.add({name!r}, where)")
        return Segment(self._home, name, wheres[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._wheres())

    def __len__(self) -> int:
        return len(self._wheres())

    def _told(self) -> Told:
        wheres = self._wheres()
        lines = [(name, " ".join(where.split())) for name, where in wheres.items()]
        return told(counted(len(wheres), "segment"), ("name", "where"), lines)

    def _wheres(self) -> Mapping[str, str]:
        return self._home.settings.read().segments

    def _check(self, where: str) -> None:
        try_segment(catalogued(self._home, snapshot_at(self._home)), where, self._home.limits())


def _minus(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    return rows.join(others, on="row", how="anti")


def _of_rows(profiles: pl.LazyFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return profiles.filter(pl.col("row").is_in(rows["row"].implode())).drop("row").collect()
