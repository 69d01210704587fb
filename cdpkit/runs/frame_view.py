"""A frame of a preview or a run, to leaf through: how many rows, a window of them, those that fit."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import polars as pl

from cdpkit.show.face import Faced
from cdpkit.show.frames import FIRST, first_rows
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told


class FrameView(Faced, Tells):
    """A frame that is worked out when it is first asked for, and once; its order is the same each time.

    Attributes:
        name: Which frame it is, such as `changes`.
    """

    def __init__(self, name: str, whole: Callable[[], pl.DataFrame]) -> None:
        """Hold how the frame is made.

        Args:
            name: Which it is.
            whole: Works it out.
        """
        self.name = name
        self._whole = whole

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All rows."""
        return self._whole()

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.frame.height

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self.frame.columns

    def window(self, start: int = 0, n: int = 50) -> pl.DataFrame:
        """Some rows: at most `n`, from the one with the index `start`; none, where there are no more."""
        return self.frame.slice(max(start, 0), max(n, 0))

    def filter(self, *conditions: pl.Expr, **equal: Any) -> "FrameView":
        """Those rows for which all conditions hold, as a view of their own.

        Args:
            conditions: Such as `pl.col("rule") != "create"`.
            equal: Column and value, such as `property="plan"`.
        """
        return FrameView(self.name, lambda: self.frame.filter(*conditions, **equal))

    def _told(self) -> Told:
        more = f"; the first {FIRST}:" if self.count > FIRST else ""
        return Told(f"View of {self.name}: {counted(self.count, 'row')}{more}", [first_rows(self.frame)])
