"""Who has unsubscribed from a group, and so stays away from it."""

from collections.abc import Iterator

import polars as pl

from cdpkit.kit.answers import part
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked
from cdpkit.vendors.braze.api import get, read
from cdpkit.vendors.braze.fields import EMAIL, EXTERNAL_ID, PHONE

LEFT = "unsubscribed"
_MOST = 50
"""Users of a call."""
_PARAMS = {EXTERNAL_ID: "external_id[]", EMAIL: "email[]", PHONE: "phone[]"}


def unsubscribed(asked: ExportAsked, rows: pl.DataFrame, entering: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Of those who are to enter groups, who has left them: `row` and `lists`, an id.

    Args:
        asked: The goal.
        rows: `row` and the identifier.
        entering: `row` and `lists`.
    """
    (name,) = asked.identifiers
    left = entering.clear()
    for group, rows_of in _by_group(entering):
        people = rows.join(rows_of, on="row", how="semi").select("row", pl.col(name).alias("who"))
        for some in people.iter_slices(_MOST):
            asking = tuple((_PARAMS[name], who) for who in some["who"])
            reply: Reply = yield get(
                asked.settings,
                "/subscription/status/get",
                ("subscription_group_id", group),
                *asking,
                limit="subscriptions",
            )
            states = part(read(reply), "status", dict, reply)
            gone = [str(who).lower() for who, state in states.items() if str(state).lower() == LEFT]
            found = some.filter(pl.col("who").str.to_lowercase().is_in(gone))
            left = pl.concat([left, found.select("row", lists=pl.lit(group))])
    return left


def _by_group(entering: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for (group,), rows in entering.partition_by("lists", as_dict=True).items():
        yield str(group), rows.select("row")
