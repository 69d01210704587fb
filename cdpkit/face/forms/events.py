"""Timeline events in the form of a goal: a row for each type, and rows of its own for what fills the type's properties.

Those lie in a form beside the others, under a key that names the row of the type: `pairs_of(row)`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cdpkit.core.events.mapping import ALL
from cdpkit.face.forms.rows import Rows, rows_of

EVENTS = "events"
"""The key of the rows, a type each: `type`, `time`, `id`, and `field` and `is`, which tell such events from others."""
ALL_PAIRS: Mapping[str, str] = {"from": ALL, "to": ALL}
"""The row that stands for all properties that a field is called like."""

_KEYS, _OPTIONAL = ("type", "time", "id"), ("id",)


def pairs_of(row: int) -> str:
    """The key of the rows that fill the properties of a type, by the number of its row."""
    return f"{EVENTS} {row}"


def is_pairs(key: str) -> bool:
    """Whether a key is one of these."""
    start, _, row = key.partition(" ")
    return start == EVENTS and row.isdecimal()


def next_type(rows: Rows, types: Iterable[str]) -> str:
    """The type with which a further row begins: the first that has none; the first of all, where all have one."""
    names = [*types]
    had = {row.values.get("type") for row in rows.rows}
    return next((name for name in names if name not in had), names[0])


def event_rows(given: Sequence[Mapping[str, Any]]) -> dict[str, Rows]:
    """Rows by their keys, of events as a goal has them."""
    rows, found = Rows(), dict[str, Rows]()
    for each in given:
        kept = {key: value for key, value in each.items() if key not in ("mappings", "where")}
        where = next(iter((each.get("where") or {}).items()), None)
        more = {} if where is None else dict(zip(("field", "is"), where, strict=True))
        found[pairs_of(rows.next)] = rows_of(_pairs(each.get("mappings", ())))
        rows = rows.added({**kept, **more})
    return {EVENTS: rows, **found}


def given_events(rows: Mapping[str, Rows]) -> list[dict[str, Any]]:
    """Events as a goal has them, of rows by their keys."""
    return [_given(row.values, rows.get(pairs_of(row.id), Rows()).values()) for row in rows.get(EVENTS, Rows()).rows]


def whole_events(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those of which type and time are filled in, with the pairs of which both ends are."""
    return [
        {**each, "mappings": [pair for pair in each.get("mappings", ()) if pair.get("from") and pair.get("to")]}
        for each in given
        if each.get("type") and each.get("time")
    ]


def _given(values: Mapping[str, Any], pairs: list[dict[str, Any]]) -> dict[str, Any]:
    kept = {key: values[key] for key in _KEYS if key in values and (values[key] or key not in _OPTIONAL)}
    where = {"where": {values["field"]: values.get("is") or ""}} if values.get("field") else {}
    return {**kept, **where, **({"mappings": pairs} if pairs else {})}


def _pairs(mappings: Any) -> list[dict[str, str]]:
    return [dict(ALL_PAIRS)] if mappings == ALL else [dict(pair) for pair in mappings]
