"""Opens and clicks of mails as events: read of the reports of all campaigns, from a moment on."""

from collections.abc import Sequence

import polars as pl

from cdpkit.core import temporal
from cdpkit.kit import answers, pages
from cdpkit.kit.effects import Effects
from cdpkit.kit.touchpoints import EVENTS, Touchpoints, TouchpointsAsked
from cdpkit.vendors.campaign_monitor.api import DONE, MOST, get, read, refuse
from cdpkit.vendors.campaign_monitor.mail import campaigns
from cdpkit.vendors.campaign_monitor.places import client_of, zone_at
from cdpkit.vendors.campaign_monitor.suppressed import more

TYPES = {"opens": "opened", "clicks": "clicked"}
"""Reports, and what an event of each is called."""


def touched(asked: TouchpointsAsked) -> Effects[pl.DataFrame]:
    """Who opened or clicked mails to some lists after a moment, as `EVENTS`; people are known by address alone."""
    after = temporal.datetimes(pl.Series([asked.after], dtype=pl.String), "UTC").item()
    clients: dict[str, list[str]] = {}
    for each in asked.lists:
        clients.setdefault(client_of(asked.discovery, each), []).append(each)
    found = [pl.DataFrame(schema=EVENTS)]
    for client, lists in clients.items():
        zone = zone_at(asked.discovery, lists[0])
        since = pl.Series([after]).dt.convert_time_zone(zone).dt.to_string("%Y-%m-%d %H:%M:%S").item()
        for campaign in (yield from campaigns(asked.settings, client, None)):
            for kind, word in TYPES.items():
                lines = yield from _report(asked, campaign, kind, since)
                found.append(_events(lines, campaign, word, zone))
    whole = pl.concat(found).filter(pl.col("time") > after)
    wanted = pl.col("lists").list.set_intersection(list(asked.lists)).list.len() > 0
    return whole.filter(wanted).unique("id", keep="first", maintain_order=True)


def _report(asked: TouchpointsAsked, campaign: str, kind: str, since: str) -> Effects[list[tuple[str, ...]]]:
    order = (("orderfield", "date"), ("orderdirection", "asc"))
    size = (("page", "1"), ("pagesize", str(MOST)))
    first = get(asked.settings, f"/campaigns/{campaign}/{kind}", ("date", since), *size, *order)
    lines = []
    for reply in (yield from pages.gather(first, pages.by_number("page", more), ok=DONE, refuse=refuse)):
        rows = answers.part(read(reply), "Results", list, reply)
        names = ("EmailAddress", "ListID", "Date", "URL")
        lines += [tuple(str(row.get(name) or "") for name in names) for row in rows if isinstance(row, dict)]
    return lines


def _events(lines: Sequence[tuple[str, ...]], campaign: str, word: str, zone: str) -> pl.DataFrame:
    """Rows of a report as events; what somebody did twice in a second to the same link is one."""
    frame = pl.DataFrame(lines, dict.fromkeys(("email", "list", "date", "url"), pl.String()), orient="row")
    moments = temporal.datetimes(frame["date"], zone).alias("time")
    person = pl.col("email").str.to_lowercase()
    number = pl.format("{}:{}:{}:{}:{}", pl.lit(word), pl.lit(campaign), person, "date", "url")
    made = frame.with_columns(moments, id=number, type=pl.lit(word), contact=pl.lit(None, pl.String))
    made = made.with_columns(campaign=pl.lit(campaign), lists=pl.concat_list("list"))
    return made.select(pl.col(name).cast(dtype) for name, dtype in EVENTS.items()).drop_nulls("time")


TOUCHPOINTS = Touchpoints(tuple(TYPES.values()), touched)
