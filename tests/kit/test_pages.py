"""Walks over the pages of a vendor that answers from a list of rows."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.errors import RemoteError, UnavailableError
from cdpkit.kit.effects import Http, Keep, Reply, Together
from cdpkit.kit.pages import Following, by_cursor, by_number, by_offset, download, gather, store, walk, with_param
from tests.kit.served import answered, calls, drive

FIRST = Http(method="GET", path="/people", limit="read", page="people.ndjson", params=(("size", "3"),), repeatable=True)
SIZE = 3


def rows_of(reply: Reply) -> list[int]:
    rows: list[int] = reply.json()["rows"]
    return rows


def cursor_of(reply: Reply) -> str | None:
    cursor: str | None = reply.json().get("next")
    return cursor


def more_of(reply: Reply) -> bool:
    return bool(reply.json()["more"])


WAYS: Mapping[str, tuple[Following, Callable[[Mapping[str, str]], int]]] = {
    "cursor": (by_cursor("after", cursor_of), lambda params: int(params.get("after", 0))),
    "number": (by_number("page", more_of), lambda params: (int(params.get("page", 1)) - 1) * SIZE),
    "offset": (
        by_offset("offset", lambda reply: len(rows_of(reply)), SIZE),
        lambda params: int(params.get("offset", 0)),
    ),
}


@dataclass
class World:
    """A vendor with so many rows, and the pages that were stored."""

    rows: Sequence[int]
    start: Callable[[Mapping[str, str]], int]
    stored: dict[str | None, list[int]] = field(default_factory=dict)

    def __call__(self, call: Http) -> Reply:
        start = self.start(dict(call.params))
        rows, end = list(self.rows[start : start + SIZE]), start + SIZE
        more = end < len(self.rows)
        if call.page is not None:
            assert call.page not in self.stored
            assert call.body_too
            self.stored[call.page] = rows
        return answered(body={"rows": rows, "more": more, **({"next": str(end)} if more else {})})


@settings(deadline=None)
@given(st.integers(0, 14), st.sampled_from(sorted(WAYS)))
def test_a_walk_stores_every_row_once(height: int, way: str) -> None:
    """By cursor, by number and by offset, in pages that are numbered in order."""
    following, start = WAYS[way]
    world = World(range(height), start)
    pages, asked = drive(walk(FIRST, following, None), world)
    assert pages == tuple(world.stored) == tuple(f"people-{n + 1}.ndjson" for n in range(len(pages)))
    assert [row for page in pages for row in world.stored[page]] == list(range(height))
    assert len([effect for effect in asked if isinstance(effect, Keep)]) == len(pages)


@settings(deadline=None)
@given(st.integers(0, 14), st.sampled_from(sorted(WAYS)), st.data())
def test_a_killed_walk_goes_on_with_the_next_page(height: int, way: str, data: st.DataObject) -> None:
    """From every state that was kept it ends with the same pages, and no page is fetched again."""
    following, start = WAYS[way]
    world = World(range(height), start)
    effects = walk(FIRST, following, None)
    last = data.draw(st.integers(1, max(1, -(-height // SIZE))))
    effect = next(effects)
    while not (isinstance(effect, Keep) and len(world.stored) == last):
        effect = effects.send(world(effect) if isinstance(effect, Http) else None)
    effects.close()
    pages, asked = drive(walk(FIRST, following, json.loads(json.dumps(effect.state))), world)
    assert pages == tuple(world.stored)
    assert [row for page in pages for row in world.stored[page]] == list(range(height))
    assert [call.params[0] for call in calls(asked)] == [("size", "3")] * (len(pages) - last)


@settings(deadline=None)
@given(st.integers(0, 14), st.sampled_from(sorted(WAYS)))
def test_pages_may_be_held_instead(height: int, way: str) -> None:
    """The answers come back, and nothing is stored or kept."""
    following, start = WAYS[way]
    first = Http(method="GET", path="/lists", limit="read")
    replies, asked = drive(gather(first, following), World(range(height), start))
    assert [row for reply in replies for row in rows_of(reply)] == list(range(height))
    assert len(asked) == len(replies)


@pytest.mark.parametrize("cursors", [["1", "1"], ["1", "2", "1"], ["1", "2", "3", "2"]])
def test_a_cursor_that_comes_again_is_refused(cursors: list[str]) -> None:
    """However long the circle is, and also where a killed walk goes on in it."""
    waiting = iter(enumerate(cursors))

    def answer(_: Http) -> Reply:
        number, cursor = next(waiting)
        return answered(body={"rows": [number], "next": cursor}, what="GET /people")

    with pytest.raises(RemoteError, match="GET /people gives pages over and over"):
        drive(walk(FIRST, by_cursor("after", cursor_of), None), answer)
    state = {"pages": 2, "next": {"path": "/people", "params": [["after", "1"]], "body": None}}
    circle = by_cursor("after", lambda _: "1")
    with pytest.raises(RemoteError, match="over and over"):
        drive(walk(FIRST, circle, state), lambda _: answered(body={"rows": [1]}))


@pytest.mark.parametrize("way", ["number", "offset"])
def test_a_vendor_that_passes_over_the_page_is_refused(way: str) -> None:
    """The same page again and again ends the walk, which would never end by itself."""
    same = answered(body={"rows": [1, 2, 3], "more": True})
    for effects in (walk(FIRST, WAYS[way][0], None), gather(FIRST, WAYS[way][0])):
        with pytest.raises(RemoteError, match="over and over"):
            drive(effects, lambda _: same)


def test_pages_may_be_sparse() -> None:
    """Several in a row may hold nothing, as long as the cursor goes on, also where a header tells it."""
    waiting = iter([b"[]"] * 10 + [b"[1]"])

    def answer(call: Http) -> Reply:
        number, body = int(dict(call.params).get("after", 0)), next(waiting)
        return Reply(200, {"next": str(number + 1)} if body == b"[]" else {}, body)

    told = by_cursor("after", lambda reply: reply.headers.get("next"))
    replies, asked = drive(gather(FIRST, told), answer)
    assert (len(replies), len(asked)) == (11, 11)


def test_a_body_may_say_where_a_page_begins() -> None:
    """A killed walk sends the same body."""
    first = Http(method="POST", path="/search", limit="read", page="found.txt", body=b'{"from": 0}')

    def following(call: Http, reply: Reply) -> Http | None:
        start = reply.json()["next"]
        return None if start is None else replace(call, body=json.dumps({"from": start}).encode())

    _, asked = drive(walk(first, following, None), by_turn(3, None))
    bodies = [call.body for call in calls(asked)]
    kept = next(effect for effect in asked if isinstance(effect, Keep))
    _, later = drive(walk(first, following, kept.state), by_turn(None))
    assert bodies == [b'{"from": 0}', b'{"from": 3}']
    assert [call.body for call in calls(later)] == bodies[1:]
    assert [call.page for call in calls(later)] == ["found-2.txt"]


def by_turn(*starts: int | None) -> Callable[[Http], Reply]:
    waiting = list(starts)
    return lambda _: answered(body={"next": waiting.pop(0)})


def test_a_walk_may_be_part_of_a_pull() -> None:
    """Its state is put into the pull's."""
    world = World(range(4), WAYS["offset"][1])
    effects = walk(FIRST, WAYS["offset"][0], None, keep=lambda state: Keep({"list": "7", "walk": state}))
    _, asked = drive(effects, world)
    states = [effect.state for effect in asked if isinstance(effect, Keep)]
    assert [(state["list"], state["walk"]["pages"]) for state in states] == [("7", 1), ("7", 2)]


