"""Logging in by OAuth 2 with a client's credentials, and staying so with what a token leaves for the next one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from cdpkit.kit.answers import OK, Refuse, part, read, said
from cdpkit.kit.auth import Auth, Token
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Http, Reply

UNAUTHORISED = frozenset({401})
"""The status of an answer to a token that is not taken, where the vendor does not use others too."""


def by_credentials(
    path: str, limit: str, refuse: Refuse, *, address: str = "base_url", not_taken: frozenset[int] = UNAUTHORISED
) -> Auth:
    """Fetch bearer tokens for `client_id` and `client_secret`; a refresh token is used as long as it is taken.

    Args:
        path: Of the call.
        limit: On which it draws.
        refuse: Raises what a refusal of the login means.
        address: The setting that says where the call goes.
        not_taken: Statuses of answers to a token that is not taken.
    """

    def obtain(settings: Settings, kept: Mapping[str, Any] | None) -> Effects[Token]:
        form = {"client_id": settings["client_id"], "client_secret": settings["client_secret"].get_secret_value()}
        form |= {"grant_type": "refresh_token", **kept} if kept else {"grant_type": "client_credentials"}
        reply: Reply = yield _asking(form, path, limit, address)
        if kept and said(reply).get("error") == "invalid_grant":
            return (yield from obtain(settings, None))
        answer = read(reply, OK, refuse)
        bearer = SecretStr(f"Bearer {part(answer, 'access_token', str, reply)}")
        following = answer.get("refresh_token")
        return Token({"Authorization": bearer}, {"refresh_token": following} if isinstance(following, str) else {})

    return Auth(obtain, lambda reply: reply.status in not_taken)


def _asking(form: Mapping[str, str], path: str, limit: str, address: str) -> Http:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    body = urlencode(form).encode()
    return Http(method="POST", path=path, limit=limit, headers=headers, body=body, repeatable=True, address=address)
