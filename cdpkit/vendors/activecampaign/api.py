"""Calls of ActiveCampaign, what they answer, and what a refusal means."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

from cdpkit.errors import CredentialsError, RemoteError
from cdpkit.kit import answers, pages
from cdpkit.kit.answers import plain, said
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.vendor import Limit
from cdpkit.problem import Problem

DONE = frozenset({200, 201})
"""Which of the two says that something is new differs from one document to the next; both are good everywhere."""

MOST = 100
"""Rows of a page; more are cut off without a word."""

_DOCS = "rate limits in the API's documentation: 5 a second per account, "
LIMITS = {
    "calls": Limit(3.5, 1, at_once=4, source=_DOCS + "of which imports have the rest"),
    "imports": Limit(90, 60, at_once=2, source=_DOCS + "and 100 imports of several contacts a minute"),
}
_TRIES = 3


def http(settings: Settings, method: str, path: str, body: bytes | None = None) -> Http:
    """A call below the address, which may have been given with or without the path that all calls begin with."""
    start = "" if str(settings["base_url"]).rstrip("/ ").endswith("/api/3") else "/api/3"
    headers = {"Api-Token": settings["api_key"], "Accept": "application/json"}
    headers |= {} if body is None else {"Content-Type": "application/json"}
    return Http(method=method, path=start + path, limit="calls", headers=headers, body=body, repeatable=True)


def get(settings: Settings, path: str, *params: tuple[str, str]) -> Http:
    """A call that reads."""
    return replace(http(settings, "GET", path), params=params)


def write(settings: Settings, method: str, path: str, content: Mapping[str, Any]) -> Http:
    """A call that writes, with the effect of one where it is made twice."""
    return http(settings, method, path, json.dumps(content).encode())


def code(reply: Reply) -> str | None:
    """The vendor's word for a refusal, which stands in the first of its errors; None where there is none."""
    errors = said(reply).get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return plain(first.get("code")) if isinstance(first, dict) else None


def refuse(reply: Reply) -> NoReturn:
    """Raise what a refusal of the whole call means.

    Raises:
        CredentialsError: The key is not taken or may not do this, or the address is another one's.
        RemoteError: The account is not paid, or any other refusal.
    """
    status = reply.status
    if status == 402:  # noqa: PLR2004 - its body is empty
        raise RemoteError(
            "ActiveCampaign says that the account is not paid (402): settle that there, then run it again"
        )
    if 300 <= status < 400:  # noqa: PLR2004 - as to the login page where the account's name is wrong
        what = (
            f"{reply.what} was sent elsewhere (status {status}), so base_url is not the address of this account's API"
        )
        raise CredentialsError("", [Problem("settings.base_url", what, _WHERE)])
    if status in (401, 403):
        what = f"ActiveCampaign does not take the API key, or its user may not do this (status {status})"
        fix = "copy api_key anew from Settings > Developer, and see what the groups of its user may do; " + _WHERE
        raise CredentialsError("", [Problem("settings.api_key", what, fix)])
    word = code(reply)
    raise RemoteError(f"ActiveCampaign refused {reply.what} with status {status}{f' ({word})' if word else ''}")


_WHERE = "base_url is the whole URL that Settings > Developer shows, such as https://yours.api-us1.com"


def read(reply: Reply) -> dict[str, Any]:
    """The JSON object of a good answer.

    Raises:
        CredentialsError: See `refuse`.
        RemoteError: Any other refusal, or an answer that is no JSON object.
    """
    return answers.read(reply, DONE, refuse)


def check(settings: Settings) -> Effects[None]:
    """Whether the key is taken; a web page with status 200 is no yes, but what a wrong key may be answered with."""
    reply: Reply = yield get(settings, "/users/me")
    if reply.status in DONE and not isinstance(said(reply).get("user"), dict):
        what = f"{reply.what} was answered with something else than the key's user, such as a login page"
        fix = "copy api_key and base_url anew from Settings > Developer; " + _WHERE
        raise CredentialsError("", [Problem("settings.api_key", what, fix)])
    read(reply)


def collect(
    settings: Settings, path: str, name: str, *params: tuple[str, str]
) -> Effects[dict[str, list[dict[str, Any]]]]:
    """All rows of a collection, and of what is loaded beside it, each once.

    They are read anew where the total changes meanwhile, as rows then move from page to page.

    Args:
        settings: The connection's.
        path: Of the collection.
        name: Its name in an answer.
        params: What else is asked for.

    Raises:
        CredentialsError: See `refuse`.
        RemoteError: It is refused, or no collection.
    """
    first = get(settings, path, *params, ("limit", str(MOST)), ("offset", "0"))
    found: dict[str, dict[str, dict[str, Any]]] = {name: {}}
    for _ in range(_TRIES):
        replies = yield from pages.gather(first, partial(_next, name), ok=DONE, refuse=refuse)
        for reply in replies:
            told = read(reply)
            answers.part(told, name, list, reply)
            for each, part in told.items():
                there = found.setdefault(each, {})
                for row in part if isinstance(part, list) else ():
                    if isinstance(row, dict):
                        there[str(row.get("id", f"without {len(there)}"))] = row
        if len({total(reply) for reply in replies}) == 1:
            break
    return {each: list(there.values()) for each, there in found.items()}


def total(reply: Reply) -> int | None:
    """How many rows a collection has, as an answer says it; it comes as a text."""
    meta = said(reply).get("meta")
    given = str(meta.get("total")) if isinstance(meta, dict) else ""
    return int(given) if given.isascii() and given.isdecimal() else None


def _next(name: str, call: Http, reply: Reply) -> Http | None:
    """The next page by offset: the vendor may give fewer rows than were asked for, so the last one is empty or full."""
    here = said(reply).get(name)
    offset = int(dict(call.params)["offset"]) + (len(here) if isinstance(here, list) else 0)
    there = total(reply)
    return pages.with_param(call, "offset", str(offset)) if here and (there is None or offset < there) else None


def get_lists(settings: Settings) -> Effects[tuple[Item, ...]]:
    """The lists for e-mail."""
    found = yield from collect(settings, "/lists", "lists")
    mail = (row for row in found["lists"] if row.get("channel") in (None, "", "email"))
    named = ((str(row.get("id")), str(row.get("name"))) for row in mail)
    return tuple(Item(number, name, "email") for number, name in named if number.isdecimal())
