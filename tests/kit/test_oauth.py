"""Logging in by OAuth 2, with replies fed by hand."""

from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from cdpkit.errors import CredentialsError, RemoteError
from cdpkit.kit.auth import Token
from cdpkit.kit.effects import Reply
from cdpkit.kit.oauth import Application, at_hand, by_credentials
from tests.kit.served import answered, calls, drive, script

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


PAGE = Application("Acme", "login", {"scope": "a,b"}, instead=", or give a key")
WITH_PAGE = {**SETTINGS, "oauth_url": "https://example.com/oauth", "login_port": 4711}


def test_a_page_is_asked_with_where_to_come_back_to_and_by_what_it_is_known() -> None:
    """What the vendor wants beside that is its own; the port is that of the settings."""
    consent = PAGE.consent()
    page = consent.page(WITH_PAGE, "http://127.0.0.1:1/", "s/t")
    whole = "https://example.com/oauth?client_id=me&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F&state=s%2Ft&scope=a%2Cb"
    assert page == whole
    assert (consent.port(WITH_PAGE), consent.port(SETTINGS)) == (4711, None)
    assert consent.problems(WITH_PAGE) == []
    assert [problem.where for problem in consent.problems({})] == ["settings.client_id", "settings.client_secret"]


def test_a_code_is_exchanged_and_the_token_is_at_hand_from_then_on() -> None:
    """Without asking anybody, until it is refused."""
    token, asked = drive(PAGE.consent().exchange(WITH_PAGE, "c-1", "http://127.0.0.1:1/"), script(GIVEN))
    (call,) = calls(asked)
    form = {name: values[0] for name, values in parse_qs((call.body or b"").decode()).items()}
    who = {"client_id": "me", "client_secret": "an-invented-secret", "redirect_uri": "http://127.0.0.1:1/"}
    assert form == {"grant_type": "authorization_code", "code": "c-1", **who}
    assert (call.path, call.address, call.what) == ("", "token_url", "POST token_url")
    assert dict(token.kept) == {"access_token": "t-1", "refresh_token": "r-1"}
    assert at_hand({}, token.kept) == token
    assert at_hand({}, None) is at_hand({}, {"refresh_token": "r-1"}) is None
    assert not any(word in repr((token, call)) for word in ("an-invented-secret", "t-1", "r-1", "c-1"))


@pytest.mark.parametrize("following", [None, "r-2"])
def test_a_refresh_needs_no_secret_and_keeps_the_refresh_token_that_comes_back(following: str | None) -> None:
    """Where none comes back, the one there is stays good."""
    body = {"access_token": "t-2"} | ({"refresh_token": following} if following else {})
    token, asked = drive(PAGE.obtain({}, {"refresh_token": "r-1"}), script(answered(body=body)))
    (call,) = calls(asked)
    assert call.body == b"grant_type=refresh_token&refresh_token=r-1"
    assert dict(token.kept) == {"access_token": "t-2", "refresh_token": following or "r-1"}


@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_is_told_by_its_word_whatever_its_status(status: int) -> None:
    """And says what to do; without a login there is nothing to ask."""
    refused = answered(status, {"error": "invalid_grant", "error_description": "r-1 is gone"})
    with pytest.raises(CredentialsError, match=r"invalid_grant.*again with conn.login\(\), or give a key") as told:
        drive(PAGE.obtain({}, {"refresh_token": "r-1"}), script(refused))
    assert "r-1" not in str(told.value)
    with pytest.raises(CredentialsError, match="nobody has logged in to Acme"):
        drive(PAGE.obtain({}, None), script())
