"""What vendors ask for, and how answers are read."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from cdpkit.errors import RemoteError, UnavailableError
from cdpkit.kit.auth import Token
from cdpkit.kit.effects import Http, Reply, all_of

TEXTS = st.text(max_size=20)
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=4))


@settings(max_examples=100, deadline=None)
@given(VALUES, st.booleans())
def test_json_is_read_as_it_is_written(value: object, escaped: bool) -> None:
    """Characters beyond the first plane too, escaped or not."""
    assert Reply(200, body=json.dumps(value, ensure_ascii=escaped).encode()).json() == value


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'"\\ud83d"', "\ufffd"),
        (b'"\\uDE00 x"', "\ufffd x"),
        (b'"\\ud83d\\u0041"', "\ufffdA"),
        (b'"\\ud83d\\ud83d\\ude00"', "\ufffd\U0001f600"),
        (b'"\\\\ud83d"', "\\ud83d"),
        (b'"a\xed\xa0\xbdb"', "a\ufffdb"),
        ('"é"'.encode("utf-16"), "é"),
    ],
)
def test_half_a_character_becomes_the_sign_for_it(written: bytes, read: str) -> None:
    """No text holds half a surrogate pair; a backslash that is escaped begins no escape."""
    assert Reply(200, body=written).json() == read


def test_json_that_nests_too_deeply_is_refused() -> None:
    """With the setting to look at; nothing of Python's own escapes."""
    reply = Reply(200, body=b"[" * 100_000 + b"]" * 100_000, what="GET /a", address="token_url")
    with pytest.raises(RemoteError, match=r"GET /a was answered with JSON that is nested too deeply.*check token_url"):
        reply.json()


def test_what_is_no_json_names_the_setting_of_the_address() -> None:
    """A vendor may have several addresses."""
    reply = Reply(200, {"content-type": "text/html"}, b"<html>\xff", what="POST /token", address="token_url")
    with pytest.raises(RemoteError, match=r"POST /token was answered with text/html instead of JSON.*check token_url"):
        reply.json()


def test_of_several_answers_the_first_error_counts() -> None:
    """For those who need them all."""
    replies = (Reply(200), Reply(404))
    assert all_of(replies) == replies
    with pytest.raises(UnavailableError, match="one"):
        all_of((Reply(200), UnavailableError("one"), UnavailableError("two")))


def test_a_token_shows_nothing() -> None:
    """Neither what authorises calls nor what is kept."""
    token = Token({"Authorization": "Bearer s3cret"}, {"refresh_token": "s3cret"})
    assert repr(token) == "Token()"


def test_a_call_shows_neither_query_nor_header_nor_body() -> None:
    """They may name people or hold keys."""
    http = Http(method="GET", path="/a", limit="all", params=(("q", "s3cret"),), body=b"s3cret")
    assert "s3cret" not in repr(replace(http, headers={"Api-Key": SecretStr("s3cret"), "X": "s3cret"}))
