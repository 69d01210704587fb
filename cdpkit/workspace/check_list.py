"""Problems to look through, of a connection or a goal."""

from collections.abc import Sequence
from typing import overload

from cdpkit.problem import Problem
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told


class CheckList(Tells, Sequence[Problem]):
    """Every problem of a connection or a goal; false and equal to an empty list where there is none."""

    def __init__(self, what: str, problems: Sequence[Problem]) -> None:
        self._what = what
        self._found = tuple(problems)

    def at(self, *place: str | int) -> "CheckList":
        """Those that are about a place or what is in it: `at("mappings", 2)`, or `at("mappings", 2, "to")`."""
        inside = [each for each in self if any(at[: len(place)] == place for at in each.at)]
        return CheckList(self._what, inside)

    @overload
    def __getitem__(self, index: int) -> Problem: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Problem]: ...
    def __getitem__(self, index: int | slice) -> Problem | Sequence[Problem]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self._found)

    def _told(self) -> Told:
        if not self._found:
            return Told(f"{self._what[0].upper()}{self._what[1:]} can run.")
        headline = f"{counted(len(self), 'problem')} of {self._what}"
        return Told(headline, [str(problem) for problem in self._found])
