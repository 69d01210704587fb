"""Calls of Campaign Monitor, what they answer, and what a refusal means.

A refusal is told by its code, since most have the status 400, and texts differ from one server to the next.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from cdpkit.errors import ConfigurationError, CredentialsError, RemoteError
from cdpkit.kit import answers
from cdpkit.kit.answers import said
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.vendor import Limit
from cdpkit.problem import Problem

HERE = "https://api.createsend.com/api/v3.3"
AT = "Campaign Monitor"
DONE = frozenset({200, 201})
MOST = 1000
"""Rows of a page, and people of an import."""

LIMITS = {
    "calls": Limit(10, 1, at_once=4, source="none is published; whoever is too fast is answered 429 without a word"),
    "login": Limit(1, 1, at_once=1, source="none is published"),
}
EXPIRED = 121
NO_KEY, NO_RIGHT, NOT_YOURS, NO_TOKEN = frozenset({50, 100}), 60, frozenset({101, 102}), frozenset({120, 121, 122})
NOT_THERE = 203
STATES_OF = {204: "suppressed", 205: "deleted", 206: "unsubscribed", 207: "bounced", 208: "unconfirmed"}
WORDS = {
    1: "invalid_email",
    211: "invalid_email",
    **STATES_OF,
    **dict.fromkeys((213, 214, 215), "consent"),
    220: "mobile_number",
    221: "email_and_mobile_number",
    222: "consent_to_send_sms",
    400: "cannot_be_read",
    810: "value_too_long",
}
"""What codes about a person mean, in words."""
ABOUT_PEOPLE = frozenset(WORDS) - frozenset(STATES_OF)
"""Codes with which one row may have sunk a whole import."""

_VERSION = re.compile(r"/api/v\d+(\.\d+)?/*$")
_PATIENCE = 120.0
"""Seconds: the vendor's own clients wait so long."""


def http(settings: Settings, method: str, path: str, content: Mapping[str, Any] | bytes | None = None) -> Http:
    """A call below the address, which may have been given with or without the version that all calls begin with."""
    start = "" if _VERSION.search(str(settings["base_url"]).strip()) else "/api/v3.3"
    body = content if content is None or isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"Accept": "application/json"}
    headers |= {} if body is None else {"Content-Type": "application/json; charset=utf-8"}
    return Http(
        method=method,
        path=f"{start}{path}.json",
        limit="calls",
        headers=headers,
        body=body,
        repeatable=True,
        timeout=_PATIENCE,
        authorised=True,
    )


def get(settings: Settings, path: str, *params: tuple[str, str]) -> Http:
    """A call that reads."""
    return replace(http(settings, "GET", path), params=params)


def code(reply: Reply) -> int | None:
    """The code of a refusal without its sign, which differs; None where it has none."""
    return number(said(reply).get("Code"))


def number(given: object) -> int | None:
    """A code, as a number or as a text that is one."""
    found = re.fullmatch(r"-?(\d{1,9})", str(given)) if isinstance(given, int | str) else None
    return None if found is None else int(found[1])


def refuse(reply: Reply) -> NoReturn:
    """Raise what a refusal of the whole call means.

    Raises:
        CredentialsError: Key or login are not taken, or may not do this.
        ConfigurationError: What the call names is another account's, or gone.
        RemoteError: Any other refusal.
    """
    found = code(reply)
    if found in NO_KEY:
        what = f"{AT} does not take the API key (code {found})"
        raise CredentialsError("", [Problem("settings.api_key", what, "copy it anew from Account settings > API keys")])
    if found in NO_TOKEN:
        what = f"{AT} does not take the login any more (code {found})"
        raise CredentialsError("", [Problem("login", what, "log in again with conn.login()")])
    if found == NO_RIGHT:
        what = f"the login may not do what {reply.what} needs (code {found})"
        raise CredentialsError("", [Problem("login", what, "log in again with conn.login(), as somebody who may")])
    if found in NOT_YOURS:
        what = f"{reply.what} names a client or a list that the key or login does not reach (code {found})"
        raise ConfigurationError("", [Problem("settings.client", what, "choose a client and lists that it reaches")])
    raise RemoteError(f"{AT} refused {reply.what} with status {reply.status}{f' (code {found})' if found else ''}")


def read(reply: Reply) -> dict[str, Any]:
    """The JSON object of a good answer; see `refuse`."""
    return answers.read(reply, DONE, refuse)


def read_list(reply: Reply) -> list[dict[str, Any]]:
    """The objects of the bare array of a good answer; see `refuse`."""
    return [row for row in answers.read_list(reply, DONE, refuse) if isinstance(row, dict)]


def check(settings: Settings) -> Effects[None]:
    """Whether the key or the login is taken."""
    reply: Reply = yield get(settings, "/systemdate")
    answers.part(read(reply), "SystemDate", str, reply)
