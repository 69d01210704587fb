"""How people go: by imports of up to a thousand, list by list; the refused are told by address, the others stay."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.errors import RemoteError
from cdpkit.kit.answers import refuse_web_page, said
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Reply, Tell
from cdpkit.kit.exporting import OUTCOME, ExportAsked, Outgoing, all_accepted
from cdpkit.kit.lists import chosen
from cdpkit.kit.sending import TAKEN, Verdict, body, by_value, counted, deliver, halved, without
from cdpkit.vendors.campaign_monitor.api import (
    ABOUT_PEOPLE,
    AT,
    DONE,
    STATES_OF,
    WORDS,
    code,
    http,
    number,
    read,
    refuse,
)
from cdpkit.vendors.campaign_monitor.fields import EMAIL, MANY, compared, custom, with_keys
from cdpkit.vendors.campaign_monitor.kept import refuse_dropped
from cdpkit.vendors.campaign_monitor.options import SEGMENTS
from cdpkit.vendors.campaign_monitor.places import client_of
from cdpkit.vendors.campaign_monitor.ready import keys_at, segments_at
from cdpkit.vendors.campaign_monitor.suppressed import suppressed

_SOME_FAILED = 210
_TOO_LARGE = 413
_ENOUGH = 20
"""If so many people are refused one by one, and nobody is taken, it is not about people."""
SUPPRESSED, DELETED_WORD = STATES_OF[204], STATES_OF[205]
STILL_SUPPRESSED = "still_suppressed"


def push(asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    """Import people into the goal's lists, one list after the other, as writes of one address are limited together."""
    if people.rows.is_empty():
        return all_accepted(people.rows["row"])
    told: list[Told] = []
    for item in chosen(asked.options["lists"], asked.discovery.lists):
        told += [(yield from _into(asked, item, people))]
    return outcome(people.rows, told)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of people on one list.

    Attributes:
        item: The list.
        refused: `row`, `reason` of those who are not on it.
        noted: Likewise of those who are on it, and to whom something is to be said.
    """

    item: Item
    refused: pl.DataFrame = field(repr=False)
    noted: pl.DataFrame = field(repr=False)


def outcome(rows: pl.DataFrame, told: Sequence[Told]) -> pl.DataFrame:
    """An `OUTCOME` frame: whoever is on any of the lists was accepted, and the first reason of all is the reason."""
    parts = [
        rows.select(
            "row",
            taken=~pl.col("row").is_in(each.refused["row"].implode()),
            enters=pl.col("enter").list.contains(each.item.id),
            list=pl.lit(each.item.id),
        ).join(pl.concat([each.refused, each.noted]), on="row", how="left", maintain_order="left")
        for each in told
    ]
    put = pl.col("list").filter(pl.col("taken") & pl.col("enters"))
    found = (
        pl.concat(parts)
        .group_by("row", maintain_order=True)
        .agg(pl.col("taken").any(), pl.col("reason").drop_nulls().first(), put.alias("lists"))
    )
    fate = pl.when("taken").then(pl.lit(ACCEPTED)).otherwise(pl.lit(REJECTED))
    return found.select("row", fate.alias("fate"), "reason", "lists").cast(OUTCOME)  # type: ignore[arg-type]


def with_list_keys(asked: ExportAsked, item: Item, people: Outgoing) -> Effects[tuple[pl.DataFrame, Mapping[str, str]]]:
    """The rows of people with a list's own keys in their bodies, and these; fields and segments are made beforehand."""
    keys = yield from keys_at(asked, item, people.fields)
    field = str(asked.options[SEGMENTS])
    if field in people.fields.columns:
        names = people.fields[field].drop_nulls().unique().sort()
        named = names.str.strip_chars("|").str.split("|").explode().unique(maintain_order=True).to_list()
        yield from segments_at(asked, item, keys[field], named)
    many = [name for name in keys if any(each.type == MANY for each in custom(asked, name))]
    cleared = many if asked.options["clear_choices"] else []
    return people.rows.with_columns(with_keys(people.rows["body"], keys, cleared).alias("body")), keys


