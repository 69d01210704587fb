"""An account: its clients, their lists, who is on one in which state with which values, and who is suppressed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit.sandbox.campaign_monitor.answers import shown_time
from cdpkit.sandbox.campaign_monitor.fields import Fields, seeded
from cdpkit.sandbox.campaign_monitor.settings import Settings
from cdpkit.sandbox.campaign_monitor.start import (
    ACTIVE,
    CLIENTS,
    CREATED,
    ONLY_THIS,
    SEEDED,
    UNCONFIRMED,
    UNSUBSCRIBED,
    Client,
    facts,
)
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.world.codes import code, number_of
from cdpkit.sandbox.world.directory import Directory
from cdpkit.sandbox.world.lists import MailingList, Roster
from cdpkit.sandbox.world.mixing import mixed_one, salt
from cdpkit.sandbox.world.people import was_forgotten
from cdpkit.sandbox.world.population import Known, Population
from cdpkit.sandbox.world.visibility import Later

_FIRST_NEW = 21
_NAMES = ("firstName", "lastName")


@dataclass(slots=True)
class Written:
    """What was written of somebody on a list.

    Attributes:
        joined: Unix seconds of joining; None for somebody of the start.
        name: The name; None for that of the start.
        values: Values by the field's number; empty ones for those that were cleared.
        mobile: Telephone in the international form.
        sms: Whether texts may be sent: Yes, No, or an empty text.
    """

    joined: float | None = None
    name: str | None = None
    values: dict[int, tuple[str, ...]] = field(default_factory=dict)
    mobile: str = ""
    sms: str = ""


@dataclass(slots=True)
class Subscriber:
    """Somebody on a list, as it is now.

    Attributes:
        number: Of the person, who is an address.
        email: The address.
        name: Its name on this list.
        state: Its state on this list.
        date: Unix seconds of the last change of state.
        joined: Unix seconds of joining.
        values: Values of custom fields, by the field's number.
        mobile: See `Written`.
        sms: See `Written`.
        consent: Whether opens and clicks may be tracked: Yes, No, or an empty text; the same on all lists of a client.
    """

    number: int
    email: str
    name: str
    state: str
    date: float
    joined: float
    values: dict[int, tuple[str, ...]]
    mobile: str
    sms: str
    consent: str


@dataclass(slots=True)
class Suppression:
    """Why and since when an address is suppressed."""

    reason: str
    at: float


class Account:
    """The state of an imitation of Campaign Monitor. A person is an address; values belong to a list."""

    def __init__(self, options: Options, settings: Settings) -> None:
        self.clock = options.clock
        self.seed = options.seed
        self.settings = settings
        start = Population(options.people, options.seed, ("email",))
        self.people = Directory(start, options.clock)
        self.roster = Roster(start, options.clock, _FIRST_NEW)
        self.fields: dict[int, Fields] = {}
        for number, client, title, shares, reach, confirmed in SEEDED:
            self.roster.seed(number, title, shares, CREATED, kind=str(client), facts=facts(reach, confirmed=confirmed))
            self.fields[number] = seeded(own=True, people=bool(shares))
        self.suppressed: dict[int, dict[int, Suppression]] = {each.number: {} for each in CLIENTS}
        self.written: dict[tuple[int, int], Written] = {}
        self.later = Later(options.clock, options.visibility)
        self.version = 0
        self._consent: dict[tuple[str, int], str] = {}
        self._consent_salt = salt(options.seed, "consent to track")

    def id_of(self, number: int, kind: str) -> str:
        """The id of a client, a list, a segment or a campaign."""
        return code(number, self.seed, kind)

    def client_of(self, text: str) -> Client | None:
        """The client of this id."""
        number = number_of(text, self.seed, "client")
        return next((each for each in CLIENTS if each.number == number), None)

    def list_of(self, text: str) -> MailingList | None:
        """The list of this id."""
        number = number_of(text, self.seed, "list")
        return None if number is None else self.roster.get(number)

    def lists_of(self, client: Client) -> Iterator[MailingList]:
        """The lists of a client."""
        return (each for each in self.roster if each.kind == str(client.number))

    def owner(self, one: MailingList) -> Client:
        """The client whose list it is."""
        return next(each for each in CLIENTS if str(each.number) == one.kind)

    def known(self, emails: Iterable[str]) -> Known:
        """Which of these addresses the people at the start have; many at once."""
        return self.people.population.known({"email": {folded(each) for each in emails}})

    def find(self, email: str, known: Known | None = None) -> int | None:
        """Who has this address."""
        text = folded(email)
        return next(iter(self.people.holders("email", text, known or self.known([text]))), None)

    def found_or_made(self, email: str, known: Known | None = None) -> int:
        """Who has this address, which is made where nobody has it."""
        there = self.find(email, known)
        if there is None:
            there = self.people.create()
            self.people.identify(there, email=folded(email))
        return there

    def put(self, one: MailingList, number: int, state: str | None) -> None:
        """Put somebody in a state on a list; whoever was not on it joins it."""
        joins = one.state(number) is None
        one.put(number, state, self.clock())
        if state is None:
            self.written.pop((one.number, number), None)
        elif joins:
            self.written[one.number, number] = Written(joined=self.clock(), name="")
        self.version += 1

    def writing(self, one: MailingList, number: int) -> Written:
        """What was written of somebody who is on a list, to be changed."""
        self.version += 1
        return self.written.setdefault((one.number, number), Written())

    def move(self, one: MailingList, number: int, email: str) -> int:
        """Let somebody on a list have another address there; returns who that is."""
        there = self.found_or_made(email)
        (before,) = self.subscribers(one, [number])
        written = self.writing(one, number)
        one.put(there, before.state, self.clock())
        one.since[there] = before.date
        self.written[one.number, there] = Written(
            before.joined, before.name, dict(before.values), written.mobile, written.sms
        )
        self.put(one, number, None)
        return there

    def is_suppressed(self, one: MailingList, number: int | None, email: str) -> bool:
        """Whether a list takes an address for suppressed; lists that stand by themselves take none."""
        if one.facts["UnsubscribeSetting"] == ONLY_THIS:
            return False
        return was_forgotten(folded(email)) or number in self.suppressed[int(one.kind)]

    def suppress(self, client: Client, number: int, reason: str) -> None:
        """Put an address on the suppression list of a client."""
        self.suppressed[client.number].setdefault(number, Suppression(reason, self.clock()))
        self.version += 1

    def unsubscribe(self, one: MailingList, number: int) -> None:
        """Unsubscribe somebody from a list, or from all lists of its client where the list is set so."""
        if one.facts["UnsubscribeSetting"] == ONLY_THIS:
            self.put(one, number, UNSUBSCRIBED)
            return
        client = self.owner(one)
        for each in self.lists_of(client):
            if each is one or each.state(number) in {ACTIVE, UNCONFIRMED}:
                self.put(each, number, UNSUBSCRIBED)
        self.suppress(client, number, "Unsubscribed")

    def consent_of(self, one: MailingList, number: int) -> str:
        """Whether somebody may be tracked by the client of a list."""
        given = self._consent.get((one.kind, number))
        if given is not None or number >= self.people.population.count:
            return given or ""
        return ("Yes", "Yes", "Yes", "Yes", "Yes", "Yes", "No", "No", "", "")[
            mixed_one(number, self._consent_salt) % 10
        ]

    def consents(self, one: MailingList, number: int, given: str) -> None:
        """Keep what somebody said to the client of a list; `Unchanged` keeps what there is."""
        if given.lower() != "unchanged":
            self._consent[one.kind, number] = given.capitalize()

    def email_of(self, number: int) -> str:
        """The address of somebody."""
        return self.emails([number])[number]

    def emails(self, numbers: Collection[int]) -> dict[int, str]:
        """The addresses of people, by number."""
        return dict(self.frame(pl.Series(list(numbers), dtype=pl.Int64), ("email",)).select("id", "email").rows())

    def frame(self, ids: pl.Series, columns: Collection[str]) -> pl.DataFrame:
        """People of these ids: `id`, `email`, and columns that only those of the start have, in no order."""
        count = self.people.population.count
        start = self.people.population.frame(ids.filter(ids < count), {"email", *columns})
        new = ids.filter(ids >= count).to_list()
        made = pl.DataFrame({"id": new, "email": [self.people.key(each, "email") for each in new]})
        made = made.cast({"id": pl.Int64, "email": pl.String})
        return pl.concat([start, made], how="diagonal")

    def subscribers(self, one: MailingList, numbers: Sequence[int]) -> list[Subscriber]:
        """People who are on a list, in this order."""
        own = list(self.fields[one.number])
        columns = {"created", *_NAMES, *(each.column for each in own if each.column)}
        found = self.frame(pl.Series(list(numbers), dtype=pl.Int64), columns)
        rows = {row["id"]: row for row in found.to_dicts()}
        return [self._subscriber(one, rows[number], own) for number in numbers]

    def _subscriber(self, one: MailingList, row: Mapping[str, Any], own: Sequence[Any]) -> Subscriber:
        number = row["id"]
        written = self.written.get((one.number, number)) or Written()
        joined = written.joined if written.joined is not None else float(row["created"])
        values: dict[int, tuple[str, ...]] = {}
        for each in own:
            given = written.values.get(each.number)
            if given is None and written.joined is None and each.column:
                given = each.of_person(row.get(each.column))
            if given:
                values[each.number] = given
        name = written.name
        if name is None:
            name = " ".join(filter(None, (row.get(part) for part in _NAMES)))
        return Subscriber(
            number,
            row["email"],
            name,
            one.state(number) or "",
            one.since.get(number, joined),
            joined,
            values,
            written.mobile,
            written.sms,
            self.consent_of(one, number),
        )

    def time(self, one: MailingList, seconds: float) -> str:
        """A time as the client of a list reads it."""
        return shown_time(seconds, self.owner(one).zone)


def folded(email: str) -> str:
    """An address as it is compared and kept."""
    return email.strip().lower()
