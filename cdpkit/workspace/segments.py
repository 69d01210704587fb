"""Segments: named expressions over the profiles, with their members now and how they moved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import tomlkit

from cdpkit.config.settings import Document
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.home import Home
from cdpkit.store.sql import check_segment
from cdpkit.workspace.view import View, at


@dataclass(frozen=True)
class Segment:
    """A named expression.

    Attributes:
        name: How it is called.
        where: A SQL expression over the columns of `profiles`.
    """

    home: Home
    name: str
    where: str

    def members(self) -> pl.DataFrame:
        """The profiles that belong to it now, with all their properties."""
        return _profiles(View(self.home), View(self.home).members(self.where))

    def count(self) -> int:
        """How many profiles belong to it now."""
        return View(self.home).members(self.where).height

    def entered(self, since: str | datetime, until: str | datetime | None = None) -> pl.DataFrame:
        """The profiles that belong to it at `until` (now, where left out) and did not at `since`.

        Args:
            since: The id of a run, or a time.
            until: Likewise.
        """
        before, after = self._between(since, until)
        return _profiles(after, _minus(after.members(self.where), before.members(self.where)))

    def left(self, since: str | datetime, until: str | datetime | None = None) -> pl.DataFrame:
        """The profiles that belonged to it at `since` and do not at `until`, as they were at `since`."""
        before, after = self._between(since, until)
        return _profiles(before, _minus(before.members(self.where), after.members(self.where)))

    def _between(self, since: str | datetime, until: str | datetime | None) -> tuple[View, View]:
        return at(self.home, since), View(self.home) if until is None else at(self.home, until)

    def __repr__(self) -> str:
        return f"Segment({self.name!r}, {self.where!r})"


class Segments(Mapping[str, Segment]):
    """All segments by name."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def define(self, name: str, where: str) -> Segment:
        """Define a segment, or define it anew.

        Args:
            name: Any text.
            where: A SQL expression over the columns of `profiles`, such as `plan = 'gold' and points > 100`.

        Raises:
            ConfigurationError: It is no expression, or does not fit the properties.
        """
        if not name.strip():
            raise ConfigurationError("a segment needs a name")
        check_segment(where)
        View(self._home).members(f"({where}\n) and false")

        def edit(document: Document) -> None:
            if "segments" not in document:
                document.append("segments", tomlkit.table())
            document["segments"][name] = where

        self._home.settings.edit(edit)
        return self[name]

    def remove(self, name: str) -> None:
        """Forget a segment.

        Raises:
            UnknownNameError: No such segment.
        """
        self[name]

        def edit(document: Document) -> None:
            del document["segments"][name]

        self._home.settings.edit(edit)

    def frame(self) -> pl.DataFrame:
        """`name`, `where`, `profiles`: one line a segment, with its count now."""
        schema = {"name": pl.String, "where": pl.String, "profiles": pl.Int64}
        lines = [(name, segment.where, segment.count()) for name, segment in self.items()]
        return pl.DataFrame(lines, schema=schema, orient="row")

    def __getitem__(self, name: str) -> Segment:
        segments = self._home.settings.read().segments
        if name not in segments:
            raise UnknownNameError("segment", name, segments, "define it with ws.segments.define(name, where)")
        return Segment(self._home, name, segments[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._home.settings.read().segments)

    def __len__(self) -> int:
        return len(self._home.settings.read().segments)

    def __repr__(self) -> str:
        return repr(self.frame())


def _minus(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    return rows.join(others, on="row", how="anti")


def _profiles(view: View, rows: pl.DataFrame) -> pl.DataFrame:
    return view.rows().filter(pl.col("row").is_in(rows["row"].implode())).drop("row").collect()
