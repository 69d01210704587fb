"""Who has unsubscribed from a group, and so stays away from it; and who is in it already."""

import polars as pl

from cdpkit.kit.answers import part
from cdpkit.kit.effects import Effects, Http, Reply, Together, all_of
from cdpkit.kit.exporting import LOOKED, ExportAsked
from cdpkit.vendors.braze.api import get, read
from cdpkit.vendors.braze.fields import EMAIL, EXTERNAL_ID, PHONE

LEFT, ON = "unsubscribed", "subscribed"
_MOST, _AT_ONCE = 50, 8
"""Users of a call, and calls at once."""
READABLE = (EXTERNAL_ID, EMAIL, PHONE)
"""The identifiers by which states can be asked for."""
_PARAMS = {EXTERNAL_ID: "external_id[]", EMAIL: "email[]", PHONE: "phone[]"}


def look(asked: ExportAsked, people: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Who is in which groups already, and who has left one and stays out of it; see `Exporter.look`.

    Nobody is asked about where that decides nothing, and where the identifier is none by which states can be read.
    """
    (name,) = asked.identifiers
    if name not in READABLE or (asked.options["resubscribe"] and not asked.options["on_leave"]):
        return pl.DataFrame(schema=LOOKED)
    found = [pl.DataFrame(schema={"row": pl.Int64, "lists": pl.String, "state": pl.String})]
    entering = people.select("row", pl.col(name).alias("who"), pl.col("enter").alias("lists")).explode("lists")
    for (group,), members in entering.partition_by("lists", as_dict=True).items():
        parts = list(members.iter_slices(_MOST))
        for start in range(0, len(parts), _AT_ONCE):
            some = parts[start : start + _AT_ONCE]
            replies = all_of((yield Together(tuple(_asking(asked, name, str(group), rows["who"]) for rows in some))))
            found += [_told(rows, reply) for rows, reply in zip(some, replies, strict=True)]
    told, stays = pl.concat(found), [] if asked.options["resubscribe"] else [LEFT]
    in_state = [pl.col("lists").filter(pl.col("state").is_in(states)) for states in ([ON], stays)]
    return told.group_by("row", maintain_order=True).agg(on=in_state[0], off=in_state[1]).select(*LOOKED)


def _asking(asked: ExportAsked, name: str, group: str, who: pl.Series) -> Http:
    asking = tuple((_PARAMS[name], each) for each in who)
    of_group = ("subscription_group_id", group)
    return get(asked.settings, "/subscription/status/get", of_group, *asking, limit="subscriptions")


def _told(people: pl.DataFrame, reply: Reply) -> pl.DataFrame:
    """In which state people are: `row`, `lists` (an id), `state`; null where that is not known."""
    said = part(read(reply), "status", dict, reply)
    told = {str(who).lower(): str(state).lower() for who, state in said.items()}
    state = pl.col("who").str.to_lowercase().replace_strict(told, default=None, return_dtype=pl.String)
    return people.select("row", "lists", state.alias("state"))
