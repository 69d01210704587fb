"""The five merge rules, one row at a time over the running state of one profile (semantics 3)."""

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal

from cdpkit.core.properties import Property, PropertyType
from tests.model.values import (
    accept,
    elements,
    float_text,
    in_int64,
    same,
    stored,
    strip,
    unique,
    value_text,
)

RULES = ("set", "set_if_empty", "set_or_clear", "add", "sum")


class Overflow(Exception):  # noqa: N818 - a value that does not fit, not a failure
    """The sum leaves Int64 or the finite floats: the value is rejected, the running state stays."""


@dataclass(frozen=True)
class Given:
    """What one row gives one mapping."""

    accepted: list[object] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)


def given(value: object, property_: Property, rule: str) -> Given:
    """Parse a source value: a single-valued property looks at its first non-empty element alone."""
    found = elements(value)
    accepted: list[object] = []
    rejected: list[str] = []
    for element in found if property_.multi else found[:1]:
        fits = summand(element, property_) if rule == "sum" else accept(element, property_)
        if fits is None:
            rejected.append(value_text(element))
        else:
            accepted.append(fits)
    return Given(accepted, rejected)


def summand(value: object, property_: Property) -> object | None:
    """The number that a source element adds: into a text, a whole number where it is one, else a decimal."""
    if property_.type is not PropertyType.TEXT:
        return accept(value, property_)
    if isinstance(value, bool):
        return None
    whole = accept(value, Property("p", PropertyType.NUMBER))
    return accept(value, Property("p", PropertyType.DECIMAL)) if whole is None else whole


def texts(value: object) -> list[str]:
    """The non-empty elements of a source value, as they are listed when rejected."""
    return [value_text(element) for element in elements(value)]


def write(rule: str, property_: Property, now: object, row: Given) -> object:
    """The running value after one row, for every rule but `sum`."""
    values = stored(now) if rule == "add" else []
    values = unique([*values, *row.accepted])
    if rule == "set_if_empty" and now is not None:
        return now
    if not row.accepted and (rule != "set_or_clear" or row.rejected):
        return now
    after: object = None
    if values:
        after = values if property_.multi else values[0]
    return now if same(now, after) else after


def add_number(now: object, number: object) -> object:
    """The running value of a number or decimal property after `sum` of one accepted number."""
    if isinstance(number, int):
        total = (now if isinstance(now, int) else 0) + number
        if not in_int64(total):
            raise Overflow
        return total
    if not isinstance(number, float):
        raise TypeError(number)
    decimal = as_written(now if isinstance(now, float) else 0.0, number)
    if not math.isfinite(decimal):
        raise Overflow
    return decimal


def as_written(one: float, other: float) -> float:
    """The float nearest to the sum of two decimals, as they are written."""
    return float(Decimal(repr(one)) + Decimal(repr(other)))


class TextSum:
    """The running `sum` of one text property in one run: exact while every operand is a whole number, then floats."""

    def __init__(self, before: object) -> None:
        text = "0" if before is None else strip(str(before))
        whole = re.fullmatch(r"[+-]?[0-9]+", text) and in_int64(int(text))
        self.exact = int(text) if whole else None
        numeral = re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text)
        self.decimal = float(text) if numeral and math.isfinite(float(text)) else None

    def add(self, now: object, number: object) -> object:
        """The text after one accepted number; `now` where the text before the run was no number."""
        if not isinstance(number, int | float):
            raise TypeError(number)
        if self.decimal is None:
            return now
        if self.exact is not None and isinstance(number, int):
            if not in_int64(self.exact + number):
                raise Overflow
            self.exact += number
            self.decimal += number
            return str(self.exact)
        total = as_written(self.decimal, float(number))
        if not math.isfinite(total):
            raise Overflow
        self.exact = None
        self.decimal = total
        return float_text(self.decimal)
