"""How contacts come: pages of them by their ids, and one row a contact with its custom fields and its lists."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl

from cdpkit.core import temporal
from cdpkit.errors import RemoteError
from cdpkit.kit import answers, pages
from cdpkit.kit.answers import said
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Http, Keep, Reply
from cdpkit.kit.importing import ImportAsked, Pulled
from cdpkit.kit.lists import chosen, still_there
from cdpkit.kit.staging import LIST_IDS, latest, lists_of, objects, on_lists, text
from cdpkit.problem import Problem
from cdpkit.vendors.activecampaign.api import DONE, MOST, get, get_lists, refuse, total
from cdpkit.vendors.activecampaign.fields import BETWEEN, IDENTIFIERS, MULTIPLE, STANDARD

NEEDS = ("contacts", "fieldValues", "contactLists")
_AFTER = "id_greater"
_ACTIVE = "1"
_ZERO = "^0000-00-00"


def source_problems(asked: ImportAsked) -> list[Problem]:
    """What is wrong with the source of an import."""
    if bool(asked.options["all"]) == bool(asked.options["lists"]):
        what = "both all and lists are" if asked.options["all"] else "neither all nor lists is"
        return [Problem("source", f"{what} chosen", "choose all = true, or the names or ids of lists")]
    return []


def chosen_lists(asked: ImportAsked) -> tuple[Item, ...]:
    """The lists whose contacts are wanted; none where everybody is."""
    return () if asked.options["all"] else chosen(asked.options["lists"], asked.discovery.lists)


def pull(asked: ImportAsked, state: Mapping[str, Any] | None) -> Effects[Pulled]:
    """Fetch contacts by ascending id, of each list one after the other."""
    wanted = chosen_lists(asked)
    kept: Mapping[str, Any] = state or {"pages": [], "list": 0, "walk": None}
    found: list[str] = list(kept["pages"])
    places: list[str | None] = [item.id for item in wanted] or [None]
    for place, listed in enumerate(places):
        if place < kept["list"]:
            continue
        walked = yield from pages.walk(
            _first(asked, listed),
            _following,
            kept["walk"] if place == kept["list"] else None,
            keep=partial(_kept, tuple(found), place),
            ok=DONE,
            refuse=refuse,
        )
        found = [*found, *walked]
    if wanted:
        still_there(wanted, (yield from get_lists(asked.settings)), "ActiveCampaign")
    return Pulled({"contacts": tuple(found)})


def _kept(found: tuple[str, ...], place: int, walk: Mapping[str, Any]) -> Keep:
    return Keep({"pages": list(found), "list": place, "walk": walk})


def _first(asked: ImportAsked, listed: str | None) -> Http:
    params = [("limit", str(MOST)), ("orders[id]", "ASC"), (_AFTER, "0"), ("include", "fieldValues,contactLists")]
    if listed is None:
        return replace(get(asked.settings, "/contacts", *params), page="contacts.ndjson")
    return replace(get(asked.settings, "/contacts", *params, ("listid", listed)), page=f"contacts-{listed}.ndjson")


def _following(call: Http, reply: Reply) -> Http | None:
    """The contacts after the last one; a page without any is the last, or one that has all that its total counts.

    Raises:
        RemoteError: The page holds no contacts, or contacts that came before, as where the parameter is passed over.
    """
    rows = answers.part(said(reply), "contacts", list, reply)
    ids = [int(row["id"]) for row in rows if str(row.get("id")).isdecimal()]
    if not ids:
        return None
    if min(ids) <= int(dict(call.params)[_AFTER]):
        raise RemoteError(f"{reply.what} gives contacts that it gave before, so that it would never end; run it again")
    there = total(reply)
    return None if there is not None and there <= len(rows) else pages.with_param(call, _AFTER, str(max(ids)))


def stage(frames: Mapping[str, pl.DataFrame], asked: ImportAsked) -> pl.DataFrame:
    """One row a contact, of everybody or of the chosen lists."""
    told = frames["contacts"]
    people, held, on = (objects(told, name) for name in NEEDS)
    people = pl.DataFrame(
        [_plain(text(people, field.name), field.type) for field in STANDARD] + [text(people, "deleted")]
    )
    people = latest(people, people["id"], lambda: temporal.datetimes(people["udate"], "UTC"))
    people = people.filter(pl.col("deleted").ne_missing("1")).drop("deleted")
    people = _with_custom(people, held, asked)
    on = pl.DataFrame([text(on, name).alias(name) for name in ("contact", "list", "status")])
    members = on.select(person="contact", list="list", status="status")
    wanted = [item.id for item in chosen_lists(asked)]
    if wanted and asked.options["unsubscribed"]:
        any_state = members.filter(pl.col("list").is_in(wanted))["person"]
        people, wanted = people.filter(pl.col("id").is_in(any_state.implode())), []
    ids = lists_of(people["id"], members.filter(status=_ACTIVE).drop("status"))
    there = asked.discovery.lists
    return on_lists(people.with_columns(ids.alias(LIST_IDS)), there, [item for item in there if item.id in wanted])


def _with_custom(people: pl.DataFrame, held: pl.DataFrame, asked: ImportAsked) -> pl.DataFrame:
    """Contacts with the custom fields that are wanted, and those by which they are known."""
    known = asked.discovery.identifiers(IDENTIFIERS)
    fields = [
        field
        for field in asked.discovery.fields
        if field.id and (asked.fields is None or field.name in asked.fields or field.name in known)
    ]
    rows = pl.DataFrame([text(held, name).alias(name) for name in ("contact", "field", "value")])
    parts = {key[0]: part for key, part in rows.partition_by("field", as_dict=True).items()} if rows.height else {}
    for field in fields:
        part = parts.get(field.id, rows.clear()).unique("contact", keep="last")
        joined = people.select("id").join(part, left_on="id", right_on="contact", how="left", maintain_order="left")
        people = people.with_columns(_plain(joined["value"].alias(field.name), field.type))
    return people


def _plain(values: pl.Series, kind: str) -> pl.Series:
    """Values of a field as a property takes them: several as a list, moments in UTC, no date as none."""
    if kind in MULTIPLE:
        return values.str.split(BETWEEN).list.filter(pl.element() != "").alias(values.name)
    if kind == "date":
        return values.to_frame().select(pl.when(~pl.first().str.contains(_ZERO)).then(pl.first())).to_series()
    if kind != "datetime":
        return values
    dated = pl.when(~pl.first().str.contains(_ZERO)).then(pl.first())
    moments = temporal.datetimes(values, "UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.f+00:00").alias("moment")
    zoned = values.str.contains(r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})\s*$").fill_null(value=False)
    return values.to_frame().select(dated).to_series().zip_with(~(zoned & moments.is_not_null()), moments)
