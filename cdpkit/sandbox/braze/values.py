"""Which values an attribute takes, and what is stored of them."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

LONGEST, LARGEST, MOST = 255, 100_000, 500
"""Characters of a text, bytes of an object, elements of an array."""

_LAST_YEAR = 3000
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STATES = frozenset({"opted_in", "subscribed", "unsubscribed"})
_RAILS_ZONES = frozenset({"Eastern Time (US & Canada)", "Pacific Time (US & Canada)", "Central Time (US & Canada)"})
_COUNTRY, _LANGUAGE = re.compile(r"[A-Z]{2}\Z"), re.compile(r"[a-z]{2}\Z")
_NAMED_COUNTRIES = {"belgium": "BE", "netherlands": "NL", "germany": "DE", "united states": "US", "usa": "US"}


class DroppedError(Exception):
    """A value that is not stored, of which no answer tells."""


def moment(text: object) -> str | None:
    """A date or a time as it is stored, of one of the forms that are listed; None for other texts."""
    if not isinstance(text, str):
        return None
    try:
        found = (
            datetime.fromisoformat(text) if _DATED.match(text) else datetime.strptime(text, "%m/%d/%Y")  # noqa: DTZ007
        )
    except ValueError:
        return None
    if found.year > _LAST_YEAR:
        return None
    found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return found.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def kind_of(value: Any) -> str:
    """The type that a first value locks, by the vendor's names."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "Number"
    if isinstance(value, str):
        return "String" if moment(value) is None else "Date"
    if isinstance(value, list):
        return "Object Array" if any(isinstance(each, dict) for each in value) else "Array"
    return "Object"


def fits(locked: str, kind: str, value: Any) -> bool:
    """Whether a value of a type can be stored under a locked one; a text that looks like a date is a text too."""
    return locked == kind or (locked == "String" and kind == "Date") or (locked == "Object Array" and value == [])


def inner(value: Any) -> Any:
    """What is stored of a value within an object.

    Raises:
        DroppedError: One thing in it is wrong, which drops all of it: a null, a name with a blank, a dot or a dollar,
            a text that is too long, a time that is none.
    """
    if isinstance(value, dict):
        if value.keys() == {"$time"}:
            at = moment(value["$time"])
            if at is None:
                raise DroppedError("bad $time")
            return at
        if any(not 0 < len(name) <= LONGEST or set(" .$") & set(name) for name in value):
            raise DroppedError("bad key in an object")
        return {name: inner(each) for name, each in value.items()}
    if isinstance(value, list):
        return [inner(each) for each in value]
    if value is None:
        raise DroppedError("null in an object")
    if isinstance(value, str) and len(value) > LONGEST:
        raise DroppedError("text too long in an object")
    return value


def merged(before: Any, new: Mapping[str, Any]) -> dict[str, Any]:
    """An object with the members of another, at every depth."""
    whole = dict(before) if isinstance(before, dict) else {}
    for name, value in new.items():
        whole[name] = merged(whole.get(name), value) if isinstance(value, dict) else value
    return whole


def small(value: Any) -> Any:
    """An object or an array of objects, where it is not too large.

    Raises:
        DroppedError: It is; what there was stays.
    """
    if len(json.dumps(value, ensure_ascii=False).encode()) > LARGEST:
        raise DroppedError("object too large")
    return value


def unique(values: list[Any]) -> list[Any]:
    """An array as it is stored: each value once, at its last place, and the newest where there are too many."""
    if any(isinstance(each, dict | list) or each is None for each in values):
        raise DroppedError("bad element in an array")
    if any(isinstance(each, str) and len(each) > LONGEST for each in values):
        raise DroppedError("text too long in an array")
    kept = {(type(each), each): each for each in reversed(values)}
    return list(reversed(kept.values()))[-MOST:]


def points_of(value: Any) -> int:
    """The data points of a value that is written: one, or one for each key of an object and each value that is added.

    A whole array is one; an array of objects has those of its objects.
    """
    if isinstance(value, dict) and value.keys() != {"$time"}:
        if value and value.keys() <= {"add", "remove"}:
            return sum(map(len, value.values()))
        return sum(points_of(each) for each in value.values())
    return sum(points_of(each) for each in value) if isinstance(value, list) and kind_of(value) == "Object Array" else 1


def _text(value: Any) -> Any:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise DroppedError("bad standard attribute")
    return value


def _only(allowed: Callable[[Any], bool], made: Callable[[Any], Any] = lambda value: value) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        if not isinstance(value, str) or not allowed(value):
            raise DroppedError("bad standard attribute")
        return made(value)

    return checked


def _country(value: Any) -> Any:
    """A code; other spellings are mapped where they are known, and else the country is emptied."""
    text = str(value).strip()
    return text.upper() if _COUNTRY.match(text.upper()) else _NAMED_COUNTRIES.get(text.lower())


def _location(value: Any) -> Any:
    match value:
        case {"longitude": int() | float() as longitude, "latitude": int() | float() as latitude}:
            return [float(longitude), float(latitude)]
    raise DroppedError("bad standard attribute")


def _flag(value: Any) -> Any:
    if not isinstance(value, bool):
        raise DroppedError("bad standard attribute")
    return value


_time = _only(lambda value: moment(value) is not None, moment)

STANDARD: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("first_name", "last_name", "home_city", "image_url"), _text),
    "country": _country,
    "language": _only(lambda value: bool(_LANGUAGE.match(value))),
    "gender": _only(lambda value: value in set("MFONP")),
    "dob": _only(lambda value: bool(_DAY.fullmatch(value)) and moment(value) is not None),
    "time_zone": _only(lambda value: value in available_timezones() or value in _RAILS_ZONES),
    **dict.fromkeys(("email_subscribe", "push_subscribe"), _only(lambda value: value in _STATES)),
    **dict.fromkeys(("date_of_first_session", "date_of_last_session", "marked_email_as_spam_at"), _time),
    **dict.fromkeys(("email_open_tracking_disabled", "email_click_tracking_disabled"), _flag),
    "current_location": _location,
}
"""Standard attributes beside e-mail and phone, and what is stored of a value; names are lower case exactly."""

IGNORED = frozenset({"push_tokens", "facebook", "twitter", "bio"})
"""Standard attributes that this imitation takes and does not keep."""
