"""Profiles as a lazy frame that shows people instead of a query plan."""

from typing import ClassVar

import polars as pl

from cdpkit.runs.told import person_first
from cdpkit.workspace.looked import Looked


class Profiles(Looked):
    """A lazy frame of profiles; what is made of it is a lazy frame as any other.

    Looked at, it shows how many there are, and the first of them, with what the workspace keeps of each behind.
    """

    noun: ClassVar[str] = "profile"

    def _first(self) -> pl.DataFrame:
        return person_first(super()._first())
