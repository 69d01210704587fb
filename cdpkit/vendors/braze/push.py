"""How people go: attributes by `/users/track`, the states of subscription groups in the same objects."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from cdpkit.errors import RemoteError
from cdpkit.kit.answers import said
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked, Outgoing
from cdpkit.kit.render import render
from cdpkit.kit.sending import TAKEN, Verdict, body, by_index, deliver, entered, halved, outcome, rejected, set_apart
from cdpkit.vendors.braze.api import errors_of, post, read
from cdpkit.vendors.braze.target import identity

MOST, ROOM = 75, 3_500_000
"""Objects of a call, of all kinds together, and bytes: of 4 MB (documentation of the API's limits)."""
LARGEST = 100_000
"""Bytes of a user; larger objects are dropped without a word, and what was there before stays."""
ATTRIBUTES = "attributes"
_PREFIX, _SUFFIX = f'{{"{ATTRIBUTES}":[', "]}"
OVERHEAD = len(_PREFIX + _SUFFIX)
_QUEUED, _INVALID, _TOO_LARGE = 202, 400, 413
_LARGE = "tooLarge"
_WORDS = {
    "valid email": "invalidEmail",
    "not an existing user": "notFound",
    "blacklisted": "disallowedId",
    "is required": "noIdentifier",
    "only one of": "twoIdentifiers",
}
"""Words for Braze's sentences, which may hold a value."""


def push(asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    """Create or update users, and subscribe those who are to enter groups."""
    rows, large, entering = sized(people)
    send = partial(_track, asked, repeatable=not asked.options["increments"])
    refused = yield from deliver(rows, send, partial(verdict, ATTRIBUTES))
    return told(people, pl.concat([refused, large]), entering)


def calls(*_: object) -> dict[str, int]:
    """How many calls a push, or a withdrawal, makes at least."""
    return {"track": 1}


def sized(people: Outgoing) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """People with the groups that they enter in their bodies.

    Returns:
        Those who can go; `row` and `reason` of those who are too large; `row` and `lists`, a group that is entered a
        row.
    """
    rows = people.rows
    large = rows["body"].str.len_bytes() > LARGEST
    entering = rows.select("row", pl.col("enter").alias("lists")).explode("lists").drop_nulls()
    if entering.height:
        rows = _with_groups(rows, entering)
    return rows.filter(~large), rows.filter(large).select("row", reason=pl.lit(_LARGE)), entering


def told(people: Outgoing, refused: pl.DataFrame, entering: pl.DataFrame) -> pl.DataFrame | None:
    """What became of people, given `row` and `reason` of those who were refused; None where nobody was."""
    if refused.is_empty() and not people.enters:
        return None
    return entered(outcome(people.rows["row"], refused), entering.join(refused, on="row", how="anti"))


def _with_groups(rows: pl.DataFrame, entering: pl.DataFrame) -> pl.DataFrame:
    """Bodies with the groups in which people are subscribed."""
    opening = '{"subscription_state":"subscribed","subscription_group_id":"'
    each = pl.concat_str(pl.lit(opening), "lists", pl.lit('"}')).alias("group")
    groups = entering.with_columns(each).group_by("row").agg(pl.col("group").str.join(","))
    added = pl.concat_str(
        pl.col("body").str.head(-1), pl.lit(',"subscription_groups":['), pl.col("group"), pl.lit("]}")
    )
    joined = rows.join(groups, on="row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(added, "body").alias("body")).drop("group")


def _track(asked: ExportAsked, part: pl.DataFrame, *, repeatable: bool) -> Effects[Reply]:
    content = body(part, _PREFIX, _SUFFIX)
    reply: Reply = yield post(asked.settings, "/users/track", content, "track", repeatable=repeatable)
    return reply


def verdict(array: str, reply: Reply, part: pl.DataFrame) -> Verdict:
    """What an answer says of the objects in one array.

    Of several errors of one object the first counts; numbers of those that were processed do not add up.
    """
    if reply.status == _TOO_LARGE:
        return halved(part, _LARGE)
    reasons = by_index(part, _reasons(array, errors_of(reply)))
    if reply.status == _INVALID and reasons.null_count() < part.height:
        return set_apart(part, reasons, "refused")
    read(reply)
    message = said(reply).get("message")
    if reply.status == _QUEUED:
        return TAKEN
    if message != "success":
        raise RemoteError(f"Braze answered {reply.what} with status {reply.status} and did not say that it was taken")
    return rejected(part, reasons)


def _reasons(array: str, errors: list[Mapping[str, Any]]) -> dict[int, str]:
    found: dict[int, str] = {}
    for each in errors:
        index, text = each.get("index"), str(each.get("type"))
        if each.get("input_array") == array and isinstance(index, int):
            found.setdefault(index, next((word for part, word in _WORDS.items() if part in text), "refused"))
    return found


def withdraw(asked: ExportAsked, target: Item, people: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Unsubscribe people from one group, and touch nothing else; whoever is not there has left it."""
    groups = [{"subscription_group_id": target.id, "subscription_state": "unsubscribed"}]
    said = f',"subscription_groups":{json.dumps(groups)}}}'
    bodies = render(people, identity(asked, create=False))
    rows = people.with_columns((bodies.str.head(-1) + said).alias("body"))
    refused = yield from deliver(rows, partial(_track, asked, repeatable=True), partial(verdict, ATTRIBUTES))
    gone = pl.col("reason") == "notFound"
    return outcome(rows["row"], refused.filter(~gone)).drop("lists")
