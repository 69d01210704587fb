"""People who are delivered to vendors that refuse in four ways, each read in a few lines."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.errors import RemoteError
from cdpkit.kit.answers import part, read, said
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.exporting import OUTCOME
from cdpkit.kit.sending import (
    NOBODY,
    TAKEN,
    Verdict,
    body,
    by_index,
    by_value,
    counted,
    deliver,
    entered,
    halved,
    outcome,
    rejected,
    set_apart,
    suspected,
    without,
)
from tests.kit.served import answered, calls, drive

Read = Callable[[Reply, pl.DataFrame], Verdict]


def people(height: int) -> pl.DataFrame:
    rows = pl.int_range(height, eager=True).alias("row")
    return pl.DataFrame([rows, pl.select(pl.format("p{}@example.com", rows)).to_series().alias("email")]).with_columns(
        body=pl.format('"{}"', "email")
    )


def ask(people: pl.DataFrame) -> Effects[Reply]:
    reply: Reply = yield Http(method="POST", path="/people", limit="write", body=body(people, "[", "]"))
    return reply


def read_by_index(reply: Reply, people: pl.DataFrame) -> Verdict:
    """Good people are taken, and the bad ones are named by their places."""
    told = read(reply, frozenset({201})).get("errors", ())
    return rejected(people, by_index(people, {error["index"]: "invalid" for error in told}))


def read_by_address(reply: Reply, people: pl.DataFrame) -> Verdict:
    """Good people are taken, and the bad ones are named by their addresses; a malformed body names nobody."""
    if reply.status == 201:
        return TAKEN
    code = part(said(reply), "Code", int, reply)
    if code == 400:
        return halved(people, str(code))
    failed = part(said(reply)["ResultData"], "FailureDetails", list, reply)
    named = pl.DataFrame(
        [(each["EmailAddress"], str(each["Code"])) for each in failed], ["value", "reason"], orient="row"
    )
    return rejected(people, by_value(people["email"], named))


def read_whole(reply: Reply, people: pl.DataFrame) -> Verdict:
    """The whole is refused, and the first bad one is named by its place from 1; a fault of another kind is raised."""
    if reply.status == 200:
        return TAKEN
    reasons = part(said(reply), "failureReasons", list, reply)
    if not all(isinstance(reason, dict) for reason in reasons):
        raise RemoteError(f"{reply.what} was refused: {len(reasons)} faults of the request")
    return set_apart(people, by_index(people, {each["contact"] - 1: "invalid" for each in reasons}), "refused")


def read_by_count(reply: Reply, people: pl.DataFrame) -> Verdict:
    """Good people are taken; of the bad ones the number is told, and the addresses of some."""
    told = read(reply)
    named = pl.DataFrame({"value": told["invalid"], "reason": "invalid"}, {"value": pl.String, "reason": pl.String})
    return counted(people, by_value(people["email"], named), part(told, "failed", int, reply), "failed")


def read_by_halves(reply: Reply, people: pl.DataFrame) -> Verdict:
    """The whole is refused, and nothing says who is bad."""
    return TAKEN if reply.status == 200 else halved(people, "refused")


@dataclass
class World:
    """A vendor that does not take some people, and knows whom it took."""

    bad: set[str]
    speaks: str
    named: int = 0
    taken: list[str] = field(default_factory=list)

    def __call__(self, call: Http) -> Reply:
        here = [text.strip('"') for text in (call.body or b"").decode().strip("[]").split(",")]
        wrong = [index for index, who in enumerate(here) if who in self.bad]
        reply = getattr(self, self.speaks)(here, wrong)
        assert isinstance(reply, Reply)
        if reply.status < 300 or self.speaks == "address":
            self.taken += [who for who in here if who not in self.bad]
        return reply

    def index(self, _: list[str], wrong: list[int]) -> Reply:
        return answered(201, {"errors": [{"index": index} for index in wrong] * 2, "message": "success"})

    def address(self, here: list[str], wrong: list[int]) -> Reply:
        failed = [{"EmailAddress": here[index], "Code": 1} for index in wrong]
        return answered(400, {"Code": 210, "ResultData": {"FailureDetails": failed}}) if wrong else answered(201)

    def whole(self, _: list[str], wrong: list[int]) -> Reply:
        return (
            answered(400, {"failureReasons": [{"contact": index + 1} for index in wrong[:1]]}) if wrong else answered()
        )

    def count(self, here: list[str], wrong: list[int]) -> Reply:
        named = [here[index] for index in wrong][: self.named]
        return answered(body={"failed": len(wrong), "invalid": named})

    def halves(self, _: list[str], wrong: list[int]) -> Reply:
        return answered(400) if wrong else answered()


READERS: dict[str, Read] = {
    "index": read_by_index,
    "address": read_by_address,
    "whole": read_whole,
    "count": read_by_count,
    "halves": read_by_halves,
}


@pytest.mark.parametrize("speaks", READERS)
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 24), st.sets(st.integers(0, 23)), st.integers(0, 3))
def test_each_person_has_the_fate_that_the_vendor_gave(speaks: str, height: int, bad: set[int], named: int) -> None:
    """Whatever way it refuses in, the refused are those who are bad, and the others were taken."""
    who = people(height)
    world = World({f"p{n}@example.com" for n in bad}, speaks, named)
    refused, asked = drive(deliver(who, ask, READERS[speaks]), world)
    expected = {n for n in bad if n < height}
    assert set(refused["row"]) == expected
    assert refused.height == len(expected)
    assert set(world.taken) == set(who["email"]) - world.bad
    assert refused.schema == NOBODY.schema
    assert len(asked) <= 2 * height


@pytest.mark.parametrize(
    ("speaks", "most"), [("index", 1), ("address", 1), ("whole", 5), ("count", 80), ("halves", 80)]
)
def test_four_bad_people_among_a_thousand_cost_few_calls(speaks: str, most: int) -> None:
    """One where they are named, one more for each where the whole is refused, and halves where nobody is."""
    bad = [7, 250, 251, 999]
    world = World({f"p{n}@example.com" for n in bad}, speaks)
    refused, asked = drive(deliver(people(1000), ask, READERS[speaks]), world)
    assert sorted(refused["row"]) == bad
    assert len(calls(asked)) <= most


@pytest.mark.parametrize(
    ("reader", "reply", "match"),
    [
        (read_by_index, answered(401, what="POST /people"), "POST /people was refused with status 401"),
        (read_by_address, answered(401, {"Message": "x"}, what="POST /people"), "without 'Code'"),
        (read_whole, answered(400, {"failureReasons": ["bad json"]}, what="POST /people"), "1 faults of the request"),
        (read_by_count, answered(400, {"code": "BadParams"}), "status 400"),
    ],
)
def test_a_refusal_that_is_not_about_people_ends_it_with_one_call(reader: Read, reply: Reply, match: str) -> None:
    """Nobody is sent again, since no splitting mends it."""
    asked: list[Http] = []

    def answer(call: Http) -> Reply:
        asked.append(call)
        return reply

    with pytest.raises(RemoteError, match=match):
        drive(deliver(people(1000), ask, reader), answer)
    assert len(asked) == 1


def test_a_malformed_body_is_found_by_halves() -> None:
    """Also where the vendor names others by address."""
    who = people(4)

    def answer(call: Http) -> Reply:
        return answered(400, {"Code": 400}) if b"p2@" in (call.body or b"") else answered(201)

    refused, asked = drive(deliver(who, ask, read_by_address), answer)
    assert refused.rows() == [(2, "400")]
    assert len(calls(asked)) == 5


def test_a_reader_that_makes_no_headway_is_stopped() -> None:
    """Sending the same people again and again would never end."""
    with pytest.raises(RemoteError, match="without a word on whom"):
        drive(deliver(people(3), ask, lambda _, part: Verdict(again=(part,))), lambda _: answered())


@pytest.mark.parametrize("guilty", [{3}, {5}, {3, 5}, {1, 5}, set(range(8))])
def test_a_name_that_may_be_anothers_is_cleared_or_convicted(guilty: set[int]) -> None:
    """The vendor names 3 whoever fails; the others are sent again without 3 to find out."""

    def ask_(part: pl.DataFrame) -> Effects[int]:
        yield from ()
        return len(guilty & set(part["row"]))

    def read_(failed: int, part: pl.DataFrame) -> Verdict:
        named = part["row"].replace_strict({3: "clash"}, default=None, return_dtype=pl.String)
        nobody = by_index(part, {})
        return suspected(part, nobody, named, failed, "clash") if failed else TAKEN

    refused, _ = drive(deliver(people(8), ask_, read_), lambda _: answered())
    assert (set(refused["row"]), set(refused["reason"])) == (guilty, {"clash"})


def test_nobody_is_no_call() -> None:
    """An empty frame asks for nothing."""
    assert drive(deliver(people(0), ask, read_by_halves), lambda _: answered())[1] == []


def test_a_vendor_that_names_more_than_it_refuses_is_asked_again() -> None:
    """Of two people of one address the vendor refused one; alone, each shows who it is."""
    who = people(3).with_columns(email=pl.Series(["a@example.com", "b@example.com", "a@example.com"]))

    def answer(call: Http) -> Reply:
        here = (call.body or b"").count(b"@")
        bad = b"p0@" in (call.body or b"")
        return answered(body={"failed": int(bad), "invalid": ["a@example.com"] if bad and here > 0 else []})

    refused, asked = drive(deliver(who, ask, read_by_count), answer)
    assert refused.rows() == [(0, "invalid")]
    assert len(calls(asked)) == 3


def test_of_two_reasons_the_first_counts() -> None:
    """By value, where null is nobody's."""
    named = pl.DataFrame({"value": ["a", "a", None], "reason": ["first", "second", "none"]})
    assert by_value(pl.Series(["b", "a", None]), named).to_list() == [None, "first", None]
    assert by_index(people(2), {9: "beyond"}).to_list() == [None, None]


