"""What subscribers did with mails: how often they opened and clicked those of late campaigns, and when last.

The history of one person takes a call by itself, so the reports of campaigns are read, which have everybody.
Addresses of machines, which they hold too, are not kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl

from cdpkit.core import temporal
from cdpkit.kit import answers, pages
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Http, Keep
from cdpkit.kit.importing import ImportAsked
from cdpkit.kit.staging import objects, text
from cdpkit.vendors.campaign_monitor.api import DONE, MOST, get, read, refuse
from cdpkit.vendors.campaign_monitor.fields import MAIL
from cdpkit.vendors.campaign_monitor.places import zone_at
from cdpkit.vendors.campaign_monitor.suppressed import more

_BY_EMAIL = (("pagesize", str(MOST)), ("orderfield", "email"), ("orderdirection", "asc"))


def campaigns(settings: Settings, client: str, since: str | None) -> Effects[list[str]]:
    """The ids of the campaigns that a client has sent since a time of its own clock, or ever, the newest first."""
    size = (("page", "1"), ("pagesize", str(MOST)))
    sent = () if since is None else (("sentfromdate", since),)
    first = get(settings, f"/clients/{client}/campaigns", *size, *sent)
    found = []
    for reply in (yield from pages.gather(first, pages.by_number("page", more), ok=DONE, refuse=refuse)):
        rows = answers.part(read(reply), "Results", list, reply)
        found += [str(row.get("CampaignID")) for row in rows if isinstance(row, dict)]
    return found


def pull(asked: ImportAsked, kept: dict[str, Any], clients: Sequence[str]) -> Effects[None]:
    """Fetch the reports of all late campaigns of some clients, page by page; what is kept already is not fetched again.

    Args:
        asked: What the goal asks.
        kept: The state of the pull: `since`, `pages`; it is changed.
        clients: Their ids.
    """
    if kept.get("campaigns") is None:
        found: list[str] = []
        for client in clients:
            found += yield from campaigns(asked.settings, client, kept["mailed"])
        kept |= {"campaigns": found, "read": 0, "walk": None}
        yield Keep(dict(kept))
    places = [(each, kind) for each in kept["campaigns"] for kind in MAIL]
    while kept["read"] < len(places):
        campaign, kind = places[kept["read"]]
        first = _first(asked.settings, campaign, kind)
        walked = yield from pages.walk(
            first,
            pages.by_number("page", more),
            kept["walk"],
            keep=partial(_kept, kept),
            ok=DONE,
            refuse=refuse,
        )
        kept["pages"] = {**kept["pages"], kind: [*kept["pages"].get(kind, ()), *walked]}
        kept |= {"read": kept["read"] + 1, "walk": None}
        yield Keep(dict(kept))


def _kept(kept: Mapping[str, Any], walk: Mapping[str, Any]) -> Keep:
    return Keep({**kept, "walk": walk})


def _first(settings: Settings, campaign: str, kind: str) -> Http:
    call = get(settings, f"/campaigns/{campaign}/{kind}", ("page", "1"), *_BY_EMAIL)
    return replace(call, page=f"{kind}-{campaign}.ndjson")


def of_list(frames: Mapping[str, pl.DataFrame], list_id: str, asked: ImportAsked) -> pl.DataFrame:
    """`person` (an address in small letters) and their fields of whoever opened or clicked a mail to a list."""
    zone = zone_at(asked.discovery, list_id)
    whole = pl.DataFrame(schema={"person": pl.String})
    for kind, (count, last) in MAIL.items():
        rows = objects(frames.get(kind, pl.DataFrame()), "Results")
        columns = [text(rows, name) for name in ("EmailAddress", "ListID", "Date", "URL")]
        events = pl.DataFrame(columns).filter(ListID=list_id).unique(maintain_order=True)
        moments = temporal.datetimes(events["Date"], zone).alias("at")
        person = pl.col("EmailAddress").str.strip_chars().str.to_lowercase()
        found = (
            events.with_columns(moments, person=person)
            .group_by("person", maintain_order=True)
            .agg(pl.len().cast(pl.Int64).alias(count), pl.col("at").max().alias(last))
        )
        whole = whole.join(found, on="person", how="full", coalesce=True, maintain_order="left_right")
    return whole


def told(people: pl.DataFrame) -> pl.DataFrame:
    """People with their fields, those who did nothing with none, and moments in UTC."""
    counts = [pl.col(count).fill_null(0) for count, _ in MAIL.values()]
    moments = [pl.col(last).dt.to_string("%Y-%m-%dT%H:%M:%S+00:00") for _, last in MAIL.values()]
    return people.with_columns(*counts, *moments)
