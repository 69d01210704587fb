"""Answers that are read, and those that are refused."""

import json
import re
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.errors import CredentialsError, RemoteError
from cdpkit.kit.answers import done, part, plain, read, read_list, refuse_web_page, said
from cdpkit.kit.effects import Reply
from tests.served import answered

WHAT = "GET /things"


def test_a_good_answer_is_its_object() -> None:
    """Which statuses are good is the vendor's."""
    assert read(answered(200, {"a": 1})) == {"a": 1}
    assert read(answered(201, {"a": 1}), frozenset({200, 201})) == {"a": 1}
    assert read_list(answered(200, [1, 2])) == [1, 2]


@pytest.mark.parametrize(
    ("reply", "match"),
    [
        (answered(404, {"a": 1}, what=WHAT), "GET /things was refused with status 404"),
        (answered(201, {"a": 1}, what=WHAT), "status 201"),
        (answered(200, [1], what=WHAT), "GET /things was answered with JSON that is no object; check base_url"),
        (answered(200, b"<html>", what=WHAT), "instead of JSON"),
    ],
)
def test_any_other_answer_is_refused(reply: Reply, match: str) -> None:
    """The message names the call and what to look at."""
    with pytest.raises(RemoteError, match=match):
        read(reply)
    assert said(reply) in ({}, {"a": 1})


def test_what_a_refusal_means_is_the_vendors_to_say() -> None:
    """It is given the answer, of which `said` has what can be read."""

    def refuse(reply: Reply) -> NoReturn:
        raise CredentialsError(str(said(reply)["code"]))

    with pytest.raises(CredentialsError, match="BadKey"):
        read(answered(401, {"code": "BadKey"}), refuse=refuse)
    with pytest.raises(RemoteError, match="no array"):
        read_list(answered(200, {}))


json_values: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just([])
)


@settings(deadline=None)
@given(json_values, st.sampled_from([bool, int, float, str, list]))
def test_a_part_has_the_type_that_is_asked_for(value: Any, kind: type) -> None:
    """JSON's true is no number, and whatever else is missing."""
    if type(value) is kind:
        assert part({"a": value}, "a", kind, Reply(200, what=WHAT)) == value
    else:
        with pytest.raises(RemoteError, match="GET /things was answered without 'a'; check base_url"):
            part({"a": value}, "a", kind, Reply(200, what=WHAT))


@pytest.mark.parametrize("found", [{}, [], "a", None])
def test_a_part_that_is_not_there_is_refused(found: object) -> None:
    """Also where the whole is no object."""
    with pytest.raises(RemoteError, match="without 'a'; check login_url"):
        part(found, "a", str, Reply(200, what=WHAT, address="login_url"))


@pytest.mark.parametrize("word", ["BadApiKey", "email_invalid", "error42", "A1b2C3"])
def test_a_word_of_a_program_is_plain(word: str) -> None:
    """It may be shown."""
    assert plain(word) == word


@settings(deadline=None)
@given(st.text(min_size=1) | st.emails() | st.uuids(version=4).map(lambda key: key.hex) | st.integers())
def test_no_address_text_or_key_is_plain(word: object) -> None:
    """Only letters, underscores and at most three digits are."""
    shown = plain(word)
    assert shown is None or re.fullmatch(r"[A-Za-z][A-Za-z_]*(?:[0-9][A-Za-z_]*){0,3}", shown)


def test_a_web_page_is_not_taken_for_people() -> None:
    """One that a refusal comes with is left to who reads the status."""
    page = {"content-type": "text/html; charset=utf-8"}
    with pytest.raises(RemoteError, match="text/html instead of people; check that no proxy"):
        refuse_web_page(Reply(200, page, what=WHAT))
    refuse_web_page(Reply(403, page))
    refuse_web_page(Reply(200, {"content-type": "application/json"}, json.dumps({}).encode()))


def test_an_answer_may_be_good_without_a_word() -> None:
    """Any other is refused, and so is a web page in its place."""
    done(Reply(204), frozenset({204}))
    with pytest.raises(RemoteError, match="GET /things was refused with status 404"):
        done(Reply(404, what=WHAT), frozenset({204}))
    with pytest.raises(RemoteError, match="text/html instead of"):
        done(Reply(200, {"content-type": "text/html"}, what=WHAT), frozenset({200, 204}))
