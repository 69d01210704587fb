"""What an account has: clients, their lists with custom fields, and the zones in which they write times."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from cdpkit.core import temporal
from cdpkit.core.properties import PropertyType
from cdpkit.errors import ConfigurationError
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import LISTS, Discovery, Item, Thing, VendorField
from cdpkit.kit.effects import Effects, Reply, Together, all_of
from cdpkit.problem import Problem
from cdpkit.vendors.campaign_monitor.api import AT, NO_KEY, NO_TOKEN, code, get, read, read_list
from cdpkit.vendors.campaign_monitor.fields import HOLDS, MANY, OF_EVERYBODY
from cdpkit.vendors.campaign_monitor.places import CLIENT, ZONE
from cdpkit.vendors.campaign_monitor.zones import zone_of

CLIENTS = Thing("clients", "client", "clients")
STATES = Thing("states", "state", "states")
ACTIVE, UNCONFIRMED, UNSUBSCRIBED, BOUNCED, DELETED = "Active", "Unconfirmed", "Unsubscribed", "Bounced", "Deleted"
ALL_STATES = (ACTIVE, UNCONFIRMED, UNSUBSCRIBED, BOUNCED, DELETED)
ON_LIST = (ACTIVE, UNCONFIRMED)
"""The states of those who are on a list; whoever is in another one has left it."""
CONFIRMED = "confirmed opt-in"
"""What kind of list asks whoever is put on it to confirm that, by a mail."""
_LABEL = "label"
_NOT_FOR_IT = frozenset({401, 403})


def discover(settings: Settings) -> Effects[Discovery]:
    """The clients that are reached; lists and fields of the chosen one, or of all."""
    clients = yield from _clients(settings)
    wanted = [each for each in clients if settings["client"] in (None, each.id, each.name)]
    replies = yield from _each(settings, [f"/clients/{each.id}" for each in wanted])
    facts = {}
    for client, reply in zip(wanted, replies, strict=True):
        # The details hold the client's key; nothing else than the zone is read of them.
        details = read(reply).get("BasicDetails")
        label = str(details.get("TimeZone") or "") if isinstance(details, dict) else ""
        facts[f"{_LABEL} {client.id}"] = label
        zone = settings["timezone"] or zone_of(label)
        facts |= {f"{ZONE} {client.id}": zone} if zone else {}
    replies = yield from _each(settings, [f"/clients/{each.id}/lists" for each in wanted])
    names: dict[str, str] = {}
    for client, reply in zip(wanted, replies, strict=True):
        for row in read_list(reply):
            names[str(row.get("ListID"))] = str(row.get("Name"))
            facts[f"{CLIENT} {row.get('ListID')}"] = client.id
    replies = yield from _each(settings, [f"/lists/{each}{part}" for each in names for part in ("", "/customfields")])
    there, fields = [], []
    for list_id, told, custom in zip(names, replies[::2], replies[1::2], strict=True):
        kind = CONFIRMED if read(told).get("ConfirmedOptIn") is True else "single opt-in"
        there.append(Item(list_id, names[list_id], kind))
        fields += _fields(list_id, read_list(custom))
    items = {
        CLIENTS.name: clients,
        LISTS.name: tuple(there),
        STATES.name: tuple(Item(each, each) for each in ALL_STATES),
    }
    return Discovery((*OF_EVERYBODY, *fields), items, facts)


def _clients(settings: Settings) -> Effects[tuple[Item, ...]]:
    """All clients; the chosen one alone, by its id, where the key is that of a client and may not see them."""
    reply: Reply = yield get(settings, "/clients")
    chosen = settings["client"]
    if reply.status in _NOT_FOR_IT and chosen and code(reply) not in NO_KEY | NO_TOKEN:
        return (Item(chosen, chosen),)
    return tuple(Item(str(row.get("ClientID")), str(row.get("Name"))) for row in read_list(reply))


def _each(settings: Settings, paths: Sequence[str]) -> Effects[tuple[Reply, ...]]:
    replies: tuple[Any, ...] = (yield Together(tuple(get(settings, path) for path in paths))) if paths else ()
    return all_of(replies)


def _fields(list_id: str, rows: Sequence[dict[str, Any]]) -> list[VendorField]:
    """The custom fields of a list; one that has the name of a field of everybody goes by its key."""
    found, taken = [], {field.name for field in OF_EVERYBODY}
    for row in rows:
        name, key, kind = str(row.get("FieldName")), str(row.get("Key")), str(row.get("DataType") or "Text")
        name = key if name in taken else name
        taken.add(name)
        options = row.get("FieldOptions")
        choices = tuple(map(str, options)) if isinstance(options, list) else ()
        holds, several = HOLDS.get(kind, PropertyType.TEXT), kind == MANY
        found.append(VendorField(name, kind, lists=(list_id,), id=key, choices=choices, holds=holds, several=several))
    return found


def contradictions(settings: Settings, discovery: Discovery) -> list[Problem]:
    """What of the zones is not known."""
    where, fix = "settings.timezone", "set timezone to the zone of the client, such as Europe/Brussels"
    given = settings["timezone"]
    if given is not None and not _is_zone(given):
        return [Problem(where, f"there is no time zone {given!r}", fix)]
    labels = {name.partition(" ")[2]: label for name, label in discovery.facts.items() if name.startswith(_LABEL)}
    named = {item.id: item.name for item in discovery.items[CLIENTS.name]}
    return [
        Problem(where, f"{AT} says of client {named[each]!r} the time zone {label!r}, which is not known here", fix)
        for each, label in labels.items()
        if f"{ZONE} {each}" not in discovery.facts
    ]


def _is_zone(name: str) -> bool:
    try:
        temporal.datetimes(pl.Series(["2026-01-01"]), name)
    except ConfigurationError:
        return False
    return True
