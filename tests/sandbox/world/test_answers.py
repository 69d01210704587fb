"""What bodies must be, who is refused, pages, tokens, ids, and what becomes visible later."""

import pytest

from cdpkit.sandbox.world.bodies import Member, Refusal, Verdict, misfits, parsed
from cdpkit.sandbox.world.codes import code, number_of
from cdpkit.sandbox.world.pages import by_number, by_offset
from cdpkit.sandbox.world.tokens import Tokens, bearer
from cdpkit.sandbox.world.visibility import Later


@pytest.mark.parametrize("raw", [b"{", b'{"a": NaN}', b'"\\ud83d"', b"\xff"])
def test_a_body_is_json_that_can_be_stored(raw: bytes) -> None:
    """Numbers that JSON has not and halves of characters are no JSON."""
    with pytest.raises(ValueError, match=r"Expecting|NaN|surrogates|codec"):
        parsed(raw)
    assert parsed(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


def test_members_are_what_they_must_be() -> None:
    """A vendor's own words say which are not; null counts as absent, and a boolean is no number."""
    members = {"email": Member(str, "a text", missing="needed"), "age": Member((int, float), "a number")}
    assert misfits({"email": "a@b.io", "age": 1.5, "more": []}, members) == {}
    assert misfits({"email": None, "age": True}, members) == {"email": "needed", "age": "a number"}


def test_the_refused_are_named_as_a_vendor_names_them() -> None:
    """By place from 0 or 1, by identifier, or only by count; the first reason of a row counts."""
    verdict = Verdict(["ann", "b,b", "eva", "f,f"])
    verdict.refused[3] = Refusal("forgotten")
    verdict.judge(lambda row: Refusal("invalid", {"email": row}) if "," in row else None)
    assert list(verdict.taken()) == [(0, "ann"), (2, "eva")]
    assert verdict.by_place() == [(1, "invalid"), (3, "forgotten")]
    assert verdict.by_place(first=1) == [(2, "invalid"), (4, "forgotten")]
    assert verdict.by_key("email") == [("b,b", "invalid")]
    assert verdict.counts() == (2, 2)


def test_pages_by_number_and_by_offset() -> None:
    """The last page is short, one beyond it is empty, and all say how many there are."""
    whole = list(range(25))
    pages = [by_number(whole, number, 10) for number in (1, 2, 3, 4)]
    assert [list(page.items) for page in pages] == [whole[:10], whole[10:20], whole[20:], []]
    assert {(page.total, page.pages) for page in pages} == {(25, 3)}
    assert [page.more for page in pages] == [True, True, False, False]
    assert by_number(whole, 0, 10, first=0) == by_offset(whole, 0, 10)
    assert by_offset([], 0, 10).pages == 0


def test_tokens_are_good_for_a_while() -> None:
    """A token that nobody gave is unknown; one for renewal works again and again, or once."""
    now = [0.0]
    tokens = Tokens(lambda: now[0], 60.0)
    one = tokens.issue()
    assert (tokens.state(one), tokens.state("mine")) == ("good", "unknown")
    now[0] = 60.0
    assert tokens.state(one) == "expired"
    two = tokens.issue()
    tokens.expire()
    assert tokens.state(two) == "expired"
    renewal = tokens.issue_refresh()
    assert [tokens.refreshes(renewal, once=once) for once in (False, True, True)] == [True, True, False]
    assert [bearer("Bearer x "), bearer("bearer x"), bearer("Basic x"), bearer("")] == ["x", "x", "", ""]


def test_ids_hold_their_numbers() -> None:
    """Ids look random, differ by kind and seed, and lead back to what they stand for by computing."""
    ids = [code(number, 0, "person") for number in range(1000)]
    assert len({*ids}) == 1000
    assert {len(each) for each in ids} == {32}
    assert [number_of(each, 0, "person") for each in ids] == list(range(1000))
    assert number_of(code(5, 0, "list", 24), 0, "list") == 5
    assert [number_of(text, 0, "person") for text in (code(5, 0, "list"), code(5, 1, "person"), "", "x" * 32)] == [
        None
    ] * 4


def test_writes_become_visible_later() -> None:
    """Changes wait for their time in their order; without a delay they are carried out at once."""
    now, done = [0.0], list[str]()
    later = Later(lambda: now[0], 5.0)
    later.do(lambda: done.append("one"))
    now[0] = 3.0
    later.do(lambda: done.append("two"))
    later.settle()
    assert done == []
    now[0] = 5.0
    later.settle()
    assert done == ["one"]
    now[0] = 9.0
    later.settle()
    assert done == ["one", "two"]
    Later(lambda: now[0], 0.0).do(lambda: done.append("three"))
    assert done[-1] == "three"
