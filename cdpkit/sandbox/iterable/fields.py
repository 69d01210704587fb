"""The types of a project's profile fields: the first value that a field gets fixes its type for ever."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_FIELDS = 1000
MAX_VALUE = 32_766
"""Bytes of a text beyond which the row that has it fails."""

_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:"
    r" \d\d:\d\d:\d\d(?: [+-]\d\d:\d\d)?"
    r"|T\d\d:\d\d:\d\d\.\d{3}(?:[+-]\d\d:\d\d|Z))?\Z"
)
_GEO = "_geo_location"
_INCOMING = {"string": ["string", "keyword"]}
_PLAIN = {str: "string", bool: "boolean", float: "double"}
"""Values that fit a field of their type without a closer look."""

_SHORT = MAX_VALUE // 4
_WHOLE = range(-(2**63), 2**63)


def kind(name: str, value: Any) -> str:
    """The type of a value that is neither null nor an array, in Iterable's words."""
    if isinstance(value, str):
        return "date" if value[4:5] == "-" and _DATE.match(value) else "string"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "long" if value in _WHOLE else "biginteger"
    if isinstance(value, float):
        return "double"
    return "geo_location" if name.endswith(_GEO) and {"lat", "lon"} == value.keys() else "object"


def fits(expected: str, found: str) -> bool:
    """Whether a field of one type takes a value of another; numbers are not converted."""
    return expected == found or (expected == "string" and found == "date")


@dataclass(slots=True)
class Findings:
    """What a look at the values of a batch found.

    Attributes:
        created: Types of fields that there were not.
        wrong: What does not fit, by field, as `validationErrors` has it.
        bad_rows: Positions of rows with such a value.
        long_rows: Positions of rows with a text that is too long.
    """

    created: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, dict[str, Any]] = field(default_factory=dict)
    bad_rows: set[int] = field(default_factory=set)
    long_rows: set[int] = field(default_factory=set)


class Fields:
    """The fields of a project."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = dict(types)

    def look(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Findings:
        """Look at the values of rows (position, fields) and change nothing."""
        found = Findings()
        for position, values in rows:
            for name, value in values.items():
                if self.types.get(name) != _PLAIN.get(type(value), "") or (type(value) is str and len(value) > _SHORT):
                    self._value(position, name, value, found)
        return found

    def _value(self, row: int, name: str, value: Any, found: Findings) -> None:
        if value is None:
            return
        if isinstance(value, list):
            for each in value:
                self._value(row, name, each, found)
            return
        incoming = kind(name, value)
        expected = self.types.get(name) or found.created.get(name)
        if expected is None:
            found.created[name] = incoming
        elif not fits(expected, incoming):
            found.bad_rows.add(row)
            found.wrong.setdefault(
                name,
                {
                    "incomingTypes": _INCOMING.get(incoming, [incoming]),
                    "expectedType": expected,
                    "category": "user",
                    "offendingValue": value,
                    "_type": "UnexpectedType",
                },
            )
        if isinstance(value, str) and len(value) > _SHORT and len(value.encode()) > MAX_VALUE:
            found.long_rows.add(row)
        if incoming == "object":
            for inner, each in value.items():
                self._value(row, f"{name}.{inner}", each, found)

    def learn(self, created: Mapping[str, str]) -> list[str]:
        """Keep the types of new fields; returns their names, sorted."""
        self.types.update(created)
        return sorted(created)
