"""What stands in the way of a run, with the way to mend it."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cdpkit.show.astext import AsText
from cdpkit.show.cells import visible


@dataclass(frozen=True, slots=True)
class Problem(AsText):
    """One thing to mend.

    Attributes:
        where: A setting, or a goal and its part: `settings.api_key`, `goal 'VIPs': target.lists`; empty where whoever
            asks knows.
        what: What is wrong; names what exists, never a person's value or a secret.
        fix: What to do about it.
    """

    where: str
    what: str
    fix: str

    def inside(self, place: str) -> "Problem":
        """The same, seen from further out: its place lies in this one."""
        return replace(self, where=f"{place}: {self.where}" if self.where else place)

    def __str__(self) -> str:
        return visible(f"{self.where}: {self.what}; {self.fix}" if self.where else f"{self.what}; {self.fix}")


def unknown(where: str, kind: str, name: str, existing: Iterable[str], fix: str = "") -> Problem:
    """A name that does not exist.

    Args:
        where: As of `Problem`.
        kind: What the name was to name, such as `segment`.
        name: The name.
        existing: Those that exist.
        fix: What else to do than to correct the name.
    """
    correct = "correct the name"
    return Problem(where, no_such(kind, name, existing), f"{correct}, or {fix}" if fix else correct)


def no_such(kind: str, name: str, existing: Iterable[str]) -> str:
    """That a name does not exist, and which ones do, those first that it may have been meant to be."""
    return f"no {kind} {name!r}; there are: {', '.join(nearest_first(name, existing)) or 'none yet'}"


def nearest_first(name: str, existing: Iterable[str]) -> list[str]:
    """Names in their order, those first that differ from one little, or in upper and lower case alone."""
    names = list(existing)
    folded: Mapping[str, list[str]] = {each.casefold(): [] for each in names}
    for each in names:
        folded[each.casefold()].append(each)
    near = [each for close in difflib.get_close_matches(name.casefold(), folded) for each in folded[close]]
    return [*near, *(each for each in names if each not in near)]
