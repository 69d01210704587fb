"""Making a list ready for people: its keys for custom fields, those it has not, and segments over them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.errors import ConfigurationError, RemoteError
from cdpkit.kit.answers import said
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Reply, Wait
from cdpkit.kit.exporting import ExportAsked
from cdpkit.problem import Problem
from cdpkit.vendors.campaign_monitor.api import AT, DONE, code, get, http, number, read_list, refuse
from cdpkit.vendors.campaign_monitor.fields import DATE, NUMBER, TEXT, WRITABLE
from cdpkit.vendors.campaign_monitor.options import SEGMENTS
from cdpkit.vendors.campaign_monitor.places import fields_of

_THERE, _SAME_TITLE, _RULES = 255, 275, 277
_BUSY = frozenset({278, 287})
_TURNS, _PAUSE = 10, 30
"""How often, and after how many seconds, segments are tried again that are being worked on."""


def keys_at(asked: ExportAsked, item: Item, fields: pl.DataFrame) -> Effects[Mapping[str, str]]:
    """The keys of the mapped custom fields on a list, by name; those that it has not are made where that is asked for.

    Args:
        asked: What the goal asks.
        item: The list.
        fields: The values of mapped fields, whose types tell those of new fields.

    Raises:
        ConfigurationError: A field is not there, and may not be made.
    """
    names = [name for name in asked.fields if name not in WRITABLE]
    there = {name: field.id for name, field in fields_of(asked.discovery, item.id).items()}
    if any(name not in there for name in names):
        there |= yield from _read(asked.settings, item)
    for name in names:
        if name not in there:
            if not (asked.options["create_fields"] or name == asked.options[SEGMENTS]):
                raise ConfigurationError("", [missing(name, item, there)])
            there[name] = yield from _made(asked, item, name, _kind(fields, name))
    return {name: there[name] for name in names}


def missing(name: str, item: Item, there: Iterable[str]) -> Problem:
    """That a list has no custom field of this name, whose values would be passed over without a word."""
    named = ", ".join(there) or "none"
    what = f"list {item.name!r} at {AT} has no field {name!r}; there are: {named}"
    return Problem("mappings", what, "correct the name, or let it be made with target.create_fields = true")


def _read(settings: Settings, item: Item) -> Effects[dict[str, str]]:
    rows = read_list((yield get(settings, f"/lists/{item.id}/customfields")))
    return {str(row.get("FieldName")): str(row.get("Key")) for row in rows}


def _kind(fields: pl.DataFrame, name: str) -> str:
    dtype = fields.schema.get(name)
    if dtype is not None and dtype.is_numeric():
        return NUMBER
    return DATE if dtype == pl.Date else TEXT


def _made(asked: ExportAsked, item: Item, name: str, kind: str) -> Effects[str]:
    """The key of a field that is made now, or that somebody else has made meanwhile."""
    content = {"FieldName": name, "DataType": kind, "Options": [], "VisibleInPreferenceCenter": False}
    reply: Reply = yield http(asked.settings, "POST", f"/lists/{item.id}/customfields", content)
    if reply.status not in DONE and code(reply) != _THERE:
        refuse(reply)
    there = yield from _read(asked.settings, item)
    if name not in there:
        what = f"{AT} did not make the field {name!r} on list {item.name!r}"
        raise RemoteError(f"{what}: its key may be that of another field, from whose name it differs by blanks alone")
    return there[name]


def segments_at(asked: ExportAsked, item: Item, key: str, names: Sequence[str]) -> Effects[None]:
    """Make a segment at the vendor for each name of a segment here; one of the same title stays as it is.

    Args:
        asked: What the goal asks.
        item: The list.
        key: Of the field that has the names, with bars around each.
        names: Those that people of this push bear.

    Raises:
        RemoteError: The vendor does not take the rule, or is busy for very long.
    """
    settings = asked.settings
    rows = read_list((yield get(settings, f"/lists/{item.id}/segments")))
    there = {str(row.get("Title")) for row in rows}
    subject = key if settings["rules_name"] == "key" else str(asked.options[SEGMENTS])
    for name in names:
        if name not in there:
            rule = {"RuleType": subject, "Clause": f"CONTAINS |{name}|"}
            yield from _segment(settings, item, {"Title": name, "RuleGroups": [{"Rules": [rule]}]})


def _segment(settings: Settings, item: Item, content: Mapping[str, Any]) -> Effects[None]:
    for _ in range(_TURNS):
        reply: Reply = yield http(settings, "POST", f"/segments/{item.id}", content)
        found = code(reply)
        if reply.status in DONE or found == _SAME_TITLE:
            return
        if found not in _BUSY:
            if found == _RULES:
                raise RemoteError(_refused(reply, item))
            refuse(reply)
        yield Wait(_PAUSE)
    raise RemoteError(f"{AT} is busy with the segments of list {item.name!r} for minutes; run it again later")


def _refused(reply: Reply, item: Item) -> str:
    """Which codes a rule was refused with; its texts may repeat what stands in it."""
    told = said(reply).get("ResultData")
    rows = [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
    inner = [each for row in rows for each in row.get("ClauseResults") or () if isinstance(each, dict)]
    codes = sorted({found for row in (*rows, *inner) if (found := number(row.get("Code"))) is not None})
    why = f" ({', '.join(map(str, codes))})" if codes else ""
    what = f"{AT} does not take the rule of a segment on list {item.name!r}{why}"
    return f"{what}; settings.rules_name says whether rules name fields by key or by name"
