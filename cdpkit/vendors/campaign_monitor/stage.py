"""One row for each list that somebody is on, or one for everybody, with custom fields under their names."""

from collections.abc import Mapping

import polars as pl

from cdpkit.core import temporal
from cdpkit.kit.discovery import VendorField
from cdpkit.kit.importing import ImportAsked
from cdpkit.kit.staging import lists_of, objects, on_lists, text
from cdpkit.vendors.campaign_monitor import mail, pull
from cdpkit.vendors.campaign_monitor.client import ACTIVE
from cdpkit.vendors.campaign_monitor.fields import EMAIL, MANY, STANDARD
from cdpkit.vendors.campaign_monitor.kept import plain
from cdpkit.vendors.campaign_monitor.places import fields_of, zone_at

NEEDS = ("Results",)
_PERSON, _STATE, _ROW = "\x00person", "State", "\x00row"
_ON = "\x00on"


def stage(frames: Mapping[str, pl.DataFrame], asked: ImportAsked) -> pl.DataFrame:
    """The rows of all lists that were read, each with all of these lists on which the person is active."""
    parts = [_of_list(frames, item.id, asked) for item in pull.lists_of(asked) if item.id in frames]
    empty = [pl.lit(None, pl.String).alias(field.name) for field in STANDARD]
    people = pl.concat(parts, how="diagonal_relaxed") if parts else pl.select(*empty, _PERSON_TYPE, _LIST).clear()
    on = people.filter(pl.col(_STATE) == ACTIVE).select(person=_PERSON, list=_ON)
    people = people.with_columns(lists_of(people[_PERSON], on))
    if asked.options["all"]:
        people = _one_each(people)
    if asked.options["mail_days"] is not None:
        people = mail.told(people)
    return on_lists(people, asked.discovery.lists).drop(_PERSON, _ON)


_PERSON_TYPE = pl.lit(None, pl.String).alias(_PERSON)
_LIST = pl.lit(None, pl.String).alias(_ON)


def _of_list(frames: Mapping[str, pl.DataFrame], list_id: str, asked: ImportAsked) -> pl.DataFrame:
    """The people of one list, each once, although pages move while they are read; the last reading counts."""
    rows = objects(frames[list_id], "Results")
    zone = zone_at(asked.discovery, list_id)
    columns = [
        _moments(text(rows, each.name), zone) if each.type == "DateTime" else text(rows, each.name) for each in STANDARD
    ]
    people = pl.DataFrame([*columns, _entries(rows)]).with_row_index(_ROW)
    people = people.with_columns(
        pl.col(EMAIL).str.strip_chars().str.to_lowercase().alias(_PERSON), pl.lit(list_id).alias(_ON)
    )
    people = people.unique(_PERSON, keep="last", maintain_order=True)
    wanted = [
        field
        for name, field in fields_of(asked.discovery, list_id).items()
        if asked.fields is None or name in asked.fields
    ]
    people = _with_custom(people, wanted, list_id, asked).drop(_ENTRIES, _ROW)
    if asked.options["mail_days"] is None:
        return people
    did = mail.of_list(frames, list_id, asked).rename({"person": _PERSON})
    return people.join(did, on=_PERSON, how="left", maintain_order="left")


_ENTRIES = "\x00entries"
_ENTRY = pl.List(pl.Struct({"Key": pl.String, "Value": pl.String}))


def _entries(rows: pl.DataFrame) -> pl.Series:
    if "CustomFields" not in rows.columns:
        return pl.Series(_ENTRIES, [None], _ENTRY).new_from_index(0, rows.height)
    held = rows["CustomFields"].alias(_ENTRIES)
    if held.dtype == pl.String:
        return held.str.json_decode(_ENTRY)
    return (
        held.cast(_ENTRY)
        if isinstance(held.dtype, pl.List) and isinstance(held.dtype.inner, pl.Struct)
        else (pl.Series(_ENTRIES, [None], _ENTRY).new_from_index(0, rows.height))
    )


def _with_custom(people: pl.DataFrame, wanted: list[VendorField], list_id: str, asked: ImportAsked) -> pl.DataFrame:
    """People with custom fields, whose entries are named by a key with brackets or without, or by a name."""
    held = people.select(_ROW, _ENTRIES).explode(_ENTRIES).drop_nulls(_ENTRIES).unnest(_ENTRIES)
    names: dict[str, str] = {}
    for field in fields_of(asked.discovery, list_id).values():
        names |= {plain(field.name): field.name}
    names |= {plain(field.id): field.name for field in fields_of(asked.discovery, list_id).values()}
    keys = held["Key"].unique().to_list()
    named = {key: names.get(plain(key)) for key in keys}
    held = held.with_columns(pl.col("Key").replace_strict(named, default=None, return_dtype=pl.String)).filter(
        pl.col("Value") != ""
    )
    parts = {key[0]: part for key, part in held.partition_by("Key", as_dict=True).items()} if held.height else {}
    for field in wanted:
        part = (
            parts.get(field.name, held.clear())
            .group_by(_ROW, maintain_order=True)
            .agg(pl.col("Value").alias(field.name))
        )
        joined = people.select(_ROW).join(part, on=_ROW, how="left", maintain_order="left")[field.name]
        people = people.with_columns(joined if field.type == MANY else joined.list.last())
    return people


def _moments(values: pl.Series, zone: str) -> pl.Series:
    """Times of a client's zone with the offset of UTC; what is none stays."""
    moments = temporal.datetimes(values, zone).dt.to_string("%Y-%m-%dT%H:%M:%S+00:00").alias(values.name)
    return values.zip_with(moments.is_null(), moments)


def _one_each(people: pl.DataFrame) -> pl.DataFrame:
    """One row a person: of each field the first value, of lists on which the person is active before others."""
    first = people.with_columns(active=pl.col(_STATE) == ACTIVE).sort("active", descending=True, maintain_order=True)
    columns = [_of_several(name, dtype) for name, dtype in people.schema.items() if name != _PERSON]
    found = first.drop("active").group_by(_PERSON, maintain_order=True).agg(columns)
    order = people.select(_PERSON).unique(maintain_order=True)
    return order.join(found, on=_PERSON, how="left", maintain_order="left").select(people.columns)


def _of_several(name: str, dtype: pl.DataType) -> pl.Expr:
    """What of several lists counts: what was done adds up, the last time is the last of all, else the first value."""
    if dtype == pl.Int64:
        return pl.col(name).sum()
    return pl.col(name).max() if isinstance(dtype, pl.Datetime) else pl.col(name).drop_nulls().first()
