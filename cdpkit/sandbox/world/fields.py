"""Typed fields: what is declared or what the first value decides, and which values do not fit."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Typing:
    """How a vendor tells types apart.

    Attributes:
        kind: The type of a value of the field of this name; the value is neither null nor an array.
        fits: Whether a field of one type (first) takes a value of another.
        plain: For classes of Python whose values are of one type without a closer look: that type.
        inner: The type whose values are objects with fields of their own, with dotted names; None where there is none.
        longest: Most bytes of a text; None for no bound.
    """

    kind: Callable[[str, Any], str]
    fits: Callable[[str, str], bool]
    plain: Mapping[type, str] = field(default_factory=dict)
    inner: str | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit its field."""

    expected: str
    found: str
    value: Any


@dataclass(slots=True)
class Findings:
    """What a look at the values of rows found.

    Attributes:
        created: Types of fields that there were not.
        misfits: The first value that does not fit, by field.
        bad_rows: For each row with a value that does not fit, by position: the names of such fields.
        long_rows: Positions of rows with a text that is too long.
    """

    created: dict[str, str] = field(default_factory=dict)
    misfits: dict[str, Misfit] = field(default_factory=dict)
    bad_rows: dict[int, list[str]] = field(default_factory=dict)
    long_rows: set[int] = field(default_factory=set)


def look(types: Mapping[str, str], rows: Iterable[tuple[int, Mapping[str, Any]]], how: Typing) -> Findings:
    """Look at the values of rows (position, fields) and change nothing; an array's values are looked at one by one.

    A field that there is not gets the type of its first value. Who creates fields adds `created` to the types; who
    does not leaves them out of the rows, or refuses the rows that have them.
    """
    found = Findings()
    short = _surely_short(how)
    for position, values in rows:
        for name, value in values.items():
            if types.get(name) != how.plain.get(type(value), "") or (type(value) is str and len(value) > short):
                _value(types, position, (name, value), how, found)
    return found


def _surely_short(how: Typing) -> int:
    """Characters that are within the bytes of a text whatever they are."""
    return sys.maxsize if how.longest is None else how.longest // 4


def _value(types: Mapping[str, str], row: int, item: tuple[str, Any], how: Typing, found: Findings) -> None:
    name, value = item
    if value is None:
        return
    if isinstance(value, list):
        for each in value:
            _value(types, row, (name, each), how, found)
        return
    incoming = how.kind(name, value)
    expected = types.get(name) or found.created.get(name)
    if expected is None:
        found.created[name] = incoming
    elif not how.fits(expected, incoming):
        found.bad_rows.setdefault(row, []).append(name)
        found.misfits.setdefault(name, Misfit(expected, incoming, value))
    if isinstance(value, str) and len(value) > _surely_short(how) and len(value.encode()) > (how.longest or 0):
        found.long_rows.add(row)
    if incoming == how.inner:
        for inner, each in value.items():
            _value(types, row, (f"{name}.{inner}", each), how, found)
