"""The types of a project's profile fields: the first value that a field gets fixes its type for ever."""

import re
from collections.abc import Mapping
from typing import Any

from cdpkit.sandbox.world.fields import Misfit, Typing

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


TYPING = Typing(kind, fits, plain=_PLAIN, inner="object", longest=MAX_VALUE)
"""How a project looks at values."""


def clash(name: str, misfit: Misfit) -> str:
    """What does not fit, in words (recorded in 2021)."""
    found = ", ".join(_INCOMING.get(misfit.found, [misfit.found]))
    return (
        f"Field '{name}' already exists for type 'user' and has a data type of '{misfit.expected}' but possible types "
        f"'{found}' in the request."
    )


def validation_errors(misfits: Mapping[str, Misfit]) -> dict[str, dict[str, Any]]:
    """What does not fit, by field, as a refusal of a batch has it."""
    return {
        name: {
            "incomingTypes": _INCOMING.get(misfit.found, [misfit.found]),
            "expectedType": misfit.expected,
            "category": "user",
            "offendingValue": misfit.value,
            "_type": "UnexpectedType",
        }
        for name, misfit in misfits.items()
    }
