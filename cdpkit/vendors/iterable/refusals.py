"""Whom a refusal of the whole batch is about: found by index, by value, by the type of a value, or by halves."""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.core.parse import is_empty
from cdpkit.kit.answers import OK, plain, said
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Reply
from cdpkit.kit.sending import Verdict, by_index, set_apart
from cdpkit.vendors.iterable.api import code, read, refuse
from cdpkit.vendors.iterable.failures import addressed, tally

_ABOUT_PEOPLE = frozenset(
    {
        *("RequestFieldsTypesMismatched", "BadJsonBody", "BatchTooLarge"),
        *("InvalidEmailAddressError", "InvalidUserIdError", "UnknownEmailError", "UnknownUserIdError"),
        *("EmailAlreadyExists", "UserIdAlreadyExists", "ExternalKeyConflict", "Conflict", "ForgottenUserError"),
    }
)
"""Words for refusals that a part of the people may not meet; at all others clients stop after one call."""
_SPLIT = frozenset({408, 409, 413})
"""Statuses that a part of the people may not meet, whatever the word."""
_WRITTEN_AS: Mapping[Any, set[str]] = {
    pl.String: {"string", "keyword", "text"},
    pl.Int64: {"long", "integer"},
    pl.Float64: {"double", "float"},
    pl.Boolean: {"boolean"},
}
"""Iterable's words for values, by the types that `fields.convert` makes."""
_LOOKS_LIKE_DATE = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}:[0-9]{2}(?: [+-][0-9]{2}:[0-9]{2})?"
    r"|T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}(?:Z|[+-][0-9]{2}:[0-9]{2}))?$"
)


def verdict(settings: Settings, fields: pl.DataFrame, reply: Reply, people: pl.DataFrame) -> Verdict:
    """What an answer says of the people who were sent.

    Args:
        settings: The connection's.
        fields: The values that were sent; column `at` of the people says in which row theirs are.
        reply: The answer.
        people: Who was sent.

    Raises:
        CredentialsError: The key is not taken, or may not do this.
        RemoteError: The refusal is about the whole, and a part would meet it too.
    """
    if reply.status in OK:
        return tally(read(reply, settings), fields, people, reply)
    word, told = code(reply), said(reply)
    if not (reply.status in _SPLIT or (reply.status == 400 and word in _ABOUT_PEOPLE)):  # noqa: PLR2004
        refuse(settings, reply)
    reasons = by_index(people, {})
    if word == "RequestFieldsTypesMismatched":
        reasons = _mistyped(_clashes(told), people, fields)
    elif word == "InvalidEmailAddressError":
        reasons = addressed(re.split(r"[\s,]+", str(told.get("msg"))), word, people)
    elif word == "BadJsonBody" and isinstance(told.get("params"), dict):
        places = _places(told["params"])
        if not places and told["params"]:
            refuse(settings, reply)
        reasons = by_index(people, places)
    return set_apart(people, reasons, word)


_CLASH = re.compile(
    r"Field '([^']{1,200})' already exists for type 'user'(?: and has a data type of '([^']{1,60})')?"
    r"(?: but possible types '([^']{1,200})')?"
)
"""How a clash of types is worded, where it is told in words alone."""


def _clashes(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields whose type clashes, each with `expectedType` and `incomingTypes`."""
    params = told.get("params")
    errors = params.get("validationErrors") if isinstance(params, dict) else None
    if isinstance(errors, dict):
        return errors
    found = _CLASH.findall(str(told.get("msg")))
    return {name: {"expectedType": kind, "incomingTypes": kinds.split(", ")} for name, kind, kinds in found}


def _places(params: Mapping[str, Any]) -> dict[int, str]:
    """The people at whom Iterable points, by their index in the body."""
    places = (re.fullmatch(r"obj\.\w+\[([0-9]{1,6})\]\.?([\w.\[\] -]{0,80}).*", str(key), re.DOTALL) for key in params)
    return {int(place[1]): f"BadJsonBody: {place[2]}".rstrip(": ") for place in places if place}


def _mistyped(errors: Mapping[str, Any], people: pl.DataFrame, fields: pl.DataFrame) -> pl.Series:
    """The people whose values clash with the type that a field has at Iterable."""
    reasons = by_index(people, {})
    for name, error in errors.items():
        parts = [part for part in fields.columns if part == name or part.startswith(f"{name}.")]
        for part in parts if isinstance(error, dict) else ():
            values = fields[part].gather(people["at"])
            expected, incoming = str(error.get("expectedType")).lower(), error.get("incomingTypes")
            wrong = _clashing(values, expected, incoming) if part == name else ~is_empty(values)
            text = f"RequestFieldsTypesMismatched: {name} expects {plain(error.get('expectedType')) or 'another type'}"
            reasons = reasons.zip_with(
                reasons.is_not_null() | ~wrong, pl.Series([text]).new_from_index(0, people.height)
            )
    return reasons


def _clashing(values: pl.Series, expected: str, incoming: object) -> pl.Series:
    """Values that are not of the expected type, or else those of the incoming one."""
    filled = ~is_empty(values)
    kinds = {word for word in incoming if isinstance(word, str)} if isinstance(incoming, list) else set()
    wrong = filled & ~_all_are(values, {expected})
    return wrong if wrong.any() else filled & _all_are(values, kinds)


def _all_are(values: pl.Series, kinds: set[str]) -> pl.Series:
    """Whether a value, or each of a list, is written as one of these types of Iterable's."""
    if isinstance(values.dtype, pl.List):
        filled = values.list.filter(pl.element().is_not_null())
        each = filled.list.eval(_is_any(pl.element(), values.dtype.inner, kinds))
        return each.list.all().fill_null(value=False)
    return values.to_frame().select(_is_any(pl.first(), values.dtype, kinds)).to_series().fill_null(value=False)


def _is_any(value: pl.Expr, dtype: Any, kinds: set[str]) -> pl.Expr:
    if dtype == pl.String and not kinds & _WRITTEN_AS[pl.String]:
        return value.str.contains(_LOOKS_LIKE_DATE) & pl.lit("date" in kinds)
    return value.is_not_null() & pl.lit(bool(_WRITTEN_AS.get(dtype.base_type(), set()) & kinds))
