"""Who is there: contacts by what a person is known by, with their state on each list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit.kit.answers import part
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked
from cdpkit.vendors.activecampaign.api import MOST, collect, get, read
from cdpkit.vendors.activecampaign.fields import EMAIL, ID, PHONE, compared, custom

ACTIVE, UNSUBSCRIBED, BOUNCED, UNCONFIRMED = "1", "2", "3", "0"

_NOT_TO_BE_SEEN = frozenset({400, 403, 404})


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact at ActiveCampaign; its repr holds no value.

    Attributes:
        id: Its id.
        email: Its address.
        states: Its state on each list that it ever was on, by the list's id.
        bounced: Whether its address is known not to work.
        deleted: Whether it is there in name alone.
    """

    id: str
    email: str = field(default="", repr=False)
    states: Mapping[str, str] = field(default_factory=dict)
    bounced: bool = False
    deleted: bool = False


def find(asked: ExportAsked, name: str, value: str) -> Effects[tuple[Contact, ...]]:
    """The contacts that have this identifier.

    What an answer holds is looked at again here: a filter that there is not lets everybody through, that of telephones
    looks at their beginning, and that of custom fields perhaps at any part.
    """
    if name == EMAIL:
        found = yield from _contacts(asked.settings, ("email", value))
    elif name == ID:
        found = yield from _contacts(asked.settings, ("ids[]", value))
    elif name == PHONE:
        found = yield from _contacts(asked.settings, ("phone", value))
    else:
        return (yield from _by_custom(asked, name, value))
    wanted = compared(pl.Series([value], dtype=pl.String), name).item()
    texts = pl.Series([str(row.get(name)) for row, _ in found], dtype=pl.String)
    same = (compared(texts, name) == wanted).fill_null(value=False).to_list()
    return tuple(contact for (_, contact), fits in zip(found, same, strict=True) if fits)


def members_of(settings: Settings, list_id: str) -> Effects[dict[str, Contact]]:
    """Everybody who ever was on a list, by address in small letters."""
    found = yield from _contacts(settings, ("listid", list_id), ("orders[id]", "ASC"))
    return {contact.email.strip().lower(): contact for _, contact in found}


def unconfirmed_on(settings: Settings, list_id: str) -> Effects[frozenset[str] | None]:
    """The addresses of those who have not confirmed a list, in small letters; None where that cannot be asked.

    A filter that there is not lets everybody through, so that one contact is looked at before all are asked for.
    """
    asked = (("listid", list_id), ("status", UNCONFIRMED))
    reply: Reply = yield get(settings, "/contacts", *asked, ("include", "contactLists"), ("limit", "1"))
    told = read(reply)
    first, on = (part(told, "contacts", list, reply), told.get("contactLists"))
    if not first:
        return frozenset()
    if {str(row.get("status")) for row in on or () if str(row.get("list")) == list_id} != {UNCONFIRMED}:
        return None
    found = yield from _contacts(settings, *asked)
    there = (contact for _, contact in found if contact.states.get(list_id) == UNCONFIRMED)
    return frozenset(contact.email.strip().lower() for contact in there)


def by_ids(settings: Settings, ids: Sequence[str]) -> Effects[dict[str, Contact]]:
    """The contacts of these ids, a hundred with a call."""
    found: dict[str, Contact] = {}
    for start in range(0, len(ids), MOST):
        part = [("ids[]", each) for each in ids[start : start + MOST]]
        found |= {contact.id: contact for _, contact in (yield from _contacts(settings, *part))}
    return {each: found[each] for each in ids if each in found}


def _by_custom(asked: ExportAsked, name: str, value: str) -> Effects[tuple[Contact, ...]]:
    named = custom(name, asked.discovery)
    number = "" if named is None else named.id
    told = yield from collect(
        asked.settings, "/fieldValues", "fieldValues", ("filters[fieldid]", number), ("filters[val]", value)
    )
    fits = (row for row in told["fieldValues"] if str(row.get("field")) == number)
    ids = dict.fromkeys(str(row.get("contact")) for row in fits if str(row.get("value")).strip() == value)
    if not ids:
        return ()
    found = yield from by_ids(asked.settings, [*ids])
    return tuple(found.values())


def _contacts(settings: Settings, *params: tuple[str, str]) -> Effects[list[tuple[Mapping[str, Any], Contact]]]:
    told = yield from collect(settings, "/contacts", "contacts", *params, ("include", "contactLists"))
    ids = [str(row.get("id")) for row in told["contacts"]]
    on = list(told.get("contactLists", ()))
    for each in ids if "contactLists" not in told else ():  # what is loaded beside may be left out without a word
        on += (yield from collect(settings, f"/contacts/{each}/contactLists", "contactLists"))["contactLists"]
    states: dict[str, dict[str, str]] = {}
    for row in on:
        states.setdefault(str(row.get("contact")), {})[str(row.get("list"))] = str(row.get("status"))
    return [(row, _contact(row, states.get(each, {}))) for each, row in zip(ids, told["contacts"], strict=True)]


def _contact(row: Mapping[str, Any], states: Mapping[str, str]) -> Contact:
    hard = str(row.get("bounced_hard") or "0")
    return Contact(
        id=str(row.get("id")),
        email=str(row.get("email") or ""),
        states=states,
        bounced=hard != "0" or BOUNCED in states.values(),
        deleted=str(row.get("deleted") or "0") == "1",
    )


def exclusions(settings: Settings) -> Effects[tuple[str, ...]]:
    """What addresses have in them that the account never mails, as far as its key may see that.

    Imports alone look at it, other calls make and subscribe such contacts all the same.
    """
    reply: Reply = yield get(settings, "/lists/exclusions", ("limit", str(MOST)))
    if reply.status in _NOT_TO_BE_SEEN:
        return ()
    rows = part(read(reply), "exclusions", list, reply)
    phrases = (str(row.get("phrase") or "") for row in rows if isinstance(row, dict))
    return tuple(phrase for phrase in (each.strip("* ").lower() for each in phrases) if phrase)


def is_excluded(email: str, phrases: tuple[str, ...]) -> bool:
    """Whether an address has such a phrase in it."""
    return any(phrase in email for phrase in phrases)
