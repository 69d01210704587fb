"""A workspace of Braze: its users as they are now, its segments, groups, campaigns and custom attributes."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl

from cdpkit.sandbox.braze.answers import Windows
from cdpkit.sandbox.braze.profile import (
    BLOCKED,
    COOKIE,
    TYPES,
    alias_at_start,
    at_start,
    number_of_alias,
    population,
    spelled,
)
from cdpkit.sandbox.braze.settings import Settings
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.world.codes import code, number_of
from cdpkit.sandbox.world.directory import Directory
from cdpkit.sandbox.world.population import Known
from cdpkit.sandbox.world.visibility import Later

Identifier = tuple[str, str]
"""By what a user is meant: `external_id`, `braze_id`, `email`, `phone`, or `alias` with the label before the name."""

_COLUMNS = {"external_id": "userId", "email": "email", "phone": "phone"}


class Account:
    """The state of an imitation of Braze.

    Attributes:
        people: Who is in it.
        types: The types of the custom attributes, which the first value locks.
        aliases: Users by label and name of the aliases that were given since the start.
        events: What was tracked, by user and name: first, last, count.
        purchases: The same by product.
        tracked: How often each event and purchase came that has an `event_id` among its properties.
        data_points: How many were billed.
        dropped: What was dropped without a word, counted by the reason.
        overlaps: How often a user was in two calls of `/users/track` that were at work at once.
        later: Carries writes out when they become visible.
    """

    def __init__(self, options: Options, settings: Settings) -> None:
        self.clock = options.clock
        self.settings = settings
        self.seed = options.seed
        self.windows = Windows(options.clock, options.limits_factor, settings)
        self.people = Directory(population(options.people, options.seed), options.clock)
        self.types = dict(TYPES)
        self.blocked = {BLOCKED}
        self.aliases: dict[tuple[str, str], int] = {}
        self._nameless: dict[int, bool] = {}
        self.events: dict[int, dict[str, dict[str, Any]]] = {}
        self.purchases: dict[int, dict[str, dict[str, Any]]] = {}
        self.tracked: Counter[str] = Counter()
        self.data_points = 0
        self.dropped: Counter[str] = Counter()
        self.overlaps = 0
        self.later = Later(options.clock, options.visibility)

    def braze_id(self, number: int) -> str:
        """The vendor's own id of a user."""
        return code(number, self.seed, "person", 24)

    def exists(self, number: int) -> bool:
        """Whether there is a user of this number."""
        return number >= 0 and self.people.after(number - 1, 1) == [number]

    def all(self) -> list[int]:
        """The numbers of all users, in order."""
        return self.people.after(-1, self.people.population.count + len(self.people.newcomers()))

    def known(self, identifiers: Iterable[Identifier]) -> Known:
        """Look people of the start up, many at once; `find` needs it."""
        wanted: dict[str, set[str]] = {name: set() for name in _COLUMNS.values()}
        named: set[int] = set()
        for kind, text in identifiers:
            if kind in _COLUMNS:
                wanted[_COLUMNS[kind]].add(_looked_up(kind, text))
            elif kind == "alias" and (start := self._meant(*_split(text))) is not None:
                named.add(start)
        self._look_at_names(named)
        return self.people.population.known(wanted)

    def holders(self, identifier: Identifier, known: Known) -> list[int]:
        """All users who have an identifier; of several, first the identified, first who was updated last."""
        kind, text = identifier
        if kind == "alias":
            found = self.alias_holder(*_split(text))
            return [] if found is None else [found]
        if kind == "braze_id":
            number = number_of(text, self.seed, "person")
            return [number] if number is not None and self.exists(number) else []
        numbers = self.people.holders(_COLUMNS[kind], _looked_up(kind, text), known)
        if len(numbers) > 1:
            self.people.touch(numbers)
            numbers.sort(key=lambda each: (not self.people.key(each, "userId"), -self.people.touched[each].updated))
        return numbers

    def find(self, identifier: Identifier, known: Known) -> int | None:
        """Who is meant by an identifier."""
        found = self.holders(identifier, known)
        return found[0] if found else None

    def alias_holder(self, label: str, name: str) -> int | None:
        """Who has an alias."""
        number = self.aliases.get((label, name))
        start = self._meant(label, name)
        if number is None and start is not None:
            self._look_at_names({start})
            number = start if self._nameless[start] else None
        return number if number is not None and self.exists(number) else None

    def _meant(self, label: str, name: str) -> int | None:
        """Who of the people at the start has an alias, if it is one of theirs and they had no external id."""
        start = number_of_alias(name) if label == COOKIE else None
        known = start is not None and start < self.people.population.count and name == alias_at_start(start)
        return start if known else None

    def _look_at_names(self, numbers: Iterable[int]) -> None:
        """Remember who of these had no external id at the start; many at once, as each look costs as much as many."""
        new = [number for number in numbers if number not in self._nameless]
        if new:
            keys = self.people.population.keys(pl.Series(new, dtype=pl.Int64))
            self._nameless |= dict(zip(new, keys["userId"].is_null(), strict=True))

    def aliases_of(self, number: int, row: Mapping[str, Any]) -> list[dict[str, str]]:
        """The aliases of a user, whose row at the start is given."""
        pairs = [pair for pair, holder in self.aliases.items() if holder == number]
        if row and row["userId"] is None and (COOKIE, alias_at_start(number)) not in self.aliases:
            pairs.insert(0, (COOKIE, alias_at_start(number)))
        return [{"alias_name": name, "alias_label": label} for label, name in pairs]

    def rows(self, numbers: Collection[int]) -> dict[int, dict[str, Any]]:
        """The rows at the start of those who were there."""
        start = [number for number in numbers if number < self.people.population.count]
        if not start:
            return {}
        frame = self.people.population.frame(pl.Series(start, dtype=pl.Int64))
        return {row["id"]: row for row in frame.to_dicts()}

    def attributes(self, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
        """All attributes of a user now, standard and custom, by name; the row is that at the start."""
        whole = at_start(row, self.seed) if row else {}
        touched = self.people.touched.get(number)
        if touched is not None:
            whole |= touched.changed
        return {name: value for name, value in whole.items() if value is not None}

    def create(self, identifier: Identifier) -> int:
        """Make a user who has an identifier."""
        number = self.people.create()
        kind, text = identifier
        if kind == "alias":
            self.aliases[_split(text)] = number
        elif kind == "external_id":
            self.people.identify(number, userId=text)
        else:
            self.reach(number, kind, text)
        return number

    def reach(self, number: int, kind: str, text: str | None) -> None:
        """Give a user who was touched an e-mail address or a phone number, or take it."""
        if text is None:
            self.people.lose(number, kind)
        else:
            self.people.identify(number, **{kind: _looked_up(kind, text)})
        stored = text.strip().lower() if text and kind == "email" else text
        self.people.touched[number].changed[kind] = stored

    def delete(self, number: int) -> None:
        """Remove a user; who comes again with the same identifiers is somebody new."""
        self.people.delete(number)
        for pair in [pair for pair, holder in self.aliases.items() if holder == number]:
            del self.aliases[pair]

    def merge(self, number: int, into: int) -> None:
        """Let one user become another, who keeps its own values and gets what it lacks."""
        rows = self.rows([number, into])
        own = self.attributes(into, rows.get(into, {}))
        labels = {each["alias_label"] for each in self.aliases_of(into, rows.get(into, {}))}
        for each in self.aliases_of(number, rows.get(number, {})):
            if each["alias_label"] not in labels:
                self.aliases[each["alias_label"], each["alias_name"]] = into
        lacking = {
            name: value for name, value in self.attributes(number, rows.get(number, {})).items() if name not in own
        }
        self.people.merge(number, into)
        self.people.touched[into].changed.update(lacking)
        for counted in (self.events, self.purchases):
            for name, one in counted.pop(number, {}).items():
                count(counted, into, name, one["first"], one["count"])
                count(counted, into, name, one["last"], 0)
        self.delete(number)


def count(counted: dict[int, dict[str, dict[str, Any]]], number: int, name: str, at: str, times: int = 1) -> None:
    """Count what a user did: first, last, how often."""
    one = counted.setdefault(number, {}).setdefault(name, {"name": name, "first": at, "last": at, "count": 0})
    one["first"], one["last"], one["count"] = min(one["first"], at), max(one["last"], at), one["count"] + times


def _split(text: str) -> tuple[str, str]:
    """The label and the name of an alias."""
    label, _, name = text.partition("\n")
    return label, name


def _looked_up(kind: str, text: str) -> str:
    """An identifier as it is looked up."""
    if kind == "phone":
        return spelled(text)
    return text.strip().lower() if kind == "email" else text
