"""A CRM that there is not: a login with tokens, pages by a cursor, a list, and one call a person."""

from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote

import polars as pl

from cdpkit.core.properties import PropertyType
from cdpkit.errors import CredentialsError
from cdpkit.kit import answers, lists, oauth, pages, sending, staging, values
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.discovery import LISTS, Discovery, Item, VendorField
from cdpkit.kit.effects import Effects, Http, Reply, Together, all_of
from cdpkit.kit.exporting import ExportAsked, Exporter, Outgoing, Way, Withdrawal, all_accepted, as_members
from cdpkit.kit.importing import ImportAsked, Importer, Pulled
from cdpkit.kit.kinds import Address, Chosen, Secret
from cdpkit.kit.vendor import Limit, Vendor

DONE, DENIED, UNFIT = frozenset({200, 201, 204}), frozenset({401, 403}), 422
KINDS = {"text": PropertyType.TEXT, "flag": PropertyType.BOOLEAN}


def call(method: str, path: str, body: str | None = None, page: str | None = None) -> Http:
    raw = None if body is None else body.encode()
    return Http(method=method, path=path, limit="calls", body=raw, page=page, repeatable=True, authorised=True)


def refuse(reply: Reply) -> NoReturn:
    if reply.status in DENIED:
        raise CredentialsError("Toy does not take the login: check client_id, client_secret and what they may do")
    answers.refused(reply)


def check(_: Settings) -> Effects[None]:
    answers.read((yield call("GET", "/lists")), refuse=refuse)


def discover(_: Settings) -> Effects[Discovery]:
    replies = all_of((yield Together((call("GET", "/fields"), call("GET", "/lists")))))
    fields, there = (answers.read(reply, refuse=refuse) for reply in replies)
    found = tuple(VendorField(name, kind) for name, kind in fields["fields"].items())
    return Discovery(found, {LISTS.name: tuple(Item(each["id"], each["name"]) for each in there["lists"])})


def pull(_: ImportAsked, state: Mapping[str, Any] | None) -> Effects[Pulled]:
    following = pages.by_cursor("after", lambda reply: answers.said(reply).get("next"))
    first = call("GET", "/people", page="people.ndjson")
    return Pulled({"people": (yield from pages.walk(first, following, state, refuse=refuse))})


def stage(frames: Mapping[str, pl.DataFrame], asked: ImportAsked) -> pl.DataFrame:
    people = staging.objects(frames["people"], "people")
    people = people.with_columns(staging.text(people, "email"), staging.ids(people, "lists").alias("list_ids"))
    chosen = lists.chosen(asked.options["lists"], asked.discovery.lists)
    return staging.on_lists(people, asked.discovery.lists, chosen)


def convert(column: pl.Series, name: str, asked: ExportAsked) -> pl.Series:
    field = asked.discovery.field(name)
    return values.by_kind(column, field.type if field else "", KINDS, lambda single: single)


def push(_: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    for email, body, enter in people.rows.select("email", "body", "enter").iter_rows():
        reply: Reply = yield call("PUT", f"/people/{quote(email, safe='')}", body)
        if reply.status == UNFIT:
            word = answers.plain(answers.said(reply).get("error")) or "refused"
            return sending.outcome(people.rows["row"], people.rows.select("row", reason=pl.lit(word)))
        answers.read(reply, DONE, refuse)
        for list_id in enter:
            answers.done((yield call("PUT", f"/lists/{list_id}/people/{quote(email, safe='')}")), DONE, refuse)
    return all_accepted(people.rows["row"]).with_columns(people.rows["enter"].alias("lists"))


def take(_: ExportAsked, target: Item, people: pl.DataFrame) -> Effects[pl.DataFrame]:
    for email in people["email"]:
        answers.done((yield call("DELETE", f"/lists/{target.id}/people/{quote(email, safe='')}")), DONE | {404}, refuse)
    return all_accepted(people["row"]).drop("lists")


def calls(_: ExportAsked, people: Outgoing) -> dict[str, int]:
    return {"calls": people.rows.height + int(people.rows["enter"].list.len().sum())}


WAY = Way("one", lambda _, fields: as_members(fields), push, max_rows=1, max_bytes=100_000, calls=calls)
VENDOR = Vendor(
    name="toy",
    title="Toy",
    help="People of a CRM that there is not",
    own_settings=(
        Setting("base_url", "Where the CRM is", Address(), required=True),
        Setting("client_id", "Who asks", required=True),
        Setting("client_secret", "And the proof of it", Secret(), required=True),
    ),
    limits={"login": Limit(10, 1), "calls": Limit(100, 1)},
    check=check,
    discover=discover,
    auth=oauth.by_credentials("/oauth/token", "login", refuse),
    importer=Importer(
        options=(Setting("lists", "The people of these lists; none for all", Chosen(LISTS.name), default=()),),
        identifiers=("email",),
        everyone={"lists": ()},
        problems=lambda _: [],
        pull=pull,
        needs=("people",),
        stage=stage,
    ),
    exporter=Exporter(
        options=lists.target_options("Lists on which people are put"),
        identifiers=("email",),
        problems=lambda asked: lists.leaving_problems(asked.options),
        lists=lambda asked: lists.chosen(asked.options["lists"], asked.discovery.lists),
        compared=lambda column, _: values.folded(column, lower=True),
        convert=convert,
        way=lambda *_: WAY,
        withdrawal=Withdrawal(take, max_rows=1, calls=lambda people: {"calls": people}),
    ),
)
