"""How people leave a list: that list alone, and only who is on it; nobody is made, or put on anything, by leaving."""

from collections.abc import Mapping

import polars as pl

from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked
from cdpkit.kit.render import Member, render
from cdpkit.vendors.activecampaign.api import MOST, get, read, total
from cdpkit.vendors.activecampaign.bulk import FEWEST, imported
from cdpkit.vendors.activecampaign.fields import EMAIL, deciding
from cdpkit.vendors.activecampaign.find import ACTIVE, UNCONFIRMED, UNSUBSCRIBED, Contact, members_of
from cdpkit.vendors.activecampaign.push import Told, found_of, known_by, outcome, proper, set_state

_ON = (ACTIVE, UNCONFIRMED)


def withdraw(asked: ExportAsked, target: Item, people: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Unsubscribe people from one list who are on it; whoever is not there, or has left, has left already."""
    told: dict[int, Told] = {}
    leaving: dict[int, Contact] = {}
    members = yield from _members(asked, target, people)
    for line in people.iter_rows(named=True):
        row, ids = line["row"], known_by(asked, line)
        found = members.get(ids.get(EMAIL, "")) or (yield from found_of(asked, ids))
        if isinstance(found, Contact) and found.states.get(target.id) in _ON:
            leaving[row] = found
        told[row] = found if isinstance(found, Told) and found.reason != "deleted" else Told()
    left = (yield from _together(asked, target, leaving)) if len(leaving) >= FEWEST else frozenset[int]()
    for row, contact in leaving.items():
        if row not in left:
            yield from set_state(asked.settings, contact.id, target.id, UNSUBSCRIBED)
    return outcome(told).drop("lists")


def calls(people: int) -> dict[str, int]:
    """How many calls `withdraw` makes at least: few people are looked for one by one, many may be on one page."""
    return {"calls": people if people < FEWEST else 1}


def _members(asked: ExportAsked, target: Item, people: pl.DataFrame) -> Effects[Mapping[str, Contact]]:
    """Who is on a list, by address, where reading it costs fewer calls than looking for each; else nobody.

    Somebody who is not among them is looked for all the same, as pages of a list move while it is read.
    """
    if deciding(asked) != EMAIL or people.height < FEWEST:
        return {}
    reply: Reply = yield get(asked.settings, "/contacts", ("listid", target.id), ("limit", "1"))
    read(reply)
    there = total(reply)
    if there is None or there > MOST * people.height // 2:
        return {}
    return (yield from members_of(asked.settings, target.id))


def _together(asked: ExportAsked, target: Item, leaving: Mapping[int, Contact]) -> Effects[frozenset[int]]:
    """Unsubscribe contacts who were seen on a list with an import; returns the rows of those who surely left."""
    bodies = pl.DataFrame(
        {"row": leaving.keys(), EMAIL: [contact.email.strip().lower() for contact in leaving.values()]},
        {"row": pl.Int64, EMAIL: pl.String},
    )
    off = Member("unsubscribe", members=(Member("", members=(Member("listid", fixed=int(target.id)),)),), array=True)
    bodies = bodies.filter(proper(bodies[EMAIL]))
    bodies = bodies.with_columns(render(bodies, (Member(EMAIL, column=EMAIL), off)))
    reasons = yield from imported(asked, bodies)
    return frozenset(row for row in bodies["row"] if row not in reasons)
