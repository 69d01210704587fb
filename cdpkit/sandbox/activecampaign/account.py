"""An account: its contacts as they are now, its lists, fields, tags, and the addresses that it excludes."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit.sandbox.activecampaign.fields import seeded
from cdpkit.sandbox.activecampaign.settings import Settings
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.world.directory import Directory
from cdpkit.sandbox.world.lists import Roster
from cdpkit.sandbox.world.population import Population
from cdpkit.sandbox.world.visibility import Later

UNCONFIRMED, ACTIVE, UNSUBSCRIBED, BOUNCED = "0", "1", "2", "3"
STANDARD = ("firstName", "lastName", "phone")
_FIRST_NEW = 21
_CREATED = 1_690_000_000.0
_EMAIL = re.compile(r'[^\s"(),:;<>@\[\\\]]+@(?:[^\s"(),:;<>@\[\\\].]+\.)+[A-Za-z]{2,}\Z')
_SEEDED: tuple[tuple[int, str, str, Mapping[str, int]], ...] = (
    (3, "Newsletter", "email", {ACTIVE: 6000, UNSUBSCRIBED: 700, BOUNCED: 150, UNCONFIRMED: 50}),
    (4, "VIP", "email", {ACTIVE: 500}),
    (5, "Café & thé ☕", "email", {ACTIVE: 2500, UNSUBSCRIBED: 100}),
    (6, "Empty", "email", {}),
    (7, "Text messages", "sms", {ACTIVE: 100}),
)
"""Id, name, channel, and the shares (of 10,000) of the contacts in each state at the start."""


@dataclass(slots=True)
class Contact:
    """A contact as it is now.

    Attributes:
        number: Of the person; ids are one more.
        email: Its address.
        standard: First name, last name, telephone; empty texts where it has none.
        values: Of custom fields, by id.
        created: Unix seconds.
        updated: Unix seconds.
    """

    number: int
    email: str
    standard: dict[str, str]
    values: dict[int, str]
    created: float
    updated: float

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.number + 1)


@dataclass(slots=True)
class Given:
    """What a call writes of a contact; what is not in it stays."""

    standard: dict[str, str] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


def proper_address(email: object) -> bool:
    """Whether the account takes this as an address, by the rules that are documented for imports."""
    return isinstance(email, str) and bool(_EMAIL.match(email))


class Account:
    """The state of an imitation of ActiveCampaign."""

    def __init__(self, options: Options, settings: Settings) -> None:
        self.clock = options.clock
        self.settings = settings
        start = Population(options.people, options.seed, ("email", "phone"))
        self.people = Directory(start, options.clock)
        self.roster = Roster(start, options.clock, _FIRST_NEW)
        for number, name, channel, shares in _SEEDED:
            self.roster.seed(number, name, shares, _CREATED, kind=channel)
        self.fields = seeded()
        self.tags: dict[int, str] = {1: "vip", 2: "customer"}
        self.tagged: dict[int, tuple[int, int]] = {}
        self.excluded = ["forgotten."]
        self.later = Later(options.clock, options.visibility)

    def excludes(self, email: str) -> bool:
        """Whether an address is one of those that the account never mails."""
        return any(phrase in email for phrase in self.excluded)

    def bounced(self, number: int) -> bool:
        """Whether a contact's address is known not to work."""
        return any(state == BOUNCED for _, state in self.roster.of(number))

    def full(self) -> bool:
        """Whether the account may have no more contacts."""
        return 0 < self.settings.contact_limit <= len(self.people)

    def by_email(self, *emails: str) -> dict[str, int]:
        """Who has which of these addresses."""
        wanted = {email.strip().lower() for email in emails}
        known = self.people.population.known({"email": wanted})
        found = {email: self.people.holders("email", email, known) for email in wanted}
        return {email: numbers[0] for email, numbers in found.items() if numbers}

    def exists(self, number: int) -> bool:
        """Whether there is a contact of this number."""
        return number >= 0 and self.people.after(number - 1, 1) == [number]

    def contacts(self, numbers: Collection[int]) -> list[Contact]:
        """Contacts who exist, in this order."""
        start = [number for number in numbers if number < self.people.population.count]
        frame = self.people.population.frame(pl.Series(start, dtype=pl.Int64))
        base = {row["id"]: row for row in frame.to_dicts()}
        return [self._contact(number, base.get(number, {})) for number in numbers]

    def _contact(self, number: int, row: Mapping[str, Any]) -> Contact:
        touched = self.people.touched.get(number)
        keys = {**row, **self.people.keys(number)} if touched else row
        changed: Mapping[Any, Any] = touched.changed if touched else {}
        values = {each.number: each.of_person(row.get(each.column)) for each in self.fields.values()}
        values |= {name: value for name, value in changed.items() if isinstance(name, int)}
        return Contact(
            number,
            str(keys["email"]),
            {name: str(changed.get(name, keys.get(name)) or "") for name in STANDARD},
            {name: value for name, value in values.items() if value != ""},
            touched.created if touched else row["created"],
            touched.updated if touched else row["updated"],
        )

    def write(self, number: int | None, email: str, given: Given) -> int:
        """Create or change a contact; returns its number."""
        there = self.people.create() if number is None else number
        self.people.touch([there])
        self.people.identify(there, email=email.strip().lower())
        person = self.people.touched[there]
        changed: dict[Any, Any] = person.changed
        changed.update(given.standard)
        changed.update({name: self.fields[name].stored(text) for name, text in given.values.items()})
        person.updated = self.clock()
        for tag in given.tags:
            self.tag(there, self.tag_id(tag))
        return there

    def put(self, number: int, list_id: int, state: str) -> None:
        """Put a contact in a state on a list; nothing but the call decides whether somebody comes back."""
        one = self.roster.get(list_id)
        if one is not None:
            self.people.touch([number])
            one.put(number, state, self.clock())
            self.people.touched[number].updated = self.clock()

    def delete(self, number: int) -> None:
        """Delete a contact; who comes again with its address is somebody new."""
        self.people.delete(number)
        self.roster.forget(number)

    def tag_id(self, text: str) -> int:
        """The id of a tag, which is made where it is not there; names match regardless of case."""
        found = [each for each, name in self.tags.items() if name.lower() == text.lower()]
        if not found:
            found = [max(self.tags, default=0) + 1]
            self.tags[found[0]] = text
        return found[0]

    def tag(self, number: int, tag: int) -> tuple[int, bool]:
        """Tag a contact; returns the id of that, and whether it is new."""
        for each, pair in self.tagged.items():
            if pair == (number, tag):
                return each, False
        made = max(self.tagged, default=0) + 1
        self.tagged[made] = (number, tag)
        return made, True

    def all(self) -> Iterable[int]:
        """The numbers of all contacts, in order."""
        return self.people.after(-1, self.people.population.count + len(self.people.newcomers()))
