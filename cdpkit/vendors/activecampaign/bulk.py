"""How many people go at once: by an import, whose result is asked for until it is there, and read."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import polars as pl

from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.errors import RemoteError
from cdpkit.kit.answers import part, said
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Reply, Wait
from cdpkit.kit.exporting import ExportAsked, Outgoing
from cdpkit.kit.jobs import until
from cdpkit.kit.render import Entry, Form, Member, render
from cdpkit.kit.sending import Verdict, body, by_index, by_value, deliver, halved, rejected, set_apart
from cdpkit.vendors.activecampaign.api import DONE, get, http, read, refuse
from cdpkit.vendors.activecampaign.fields import EMAIL, ID, compared, deciding, from_import
from cdpkit.vendors.activecampaign.find import Contact, by_ids, exclusions, is_excluded, unconfirmed_on
from cdpkit.vendors.activecampaign.push import (
    EXCLUDED,
    INVALID,
    LEFT,
    UNCONFIRMED_YET,
    Person,
    Told,
    alone,
    found_of,
    known_by,
    outcome,
    proper,
)

FEWEST, MOST = 10, 250
"""From so many on an import is what the documentation asks for, and most contacts of one."""
ROOM = 300_000
"""Bytes of the fields of an import's contacts, of 399,999 bytes of a body; the rest is for addresses and lists."""
_NO_REASON = pl.lit(None, pl.String)
_NO_LISTS = pl.lit([], pl.List(pl.String))
_TOO_OFTEN, _MINUTE, _TURNS = "per minute", 60, 10
_SOON, _PATIENCE = 3, 6 * 3600
"""Seconds after which small imports are over, and after which one is given up."""
_FINAL = ("completed", "failed", "interrupted")
_WORDS = "a|address|an|be|contact|email|field|found|invalid|is|must|not|of|required|the|valid|value"
_REASON = re.compile(rf"(?i)(?:['\".,:; ]|\b(?:{_WORDS})\b)+")
"""What a reason is made of that can hold no person's value."""
_ALONE, _FAILED = "\x00alone", "\x00failed"
"""Reasons that stand for a second look: never imported, or refused by an import, which does not say why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import; the repr holds no value.

    Attributes:
        reply: The answer to the call; None where somebody is to go alone.
        status: How it ended; empty where the call was refused.
        failed: The addresses that it refused.
        lost: How many more it did not take.
    """

    reply: Reply | None = field(default=None, repr=False)
    status: str = ""
    failed: tuple[str, ...] = field(default=(), repr=False)
    lost: int = 0


def push(asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    """Import people; whoever is refused without a reason is imported again without lists, and then looked at alone."""
    told: dict[int, Told] = {}
    rows = people.rows
    if deciding(asked) != EMAIL:
        rows = yield from _with_addresses(asked, rows, told)
    fits = proper(rows[EMAIL])
    told |= {row: Told(REJECTED, INVALID) for row in rows.filter(~fits)["row"]}
    rows = rows.filter(fits)
    rows, waiting, unsure = yield from _confirmed(asked, rows)
    reasons = yield from imported(asked, _bodies(rows))
    told |= {row: Told(REJECTED, why) for row, why in reasons.items() if why not in (_ALONE, _FAILED)}
    failed = _among(rows, [row for row, why in reasons.items() if why == _FAILED])
    looked_at = pl.concat([_among(rows, [row for row, why in reasons.items() if why == _ALONE]), unsure])
    told |= yield from _looked_at(asked, failed, looked_at)
    told |= {row: Told(reason=UNCONFIRMED_YET, lists=tuple(on)) for row, on in waiting.rows() if row not in told}
    apart = outcome(told)
    taken = people.rows.filter(~pl.col("row").is_in(apart["row"].implode()))
    return pl.concat([taken.select("row", fate=pl.lit(ACCEPTED), reason=_NO_REASON, lists="enter"), apart])


def _confirmed(asked: ExportAsked, rows: pl.DataFrame) -> Effects[tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]]:
    """People without the lists that they have not confirmed: an import would make them active there, unasked.

    Returns:
        Those to import; `row` and `enter` of those among them who lost a list by that; and those of whom it cannot be
        told, who go one by one.
    """
    lists = rows["enter"].explode().drop_nulls().unique(maintain_order=True)
    kept, unsure = rows, rows.clear()
    for each in lists:
        pending = yield from unconfirmed_on(asked.settings, each)
        enters = pl.col("enter").list.contains(each)
        if pending is None:
            unsure, kept = pl.concat([unsure, kept.filter(enters)]), kept.filter(~enters)
        elif pending:
            less = pl.col("enter").list.set_difference([each])
            waits = enters & pl.col(EMAIL).is_in([*pending])
            kept = kept.with_columns(pl.when(waits).then(less).otherwise("enter").alias("enter"))
    before = kept.select("row").join(rows.select("row", was="enter"), on="row", how="left", maintain_order="left")
    waiting = kept.select("row", "enter").filter(before["was"].list.len() > kept["enter"].list.len())
    return kept, waiting, unsure


