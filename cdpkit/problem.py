"""What stands in the way of a run, with the way to mend it."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from cdpkit.show.astext import AsText
from cdpkit.show.cells import visible

_LISTED, _ALIKE, _NEAR, _PART = 30, 5, 0.7, 3
"""How many names a message has, how many are looked for that are written alike, how much so, and how long a part is."""
_BETWEEN = re.compile(r"[\W_]+")


At = tuple[str | int, ...]
"""A place in what was given: keys, and positions from 0 in what is a list: `("mappings", 2, "to")`."""


@dataclass(frozen=True, slots=True)
class Problem(AsText):
    """One thing to mend.

    Attributes:
        where: A setting, or a goal and its part: `settings.api_key`, `goal 'VIPs': target.lists`; empty where whoever
            asks knows.
        what: What is wrong; names what exists, never a person's value or a secret.
        fix: What to do about it.
        at: The places in a goal or in settings that it is about, for what marks them; two problems that say the same
            are equal wherever that is.
    """

    where: str
    what: str
    fix: str
    at: tuple[At, ...] = field(default=(), compare=False)

    def inside(self, place: str) -> "Problem":
        """The same, seen from further out: its place lies in this one."""
        return replace(self, where=f"{place}: {self.where}" if self.where else place)

    def about(self, *at: At) -> "Problem":
        """The same, of these places."""
        return replace(self, at=at)

    def below(self, *place: str | int) -> "Problem":
        """The same, as whoever has more in view sees its places: they lie in this one."""
        return self.about(*((*place, *at) for at in self.at or ((),)))

    def located(self) -> "Problem":
        """The same, of the place that `where` names as a path of keys, unless it says itself where that is."""
        return self if self.at or not self.where else self.about(tuple(self.where.split(".")))

    def __str__(self) -> str:
        return visible(f"{self.where}: {self.what}; {self.fix}" if self.where else f"{self.what}; {self.fix}")


def unknown(where: str, kind: str, name: str, existing: Iterable[str], fix: str = "") -> Problem:
    """A name that does not exist.

    Args:
        where: As of `Problem`.
        kind: What the name was to name, such as `segment`.
        name: The name.
        existing: Those that exist.
        fix: What else to do than to correct the name; left out where one of the names has the same letters, in another
            case or order or with other marks between them, since a second thing of that name would make it worse.
    """
    names, correct = tuple(existing), "correct the name"
    meant = any(sorted(_bare(each)) == sorted(_bare(name)) for each in names)
    return Problem(where, no_such(kind, name, names), f"{correct}, or {fix}" if fix and not meant else correct)


def each_once(problems: Iterable[Problem]) -> list[Problem]:
    """Problems that say the same as one, of all their places."""
    places: dict[Problem, tuple[At, ...]] = {}
    for problem in problems:
        places[problem] = tuple(dict.fromkeys((*places.get(problem, ()), *problem.at)))
    return [problem.about(*at) for problem, at in places.items()]


def no_such(kind: str, name: str, existing: Iterable[str]) -> str:
    """That a name does not exist, and which ones do, those first that it may have been meant to be."""
    return f"no {kind} {name!r}; there are: {listed(nearest_first(name, existing)) or 'none yet'}"


def listed(names: Sequence[str]) -> str:
    """Names behind each other; of very many the first ones, and how many more there are."""
    told = ", ".join(names[:_LISTED])
    return told if len(names) <= _LISTED else f"{told} and {len(names) - _LISTED:,} more"


def nearest_first(name: str, existing: Iterable[str]) -> list[str]:
    """Names in their order, those first that may have been meant.

    That is those that differ in upper and lower case alone, then those that differ in blanks and marks between letters,
    then those that are written much alike, then those with which the name begins or ends, or that begin or end with it.
    """
    return list(_nearest_first(name, tuple(existing)))


@lru_cache(maxsize=512)
def _nearest_first(name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Kept, because a form asks again with each letter that is typed somewhere else."""
    if len(names) == 1:
        return names
    bare, wanted = {each: _bare(each) for each in names}, _bare(name)
    alike = set(difflib.get_close_matches(wanted, set(bare.values()), n=_ALIKE, cutoff=_NEAR))
    parts = {each for each in bare.values() if _part_of(each, wanted) or _part_of(wanted, each)}

    def distance(each: str) -> tuple[int, float]:
        if each.casefold() == name.casefold():
            return 0, 0
        if bare[each] == wanted:
            return 1, 0
        if bare[each] in alike:
            return 2, -difflib.SequenceMatcher(None, bare[each], wanted).ratio()
        return (3, 0) if bare[each] in parts else (4, 0)

    return tuple(sorted(names, key=distance))


def _bare(name: str) -> str:
    """A name without what stands between its letters, in lower case."""
    return _BETWEEN.sub("", name.casefold()) or name.casefold()


def _part_of(short: str, long: str) -> bool:
    return len(short) >= _PART and (long.startswith(short) or long.endswith(short))
