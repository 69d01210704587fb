"""The names of a source's fields: without what is not seen at their ends, and each of them once."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """Names of fields.

    Attributes:
        names: One for each that was given, all different.
        empty: Those that stand where there was none.
        doubled: Those that got a number, since others have the name.
    """

    names: tuple[str, ...]
    empty: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()

    def told(self) -> list[str]:
        """What a person should look at."""
        notes = []
        if self.empty:
            notes.append(f"fields without a name are called {_listed(self.empty)}")
        if self.doubled:
            notes.append(f"fields whose name is there more than once are called {_listed(self.doubled)}")
        return notes


def clean_names(given: Sequence[str]) -> Named:
    """Strip white space and format characters at both ends; an empty name, and one that is there before, is numbered.

    An empty one is `column_3` where it is the third; the second `n` is `n_2`.
    """
    bare = [bare_name(name) for name in given]
    taken = set(bare)
    seen: set[str] = set()
    names: list[str] = []
    empty: list[str] = []
    doubled: list[str] = []
    for place, name in enumerate(bare, 1):
        if name and name not in seen:
            seen.add(name)
            names.append(name)
            continue
        start, number = (name, 2) if name else ("column", place)
        while (new := f"{start}_{number}") in taken:
            number += 1
        taken.add(new)
        names.append(new)
        (doubled if name else empty).append(new)
    return Named(tuple(names), tuple(empty), tuple(doubled))


def bare_name(name: str) -> str:
    """Without white space and format characters (Unicode `White_Space`, `Cf`) at both ends."""
    start, end = 0, len(name)
    while start < end and _unseen(name[start]):
        start += 1
    while end > start and _unseen(name[end - 1]):
        end -= 1
    return name[start:end]


def _unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cf"


_SHOWN = 10


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(map(repr, names[:_SHOWN])) + (f" and {more:,} more" if more > 0 else "")
