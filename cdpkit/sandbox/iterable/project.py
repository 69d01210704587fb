"""An Iterable project: its people as they are now, its lists, its fields."""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import polars as pl

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.iterable.fields import Fields
from cdpkit.sandbox.iterable.population import TYPES, Population, nested
from cdpkit.sandbox.iterable.roster import Roster
from cdpkit.sandbox.iterable.settings import Settings


@dataclass(slots=True)
class Person:
    """Somebody who was written to; the rest are computed.

    Attributes:
        email: None without one.
        user_id: None without one.
        changed: Fields that were written; None for those that were cleared.
        created: Unix seconds.
        updated: Unix seconds.
        source: What made the profile.
        gone: Whether it was deleted.
    """

    email: str | None
    user_id: str | None
    created: float
    updated: float
    source: str | None = None
    changed: dict[str, Any] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Who of the people at the start has which identifiers."""

    by_email: Mapping[str, int]
    by_user_id: Mapping[str, int]


@lru_cache(10_000)
def shown_time(seconds: float) -> str:
    """A time as Iterable writes it, from Unix seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S +00:00")


class Project:
    """The state of an imitation of Iterable.

    Attributes:
        population: The people at the start.
        roster: The lists.
        fields: The types of fields.
        touched: Those who were written to, by id.
        channel_unsubscribed: Identifiers of those whom a call unsubscribed from a whole channel.
        managed_fields: System-managed fields that calls tried to write.
    """

    def __init__(self, options: Options, settings: Settings) -> None:
        self.clock = options.clock
        self.visibility = options.visibility
        self.settings = settings
        self.population = Population(options.people, options.seed, settings.project_type)
        self.roster = Roster(self.population, options.clock)
        self.fields = Fields(TYPES)
        self.touched: dict[int, Person] = {}
        self.channel_unsubscribed: set[str] = set()
        self.managed_fields: set[str] = set()
        self._by_email: dict[str, int] = {}
        self._by_user_id: dict[str, list[int]] = {}
        self._next = options.people
        self._gone = 0
        self._order: list[int] = []
        self._sorted = 0
        self._pending: list[tuple[float, Callable[[], None]]] = []

    def later(self, change: Callable[[], None]) -> None:
        """Carry out a change, at once or when writes become visible."""
        if self.visibility:
            self._pending.append((self.clock() + self.visibility, change))
        else:
            change()

    def settle(self) -> None:
        """Carry out the changes whose time has come."""
        while self._pending and self._pending[0][0] <= self.clock():
            self._pending.pop(0)[1]()

    def known(self, emails: Collection[str], user_ids: Collection[str]) -> Known:
        """Look people of the start up, many at once; `by_email` and `by_user_id` need it."""
        return Known(*self.population.ids(emails, user_ids))

    def by_email(self, email: str, known: Known) -> int | None:
        """Who has this address now."""
        found = self._by_email.get(email)
        if found is not None and self._is(found, email=email):
            return found
        found = known.by_email.get(email)
        return found if found is not None and self._is(found, email=email) else None

    def by_user_id(self, user_id: str, known: Known) -> int | None:
        """Who has this user id now; the first, where several have it."""
        start = known.by_user_id.get(user_id)
        for found in ([] if start is None else [start]) + self._by_user_id.get(user_id, []):
            if self._is(found, user_id=user_id):
                return found
        return None

    def _is(self, person: int, email: str | None = None, user_id: str | None = None) -> bool:
        touched = self.touched.get(person)
        if touched is None:
            return True
        return not touched.gone and (touched.email == email if email is not None else touched.user_id == user_id)

    def touch(self, ids: Iterable[int]) -> None:
        """Prepare people of the start to be written to."""
        new = list({number for number in ids if number not in self.touched})
        if not new:
            return
        keys = self.population.frame(pl.Series(new, dtype=pl.Int64), keys=True)
        for number, email, user_id, created, updated in keys.iter_rows():
            self.touched[number] = Person(email, user_id, created, updated)
            self._order.append(number)

    def create(self, source: str) -> int:
        """Make a profile without identifiers; returns its id."""
        number, self._next = self._next, self._next + 1
        self.touched[number] = Person(None, None, self.clock(), self.clock(), source)
        self._order.append(number)
        return number

    def identify(self, number: int, email: str | None, user_id: str | None) -> None:
        """Give a touched person these identifiers; None leaves what there is."""
        person = self.touched[number]
        if email is not None and email != person.email:
            person.email = email
            self._by_email[email] = number
        if user_id is not None and user_id != person.user_id:
            person.user_id = user_id
            self._by_user_id.setdefault(user_id, []).append(number)

    def delete(self, number: int) -> None:
        """Remove a profile."""
        self.touch([number])
        self.touched[number].gone = True
        self.touched[number].changed.clear()
        self.roster.forget(number)
        self._gone += 1

    @property
    def people(self) -> int:
        """How many there are."""
        return self._next - self._gone

    def among(self, first: int, last: int) -> list[int]:
        """Those of the ids from `first` to `last` who were written to, in order."""
        if self._sorted != len(self._order):
            self._order.sort()
            self._sorted = len(self._order)
        return self._order[bisect_left(self._order, first) : bisect_left(self._order, last + 1)]

    def newcomers(self) -> list[int]:
        """Those who were created since the start, in order."""
        return self.among(self.population.count, self._next)

    def profiles(self, ids: Collection[int]) -> list[dict[str, Any]]:
        """The profiles of people who exist, nested, as `GET /api/users` has them in `dataFields`."""
        start = [number for number in ids if number < self.population.count]
        frame = self.population.frame(pl.Series(start, dtype=pl.Int64), self.roster.static())
        base = {row.pop("id"): nested(row) for row in frame.to_dicts()}
        return [self._profile(number, base.get(number, {})) for number in ids]

    def _profile(self, number: int, whole: dict[str, Any]) -> dict[str, Any]:
        person = self.touched.get(number)
        if person is not None:
            whole = {**whole, **person.changed, **self._system(number, person, whole)}
        whole.setdefault("unsubscribedChannelIds", [])
        whole.setdefault("unsubscribedMessageTypeIds", [])
        return {name: value for name, value in whole.items() if value is not None}

    def _system(self, number: int, person: Person, whole: Mapping[str, Any]) -> dict[str, Any]:
        created, updated = shown_time(person.created), shown_time(person.updated)
        domain = {"emailDomain": person.email.split("@")[1]} if person.email else {}
        return {
            "email": person.email,
            "userId": person.user_id,
            "signupDate": created,
            "signupSource": person.source or whole.get("signupSource"),
            "profileUpdatedAt": updated,
            self.population.list_field: self.roster.of(number),
            "itblInternal": {**domain, "documentCreatedAt": created, "documentUpdatedAt": updated},
        }

    def placeholder(self, user_id: str) -> str:
        """The address that is made up for somebody who has a user id alone."""
        return hashlib.sha256(user_id.encode()).hexdigest()[:20] + "@placeholder.email"
