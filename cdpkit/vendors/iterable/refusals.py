"""Whom an answer refuses: by value, by index, by the type of a value, or by their number alone."""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.core.parse import is_empty
from cdpkit.errors import ConfigurationError
from cdpkit.kit.answers import OK, part, plain, said
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Reply
from cdpkit.kit.sending import TAKEN, Verdict, by_index, by_value, counted, set_apart
from cdpkit.vendors.iterable.api import IDENTIFIERS, code, read, refuse
from cdpkit.vendors.iterable.stage import compared

_SPLIT = frozenset({400, 408, 409, 413})
_WHOLE = frozenset({"BadParams", "UniqueFieldsLimitExceeded"})
"""Words for refusals that no splitting mends; clients of the vendor's own stop at them too."""
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
    """
    if reply.status in OK:
        return _tally(read(reply, settings), people, reply)
    word = code(reply)
    if reply.status not in _SPLIT or word in _WHOLE or "jwt" in word.lower():
        refuse(settings, reply)
    params = said(reply).get("params")
    reasons = by_index(people, {})
    if word == "RequestFieldsTypesMismatched" and isinstance(params, dict):
        reasons = _mistyped(params.get("validationErrors"), people, fields)
    if word == "BadJsonBody" and isinstance(params, dict):
        reasons = _malformed(params, people)
    return set_apart(people, reasons, word)


def _tally(told: Mapping[str, Any], people: pl.DataFrame, reply: Reply) -> Verdict:
    """Who failed, if the failures by name are as many as their count; else the doubtful ones are sent again."""
    failed = part(told, "failCount", int, reply)
    lost = told.get("filteredOutFields")
    if isinstance(lost, list) and lost:
        raise ConfigurationError(
            f"Iterable dropped the fields {', '.join(sorted(map(str, lost)))}: this project does not take new fields; "
            "make them in Iterable's settings, or take them out of the goal's mappings"
        )
    named = _failures(told)
    if not failed and named.is_empty():
        return TAKEN
    if people.height == 1:
        failed = int(failed > 0 or named.height > 0)  # the name may be written otherwise than ours
    otherwise = named["reason"][0] if named.height else "failCount"
    return counted(people, _reasons(people, named), failed, otherwise)


_UNNAMED = pl.DataFrame(schema=dict.fromkeys(("identifier", "value", "reason"), pl.String))


def _failures(told: Mapping[str, Any]) -> pl.DataFrame:
    """Columns `identifier`, `value` (as compared) and `reason`: Iterable's words, in its order."""
    updates = told.get("failedUpdates")
    named = dict(updates) if isinstance(updates, dict) else {}
    for word in ("invalidEmails", "invalidUserIds"):  # older servers have these alone
        both = [told.get(word), named.get(word)]
        named[word] = [value for values in both if isinstance(values, list) for value in values]
    frames = [_UNNAMED]
    for word, values in named.items():
        identifier = "email" if word.endswith("Emails") else "userId"
        if isinstance(values, list) and values and re.fullmatch(r"(?!noOp)[A-Za-z]{1,50}(?:Emails|UserIds)", word):
            texts = pl.Series([value for value in values if isinstance(value, str)], dtype=pl.String)
            same = compared(texts, identifier).alias("value")
            frames.append(pl.DataFrame({"identifier": identifier, "value": same, "reason": word}, strict=False))
    return pl.concat(frames) if len(frames) > 1 else _UNNAMED


def _reasons(people: pl.DataFrame, named: pl.DataFrame) -> pl.Series:
    """The reason of each person whom a failure names, else null."""
    found = by_index(people, {})
    for identifier in IDENTIFIERS:
        if identifier in people.columns and named.height:
            words = named.filter(pl.col("identifier") == identifier)
            found = found.zip_with(found.is_not_null(), by_value(compared(people[identifier], identifier), words))
    return found


def _malformed(params: Mapping[str, Any], people: pl.DataFrame) -> pl.Series:
    """The people at whom Iterable points by their index in the body."""
    places = (re.fullmatch(r"obj\.\w+\[([0-9]{1,6})\]\.?([\w.\[\] -]{0,80}).*", str(key), re.DOTALL) for key in params)
    return by_index(people, {int(place[1]): f"BadJsonBody: {place[2]}".rstrip(": ") for place in places if place})


def _mistyped(errors: object, people: pl.DataFrame, fields: pl.DataFrame) -> pl.Series:
    """The people whose values clash with the type that a field has at Iterable."""
    reasons = by_index(people, {})
    for name, error in errors.items() if isinstance(errors, dict) else ():
        if name in fields.columns and isinstance(error, dict):
            values = fields[name].gather(people["at"])
            wrong = _clashing(values, str(error.get("expectedType")).lower(), error.get("incomingTypes"))
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
