"""Source values: which are empty, how they are written, and what a property makes of them (semantics 1)."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from cdpkit.core.properties import Property, PropertyType

WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
WHITE_SPACE += "\u2028\u2029\u202f\u205f\u3000"
"""Unicode White_Space: what Polars strips. `str.strip()` would strip more."""

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MOST_DIGITS = 15
_EXACT = 2**53
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def strip(text: str) -> str:
    return text.strip(WHITE_SPACE)


def in_int64(number: int) -> bool:
    return INT64_MIN <= number <= INT64_MAX


def elements(value: object) -> list[object]:
    """The non-empty elements of a source value: none for an empty one, one for a scalar."""
    found: list[object] = value if isinstance(value, list) else [value]
    return [element for element in found if not is_empty(element)]


def is_empty(element: object) -> bool:
    """Nothing, not a number, or a text of white space alone."""
    if isinstance(element, float):
        return math.isnan(element)
    return element is None or (isinstance(element, str) and not strip(element))


def float_text(number: float) -> str:
    """A float as Polars writes it."""
    return repr(number).replace("e-0", "e-")


def value_text(value: object) -> str:
    """A non-empty source element as text: as it comes, `true`, `5`; a whole float has no point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) <= _EXACT else float_text(value)


def is_lost(value: object) -> bool:
    """Whether it is a float that has no text: not finite, or whole and too large to be told from its neighbours."""
    if not isinstance(value, float):
        return False
    return not math.isfinite(value) or (value.is_integer() and abs(value) > _EXACT)


def canonical(value: object) -> tuple[str, ...]:
    """What a source value looks like to a row's hash: its type does not matter, the order of a list does."""
    texts: list[str] = []
    for element in elements(value):
        whole = isinstance(element, float) and element.is_integer()
        texts.append(str(int(element)) if whole and isinstance(element, float) else value_text(element))
    return tuple(texts)


def whole_number(text: str) -> int | None:
    """An Int64 written as digits, else None."""
    text = strip(text)
    if not _WHOLE.fullmatch(text):
        return None
    return int(text) if in_int64(int(text)) else None


def decimal_number(text: str) -> float | None:
    """A finite float written as a decimal of at most 15 significant digits, else None."""
    text = strip(text)
    if not _DECIMAL.fullmatch(text) or not math.isfinite(float(text)):
        return None
    digits = "".join(str(digit) for digit in Decimal(text).normalize().as_tuple().digits).strip("0")
    return float(text) if len(digits) <= _MOST_DIGITS and (float(text) or not digits) else None


def _number(value: object) -> object | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _EXACT else None
    return whole_number(value_text(value))


def _decimal(value: object) -> object | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if isinstance(value, bool) else decimal_number(value_text(value))


def _boolean(value: object) -> object | None:
    return _BOOLEANS.get(strip(value_text(value)).lower())


def _date(value: object) -> object | None:
    text = strip(value_text(value))
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        return None
    moment = _datetime(value)
    return moment.date() if isinstance(moment, datetime) else None


def _datetime(value: object) -> object | None:
    text = strip(value_text(value))
    try:
        moment = datetime.fromisoformat(text) if _DATETIME.fullmatch(text) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _email(value: object) -> object | None:
    text = "".join(character for character in value_text(value) if character not in WHITE_SPACE)
    name, _, domain = text.partition("@")
    if text.count("@") != 1 or not name:
        return None
    return text if any(0 < at < len(domain) - 1 for at, character in enumerate(domain) if character == ".") else None


_PARSERS: Mapping[PropertyType, Callable[[object], object | None]] = {
    PropertyType.EMAIL: _email,
    PropertyType.NUMBER: _number,
    PropertyType.DECIMAL: _decimal,
    PropertyType.BOOLEAN: _boolean,
    PropertyType.DATE: _date,
    PropertyType.DATETIME: _datetime,
}


def accept(value: object, property_: Property) -> object | None:
    """What the property stores for a non-empty source element; None when it rejects it."""
    if property_.type is not PropertyType.TEXT:
        return _PARSERS[property_.type](value)
    if is_lost(value):
        return None
    text = strip(value_text(value)) if property_.identifier else value_text(value)
    return text if not property_.choices or text in property_.choices else None


def normalised(value: object, property_: Property) -> object:
    """What is compared when rows are matched: an accepted or stored value, e-mail addresses lower-cased."""
    if property_.type is PropertyType.EMAIL and isinstance(value, str):
        return strip(value).lower()
    return value


def unique(values: Iterable[object]) -> list[object]:
    """Each value once, in first-seen order."""
    return list(dict.fromkeys(values))


def stored(value: object) -> list[object]:
    """The values that a profile holds under one property, none when it is empty."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def same(one: object, other: object) -> bool:
    """Whether two stored values are equal; lists are when they hold the same elements in any order."""
    if isinstance(one, list) and isinstance(other, list):
        return set(one) == set(other)
    return one == other