@pytest.mark.parametrize(
    ("reply", "match"),
    [(answered(404), "refused with status 404"), (Reply(200, {"content-type": "text/html"}), "text/html instead")],
)
def test_a_page_that_is_none_ends_the_walk(reply: Reply, match: str) -> None:
    """Nothing is kept of it."""
    effects = walk(FIRST, WAYS["offset"][0], None)
    next(effects)
    with pytest.raises(RemoteError, match=match):
        effects.send(reply)


def test_held_pages_are_refused_by_status() -> None:
    """What a status means is the vendor's."""
    with pytest.raises(RemoteError, match="status 403"):
        drive(gather(FIRST, WAYS["offset"][0]), lambda _: answered(403))


FILES = [download(f"https://files.example.com/{n}", "download", f"file-{n}.ndjson") for n in range(10)]


@settings(deadline=None)
@given(st.integers(0, 10), st.integers(0, 12), st.integers(1, 5))
def test_files_are_stored_up_to_the_first_that_has_expired(height: int, good: int, at_once: int) -> None:
    """Several at once; after each time it is kept how many of the first there are."""
    effects = store(FILES[:height], lambda stored: Keep({"stored": stored}), at_once=at_once)
    stored, asked = drive(effects, lambda call: answered(200 if FILES.index(call) < good else 403))
    assert stored == min(good, height)
    kept = [effect.state["stored"] for effect in asked if isinstance(effect, Keep)]
    assert kept == sorted({min(end, stored) for end in range(at_once, stored + at_once, at_once)})
    assert max((len(effect.effects) for effect in asked if isinstance(effect, Together)), default=0) <= at_once


def test_a_file_without_an_answer_stops_after_those_before_it() -> None:
    """What was stored before it is kept; a web page is no file."""
    lost = UnavailableError("no answer")
    kept: list[int] = []

    def keep(stored: int) -> Keep:
        kept.append(stored)
        return Keep({})

    with pytest.raises(UnavailableError, match="no answer"):
        drive(store(FILES, keep), lambda call: lost if call == FILES[6] else answered())
    assert kept == [4, 6]
    with pytest.raises(RemoteError, match="text/html"):
        drive(store(FILES, keep), lambda _: Reply(200, {"content-type": "text/html"}))


def test_a_parameter_stays_in_its_place() -> None:
    """A new one comes last."""
    call = with_param(Http(method="GET", path="/", limit="read", params=(("a", "1"), ("b", "2"))), "a", "3")
    assert call.params == (("a", "3"), ("b", "2"))
    assert with_param(call, "c", "4").params == (("a", "3"), ("b", "2"), ("c", "4"))


def test_a_signature_stays_out_of_the_repr() -> None:
    """A signed address is fetched without headers."""
    call: Any = download("https://files.example.com/1?Signature=x%2Fy&n=", "download", "users-1.ndjson")
    assert (call.path, call.params) == ("https://files.example.com/1", (("Signature", "x/y"), ("n", "")))
    assert (call.headers, call.page, call.repeatable) == ({}, "users-1.ndjson", True)
    assert "x/y" not in repr(call)