rows = st.lists(st.integers(0, 30), unique=True, max_size=12)


@settings(deadline=None)
@given(rows, st.data())
def test_every_row_has_one_fate(numbers: list[int], data: st.DataObject) -> None:
    """In the order in which they came; whoever is not refused was accepted, and is on no list."""
    bad = data.draw(st.sets(st.sampled_from(numbers))) if numbers else set()
    refused = pl.DataFrame({"row": sorted(bad), "reason": "no"}, {"row": pl.Int64, "reason": pl.String})
    told = outcome(pl.Series("row", numbers, pl.Int64), refused)
    assert dict(told.schema) == OUTCOME
    expected: list[Any] = [(n, REJECTED, "no", []) if n in bad else (n, ACCEPTED, None, []) for n in numbers]
    assert told.rows() == expected
    assert without(told, refused)["row"].to_list() == [n for n in numbers if n not in bad]


def test_people_are_on_the_lists_that_took_them() -> None:
    """In the order of the lists; the others are on none."""
    told = outcome(pl.Series("row", [1, 2, 3]), NOBODY)
    on = pl.DataFrame({"row": [3, 1, 3], "lists": ["a", "a", "b"]})
    assert entered(told, on).rows() == [
        (1, ACCEPTED, None, ["a"]),
        (2, ACCEPTED, None, []),
        (3, ACCEPTED, None, ["a", "b"]),
    ]
    assert dict(entered(told, on).schema) == OUTCOME


def test_no_repr_shows_anybody() -> None:
    """Verdicts hold people."""
    assert "example.com" not in repr(Verdict(again=(people(3),)))
