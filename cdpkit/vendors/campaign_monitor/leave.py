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
    """Delete people from one list who are on it, and tell these apart; whoever is not there has left already."""
    if people.is_empty():
        return all_accepted(people["row"])
    path = f"/subscribers/{target.id}"
    looked_at = tuple(get(asked.settings, path, ("email", email)) for email in people[EMAIL])
    replies: tuple[Reply, ...] = all_of((yield Together(looked_at)))
    on = pl.Series([_is_on(reply) for reply in replies])
    leaving = [call.params for call, is_on in zip(looked_at, on, strict=True) if is_on]
    if leaving:
        calls = tuple(replace(http(asked.settings, "DELETE", path), params=params) for params in leaving)
        for reply in all_of((yield Together(calls))):
            if code(reply) not in _GONE:
                done(reply, DONE, refuse)
    off = pl.when(on).then(pl.lit([target.id])).otherwise("lists").alias("lists")
    return all_accepted(people["row"]).with_columns(off)


def _is_on(reply: Reply) -> bool:
    return code(reply) not in _GONE and read(reply).get("State") in ON_LIST
