"""How people are updated who are on the goal's lists already: one by one, as no other call leaves out who is not."""

from dataclasses import replace

import polars as pl

from cdpkit.core import reasons
from cdpkit.kit.answers import done
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked, Outgoing, all_accepted
from cdpkit.kit.lists import chosen
from cdpkit.vendors.campaign_monitor.api import ABOUT_PEOPLE, DONE, NOT_THERE, WORDS, code, http, refuse
from cdpkit.vendors.campaign_monitor.fields import EMAIL
from cdpkit.vendors.campaign_monitor.kept import refuse_dropped
from cdpkit.vendors.campaign_monitor.push import Told, outcome, with_list_keys


def update(asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    """Update people on each of the lists; nobody comes onto one, and nobody becomes active by it."""
    if people.rows.is_empty():
        return all_accepted(people.rows["row"])
    told = []
    for item in chosen(asked.options["lists"], asked.discovery.lists):
        rows, keys = yield from with_list_keys(asked, item, people)
        refused: dict[int, str] = {}
        for row, email, body in rows.select("row", EMAIL, "body").iter_rows():
            why = yield from _one(asked, item, email, body)
            refused |= {} if why is None else {row: why}
        yield from refuse_dropped(asked, item, rows.filter(~pl.col("row").is_in(list(refused))), keys)
        frame = pl.DataFrame([*refused.items()], {"row": pl.Int64, "reason": pl.String}, orient="row")
        told.append(Told(item, frame, frame.clear()))
    return outcome(people.rows, told)


def _one(asked: ExportAsked, item: Item, email: str, body: str) -> Effects[str | None]:
    """Why somebody was not updated; None for who was."""
    content = f'{body[:-1]},"Resubscribe":false}}'.encode()
    call = http(asked.settings, "PUT", f"/subscribers/{item.id}", content)
    reply: Reply = yield replace(call, params=(("email", email),))
    found = code(reply)
    if found == NOT_THERE:
        return reasons.NO_MATCH_AT_VENDOR.code
    if found in ABOUT_PEOPLE:
        return WORDS[found]
    done(reply, DONE, refuse)
    return None
