"""Profiles as a lazy frame that shows people instead of a query plan."""

from typing import TYPE_CHECKING

import polars as pl

from cdpkit.runs.told import person_first
from cdpkit.show.frames import FIRST, first_rows
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told

if TYPE_CHECKING:
    from polars._plr import PyLazyFrame


class Profiles(Tells, pl.LazyFrame):
    """A lazy frame of profiles; what is made of it is a lazy frame as any other.

    Looked at, it shows how many there are, and the first of them, with what the workspace keeps of each behind.
    """

    _looked: Told | None = None

    @classmethod
    def of(cls, frame: pl.LazyFrame) -> "Profiles":
        """The same frame."""
        made = cls.__new__(cls)
        made._ldf = frame._ldf  # noqa: SLF001 - as Polars makes a frame of another one
        return made

    @classmethod
    def _from_pyldf(cls, ldf: "PyLazyFrame") -> pl.LazyFrame:
        return pl.LazyFrame._from_pyldf(ldf)  # noqa: SLF001 - likewise

    def _told(self) -> Told:
        """Worked out once, since a front end asks for text and for HTML."""
        if self._looked is None:
            number = int(self.select(pl.len()).collect().item())
            first = person_first(self.head(FIRST).collect())
            more = f"; the first {FIRST}:" if number > FIRST else ""
            headline = f"{counted(number, 'profile')}, {counted(first.width, 'column')}{more}"
            self._looked = Told(headline, [first_rows(first)])
        return self._looked


def told_of(profiles: Profiles) -> Told:
    """What they tell, for what tells more."""
    return profiles._told()  # noqa: SLF001
