"""Looking at what the vendor kept of an import: values that a list has no field for are passed over without a word."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.errors import RemoteError
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked
from cdpkit.vendors.campaign_monitor.api import AT, NOT_THERE, code, get, read
from cdpkit.vendors.campaign_monitor.fields import EMAIL

_HELD = "CustomFields"


def plain(key: object) -> str:
    """A key or a name of a field as both are compared: without brackets and blanks, which differ."""
    return "".join(str(key).split()).strip("[]").casefold()


def refuse_dropped(asked: ExportAsked, item: Item, people: pl.DataFrame, keys: Mapping[str, str]) -> Effects[None]:
    """Read one of those who were taken again, and see that all custom fields are there.

    Args:
        asked: What the goal asks.
        item: The list.
        people: Those who were taken: their address and `body`.
        keys: The list's keys by the names of fields.

    Raises:
        RemoteError: Some are not.
    """
    if not keys or people.is_empty():
        return
    most = people["body"].str.count_matches('{"Key":', literal=True).arg_max() or 0
    sent = _filled(json.loads(people["body"][most]))
    if not sent:
        return
    email = people[EMAIL][most]
    reply: Reply = yield get(asked.settings, f"/subscribers/{item.id}", ("email", email))
    if code(reply) == NOT_THERE:  # somebody else has removed the person meanwhile
        return
    dropped = sorted(
        name for name, key in keys.items() if plain(key) in sent - _filled(read(reply)) - _names(reply, keys)
    )
    if dropped:
        raise RemoteError(
            f"{AT} took people into list {item.name!r}, and passed over what they have in {', '.join(dropped)}: "
            "see whether the list has these fields still, and whether they take such values"
        )


def _filled(person: Mapping[str, Any]) -> set[str]:
    held = person.get(_HELD)
    rows = [row for row in held if isinstance(row, Mapping)] if isinstance(held, list) else []
    return {plain(row.get("Key")) for row in rows if row.get("Value")}


def _names(reply: Reply, keys: Mapping[str, str]) -> set[str]:
    """The keys of those fields that an answer calls by their names."""
    filled = _filled(read(reply))
    return {plain(key) for name, key in keys.items() if plain(name) in filled}
