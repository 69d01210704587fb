"""Calls of Acxiom, how one logs in, and what a refusal means: codes tell, since most have the status 400."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from cdpkit.errors import ConfigurationError, CredentialsError, RemoteError
from cdpkit.kit import oauth
from cdpkit.kit.answers import said
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.vendor import Limit
from cdpkit.problem import Problem

AT = "Acxiom"
HERE = "https://api.acxiom.com/v1"
LOGIN = "https://login.myacxiom.com/api/v1/auth/oauth2/token"
MOST = 1000
"""Requests of a batch."""

LIMITS = {
    "batch": Limit(5, 1, at_once=4, source="none is published; a relative's service takes 360 batches a minute"),
    "login": Limit(1, 1, at_once=1, source="none is published"),
}

NOBODY = frozenset({"0030"})
GONE = frozenset({"0117", "0017"})
PASSING = frozenset({"0000", "0010", "0070", "0080", "0095", "0100"})
"""Faults of the vendor's own, with the status 400: the same may be asked again."""
UNFIT = frozenset({"0040", "0042", "0043", "0044", "0045"})
"""What is asked of somebody does not fit, until it is another."""
TOO_MANY = "0060"
NOT_ALLOWED = frozenset({"0020", "0025"})
_NOT_TAKEN = frozenset({401, 403})
_EMPTY = frozenset({"0040", "0041"})

_PATIENCE = 120.0


def batch(settings: Settings, requests: Sequence[str]) -> Http:
    """Ask several at once; they stand in the body, never in the address. A second time would be paid twice."""
    wanted = {name: settings[name] for name in ("tenant", "role") if settings[name]}
    return Http(
        method="POST",
        path="/batch/match",
        limit="batch",
        params=tuple(wanted.items()),
        headers={"Accept": "application/json", "Content-Type": "application/json"},
        body=json.dumps(list(requests)).encode(),
        timeout=_PATIENCE,
        authorised=True,
    )


def code(document: object) -> str:
    """The four digits of an error document; empty where it is none."""
    error = document.get("error") if isinstance(document, dict) else None
    found = error.get("code") if isinstance(error, dict) else None
    return found[-4:] if isinstance(found, str) and found[-4:].isdigit() else ""


def _renew(reply: Reply) -> bool:
    """Whether a token is no longer good: a web page of a gateway is no such answer."""
    return reply.status in _NOT_TAKEN and bool(said(reply)) and code(said(reply)) not in NOT_ALLOWED


def refuse_login(reply: Reply) -> NoReturn:
    """Refuse what is no token.

    Raises:
        CredentialsError: The client is not taken.
        RemoteError: Something else is wrong.
    """
    word = said(reply).get("error")
    if reply.status in _NOT_TAKEN or word in {"invalid_client", "unauthorized_client"}:
        what = f"{AT} does not take the client (status {reply.status})"
        fix = "correct client_id and client_secret, in the style that credentials says; is the application set up?"
        raise CredentialsError("", [Problem("settings.client_secret", what, fix)])
    raise RemoteError(f"{reply.what} was refused with status {reply.status}; check token_url and credentials")


_OAUTH = oauth.by_credentials(
    "", "login", refuse_login, address="token_url", as_basic=lambda settings: settings["credentials"] == "basic"
)
AUTH = replace(_OAUTH, refused=_renew)


def refuse(reply: Reply) -> NoReturn:
    """Refuse an answer to a whole batch.

    Raises:
        CredentialsError: The client may not ask.
        ConfigurationError: The settings do not fit.
        RemoteError: Something else is wrong.
    """
    number = code(said(reply))
    told = f"{reply.what} was refused with status {reply.status}{f' and code {number}' if number else ''}"
    if not said(reply):
        raise RemoteError(
            f"{told} by something that is not {AT}'s API; is this machine's address allowed there, and base_url right?"
        )
    if reply.status in _NOT_TAKEN or number in NOT_ALLOWED:
        fix = "correct client_id, tenant and role, or have the role allowed to match"
        raise CredentialsError("", [Problem("settings.client_id", f"{AT} does not let the client ask: {told}", fix)])
    if number == "0050":
        raise ConfigurationError(f"{told}: parameters conflict with a header; correct tenant and role")
    raise RemoteError(told)


def check(settings: Settings) -> Effects[None]:
    """Ask nothing, which costs nothing: a client that is taken is told that the batch is empty.

    Raises:
        CredentialsError: The client is not taken.
        RemoteError: The answer is not that of the API.
    """
    reply: Reply = yield batch(settings, [])
    if reply.status in _NOT_TAKEN or code(said(reply)) not in _EMPTY:
        if isinstance(_list(reply), list):
            return
        refuse(reply)


def _list(reply: Reply) -> object:
    try:
        return reply.json() if reply.status == 200 else None  # noqa: PLR2004
    except RemoteError:
        return None
