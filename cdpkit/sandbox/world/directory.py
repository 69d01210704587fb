"""Who is in an account now: those who were written to are remembered, the others are computed."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit.sandbox.world.population import Known, Population


@dataclass(slots=True)
class Person:
    """Somebody who was written to.

    Attributes:
        keys: The identifiers, in the order of the population's names; None for one that is lacking.
        created: Unix seconds.
        updated: Unix seconds.
        changed: Fields that were written; None for those that were cleared.
        gone: Whether it was deleted, forgotten, or merged into somebody.
    """

    keys: tuple[str | None, ...]
    created: float
    updated: float
    changed: dict[str, Any] = field(default_factory=dict)
    gone: bool = False


class Directory:
    """The people of an account as they are now.

    Attributes:
        population: Those at the start.
        touched: Those who were written to, by id.
        forgotten: Identifiers of those who were erased for ever.
        merged: Into whom somebody who is gone was merged, by id.
    """

    def __init__(self, population: Population, clock: Callable[[], float]) -> None:
        self.population = population
        self.touched: dict[int, Person] = {}
        self.forgotten: set[str] = set()
        self.merged: dict[int, int] = {}
        self._clock = clock
        self._places = {name: place for place, name in enumerate(population.identifiers)}
        self._first: dict[str, dict[str, int]] = {name: {} for name in population.identifiers}
        self._more: dict[str, dict[str, list[int]]] = {name: {} for name in population.identifiers}
        self._next = population.count
        self._gone = 0
        self._order: list[int] = []
        self._sorted = 0

    def __len__(self) -> int:
        return self._next - self._gone

    def holders(self, name: str, text: str, known: Known) -> list[int]:
        """Who has this identifier now; first the one who had it from the start, then in the order of getting it.

        Args:
            name: Of the identifier.
            text: The identifier.
            known: What `Population.known` says of it.
        """
        start, first = known[name].get(text), self._first[name].get(text)
        if first is None:
            return [start] if start is not None and self._holds(start, name, text) else []
        claiming = [first] if start is None else [start, first]
        claiming += self._more[name].get(text, ())
        return [number for number in dict.fromkeys(claiming) if self._holds(number, name, text)]

    def _holds(self, number: int, name: str, text: str) -> bool:
        person = self.touched.get(number)
        return person is None or (not person.gone and person.keys[self._places[name]] == text)

    def key(self, number: int, name: str) -> str | None:
        """An identifier of somebody who was written to."""
        return self.touched[number].keys[self._places[name]]

    def keys(self, number: int) -> dict[str, str | None]:
        """All identifiers of somebody who was written to."""
        return dict(zip(self._places, self.touched[number].keys, strict=True))

    def touch(self, ids: Iterable[int]) -> None:
        """Prepare people of the start to be written to."""
        new = list({number for number in ids if number not in self.touched})
        if not new:
            return
        rows = self.population.keys(pl.Series(new, dtype=pl.Int64))
        for number, *keys, created, updated in rows.iter_rows():
            self.touched[number] = Person(tuple(keys), created, updated)
            self._order.append(number)

    def create(self, changed: Mapping[str, Any] | None = None) -> int:
        """Make somebody without identifiers; returns the id."""
        number, self._next = self._next, self._next + 1
        now = self._clock()
        self.touched[number] = Person((None,) * len(self._places), now, now, dict(changed or {}))
        self._order.append(number)
        return number

    def identify(self, number: int, **given: str | None) -> None:
        """Give somebody who was touched these identifiers; None leaves what there is."""
        person = self.touched[number]
        keys = list(person.keys)
        for name, text in given.items():
            place = self._places[name]
            if text is None or text == keys[place]:
                continue
            keys[place] = text
            if self._first[name].setdefault(text, number) != number:
                self._more[name].setdefault(text, []).append(number)
        person.keys = tuple(keys)

    def lose(self, number: int, name: str) -> None:
        """Take an identifier from somebody who was touched."""
        place = self._places[name]
        keys = self.touched[number].keys
        self.touched[number].keys = (*keys[:place], None, *keys[place + 1 :])

    def delete(self, number: int) -> None:
        """Remove somebody; who comes again with the same identifiers is somebody new."""
        self.touch([number])
        person = self.touched[number]
        self._gone += not person.gone
        person.gone = True
        person.changed.clear()

    def forget(self, number: int) -> None:
        """Erase somebody for ever; `forgotten` has the identifiers."""
        self.touch([number])
        self.forgotten.update(text for text in self.touched[number].keys if text is not None)
        self.delete(number)

    def merge(self, number: int, into: int) -> None:
        """Let one person become another, who gets the identifiers and the written fields that it lacks."""
        self.touch([number, into])
        loser, winner = self.touched[number], self.touched[into]
        own = {name for name, text in self.keys(into).items() if text is not None}
        self.identify(into, **{name: text for name, text in self.keys(number).items() if name not in own})
        winner.changed = {**loser.changed, **winner.changed}
        winner.updated = self._clock()
        self.merged[number] = into
        self.delete(number)

    def among(self, first: int, last: int) -> list[int]:
        """Those of the ids from `first` to `last` who were written to, in order."""
        if self._sorted != len(self._order):
            self._order.sort()
            self._sorted = len(self._order)
        return self._order[bisect_left(self._order, first) : bisect_left(self._order, last + 1)]

    def newcomers(self) -> list[int]:
        """Those who were created since the start, in order; also those who are gone."""
        return self.among(self.population.count, self._next)

    def after(self, number: int, limit: int) -> list[int]:
        """The next `limit` people by id after this one; -1 is before the first."""
        found: list[int] = []
        while len(found) < limit and number + 1 < self._next:
            last = min(number + limit - len(found), self._next - 1)
            gone = {each for each in self.among(number + 1, last) if self.touched[each].gone}
            found += [each for each in range(number + 1, last + 1) if each not in gone]
            number = last
        return found