def _into(asked: ExportAsked, item: Item, people: Outgoing) -> Effects[Told]:
    """Import people into one list; those who may come back are imported again, so that they do."""
    rows, keys = yield from with_list_keys(asked, item, people)
    refused = yield from deliver(rows, partial(_import, asked, item, resubscribe=False), _verdict)
    _refuse_all_alike(rows, refused)
    back = _coming_back(asked, item, rows, refused)
    noted = refused.clear()
    if back.height:
        again = rows.filter(pl.col("row").is_in(back["row"].implode()))
        still = yield from deliver(again, partial(_import, asked, item, resubscribe=True), _verdict)
        noted = yield from _returned(asked, item, without(again, still), back)
        refused = pl.concat([without(refused, back), still])
    yield from refuse_dropped(asked, item, without(rows, refused), keys)
    return Told(item, refused, noted)


def _coming_back(asked: ExportAsked, item: Item, rows: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """Those of the refused whom the goal makes active again: always those whom it has itself deleted as leavers."""
    if asked.options["resubscribe"]:
        return refused.filter(pl.col("reason").is_in(list(STATES_OF.values())))
    gone = refused.filter(reason=DELETED_WORD)
    if asked.options["resubscribe_deleted"]:
        return gone
    ours = rows.filter(pl.col("back").list.contains(item.id))
    return gone.join(ours, on="row", how="semi", maintain_order="left")


def _returned(asked: ExportAsked, item: Item, people: pl.DataFrame, back: pl.DataFrame) -> Effects[pl.DataFrame]:
    """Those who are active again, and suppressed all the same: that is undone by nobody but a person."""
    doubtful = people.join(back.filter(pl.col("reason") != DELETED_WORD), on="row", how="semi")
    if doubtful.is_empty():
        return back.clear()
    there = yield from suppressed(asked.settings, client_of(asked.discovery, item.id), set(doubtful[EMAIL]))
    found = doubtful.filter(pl.col(EMAIL).is_in(list(there)))
    if found.height:
        yield Tell(
            f"people who were made active again on list {item.name!r} are on the suppression list of its client still, "
            f"where only somebody at {AT} can take them off; their fate says {STILL_SUPPRESSED}"
        )
    return found.select("row", reason=pl.lit(STILL_SUPPRESSED))


def _import(asked: ExportAsked, item: Item, people: pl.DataFrame, *, resubscribe: bool) -> Effects[Reply]:
    """The answer to an import; twice has the effect of once."""
    flags = {
        "Resubscribe": resubscribe,
        "QueueSubscriptionBasedAutoResponders": bool(asked.options["automations"]),
        "RestartSubscriptionBasedAutoresponders": False,
    }
    content = body(people, '{"Subscribers":[', f"],{json.dumps(flags, separators=(',', ':'))[1:]}")
    reply: Reply = yield http(asked.settings, "POST", f"/subscribers/{item.id}/import", content)
    return reply


def _verdict(reply: Reply, people: pl.DataFrame) -> Verdict:
    """What an import says: those whom it names are refused, and all others were taken, whatever its status."""
    refuse_web_page(reply)
    told = read(reply) if reply.status in DONE and reply.body else said(reply)
    found = code(reply)
    if found == _SOME_FAILED or reply.status in DONE:
        result = told.get("ResultData") if found == _SOME_FAILED else told
        failed = result.get("FailureDetails") if isinstance(result, Mapping) else None
        if found == _SOME_FAILED and not failed:
            return halved(people, "refused")
        return _named(failed, people) if isinstance(failed, list) and failed else TAKEN
    if found in ABOUT_PEOPLE or reply.status == _TOO_LARGE:
        return halved(people, WORDS.get(found or 0, "too_large"))
    if found not in STATES_OF or people.height > 1:
        refuse(reply)
    return halved(people, STATES_OF[found])


def _named(failed: Sequence[Any], people: pl.DataFrame) -> Verdict:
    lines = [(str(row.get("EmailAddress")), number(row.get("Code"))) for row in failed if isinstance(row, Mapping)]
    emails = pl.Series("value", [email for email, _ in lines], pl.String)
    words = [WORDS.get(each or 0, "refused" if each is None else f"code_{each}") for _, each in lines]
    named = pl.DataFrame([compared(emails, EMAIL), pl.Series("reason", words, pl.String)]).unique("value", keep="first")
    return counted(people, by_value(people[EMAIL], named), named.height, "refused")


def _refuse_all_alike(people: pl.DataFrame, refused: pl.DataFrame) -> None:
    """Raise where nobody of many can be read: then it is the call that cannot.

    Raises:
        RemoteError: That is so.
    """
    if people.height >= _ENOUGH and refused.height == people.height and set(refused["reason"]) == {WORDS[400]}:
        raise RemoteError(f"{AT} cannot read anybody whom this goal sends (code 400); look at what it maps")
