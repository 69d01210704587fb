"""How people leave a list: they are deleted from that list alone, which neither unsubscribes nor suppresses anybody.

Whoever has unsubscribed, or whose mail came back, has left already and stays as they are: deleting them would wipe that
out, and let them return.
"""

from dataclasses import replace

import polars as pl

from cdpkit.kit.answers import done
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Reply, Together, all_of
from cdpkit.kit.exporting import ExportAsked, all_accepted
from cdpkit.vendors.campaign_monitor.api import DONE, NOT_THERE, code, get, http, read, refuse
from cdpkit.vendors.campaign_monitor.client import ON_LIST
from cdpkit.vendors.campaign_monitor.fields import EMAIL

MOST = 50
"""People who are looked at with one another."""
_GONE = frozenset({1, NOT_THERE})
"""Codes of addresses that are on no list."""


def withdraw(asked: ExportAsked, target: Item, people: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Delete people from one list who are on it; whoever is not there has left already."""
    if people.is_empty():
        return all_accepted(people["row"]).drop("lists")
    path = f"/subscribers/{target.id}"
    looked_at = tuple(get(asked.settings, path, ("email", email)) for email in people[EMAIL])
    replies: tuple[Reply, ...] = all_of((yield Together(looked_at)))
    leaving = [call.params for call, reply in zip(looked_at, replies, strict=True) if _is_on(reply)]
    if leaving:
        calls = tuple(replace(http(asked.settings, "DELETE", path), params=params) for params in leaving)
        for reply in all_of((yield Together(calls))):
            if code(reply) not in _GONE:
                done(reply, DONE, refuse)
    return all_accepted(people["row"]).drop("lists")


def _is_on(reply: Reply) -> bool:
    return code(reply) not in _GONE and read(reply).get("State") in ON_LIST