def _looked_at(asked: ExportAsked, failed: pl.DataFrame, others: pl.DataFrame) -> Effects[dict[int, Told]]:
    """The fates of those whom an import refused, who are imported again without lists, and of others one by one."""
    joining = failed.filter(pl.col("enter").list.len() > 0)
    again = yield from imported(asked, _bodies(joining.with_columns(enter=_NO_LISTS)))
    phrases = () if failed.is_empty() else (yield from exclusions(asked.settings))
    told: dict[int, Told] = {}
    for line in pl.concat([failed, others]).iter_rows(named=True):
        row, enter, refused = line["row"], tuple(line["enter"]), line["row"] in again or not line["enter"]
        came = row in failed["row"]
        left = came and not refused
        if came and refused and is_excluded(line[EMAIL], phrases):
            told[row] = Told(REJECTED, EXCLUDED)
        elif left and len(enter) == 1 and not asked.options["resubscribe"]:
            told[row] = Told(reason=LEFT)
        else:
            content = {} if left else from_import(json.loads(line["body"]))
            person = Person(row, known_by(asked, line), content, enter, refused=came and refused)
            told[row] = yield from alone(asked, person)
    return told


def _among(people: pl.DataFrame, rows: list[int]) -> pl.DataFrame:
    return people.filter(pl.col("row").is_in(rows))


def imported(asked: ExportAsked, bodies: pl.DataFrame) -> Effects[dict[int, str]]:
    """The reasons of those who were not taken, by row."""
    refused = yield from deliver(bodies, partial(_import, asked), _verdict)
    return dict(refused.iter_rows())


def _with_addresses(asked: ExportAsked, rows: pl.DataFrame, told: dict[int, Told]) -> Effects[pl.DataFrame]:
    """People with the addresses of the contacts that they are; whoever cannot go is told apart."""
    addresses: dict[int, str] = {}
    there = {} if deciding(asked) != ID else (yield from by_ids(asked.settings, rows[ID].drop_nulls().to_list()))
    for line in rows.iter_rows(named=True):
        ids = known_by(asked, line)
        found = there.get(ids.get(ID, "")) or (yield from found_of(asked, ids))
        if isinstance(found, Contact) and found.deleted:
            found = Told(REJECTED, "deleted")
        if isinstance(found, Contact):
            addresses[line["row"]] = found.email.strip().lower()
        elif found is None and asked.create and EMAIL in ids:
            addresses[line["row"]] = ids[EMAIL]
        else:
            told[line["row"]] = found or (yield from alone(asked, Person(line["row"], ids, {}, ())))
    kept = _among(rows, list(addresses))
    return kept.with_columns(pl.Series(EMAIL, [addresses[row] for row in kept["row"]], pl.String))


