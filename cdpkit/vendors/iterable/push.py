"""How people go: by bulk updates, and by calls that put them on lists and take them off."""

import json
from dataclasses import dataclass
from functools import partial

import polars as pl

from cdpkit.kit.answers import said
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Reply, Tell, Wait
from cdpkit.kit.exporting import ExportAsked, Outgoing
from cdpkit.kit.lists import gone
from cdpkit.kit.render import render
from cdpkit.kit.sending import TAKEN, Verdict, body, deliver, entered, outcome, without
from cdpkit.vendors.iterable.api import get_lists, post
from cdpkit.vendors.iterable.fields import identity, linked
from cdpkit.vendors.iterable.refusals import verdict

_NEW_LIST_WAITS = (2, 4, 8, 16)
"""A list that was made just now is not known everywhere for about 30 seconds."""


@dataclass(frozen=True, slots=True)
class Write:
    """A call that sends people: its body is prefix, people, suffix."""

    path: str
    limit: str
    prefix: str
    suffix: str = "]}"


def _bulk(*, create_fields: bool) -> Write:
    """Left out, the project's own setting would decide whether a field that is not there is made."""
    prefix = f'{{"createNewFields":{json.dumps(create_fields)},"users":['
    return Write("/api/users/bulkUpdate", "bulk_update", prefix)


_LONGEST = _bulk(create_fields=False)
OVERHEAD = len(_LONGEST.prefix + _LONGEST.suffix)
"""Bytes of a bulk update beside its people."""


def push(asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    """Update people, and put those who were accepted on their lists."""
    settings = asked.settings
    rows = people.rows.with_row_index("at")
    lists = rows["enter"].explode().drop_nulls().unique(maintain_order=True).to_list() if people.enters else []
    alone = rows if asked.fields else rows.filter(pl.col("enter").list.len() == 0)  # entering a list creates people too
    bulk = _bulk(create_fields=asked.options["create_fields"])
    send = partial(_update, settings, bulk, frozenset(asked.fields))
    refused = yield from deliver(alone, send, partial(verdict, settings, people.fields))
    on = []
    for list_id in lists:
        entering = without(rows.filter(pl.col("enter").list.contains(list_id)), refused)
        entering = entering.with_columns(render(entering, identity(asked)))
        send = partial(_send_to_list, settings, _subscribe(list_id, asked), list_id)
        kept_off = yield from deliver(entering, send, partial(verdict, settings, pl.DataFrame()))
        on.append(without(entering, kept_off).select("row", pl.lit(list_id).alias("lists")))
        refused = pl.concat([refused, kept_off.with_columns(pl.format("subscribe: {}", "reason").alias("reason"))])
    if not on:
        return outcome(rows["row"], refused) if refused.height else None
    return entered(outcome(rows["row"], refused), pl.concat(on))


def calls(asked: ExportAsked, people: Outgoing) -> dict[str, int]:
    """How many calls `push` makes at least, by limit."""
    lists = people.rows["enter"].explode().drop_nulls().n_unique() if people.enters else 0
    alone = bool(asked.fields) or bool((people.rows["enter"].list.len() == 0).any())
    return {"bulk_update": int(alone), "subscribe": lists}


def withdraw(asked: ExportAsked, target: Item, people: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Take people off one list; whoever is unknown, or forgotten, has left it already."""
    rows = people.with_row_index("at").with_columns(render(people, linked(asked)))
    # Left out, the flag may mean that people are unsubscribed from the whole channel.
    prefix = f'{{"listId":{int(target.id)},"channelUnsubscribe":false,"subscribers":['
    write = Write("/api/lists/unsubscribe", "unsubscribe", prefix)
    refused = yield from deliver(rows, partial(_send, asked.settings, write), partial(_left, asked.settings))
    already = pl.col("reason").str.contains("^(?:notFound|forgotten|ForgottenUser|UnknownEmail|UnknownUserId)")
    return outcome(rows["row"], refused.filter(~already)).drop("lists")


def _left(settings: Settings, reply: Reply, part: pl.DataFrame) -> Verdict:
    """Nobody is on a list that is gone, so that all have left it."""
    return TAKEN if _is_list_gone(reply) else verdict(settings, pl.DataFrame(), reply, part)


def _subscribe(list_id: str, asked: ExportAsked) -> Write:
    only = json.dumps(not asked.create)
    prefix = f'{{"listId":{int(list_id)},"updateExistingUsersOnly":{only},"subscribers":['
    return Write("/api/lists/subscribe", "subscribe", prefix)


def _update(settings: Settings, write: Write, fields: frozenset[str], part: pl.DataFrame) -> Effects[Reply]:
    """Send people, and tell which of these fields Iterable has made."""
    reply = yield from _send(settings, write, part)
    made = said(reply).get("createdFields")
    for name in made if isinstance(made, list) else ():
        if name in fields:
            yield Tell(f"Iterable has made the field {name!r}, which it had not before")
    return reply


def _send(settings: Settings, write: Write, part: pl.DataFrame) -> Effects[Reply]:
    reply: Reply = yield post(settings, write.path, write.limit, body(part, write.prefix, write.suffix))
    return reply


def _send_to_list(settings: Settings, write: Write, list_id: str, part: pl.DataFrame) -> Effects[Reply]:
    """Send people who enter a list, which may have been made just now."""
    for pause in (*_NEW_LIST_WAITS, None):
        reply = yield from _send(settings, write, part)
        if not _is_list_gone(reply):
            return reply
        if pause is not None:
            yield Wait(pause)
    there = yield from get_lists(settings)
    raise gone([Item(list_id, "")], there, "Iterable")


def _is_list_gone(reply: Reply) -> bool:
    told = str(said(reply).get("msg")).lower() if reply.status == 400 else ""  # noqa: PLR2004
    return "invalidlistid" in told or "invalid email list id" in told
