"""Lists of an Iterable project and who is on them."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from cdpkit.sandbox.iterable.population import Population

STATIC = "Standard"
_FIRST_NEW = 601
_CREATED_AT = 1_718_000_000_123
_SEEDED = (
    (501, "Newsletter", "Everybody who asked for it", STATIC, 6000),
    (502, "VIP", None, STATIC, 500),
    (503, "Café & thé ☕", None, STATIC, 2500),
    (504, "Empty", None, STATIC, 0),
    (505, "Recent buyers", "A saved query", "Dynamic", 1500),
    (506, "Do not mail", None, "Suppression", 100),
    (507, "Colleagues", None, "Internal", 10),
)
"""Id, name, description, type, and the share (of 10,000) of the people at the start."""


@dataclass(eq=False)
class MailingList:
    """A list; who is on it from the start is computed, and what changed since is remembered.

    Attributes:
        id: Its number.
        name: Not unique.
        description: May be absent.
        kind: Standard, Dynamic, Suppression or Internal.
        share: Of 10,000 people at the start.
        created: Unix milliseconds.
        usable: Unix seconds from which on people can be put on it.
        joined: Those who came since.
        left: Those who were on it from the start and went.
    """

    population: Population = field(repr=False)
    id: int
    name: str
    description: str | None
    kind: str
    share: int
    created: int
    usable: float = 0.0
    joined: set[int] = field(default_factory=set, repr=False)
    left: set[int] = field(default_factory=set, repr=False)

    def __contains__(self, person: int) -> bool:
        if person in self.joined:
            return True
        return person not in self.left and self._from_start(person)

    def _from_start(self, person: int) -> bool:
        return self.share > 0 and self.population.is_on_list(person, self.id, self.share)

    def put(self, person: int) -> None:
        """Put a person on the list."""
        self.left.discard(person)
        if not self._from_start(person):
            self.joined.add(person)

    def take(self, person: int) -> None:
        """Take a person off the list."""
        self.joined.discard(person)
        if self._from_start(person):
            self.left.add(person)

    @cached_property
    def _size_at_start(self) -> int:
        return self.population.size(self.id, self.share)

    @property
    def size(self) -> int:
        """How many are on it."""
        return self._size_at_start + len(self.joined) - len(self.left)

    def members(self) -> Iterator[pl.Series]:
        """The ids of those who are on it, in parts; first those from the start."""
        left = sorted(self.left)
        for ids in self.population.parts() if self.share else ():
            frame = ids.to_frame("id").filter(self.population.on_list(self.id, self.share))
            gone = left[bisect_left(left, ids[0]) : bisect_left(left, ids[-1] + 1)]
            yield frame.filter(~pl.col("id").is_in(gone))["id"] if gone else frame["id"]
        yield pl.Series("id", sorted(self.joined), pl.Int64)

    def shown(self) -> dict[str, Any]:
        """The list as `GET /api/lists` has it."""
        shown: dict[str, Any] = {"id": self.id, "name": self.name, "createdAt": self.created, "listType": self.kind}
        if self.description is not None:
            shown["description"] = self.description
        if self.kind == "Suppression":
            shown["isGlobalSuppressionEnabled"] = False
        return shown


class Roster:
    """All lists of a project, by id."""

    def __init__(self, population: Population, clock: Callable[[], float]) -> None:
        self._population = population
        self._clock = clock
        self._next = _FIRST_NEW
        self._lists = {
            number: MailingList(population, number, name, description, kind, share, _CREATED_AT)
            for number, name, description, kind, share in _SEEDED
        }

    def __iter__(self) -> Iterator[MailingList]:
        return iter(list(self._lists.values()))

    def get(self, number: int) -> MailingList | None:
        """The list of this id."""
        return self._lists.get(number)

    def create(self, name: str, description: str | None, usable_after: float) -> MailingList:
        """Make a static list; it can be used after so many seconds."""
        now = self._clock()
        made = MailingList(
            self._population, self._next, name, description, STATIC, 0, int(now * 1000), now + usable_after
        )
        self._lists[made.id] = made
        self._next += 1
        return made

    def delete(self, number: int) -> bool:
        """Remove a list; False when there is none."""
        return self._lists.pop(number, None) is not None

    def target(self, number: int) -> MailingList | None:
        """The list on which people can be put and taken off now, or None."""
        found = self._lists.get(number)
        if found is None or found.kind == "Dynamic" or found.usable > self._clock():
            return None
        return found

    def static(self) -> list[tuple[int, int]]:
        """Id and share of the static lists, as `Population.frame` takes them."""
        return [(each.id, each.share) for each in self if each.kind == STATIC]

    def of(self, person: int) -> list[int]:
        """The ids of a person's static lists."""
        return [each.id for each in self if each.kind == STATIC and person in each]

    def overwrite(self, person: int, numbers: Iterable[int]) -> None:
        """Put a person on exactly these static lists."""
        wanted = set(numbers)
        for each in self:
            if each.kind == STATIC:
                (each.put if each.id in wanted else each.take)(person)

    def forget(self, person: int) -> None:
        """Take a person off all lists."""
        for each in self:
            each.take(person)
