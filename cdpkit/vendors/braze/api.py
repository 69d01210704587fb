"""Calls of Braze, what they answer, and what a refusal means.

A good answer is any status from 200 to 299; `message` says `success` or, in maintenance, `queued`, which is as good. A
refusal of a key repeats that key, so that nothing of a refusal's text is ever shown.
"""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from cdpkit.errors import CredentialsError, RemoteError
from cdpkit.kit import answers
from cdpkit.kit.answers import said
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Http, Reply
from cdpkit.kit.vendor import Limit
from cdpkit.problem import Problem

AT = "Braze"
DONE = frozenset({200, 201, 202})
DENIED, FORBIDDEN = 401, 403
HOSTS = (
    "https://rest.iad-01.braze.com (iad-02 to iad-08), https://rest.us-09.braze.com, https://rest.us-10.braze.com, "
    "https://rest.fra-01.braze.eu, https://rest.fra-02.braze.eu, https://rest.au-01.braze.com, "
    "https://rest.id-01.braze.com, https://rest.jp-01.braze.com or https://rest.kr-01.braze.com"
)

_DOCS = "API limits in the vendor's documentation, per workspace: "
LIMITS = {
    "track": Limit(50, 1, source=_DOCS + "3,000 calls in 3 seconds for some contracts, less for others"),
    "calls": Limit(60, 1, source=_DOCS + "250,000 calls an hour for all that have no limit of their own"),
    "export": Limit(1, 1, at_once=4, source=_DOCS + "as the others, and one export of a segment at a time"),
    "catalogue": Limit(16, 60, at_once=1, source=_DOCS + "1,000 calls an hour"),
    "subscriptions": Limit(80, 1, source=_DOCS + "5,000 calls a minute"),
    "bucket": Limit(50, 1, at_once=4, source="none of S3's that a single reader would meet"),
}


def get(settings: Settings, path: str, *params: tuple[str, str], limit: str = "calls") -> Http:
    """A call that reads."""
    return Http(method="GET", path=path, limit=limit, params=params, headers=_headers(settings), repeatable=True)


def post(settings: Settings, path: str, content: Mapping[str, Any] | bytes, limit: str, *, repeatable: bool) -> Http:
    """A call with a body."""
    headers = {**_headers(settings), "Content-Type": "application/json"}
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Http(method="POST", path=path, limit=limit, headers=headers, body=body, repeatable=repeatable)


def _headers(settings: Settings) -> dict[str, Any]:
    key = settings["api_key"]
    return {"Authorization": type(key)(f"Bearer {key.get_secret_value().strip()}")}


def refuse(reply: Reply) -> NoReturn:
    """Raise what a refusal of the whole call means.

    Raises:
        CredentialsError: The key is not taken, or may not do this.
        RemoteError: Any other refusal.
    """
    if reply.status == DENIED:
        what = "Braze does not take the API key, or it is the key of another instance (status 401)"
        fix = f"copy api_key anew from Settings > API keys, and see that base_url is its REST endpoint: {HOSTS}"
        raise CredentialsError("", [Problem("settings.api_key", what, fix)])
    if reply.status == FORBIDDEN:
        raise CredentialsError("", [lacking(reply.what)])
    raise RemoteError(f"Braze refused {reply.what} with status {reply.status}")


def lacking(what: str) -> Problem:
    """That a key may not do something, named by its permissions or its call."""
    fix = (
        "permissions of a key cannot be changed: make a new key at Settings > API keys with all that the manual lists, "
        "without a list of allowed addresses that leaves out this machine"
    )
    return Problem("settings.api_key", f"the API key may not do {what}", fix)


def read(reply: Reply) -> dict[str, Any]:
    """The JSON object of a good answer.

    Raises:
        CredentialsError: See `refuse`.
        RemoteError: Any other refusal, or an answer that is no JSON object.
    """
    return answers.read(reply, DONE, refuse)


def errors_of(reply: Reply) -> list[Mapping[str, Any]]:
    """What an answer says of single objects: `type`, `input_array` and `index`."""
    errors = said(reply).get("errors")
    return [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
