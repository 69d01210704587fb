"""Answers of Acxiom: what came of each request, and the fields that may be kept of a document."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cdpkit.core import asking as words
from cdpkit.vendors.acxiom import api
from cdpkit.vendors.acxiom.documents import kind_of

_GOOD, _MISSING = 200, 404
_DERIVED = "ZZ"
_MADE_UP_AT = slice(6, 8)
_TRUE = "true"


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a request, as `ANSWERS` without `nth`; `again` where it may be asked once more."""

    state: str
    outcome: str
    documents: int = 0
    reason: str | None = None
    answer: str | None = None
    again: bool = False


DOUBT = Told(words.MAYBE, words.IN_DOUBT)
"""Nobody knows what became of it."""


def told(item: object, about: str, ticked: Collection[str], own: Collection[str]) -> Told:
    """What an item of a batch's answer says.

    Args:
        item: `code` and `document`.
        about: The class that was asked for.
        ticked: The kinds of sensitive data that may be kept.
        own: Further fields that are sensitive.
    """
    status = item.get("code") if isinstance(item, dict) else None
    document = item.get("document") if isinstance(item, dict) else None
    number = api.code(document)
    if not isinstance(status, int) or (status == _GOOD and not isinstance(document, dict)):
        return DOUBT
    return _refused(status, number) if number or status != _GOOD else _found(document, about, ticked, own)


def _refused(status: int, number: str) -> Told:
    reason = number or str(status)
    if number in api.NOBODY or (status == _MISSING and not number):
        return Told(words.BILLED, words.NOBODY, 1, reason)
    if not number and not 400 <= status < 500:  # noqa: PLR2004
        return DOUBT
    outcome = words.OPTED_OUT if number in api.GONE else words.REFUSED if number in api.UNFIT else words.FAILED
    return Told(words.UNPAID, outcome, reason=reason, again=number in api.PASSING)


def _found(document: Any, about: str, ticked: Collection[str], own: Collection[str]) -> Told:
    documents = _documents(document, about)
    if len(documents) != 1:
        return Told(words.BILLED, words.SEVERAL if documents else words.NOBODY, max(len(documents), 1))
    one = documents[0]
    meta = one.get("matchMetadata")
    made_up = one.get("id")
    if not made_up:
        return Told(words.BILLED, words.PORTRAIT, 1)
    if str(made_up)[_MADE_UP_AT] == _DERIVED or {*one} == {"id"}:
        return Told(words.BILLED, words.DERIVED, 1)
    if _dead(one):
        return Told(words.BILLED, words.DECEASED, 1)
    if isinstance(meta, Mapping) and meta.get("distinctMatch") is False:
        return Told(words.BILLED, words.SEVERAL, 1)
    fields = {
        f"{about}.{rest}": value
        for rest, value in flat(one).items()
        if (kind := kind_of(rest, own)) is None or kind in ticked
    }
    return Told(words.BILLED, words.MATCHED, 1, answer=json.dumps(fields))


def _documents(document: Any, about: str) -> list[dict[str, Any]]:
    """The documents of an answer, without what they are wrapped in; one of a group may stand alone."""
    group = document.get("group")
    if not isinstance(group, Mapping):
        inner = document.get(about, next(iter(document.values()), None))
        return [inner] if isinstance(inner, dict) else []
    listed = next((each for each in group.values() if isinstance(each, list)), [])
    inside = [next(iter(each.values()), None) for each in listed if isinstance(each, dict)]
    return [each for each in inside if isinstance(each, dict)]


def _dead(document: Mapping[str, Any]) -> bool:
    """Whether it says anywhere that somebody has died."""
    return any("deceased" in name.lower() and str(value).lower() == _TRUE for name, value in flat(document).items())


def flat(document: Mapping[str, Any], start: str = "") -> dict[str, Any]:
    """The values of a document by their paths; those of a list of objects are lists."""
    found: dict[str, Any] = {}
    for name, value in document.items():
        path = f"{start}{name}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{path}.")
        elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            for each in value:
                for below, inner in flat(each, f"{path}[].").items() if isinstance(each, Mapping) else ():
                    found.setdefault(below, []).extend(inner if isinstance(inner, list) else [inner])
        elif value is not None:
            found[path] = value
    return found
