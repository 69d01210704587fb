"""A lazy frame that shows what is in it, instead of a query plan."""

from typing import TYPE_CHECKING, ClassVar, Self

import polars as pl

from cdpkit.show.frames import FIRST, first_rows
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told

if TYPE_CHECKING:
    from polars._plr import PyLazyFrame


class Looked(Tells, pl.LazyFrame):
    """A lazy frame; what is made of it is a lazy frame as any other.

    Looked at, it shows how many rows there are, and the first of them.
    """

    noun: ClassVar[str] = "row"
    _looked: Told | None = None

    @classmethod
    def of(cls, frame: pl.LazyFrame) -> Self:
        """The same frame."""
        made = cls.__new__(cls)
        made._ldf = frame._ldf  # noqa: SLF001 - as Polars makes a frame of another one
        return made

    @classmethod
    def _from_pyldf(cls, ldf: "PyLazyFrame") -> pl.LazyFrame:
        return pl.LazyFrame._from_pyldf(ldf)  # noqa: SLF001 - likewise

    def _first(self) -> pl.DataFrame:
        return self.head(FIRST).collect()

    def _told(self) -> Told:
        """Worked out once, since a front end asks for text and for HTML."""
        if self._looked is None:
            number = int(self.select(pl.len()).collect().item())
            first = self._first()
            more = f"; the first {FIRST}:" if number > FIRST else ""
            headline = f"{counted(number, self.noun)}, {counted(first.width, 'column')}{more}"
            self._looked = Told(headline, [first_rows(first)])
        return self._looked


def told_of(frame: Looked) -> Told:
    """What it tells, for what tells more."""
    return frame._told()  # noqa: SLF001
