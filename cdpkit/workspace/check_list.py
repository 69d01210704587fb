"""What a check of a connection found."""

from collections.abc import Sequence
from typing import overload

from cdpkit.problem import Problem
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told


class CheckList(Tells, Sequence[Problem]):
    """What `Connection.check` found: every problem; false and equal to an empty list where there is none."""

    def __init__(self, connection: str, problems: Sequence[Problem]) -> None:
        self._connection = connection
        self._found = tuple(problems)

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
            return Told(f"Connection {self._connection!r} can run.")
        headline = f"{counted(len(self), 'problem')} of connection {self._connection!r}"
        return Told(headline, [str(problem) for problem in self._found])
