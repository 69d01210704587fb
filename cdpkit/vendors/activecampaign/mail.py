"""Mails that contacts opened and clicked: three sources, in one form in which an event is one however often it is read.

The API has no report of who opened what. What comes closest are the activities of contacts, which the account may list
as a whole; the last moments that stand on a contact, at most one for each reading; and what webhooks posted, collected
in a file by whoever receives them. Opens that a privacy proxy made are told apart.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

import polars as pl

from cdpkit.core import temporal
from cdpkit.errors import RemoteError, UnavailableError
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects
from cdpkit.kit.touchpoints import EVENTS, Touchpoints, TouchpointsAsked
from cdpkit.vendors.activecampaign.api import collect
from cdpkit.vendors.activecampaign.find import members_of

OPENED, CLICKED, BY_PROXY = "opened", "clicked", "opened_by_proxy"
_PIXEL = "open"
_OF_DATES = {"last_open_date": OPENED, "last_click_date": CLICKED, "last_mpp_open_date": BY_PROXY}
_OF_HOOKS = {"open": OPENED, "click": CLICKED}
_REFERENCE = "reference,reference.link"


def read(asked: TouchpointsAsked) -> Effects[pl.DataFrame]:
    """Opens and clicks of mails to lists, from the activities of all; of the lists' contacts, where it refuses that."""
    try:
        events = yield from activities(asked.settings, asked.after)
    except UnavailableError:
        raise
    except RemoteError:
        there: dict[str, None] = {}
        for each in asked.lists:
            members = yield from members_of(asked.settings, each)
            there |= dict.fromkeys(contact.id for contact in members.values())
        events = yield from activities(asked.settings, asked.after, [*there])
    return (yield from of_lists(asked.settings, events, asked.lists))


def activities(settings: Settings, after: str, contacts: Sequence[str] | None = None) -> Effects[pl.DataFrame]:
    """Opens and clicks after a moment or day, as `EVENTS`, from the activities of contacts.

    A tracked link counts how often it was used; each of these is an event. The pixel that tells an open is a link too,
    so that the link decides what an activity is, and not its own type.

    Args:
        settings: The connection's.
        after: ISO 8601.
        contacts: Ids, where the account does not list the activities of all at once.
    """
    of = [()] if contacts is None else [(("contact", each),) for each in contacts]
    rows: dict[str, list[dict[str, Any]]] = {"linkData": [], "mppLinkData": [], "links": []}
    for params in of:
        order = ("orders[tstamp]", "DESC")
        told = yield from collect(
            settings, "/activities", "activities", *params, ("after", after), order, ("include", _REFERENCE)
        )
        for name, found in rows.items():
            found.extend(told.get(name, ()))
    pixels = {str(row.get("id")) for row in rows["links"] if row.get("link") == _PIXEL}
    used = [(row, OPENED if str(row.get("link")) in pixels else CLICKED) for row in rows["linkData"]]
    return _spread([*used, *((row, BY_PROXY) for row in rows["mppLinkData"])])


def _spread(used: Iterable[tuple[dict[str, Any], str]]) -> pl.DataFrame:
    """An event for each time that a link was used."""
    names = ("id", "type", "time", "contact", "email", "campaign", "times")
    lines = [
        (
            str(row.get("id")),
            kind,
            *(_text(row.get(key)) for key in ("tstamp", "contact", "email", "campaign", "times")),
        )
        for row, kind in used
    ]
    frame = pl.DataFrame(lines, dict.fromkeys(names, pl.String()), orient="row")
    times = pl.col("times").cast(pl.Int64, strict=False).fill_null(1).clip(1)
    frame = frame.with_columns(pl.int_ranges(1, times + 1).alias("times")).explode("times")
    return _events(frame.with_columns(pl.format("{}:{}:{}", "type", "id", "times").alias("id"), lists=None))


def last_moments(contacts: pl.DataFrame) -> pl.DataFrame:
    """The last open and click of each contact as `EVENTS`: at most one of each for a reading, of no known campaign.

    Args:
        contacts: `id`, `email` and the fields `last_..._date`, as an import stages them.
    """
    frames = [
        contacts.select(pl.lit(kind).alias("type"), pl.col(name).alias("time"), pl.col("id").alias("contact"), "email")
        for name, kind in _OF_DATES.items()
        if name in contacts.columns
    ]
    found = pl.concat(frames).drop_nulls("time").with_columns(campaign=None, lists=None)
    return _events(found.with_columns(pl.format("{}:{}:{}", "type", "contact", "time").alias("id")))


def inbox(bodies: Iterable[str]) -> pl.DataFrame:
    """Opens and clicks as `EVENTS`, from the bodies that webhooks posted; one that came twice is one.

    Args:
        bodies: Such as the lines of a file: `type=open&date_time=...&contact[id]=...&campaign[id]=...&list=...`.
    """
    lines = []
    for body in bodies:
        told = dict(parse_qsl(body.strip()))
        kind, who, moment = _OF_HOOKS.get(told.get("type", "")), told.get("contact[id]"), told.get("date_time")
        if kind and who and moment:
            campaign, listed = told.get("campaign[id]"), told.get("list")
            number = f"{kind}:{who}:{campaign}:{moment}"
            lists = [listed] if listed and listed != "0" else None
            lines.append((number, kind, moment, who, told.get("contact[email]"), campaign, lists))
    schema = {**dict.fromkeys(EVENTS, pl.String()), "lists": EVENTS["lists"]}
    return _events(pl.DataFrame(lines, schema, orient="row"))


def _events(frame: pl.DataFrame) -> pl.DataFrame:
    moments = temporal.datetimes(frame["time"], "UTC").alias("time")
    found = frame.with_columns(moments).select(pl.col(name).cast(dtype) for name, dtype in EVENTS.items())
    return found.drop_nulls("time").unique("id", keep="first", maintain_order=True)


def of_lists(settings: Settings, events: pl.DataFrame, lists: Sequence[str]) -> Effects[pl.DataFrame]:
    """The events of mails to any of these lists, by id; those of no known campaign are left out, and counted by nobody.

    Args:
        settings: The connection's.
        events: As `EVENTS`.
        lists: Ids, such as those of a goal's target.
    """
    known: list[tuple[str, list[str]]] = []
    unknown = events.filter(pl.col("lists").is_null())["campaign"].drop_nulls().unique(maintain_order=True)
    for campaign in unknown.filter(unknown.str.contains("^[0-9]+$")):
        path = f"/campaigns/{campaign}/campaignLists"
        rows = (yield from collect(settings, path, "campaignLists"))["campaignLists"]
        known.append((campaign, [str(row.get("listid", row.get("list"))) for row in rows]))
    sent = pl.DataFrame(known, {"campaign": pl.String(), "sent": EVENTS["lists"]}, orient="row")
    found = events.join(sent, on="campaign", how="left", maintain_order="left")
    found = found.with_columns(pl.coalesce("lists", "sent").alias("lists")).select(*EVENTS)
    wanted = pl.col("lists").list.set_intersection(list(lists)).list.len() > 0
    return found.filter(wanted.fill_null(value=False))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


TOUCHPOINTS = Touchpoints((OPENED, CLICKED, BY_PROXY), read)
