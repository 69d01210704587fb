"""Lists of people, and in which state somebody is on one; what was so from the start is computed."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

import polars as pl

from cdpkit.sandbox.world.mixing import mixed, mixed_one, salt
from cdpkit.sandbox.world.population import Population

ON = "on"
"""The state of members where a vendor has no other word for it."""

_WHOLE = 10_000


@dataclass(eq=False, slots=True)
class MailingList:
    """A list; who is on it from the start is computed, and what changed since is remembered.

    Attributes:
        population: The people at the start.
        number: Its id; a vendor with other ids makes them of it, such as `code` does.
        name: Not unique.
        shares: For each state, how many of 10,000 people are in it at the start; the others are not on the list.
        kind: The vendor's word for what it is.
        facts: What else the vendor says of it.
        created: Unix seconds.
        usable: Unix seconds from which on people can be put on it.
        changed: Those whose state is not that of the start, by id; None for those who went.
        since: Unix seconds of the last change of state, by id, of those who had one.
    """

    population: Population = field(repr=False)
    number: int
    name: str
    shares: Mapping[str, int] = field(default_factory=dict)
    kind: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    created: float = 0.0
    usable: float = 0.0
    changed: dict[int, str | None] = field(default_factory=dict, repr=False)
    since: dict[int, float] = field(default_factory=dict, repr=False)
    _moved: Counter[str | None] = field(default_factory=Counter, repr=False)
    _salt: int = field(init=False, repr=False)
    _bounds: tuple[tuple[str, int, int], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Lay the states out: each has the draws from its first on and before its last."""
        self._salt = salt(self.population.seed, f"list {self.number}")
        lasts = list(accumulate(self.shares.values()))
        self._bounds = tuple(zip(self.shares, [0, *lasts], lasts, strict=False))

    def __contains__(self, person: int) -> bool:
        return self.state(person) is not None

    def at_start(self, person: int) -> str | None:
        """The state of somebody at the start."""
        if not self.shares or person >= self.population.count:
            return None
        draw = mixed_one(person, self._salt) % _WHOLE
        for state, first, last in self._bounds:
            if first <= draw < last:
                return state
        return None

    def was(self, *states: str) -> pl.Expr:
        """Whether somebody was in one of these states at the start, or in any; over the column `id`."""
        draw = mixed(pl.col("id"), self._salt) % _WHOLE
        ranges = [
            draw < last if first == 0 else (draw >= first) & (draw < last)
            for state, first, last in self._bounds
            if state in states or not states
        ]
        return pl.any_horizontal(ranges) if ranges else pl.lit(value=False)

    def state(self, person: int) -> str | None:
        """The state of somebody now; None for who is not on the list."""
        return self.changed[person] if person in self.changed else self.at_start(person)

    def put(self, person: int, state: str | None, now: float) -> None:
        """Put somebody in a state, or with None off the list; the time is that of a change of state."""
        was = self.at_start(person)
        before = self.changed.get(person, was)
        if before == state:
            return
        if was == state:
            del self.changed[person]
        else:
            self.changed[person] = state
        self.since[person] = now
        self._moved[before] -= 1
        self._moved[state] += 1

    def size(self, *states: str) -> int:
        """How many are on it in one of these states, or in any."""
        return sum(self._size(state) for state in states or {*self.shares, *self._moved} - {None} if state)

    def _size(self, state: str) -> int:
        at_start = _drawn(self.population.count, self._salt, self._bounds)
        return at_start.get(state, 0) + self._moved[state]

    def members(self, *states: str) -> Iterator[pl.Series]:
        """The ids of those who are on it in one of these states, or in any; in parts, first those from the start."""
        moved = sorted(self.changed)
        for ids in self.population.parts() if self.shares else ():
            frame = ids.to_frame("id").filter(self.was(*states))
            elsewhere = moved[bisect_left(moved, ids[0]) : bisect_left(moved, ids[-1] + 1)]
            yield frame.filter(~pl.col("id").is_in(elsewhere))["id"] if elsewhere else frame["id"]
        now = ((person, self.changed[person]) for person in moved)
        wanted = [person for person, state in now if state is not None and (state in states or not states)]
        yield pl.Series("id", wanted, pl.Int64)


@lru_cache(1000)
def _drawn(count: int, salted: int, bounds: tuple[tuple[str, int, int], ...]) -> dict[str, int]:
    """How many of the first `count` people a list has in each state at the start."""
    if not bounds:
        return {}
    draws = pl.select(mixed(pl.int_range(count), salted).mod(_WHOLE).alias("draw"))["draw"]
    return {state: int(((draws >= first) & (draws < last)).sum()) for state, first, last in bounds}


class Roster:
    """All lists of an account, by number.

    Args:
        population: The people at the start.
        clock: Unix seconds.
        first: The number of the first list that is made later.
    """

    def __init__(self, population: Population, clock: Callable[[], float], first: int) -> None:
        self._population = population
        self._clock = clock
        self._next = first
        self._lists: dict[int, MailingList] = {}

    def __iter__(self) -> Iterator[MailingList]:
        return iter(list(self._lists.values()))

    def get(self, number: int) -> MailingList | None:
        """The list of this number."""
        return self._lists.get(number)

    def seed(self, number: int, name: str, shares: Mapping[str, int], created: float, **more: Any) -> MailingList:
        """Add a list that is there from the start; `kind` and `facts` by keyword."""
        made = MailingList(self._population, number, name, shares, created=created, **more)
        self._lists[number] = made
        return made

    def create(self, name: str, usable_after: float, **more: Any) -> MailingList:
        """Make an empty list, on which people can be put after so many seconds; `kind` and `facts` by keyword."""
        now = self._clock()
        made = MailingList(self._population, self._next, name, created=now, usable=now + usable_after, **more)
        self._lists[made.number] = made
        self._next += 1
        return made

    def drop(self, number: int) -> bool:
        """Remove a list; False when there is none."""
        return self._lists.pop(number, None) is not None

    def usable(self, number: int) -> MailingList | None:
        """The list of this number, once it is known everywhere."""
        found = self._lists.get(number)
        return found if found is not None and found.usable <= self._clock() else None

    def of(self, person: int, kind: str | None = None) -> list[tuple[MailingList, str]]:
        """The lists, perhaps of one kind alone, that somebody is on, and in which state."""
        lists = (each for each in self if kind in {None, each.kind})
        return [(each, state) for each in lists if (state := each.state(person)) is not None]

    def forget(self, person: int) -> None:
        """Take somebody off all lists."""
        for each in self:
            each.put(person, None, self._clock())