def _bodies(rows: pl.DataFrame) -> pl.DataFrame:
    """People with the whole bodies that they have in an import: who they are, what lists they enter, and fields."""
    enter = rows["enter"].cast(pl.List(pl.Int64))
    lists = Member("subscribe", members=(Member("", column="enter", form=Form(entry=Entry("listid"))),), array=True)
    heads = render(pl.DataFrame([rows[EMAIL], enter]), (Member(EMAIL, column=EMAIL), lists)).alias("head")
    joined = pl.concat_str(pl.col("head").str.head(-1), pl.lit(","), pl.col("body").str.slice(1))
    whole = pl.when(pl.col("body") == "{}").then("head").otherwise(joined)
    return rows.select("row", EMAIL, "body").with_columns(heads).with_columns(whole.alias("body")).drop("head")


def _import(asked: ExportAsked, people: pl.DataFrame) -> Effects[Imported]:
    """Import people, again where it was interrupted, but no more than once; one alone goes in another way."""
    if people.height == 1:
        return Imported()
    settings, done = asked.settings, Imported()
    for _ in range(2):
        reply = yield from _started(asked, people)
        if reply.status not in DONE:
            return Imported(reply)
        told = {name.lower(): value for name, value in read(reply).items()}
        batch = part(told, "batchid", str, reply)
        yield Wait(_SOON)
        result = yield from until(partial(_result, settings, batch), first=_SOON, longest=60, patience=_PATIENCE)
        failed = result.get("failure")
        names = tuple(map(str, failed)) if isinstance(failed, list) else ()
        queued = str(told.get("queued_contacts"))
        lost = people.height - int(queued) - len(names) if queued.isdecimal() else 0
        done = Imported(reply, str(result["status"]), names, max(lost, 0))
        if done.status == "completed":
            break
    return done


def _started(asked: ExportAsked, people: pl.DataFrame) -> Effects[Reply]:
    """The answer to the call; more imports than the vendor takes in a minute are told by a 400, and are made later."""
    automations = asked.options["automations"]
    suffix = "]}" if automations else '],"exclude_automations":true}'
    content = body(people, '{"contacts":[', suffix)
    call = http(asked.settings, "POST", "/import/bulk_import", content)
    call = replace(call, limit="imports", repeatable=not automations)
    for _ in range(_TURNS):
        reply: Reply = yield call
        if not any(_TOO_OFTEN in why for why in _reasons(reply) if isinstance(why, str)):
            return reply
        yield Wait(_MINUTE)
    raise RemoteError("ActiveCampaign takes no more imports, although there was none for minutes; run it again later")


def _result(settings: Settings, batch: str) -> Effects[Mapping[str, Any] | None]:
    """The result of an import; None while it is not over, as when its state is false because it began just now."""
    reply: Reply = yield get(settings, "/import/info", ("batchId", batch))
    told = read(reply)
    return told if told.get("status") in _FINAL else None


def _reasons(reply: Reply) -> list[Any]:
    found = said(reply).get("failureReasons") if reply.status == 400 else None  # noqa: PLR2004
    return found if isinstance(found, list) else []


def _verdict(done: Imported, people: pl.DataFrame) -> Verdict:
    """What an import says of people: by address once it is over, and by place where all are refused for some."""
    everybody = pl.repeat(None, people.height, dtype=pl.String, eager=True)
    if done.reply is None:
        return rejected(people, everybody.fill_null(_ALONE))
    if done.status == "completed":
        emails = compared(pl.Series(done.failed, dtype=pl.String), EMAIL).alias("value")
        named = by_value(people[EMAIL], pl.DataFrame([emails]).with_columns(reason=pl.lit(_FAILED)))
        return rejected(people, named.fill_null(_ALONE) if done.lost else named)
    if done.status:
        return rejected(people, everybody.fill_null(f"import_{done.status}"))
    if done.reply.status not in (400, 413):
        refuse(done.reply)
    at = {}
    for why in _reasons(done.reply):
        if isinstance(why, dict) and str(why.get("contact")).isdecimal():
            at[int(why["contact"]) - 1] = _spoken(why.get("failureReason"))
    return set_apart(people, by_index(people, at), "refused") if at else halved(people, "refused")


def _spoken(why: object) -> str:
    """A reason in words that are no person's."""
    return why[:200] if isinstance(why, str) and _REASON.fullmatch(why) else "refused"
