"""Who has unsubscribed from a group, and so stays away from it; and who is in it already."""

from collections.abc import Iterator

import polars as pl

from cdpkit.kit.answers import part
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked
from cdpkit.vendors.braze.api import get, read
from cdpkit.vendors.braze.fields import EMAIL, EXTERNAL_ID, PHONE

LEFT, ON = "unsubscribed", "subscribed"
_MOST = 50
"""Users of a call."""
READABLE = (EXTERNAL_ID, EMAIL, PHONE)
"""The identifiers by which states can be asked for."""
_PARAMS = {EXTERNAL_ID: "external_id[]", EMAIL: "email[]", PHONE: "phone[]"}


def states(asked: ExportAsked, rows: pl.DataFrame, entering: pl.DataFrame) -> Effects[pl.DataFrame]:
    """In which state those are who are to enter groups: `row`, `lists` (an id), `state`; null where that is not known.

    Args:
        asked: The goal.
        rows: `row` and the identifier.
        entering: `row` and `lists`.
    """
    (name,) = asked.identifiers
    found = [pl.DataFrame(schema={"row": pl.Int64, "lists": pl.String, "state": pl.String})]
    for group, rows_of in _by_group(entering):
        people = rows.join(rows_of, on="row", how="semi").select("row", pl.col(name).alias("who"))
        for some in people.iter_slices(_MOST):
            asking = tuple((_PARAMS[name], who) for who in some["who"])
            of_group = ("subscription_group_id", group)
            reply: Reply = yield get(
                asked.settings, "/subscription/status/get", of_group, *asking, limit="subscriptions"
            )
            told = {
                str(who).lower(): str(state).lower() for who, state in part(read(reply), "status", dict, reply).items()
            }
            state = pl.col("who").str.to_lowercase().replace_strict(told, default=None, return_dtype=pl.String)
            found.append(some.select("row", pl.lit(group).alias("lists"), state.alias("state")))
    return pl.concat(found)


def _by_group(entering: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for (group,), rows in entering.partition_by("lists", as_dict=True).items():
        yield str(group), rows.select("row")
