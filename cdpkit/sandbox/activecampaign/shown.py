"""How contacts, and what is loaded beside them, are written out."""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from cdpkit.sandbox.activecampaign.account import Account, Contact
from cdpkit.sandbox.activecampaign.answers import shown_time
from cdpkit.sandbox.world.lists import MailingList

_LATE = ("last_open_date", "last_click_date", "last_mpp_open_date", "whatsapp_id", "whatsapp_username")
"""Missing from the answers of writes."""

_SPREAD = 1000
"""Ids of what belongs to a contact follow from the contact's own."""


def value_id(contact: int, field: int) -> str:
    """The id of a contact's value of a custom field."""
    return str((contact + 1) * _SPREAD + field)


def contact_shown(account: Account, one: Contact, *, late: bool = True) -> dict[str, Any]:
    """A contact by itself, with the fields that come late where asked."""
    bounced = account.bounced(one.number)
    created, updated = shown_time(one.created), shown_time(one.updated)
    local, _, domain = one.email.partition("@")
    opened = shown_time(one.updated) if one.number % 3 == 0 and late else None
    return {
        "id": one.id,
        "email": one.email,
        **one.standard,
        "orgid": "0",
        "orgname": "",
        "segmentio_id": "",
        "bounced_hard": str(int(bounced)),
        "bounced_soft": "0",
        "bounced_date": updated[:10] if bounced else "0000-00-00",
        "ip": "0",
        "ua": None,
        "email_local": local,
        "email_domain": domain,
        "sentcnt": "0",
        "rating_tstamp": "0000-00-00",
        "deleted": "0",
        "anonymized": "0",
        "cdate": created,
        "udate": updated,
        "deleted_at": "0000-00-00 00:00:00",
        "created_utc_timestamp": created[:19].replace("T", " "),
        "updated_utc_timestamp": updated[:19].replace("T", " "),
        **({name: opened if name == "last_open_date" else None for name in _LATE} if late else {}),
        "email_empty": False,
        "scoreValues": [],
        "links": {"contactLists": f"/api/3/contacts/{one.id}/contactLists"},
    }


def short(account: Account, one: Contact) -> dict[str, Any]:
    """The answer to a call that created a contact: without what an update's answer has."""
    whole = contact_shown(account, one, late=False)
    wanted = ("id", "email", "firstName", "lastName", "phone", "cdate", "udate", "links")
    return {**{name: whole[name] for name in wanted}, "orgid": "", "organization": None}


def values_of(one: Contact, only: Collection[int] | None = None) -> list[dict[str, Any]]:
    """A contact's values of custom fields."""
    moments = {"cdate": shown_time(one.created), "udate": shown_time(one.updated)}
    return [
        {
            "id": value_id(one.number, number),
            "contact": one.id,
            "owner": one.id,
            "field": str(number),
            "value": value,
            **moments,
        }
        for number, value in one.values.items()
        if only is None or number in only
    ]


def membership(one: Contact, each: MailingList, state: str) -> dict[str, Any]:
    """A contact's row of a list."""
    since = shown_time(each.since.get(one.number, one.created))
    return {
        "id": str((one.number + 1) * _SPREAD + each.number),
        "contact": one.id,
        "list": str(each.number),
        "form": None,
        "seriesid": "0",
        "sdate": since if state != "2" else shown_time(one.created),
        "udate": since if state == "2" else None,
        "status": state,
        "responder": "1",
        "sync": "0",
        "unsubreason": "",
        "campaign": None,
        "message": None,
        "sourceid": "4",
        "ip4Sub": "0",
        "ip4Unsub": "0",
        "channel": each.kind,
        "links": {},
    }


def memberships_of(account: Account, one: Contact) -> list[dict[str, Any]]:
    """A contact's rows of all lists."""
    return [membership(one, each, state) for each, state in account.roster.of(one.number)]


def tags_of(account: Account, one: Contact) -> list[dict[str, Any]]:
    """A contact's tags."""
    return [
        {"id": str(each), "contact": one.id, "tag": str(tag), "cdate": shown_time(one.updated)}
        for each, (number, tag) in account.tagged.items()
        if number == one.number
    ]


def page_of(account: Account, found: Sequence[Contact], include: Collection[str]) -> dict[str, Any]:
    """Contacts of a page, with what was asked for in arrays beside them that are joined by id."""
    rows = [contact_shown(account, one) for one in found]
    beside: dict[str, list[dict[str, Any]]] = {"scoreValues": []}
    makers: dict[str, Callable[[Contact], list[dict[str, Any]]]] = {
        "fieldValues": values_of,
        "contactLists": lambda one: memberships_of(account, one),
        "contactTags": lambda one: tags_of(account, one),
    }
    for name, make in makers.items():
        if name in include:
            parts = [make(one) for one in found]
            for row, part in zip(rows, parts, strict=True):
                row[name] = [each["id"] for each in part]
            beside[name] = [each for part in parts for each in part]
    return {**beside, "contacts": rows}


def line(account: Account, one: Contact, *, times: bool) -> str:
    """A contact as a line that can be compared: its fields by title, and its state on each list."""
    row: dict[str, Any] = {"email": one.email, "id": one.id}
    row |= {name: value for name, value in one.standard.items() if value}
    row |= {account.fields[number].title: one.values[number] for number in sorted(one.values)}
    row["lists"] = {str(each.number): state for each, state in account.roster.of(one.number)}
    row["tags"] = sorted(account.tags[tag] for number, tag in account.tagged.values() if number == one.number)
    if times:
        row |= {"cdate": shown_time(one.created), "udate": shown_time(one.updated)}
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
