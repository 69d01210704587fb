"""How a person goes alone: looked for first, written, and put on those lists that the person has not left."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.errors import RemoteError
from cdpkit.kit.answers import part
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import OUTCOME, ExportAsked, Outgoing
from cdpkit.vendors.activecampaign.api import code, read, write
from cdpkit.vendors.activecampaign.fields import EMAIL, deciding
from cdpkit.vendors.activecampaign.find import ACTIVE, UNCONFIRMED, Contact, exclusions, find, is_excluded

INVALID, LEFT, EXCLUDED, UNCONFIRMED_YET = "email_invalid", "unsubscribed", "excluded", "unconfirmed"
"""Words for an address that is none, for who has left a list, for one that is never mailed, for who has to confirm."""
_ADDRESS = r'^[^\s"(),:;<>@\[\\\]]+@(?:[^\s"(),:;<>@\[\\\].]+\.)+[A-Za-z]{2,}$'
"""What an address is, as the documentation of imports says: they refuse all contacts where one has another form."""
_ABOUT_PEOPLE = frozenset({400, 404, 409, 422})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the way; the repr holds no value.

    Attributes:
        row: As `Outgoing` has it.
        known_by: The identifiers that there are.
        content: The fields, as `fields.members` has them.
        enter: The ids of the lists to enter.
        refused: Whether an import refused them before, without a reason.
    """

    row: int
    known_by: Mapping[str, str] = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)
    enter: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What became of somebody.

    Attributes:
        fate: As `OUTCOME` has it.
        reason: The vendor's word, or why somebody accepted is not on all lists; None where there is none.
        lists: The ids of the lists on which the person is now.
    """

    fate: str = ACCEPTED
    reason: str | None = None
    lists: tuple[str, ...] = ()


def outcome(told: Mapping[int, Told]) -> pl.DataFrame:
    """An `OUTCOME` frame of what became of people, by row."""
    lines = [(row, each.fate, each.reason, list(each.lists)) for row, each in told.items()]
    return pl.DataFrame(lines, OUTCOME, orient="row")


def proper(emails: pl.Series) -> pl.Series:
    """Which of these are addresses, as ActiveCampaign tells it."""
    return emails.str.contains(_ADDRESS).fill_null(value=False)


def known_by(asked: ExportAsked, line: Mapping[str, Any]) -> dict[str, str]:
    """The identifiers that somebody has, of a row as a mapping."""
    return {name: line[name] for name in asked.identifiers if line.get(name) is not None}


def push(asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    """Push people one after the other."""
    told = {}
    for line in people.rows.iter_rows(named=True):
        person = Person(line["row"], known_by(asked, line), json.loads(line["body"]), tuple(line["enter"]))
        told[person.row] = yield from alone(asked, person)
    return outcome(told)


def calls(asked: ExportAsked, people: Outgoing) -> dict[str, int]:
    """How many calls `push` makes at least: each person is looked for, and written where there are fields or lists."""
    lists = int(people.rows["enter"].list.len().sum())
    return {"calls": people.rows.height * (1 + bool(asked.fields)) + lists}


def alone(asked: ExportAsked, person: Person) -> Effects[Told]:
    """Push one person: nobody who is not there is made where that is not wanted or known to be refused."""
    email = person.known_by.get(EMAIL)
    if email is not None and not proper(pl.Series([email])).item():
        return Told(REJECTED, INVALID)
    found = yield from found_of(asked, person.known_by)
    if isinstance(found, Told):
        return found
    why = yield from _barred(asked, person, found)
    return Told(REJECTED, why) if why is not None else (yield from _written(asked, person, found))


def _barred(asked: ExportAsked, person: Person, found: Contact | None) -> Effects[str | None]:
    """Why somebody is neither made nor changed; None for who may be."""
    if found is None and not asked.create:
        return reasons.NO_MATCH_AT_VENDOR.code
    address = person.known_by.get(EMAIL) if found is None else found.email.lower()
    if address is None:
        return "no_email_address"
    if found is not None and found.bounced:
        return "bounced"
    phrases = yield from exclusions(asked.settings)
    if is_excluded(address, phrases):
        return EXCLUDED
    return reasons.NO_REASON.code if found is None and person.refused else None


def found_of(asked: ExportAsked, known_by: Mapping[str, str]) -> Effects[Contact | Told | None]:
    """The contact that somebody is: None where there is none, and a fate where that cannot be told."""
    first = deciding(asked)
    contacts: tuple[Contact, ...] = ()
    for name in dict.fromkeys((first, EMAIL)):
        if not contacts and name in known_by:
            contacts = yield from find(asked, name, known_by[name])
    if len(contacts) > 1:
        return Told(REJECTED, "several_contacts")
    if contacts and contacts[0].deleted:
        return Told(REJECTED, "deleted")
    return contacts[0] if contacts else None


def _written(asked: ExportAsked, person: Person, found: Contact | None) -> Effects[Told]:
    """Write the fields, then put the person on lists one by one; lists inside the call would revive whoever left."""
    settings, states = asked.settings, {} if found is None else found.states
    content = dict(person.content)
    number = None if found is None else found.id
    if found is None or (content and asked.create and asked.identifiers == (EMAIL,)):
        content["email"] = person.known_by[EMAIL]
        reply = yield write(settings, "POST", "/contact/sync", {"contact": content})
    elif content:
        reply = yield write(settings, "PUT", f"/contacts/{found.id}", {"contact": content})
    else:
        reply = None
    if reply is not None:
        if found is not None and reply.status == 404 and not asked.create:  # noqa: PLR2004 - gone since looked for
            return Told(REJECTED, reasons.NO_MATCH_AT_VENDOR.code)
        if reply.status in _ABOUT_PEOPLE:
            return Told(REJECTED, code(reply) or f"status {reply.status}")
        made = part(read(reply), "contact", dict, reply)
        number = number or _id_of(made, reply)
    withheld, on = None, []
    for list_id in person.enter:
        why = _withheld(asked, states.get(list_id))
        if why is None:
            yield from set_state(
                settings, str(number), list_id, ACTIVE, again=states.get(list_id) not in (None, ACTIVE)
            )
        if why is None or states.get(list_id) == ACTIVE:
            on.append(list_id)
        else:
            withheld = withheld or why
    return Told(reason=withheld, lists=tuple(on))


def _id_of(contact: Mapping[str, Any], reply: Reply) -> str:
    found = str(contact.get("id"))
    if not found.isdecimal():
        raise RemoteError(f"{reply.what} was answered without the id of a contact; check {reply.address}")
    return found


def _withheld(asked: ExportAsked, state: str | None) -> str | None:
    """Why somebody is not put on a list; None where they are. Whoever has not confirmed is not confirmed by us."""
    if state in (None, "", ACTIVE):
        return None
    if state == UNCONFIRMED:
        return UNCONFIRMED_YET
    return None if asked.options["resubscribe"] else LEFT  # also where some other code says that they are not there


def set_state(settings: Settings, contact: str, list_id: str, state: str, *, again: bool = False) -> Effects[None]:
    """Put a contact in a state on one list."""
    row = {"list": int(list_id), "contact": int(contact), "status": int(state)}
    row |= {"sourceid": 4} if again else {}  # the documentation asks for it of those who come back
    reply: Reply = yield write(settings, "POST", "/contactLists", {"contactList": row})
    read(reply)
