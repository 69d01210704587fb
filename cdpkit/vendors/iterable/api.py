"""Calls of Iterable, what they answer, and what a refusal means.

What the vendor answers is judged by the HTTP status and never by its `code`, which says "Success" in refusals too.
"""

from functools import partial
from typing import Any, NoReturn

from cdpkit.core.properties import PropertyType
from cdpkit.errors import CredentialsError, RemoteError
from cdpkit.kit import answers
from cdpkit.kit.answers import part, plain, said
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import LISTS, Discovery, Item, VendorField
from cdpkit.kit.effects import Effects, Http, Reply, Together, all_of
from cdpkit.kit.vendor import Limit
from cdpkit.problem import Problem

US, EU = "https://api.iterable.com", "https://api.eu.iterable.com"

_OAS = "Swagger description of the Iterable API 1.8, per project"
_NONE = "no figure published; "
LIMITS = {
    "lists": Limit(100, 1, source=_OAS),
    "get_users": Limit(5, 60, at_once=1, source=_OAS),
    "fields": Limit(3, 1, source=_OAS),
    "export_job": Limit(1, 1, at_once=1, source="Swagger description of the Iterable API 1.8, per organization"),
    "download": Limit(50, 1, at_once=4, source=_NONE + "files lie in a store of their own"),
    "bulk_update": Limit(5, 1, source=_OAS),
    "track_bulk": Limit(10, 1, source=_OAS),
    "track_purchase": Limit(20, 1, source=_NONE + "one call an order, and no more at once than that"),
    "subscribe": Limit(5, 1, source=_NONE + "that of bulkUpdate"),
    "unsubscribe": Limit(5, 1, source=_NONE + "that of bulkUpdate"),
}


def get(settings: Settings, path: str, limit: str, *params: tuple[str, str]) -> Http:
    """A call that reads."""
    headers = {"Api-Key": settings["api_key"]}
    return Http(method="GET", path=path, limit=limit, params=params, headers=headers, repeatable=True)


def post(settings: Settings, path: str, limit: str, body: bytes, *, repeatable: bool = True) -> Http:
    """A call that writes."""
    headers = {"Api-Key": settings["api_key"], "Content-Type": "application/json"}
    return Http(method="POST", path=path, limit=limit, headers=headers, body=body, repeatable=repeatable)


def code(reply: Reply) -> str:
    """The vendor's word for a refusal."""
    word = plain(said(reply).get("code"))
    return f"status {reply.status}" if word in (None, "Success") else str(word)


_MENDS = {
    "UniqueFieldsLimitExceeded": "; the project has as many fields as it may have: map to fields that it has, or let "
    "Iterable's support raise the limit",
}


def refuse(settings: Settings, reply: Reply) -> NoReturn:
    """Raise what a refusal of the whole call means.

    Raises:
        CredentialsError: The key is not taken, or may not do this.
        RemoteError: Any other refusal.
    """
    word = code(reply)
    if reply.status == 401 or "jwt" in word.lower():  # noqa: PLR2004
        what = f"Iterable does not take the API key at base_url {settings['base_url']!r}"
        fix = (
            "check api_key, that it was not disabled and is a server-side key with standard permissions, and the data "
            f"centre: a key of the EU data centre only works with base_url {EU!r}, one of the US data centre only with "
            f"{US!r}"
        )
        raise CredentialsError("", [Problem("settings.api_key", what, fix)])
    if reply.status == 403:  # noqa: PLR2004
        what = f"the API key may not do {reply.what} ({word})"
        fix = "give api_key a server-side key with standard permissions"
        raise CredentialsError("", [Problem("settings.api_key", what, fix)])
    told = "" if word.startswith("status") else f" ({word})"
    raise RemoteError(f"Iterable refused {reply.what} with status {reply.status}{told}{_MENDS.get(word, '')}")


def read(reply: Reply, settings: Settings) -> dict[str, Any]:
    """The JSON object of a good answer.

    Raises:
        CredentialsError: The key is not taken, or may not do this.
        RemoteError: Any other refusal, or an answer that is no JSON object.
    """
    return answers.read(reply, refuse=partial(refuse, settings))


_HOLDS = {
    "string": PropertyType.TEXT,
    "long": PropertyType.NUMBER,
    "double": PropertyType.DECIMAL,
    "boolean": PropertyType.BOOLEAN,
    "date": PropertyType.DATETIME,
}


def check(settings: Settings) -> Effects[None]:
    """Whether the key is taken."""
    yield from get_lists(settings)


def discover(settings: Settings) -> Effects[Discovery]:
    """Fields and lists of the project."""
    calls = (get(settings, "/api/users/getFields", "fields"), get(settings, "/api/lists", "lists"))
    fields, lists = all_of((yield Together(calls)))
    types = part(read(fields, settings), "fields", dict, fields)
    wholes = {name[:at] for name in map(str, types) for at, char in enumerate(name) if char == "."}
    found = tuple(
        VendorField(str(name), str(kind), holds=_HOLDS.get(kind), in_parts=name in wholes)
        for name, kind in types.items()
    )
    return Discovery(found, {LISTS.name: _lists_of(lists, settings)})


def get_lists(settings: Settings) -> Effects[tuple[Item, ...]]:
    """The lists of the project; people can be put on Standard ones alone."""
    reply: Reply = yield get(settings, "/api/lists", "lists")
    return _lists_of(reply, settings)


def _lists_of(reply: Reply, settings: Settings) -> tuple[Item, ...]:
    found = part(read(reply, settings), "lists", list, reply)
    ids = (str(part(item, "id", int, reply)) for item in found)
    kinds = (str(item.get("listType")) for item in found)
    return tuple(
        Item(number, str(item.get("name")), kind, target=kind == "Standard")
        for number, item, kind in zip(ids, found, kinds, strict=True)
    )
