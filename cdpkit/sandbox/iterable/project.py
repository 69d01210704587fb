"""An Iterable project: its people as they are now, its lists, its fields."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import polars as pl

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.iterable.profile import (
    ITS_OWN_ID,
    SUBSCRIPTIONS,
    list_field,
    own_id,
    population,
    profile_frame,
    types,
)
from cdpkit.sandbox.iterable.settings import Settings
from cdpkit.sandbox.world.directory import Directory
from cdpkit.sandbox.world.lists import ON, MailingList, Roster
from cdpkit.sandbox.world.population import Known
from cdpkit.sandbox.world.rows import nested
from cdpkit.sandbox.world.visibility import Later

STATIC, DYNAMIC = "Standard", "Dynamic"
_FIRST_NEW = 601
_CREATED_AT = 1_718_000_000.123
_SEEDED = (
    (501, "Newsletter", "Everybody who asked for it", STATIC, 6000),
    (502, "VIP", None, STATIC, 500),
    (503, "Café & thé ☕", None, STATIC, 2500),
    (504, "Empty", None, STATIC, 0),
    (505, "Recent buyers", "A saved query", DYNAMIC, 1500),
    (506, "Do not mail", None, "Suppression", 100),
    (507, "Colleagues", None, "Internal", 10),
)
"""Id, name, description, type, and the share (of 10,000) of the people at the start."""


@lru_cache(10_000)
def shown_time(seconds: float) -> str:
    """A time as Iterable writes it, from Unix seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S +00:00")


def described(description: str | None) -> dict[str, str]:
    """The facts of a list that perhaps has a description."""
    return {} if description is None else {"description": description}


class Project:
    """The state of an imitation of Iterable.

    Attributes:
        people: Who is in it.
        roster: The lists.
        types: The types of the fields, by dotted name; the first value of a field fixes its type for ever.
        later: Carries writes out when they become visible.
        list_field: The field with the ids of a person's static lists.
        channel_unsubscribed: Identifiers of those whom a call unsubscribed from a whole channel.
        managed_fields: System-managed fields that calls tried to write.
        forgotten: Identifiers of those who were forgotten, by their names.
    """

    def __init__(self, options: Options, settings: Settings) -> None:
        self.clock = options.clock
        self.settings = settings
        start = population(options.people, options.seed, settings.project_type)
        self.people = Directory(start, options.clock)
        self.roster = Roster(start, options.clock, _FIRST_NEW)
        for number, name, description, kind, share in _SEEDED:
            shares = {ON: share} if share else {}
            self.roster.seed(number, name, shares, _CREATED_AT, kind=kind, facts=described(description))
        self.types = types(settings.project_type)
        self.later = Later(options.clock, options.visibility)
        self.list_field = list_field(settings.project_type)
        self.channel_unsubscribed: set[str] = set()
        self.managed_fields: set[str] = set()
        self.forgotten: dict[str, set[str]] = {"email": set(), "userId": set()}

    def known(self, emails: Collection[str], user_ids: Collection[str]) -> Known:
        """Look people of the start up, many at once; `by_email` and `by_user_id` need it."""
        return self.people.population.known({"email": emails, "userId": user_ids})

    def by_email(self, email: str, known: Known) -> int | None:
        """Who has this address now; the last who got it, where several have it."""
        found = self.people.holders("email", email, known)
        return found[-1] if found else None

    def by_user_id(self, user_id: str, known: Known) -> int | None:
        """Who has this user id now; the first, where several have it."""
        found = self.people.holders("userId", user_id, known)
        return found[0] if found else None

    def delete(self, number: int) -> None:
        """Remove a profile."""
        self.people.delete(number)
        self.roster.forget(number)

    def forget(self, number: int) -> None:
        """Remove a profile, and refuse its identifiers from now on."""
        self.people.touch([number])
        for name, text in self.people.keys(number).items():
            self.forgotten[name] |= set() if text is None else {text}
        self.delete(number)

    def target(self, number: int) -> MailingList | None:
        """The list that calls may name now, or None; on a dynamic one nobody is put, and no call says so."""
        return self.roster.usable(number)

    def put(self, person: int, target: MailingList, state: str | None) -> None:
        """Put somebody on a list, or with None take them off."""
        if target.kind == DYNAMIC:
            return
        self.subscribe(person)
        target.put(person, state, self.clock())

    def subscribe(self, person: int) -> None:
        """Give somebody who was touched the fields about subscriptions, which are not there before the first."""
        for name in (*SUBSCRIPTIONS, self.list_field):
            self.people.touched[person].changed.setdefault(name, [])

    def newest_lists(self) -> list[MailingList]:
        """All lists, as calls show them."""
        return sorted(self.roster, key=lambda each: -each.number)

    def static(self) -> list[MailingList]:
        """The static lists."""
        return [each for each in self.roster if each.kind == STATIC]

    def overwrite_lists(self, person: int, numbers: Iterable[int]) -> None:
        """Put a person on exactly these static lists."""
        wanted = set(numbers)
        self.subscribe(person)
        for each in self.static():
            each.put(person, ON if each.number in wanted else None, self.clock())

    def start_frame(self, ids: pl.Series) -> pl.DataFrame:
        """People of these ids as they were at the start, flat."""
        return profile_frame(self.people.population, ids, self.list_field, self.static())

    def profiles(self, ids: Collection[int]) -> list[dict[str, Any]]:
        """The profiles of people who exist, nested, as `GET /api/users` has them in `dataFields`."""
        start = [number for number in ids if number < self.people.population.count]
        frame = self.start_frame(pl.Series(start, dtype=pl.Int64))
        base = {row.pop("id"): nested(row) for row in frame.to_dicts()}
        return [self._profile(number, base.get(number, {})) for number in ids]

    def _profile(self, number: int, whole: dict[str, Any]) -> dict[str, Any]:
        if number in self.people.touched:
            changed = self.people.touched[number].changed
            whole = {**whole, **changed, **self._system(number)}
            if self.list_field in whole or self.list_field in changed:
                whole[self.list_field] = [each.number for each, _ in self.roster.of(number, STATIC)]
        return {name: value for name, value in whole.items() if value is not None}

    def _system(self, number: int) -> dict[str, Any]:
        person = self.people.touched[number]
        created, updated = shown_time(person.created), shown_time(person.updated)
        keys = self.people.keys(number)
        domain = {"emailDomain": keys["email"].split("@")[1]} if keys["email"] else {}
        return {
            **keys,
            **({} if "signupDate" in person.changed else {"signupDate": created}),
            "profileUpdatedAt": updated,
            **({} if self.list_field == "emailListIds" else {ITS_OWN_ID: own_id(number)}),
            "itblInternal": {**domain, "documentCreatedAt": created, "documentUpdatedAt": updated},
        }

    def placeholder(self, user_id: str) -> str:
        """The address that is made up for somebody who has a user id alone."""
        return hashlib.sha256(user_id.encode()).hexdigest()[:20] + "@placeholder.email"
