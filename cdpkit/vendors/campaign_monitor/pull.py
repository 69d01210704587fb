"""How subscribers come: pages of each list and state by address, read again where people moved meanwhile."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cdpkit.errors import RemoteError
from cdpkit.kit import answers, pages
from cdpkit.kit.answers import said
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Http, Keep, Reply
from cdpkit.kit.importing import ImportAsked, Pulled
from cdpkit.kit.lists import chosen
from cdpkit.problem import Problem
from cdpkit.vendors.campaign_monitor import mail
from cdpkit.vendors.campaign_monitor.api import DONE, MOST, get, read, refuse
from cdpkit.vendors.campaign_monitor.fields import MAIL
from cdpkit.vendors.campaign_monitor.places import client_of
from cdpkit.vendors.campaign_monitor.suppressed import more

_TURNS = 3
"""How often pages are read of a list whose people move from page to page meanwhile."""
_OVERLAP = timedelta(days=1)
"""A clock of the account may be another one than that of its client, and a day may begin elsewhere."""
_TOTAL = "TotalNumberOfRecords"


def source_problems(asked: ImportAsked) -> list[Problem]:
    """What is wrong with the source of an import."""
    found = []
    if bool(asked.options["all"]) == bool(asked.options["lists"]):
        what = "both all and lists are" if asked.options["all"] else "neither all nor lists is"
        found.append(Problem("source", f"{what} chosen", "choose the names or ids of lists, or all = true"))
    counted = [name for names in MAIL.values() for name in names]
    named = [name for name in counted if name in (asked.fields or ())]
    if named and asked.options["mail_days"] is None:
        what = f"{', '.join(named)} are counted of campaigns, and none are asked for"
        found.append(Problem("source.mail_days", what, "say of how many days, such as mail_days = 90"))
    if not asked.options["states"]:
        found.append(Problem("source.states", "no state is chosen", 'choose some, such as ["Active"]'))
    return found


def lists_of(asked: ImportAsked) -> tuple[Item, ...]:
    """The lists that are read."""
    there = asked.discovery.lists
    return there if asked.options["all"] else chosen(asked.options["lists"], there)


def pull(asked: ImportAsked, state: Mapping[str, Any] | None) -> Effects[Pulled]:
    """Fetch the subscribers of each list in each state, one after the other."""
    kept: dict[str, Any] = dict(state or {"pages": {}, "at": 0, "turn": 0, "moved": [], "walk": None, "since": None})
    for name, days in (("since", asked.options["days"]), ("mailed", asked.options["mail_days"])):
        if days is not None and kept.get(name) is None:
            kept[name] = yield from _since(asked.settings, int(days))
    places = [(item, each) for item in lists_of(asked) for each in asked.options["states"]]
    while kept["at"] < len(places):
        item, each = places[kept["at"]]
        yield from _walked(asked, item, str(each), kept)
    if asked.options["mail_days"] is not None:
        clients = dict.fromkeys(client_of(asked.discovery, item.id) for item in lists_of(asked))
        yield from mail.pull(asked, kept, list(clients))
    moved = sorted(set(kept["moved"]))
    warnings = [f"people came and went on list {name!r} while it was read: some may be missing" for name in moved]
    return Pulled({name: tuple(found) for name, found in kept["pages"].items()}, tuple(warnings))


def _walked(asked: ImportAsked, item: Item, state: str, kept: dict[str, Any]) -> Effects[None]:
    """Walk the pages of one list and state, once more where its total changed on the way, and go on to the next."""
    totals: list[int] = list(kept.get("totals", ()))

    def following(call: Http, reply: Reply) -> Http | None:
        totals.append(answers.part(said(reply), _TOTAL, int, reply))
        answers.part(said(reply), "Results", list, reply)
        return pages.by_number("page", more)(call, reply)

    def keep(walk: Mapping[str, Any]) -> Keep:
        return Keep({**kept, "walk": walk, "totals": sorted(set(totals))})

    turn = f"-{kept['turn']}" if kept["turn"] else ""
    first = replace(_first(asked, item, state, kept["since"]), page=f"{item.id}-{state.lower()}{turn}.ndjson")
    walked = yield from pages.walk(first, following, kept["walk"], keep=keep, ok=DONE, refuse=refuse)
    kept["pages"] = {**kept["pages"], item.id: [*kept["pages"].get(item.id, ()), *walked]}
    again = len(set(totals)) > 1
    if again and kept["turn"] + 1 < _TURNS:
        kept["turn"] += 1
    else:
        kept["moved"] = [*kept["moved"], *([item.name] if again else [])]
        kept["at"], kept["turn"] = kept["at"] + 1, 0
    kept["walk"], kept["totals"] = None, []
    yield Keep(dict(kept))


def _first(asked: ImportAsked, item: Item, state: str, since: str | None) -> Http:
    params = [
        ("page", "1"),
        ("pagesize", str(MOST)),
        ("orderfield", "email"),
        ("orderdirection", "asc"),
        ("includetrackingpreference", "true"),
        ("includesmspreference", "true"),
    ]
    params += [] if since is None else [("date", since)]
    return get(asked.settings, f"/lists/{item.id}/{state.lower()}", *params)


def _since(settings: Settings, days: int) -> Effects[str]:
    """So many days ago by the account's own clock, and a day more, as answers say no zone."""
    reply: Reply = yield get(settings, "/systemdate")
    told = answers.part(read(reply), "SystemDate", str, reply)
    try:
        now = datetime.fromisoformat(told)
    except ValueError:
        raise RemoteError(f"{reply.what} was answered with a time that is none; check {reply.address}") from None
    return f"{now - timedelta(days=days) - _OVERLAP:%Y-%m-%d %H:%M:%S}"
