"""Logging in by OAuth 2, with replies fed by hand."""

from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from cdpkit.errors import CredentialsError, RemoteError
from cdpkit.kit.auth import Token
from cdpkit.kit.effects import Reply
from cdpkit.kit.oauth import by_credentials
from tests.served import answered, calls, drive, script

SETTINGS = {"client_id": "me", "client_secret": SecretStr("an-invented-secret")}
GIVEN = answered(body={"access_token": "t-1", "refresh_token": "r-1", "expires_in": 60})


def refuse(reply: Reply) -> NoReturn:
    raise CredentialsError(f"{reply.what} is refused")


AUTH = by_credentials("/token", "login", refuse, address="token_url")


def obtained(*replies: Reply, kept: Mapping[str, Any] | None = None) -> tuple[Token, list[dict[str, str]]]:
    token, asked = drive(AUTH.obtain(SETTINGS, kept), script(*replies))
    forms = [parse_qs(str(call.body, "utf-8")) if call.body else {} for call in calls(asked)]
    return token, [{name: values[0] for name, values in form.items()} for form in forms]


def test_credentials_give_a_bearer_token() -> None:
    """What the next one needs is kept; no repr shows a secret."""
    token, forms = obtained(GIVEN)
    assert forms == [
        {"client_id": "me", "client_secret": "an-invented-secret", "grant_type": "client_credentials"},
    ]
    assert token == Token({"Authorization": SecretStr("Bearer t-1")}, {"refresh_token": "r-1"})
    (call,) = calls(drive(AUTH.obtain(SETTINGS, None), script(GIVEN))[1])
    assert (call.method, call.path, call.limit, call.address) == ("POST", "/token", "login", "token_url")
    assert (call.repeatable, call.authorised) == (True, False)
    assert not any(word in repr((token, call)) for word in ("an-invented-secret", "t-1", "r-1"))


def test_a_refresh_token_is_used_as_long_as_it_is_taken() -> None:
    """One that is not leads back to the credentials; a vendor may give none."""
    again = answered(body={"access_token": "t-2"})
    token, forms = obtained(again, kept={"refresh_token": "r-1"})
    assert (forms[0]["grant_type"], forms[0]["refresh_token"]) == ("refresh_token", "r-1")
    assert (dict(token.kept), token.headers["Authorization"]) == ({}, SecretStr("Bearer t-2"))
    _, forms = obtained(answered(400, {"error": "invalid_grant"}), again, kept={"refresh_token": "r-1"})
    assert [form["grant_type"] for form in forms] == ["refresh_token", "client_credentials"]


def test_a_login_that_is_refused_says_what_the_vendor_means_by_it() -> None:
    """Also where a refresh token was given; an answer without a token is none."""
    for kept in (None, {"refresh_token": "r-1"}):
        with pytest.raises(CredentialsError, match="is refused"):
            obtained(answered(401, {"error": "invalid_client"}), kept=kept)
    with pytest.raises(RemoteError, match="without 'access_token'"):
        obtained(answered(body={}))


def test_an_answer_says_that_a_token_is_not_taken() -> None:
    """By its status, which the vendor may tell."""
    other = by_credentials("/token", "login", refuse, not_taken=frozenset({401, 403}))
    statuses = (200, 401, 403)
    assert [AUTH.refused(answered(status)) for status in statuses] == [False, True, False]
    assert [other.refused(answered(status)) for status in statuses] == [False, True, True]
