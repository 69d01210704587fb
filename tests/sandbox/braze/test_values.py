"""What the imitation stores of values of attributes, and what it drops without a word."""

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.sandbox.braze.values import MOST, DroppedError, inner, moment, points_of, unique
from tests.sandbox.braze.conftest import Begin
from tests.sandbox.braze.workspace import Workspace

LONG = "x" * 256
PLAIN = st.one_of(st.integers(), st.booleans(), st.text(max_size=20), st.floats(allow_nan=False))


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (None, {"inc": 3}, 3),
        (4, {"inc": -3}, 1),
        (4, {"inc": 1.5}, 4),
        (["a"], {"add": ["b", "a"]}, ["b", "a"]),
        (["a", "b"], {"add": ["c"], "remove": ["a"]}, ["b", "c"]),
        (None, ["a", "b", "a"], ["b", "a"]),
        (["a"], None, None),
        ({"a": 1, "b": 2}, {"b": 3}, {"b": 3}),
        ({"a": 1}, {"b": {"$time": "2031-05-04"}}, {"b": "2031-05-04T00:00:00.000Z"}),
        ({"a": 1}, {"b": {"$time": "soon"}, "c": 1}, {"a": 1}),
        ({"a": 1}, {"b": None, "c": 1}, {"a": 1}),
        ({"a": 1}, {"b c": 1}, {"a": 1}),
        ({"a": 1}, {"b": LONG}, {"a": 1}),
        ({"a": 1}, {f"k{n}": "x" * 200 for n in range(500)}, {"a": 1}),
        ("short", LONG, "short"),
        ("text", "12-1-2021", "text"),
    ],
)
def test_values_and_what_is_stored_of_them(shared: Workspace, before: Any, value: Any, after: Any) -> None:
    """Operators work on what there was; one wrong thing in an object drops all of it."""
    who, name = "values", f"v{zlib.crc32(repr((before, value)).encode())}"
    if before is not None:
        shared.write(external_id=who, **{name: before})
    shared.write(external_id=who, **{name: value})
    stored = shared.custom(who).get(name)
    assert stored == ("12-1-2021" if value == "12-1-2021" else after)


def test_objects_are_merged_where_asked(shared: Workspace) -> None:
    """At every depth; also what the users at the start have."""
    shared.write(external_id="merges", pref={"a": {"x": 1, "y": 2}, "b": 1})
    shared.write(external_id="merges", pref={"a": {"x": 3}}, _merge_objects=True)
    assert shared.custom("merges")["pref"] == {"a": {"x": 3, "y": 2}, "b": 1}
    who = next(each for each in shared.people() if each.get("custom_attributes", {}).get("address"))
    city = {"address": {"city": "Gent"}, "_merge_objects": True}
    shared.track(attributes=[{"braze_id": who["braze_id"], **city}])
    (now,) = shared.export(braze_id=who["braze_id"])["users"]
    assert now["custom_attributes"]["address"] == {**who["custom_attributes"]["address"], "city": "Gent"}


def test_arrays_of_objects_are_added_to_updated_and_removed_from(shared: Workspace) -> None:
    """By a key and its value."""
    shared.write(external_id="pets", pets=[{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom"}])
    shared.write(external_id="pets", pets={"$add": [{"id": 3}]})
    new = {"$identifier_key": "id", "$identifier_value": 2, "$new_object": {"age": 4}}
    shared.write(external_id="pets", pets={"$update": [new]}, _merge_objects=True)
    shared.write(external_id="pets", pets={"$remove": [{"$identifier_key": "id", "$identifier_value": 1}]})
    assert shared.custom("pets")["pets"] == [{"id": 2, "name": "Tom", "age": 4}, {"id": 3}]


def test_the_first_value_locks_the_type(begin: Begin) -> None:
    """Others are dropped without a word; texts take what looks like a date, and dates take dates alone."""
    braze = begin(people=0)
    braze.write(external_id="a", shoe=42, since="2024-02-01", word="blue")
    braze.write(external_id="b", shoe="42", since="soon", word="2024-02-01")
    assert braze.custom("a") == {"shoe": 42, "since": "2024-02-01T00:00:00.000Z", "word": "blue"}
    assert braze.custom("b") == {"word": "2024-02-01"}
    assert braze.state()["dropped"] == {"not of the locked type": 2}
    types = {row["name"]: row for row in braze.api.get("/custom_attributes").json()["attributes"]}
    assert types["shoe"]["data_type"] == "Number (Automatically Detected)"
    braze.write(external_id="a", legacy_score=1)
    assert types["legacy_score"]["status"] == "Blocklisted"
    assert "legacy_score" not in braze.custom("a")


def test_long_texts_can_be_cut_instead(begin: Begin) -> None:
    """The vendor does not say which of both it does."""
    braze = begin(people=0, long_texts="cut")
    assert braze.write(external_id="a", word=LONG)["custom_attributes"] == {"word": LONG[:255]}


def test_standard_attributes_have_rules_of_their_own(shared: Workspace) -> None:
    """What does not keep them is dropped; a country that is not known is emptied."""
    fields = ("country", "language", "gender", "dob", "time_zone", "first_name", "last_coordinates")
    good = {"country": "be", "language": "nl", "gender": "F", "dob": "1990-01-31", "time_zone": "Europe/Brussels"}
    shared.write(external_id="std", **good, first_name="Ann", current_location={"longitude": 3.7, "latitude": 51})
    expected = {**good, "country": "BE", "dob": "1990-01-31T00:00:00.000Z"}
    assert shared.user("std", *fields) == {**expected, "first_name": "Ann", "last_coordinates": [3.7, 51.0]}
    shared.write(
        external_id="std", country="Atlantis", language="Dutch", gender="female", dob="31/1/1990", time_zone="Mars",
        first_name=LONG, Gender="custom",
    )  # fmt: skip
    del expected["country"]
    assert shared.user("std", *fields) == {**expected, "first_name": "Ann", "last_coordinates": [3.7, 51.0]}
    assert shared.custom("std") == {"Gender": "custom"}


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2031-05-04", "2031-05-04T00:00:00.000Z"),
        ("05/04/2031", "2031-05-04T00:00:00.000Z"),
        ("2031-05-04 10:11:12", "2031-05-04T10:11:12.000Z"),
        ("2031-05-04T10:11:12+02:00", "2031-05-04T08:11:12.000Z"),
        ("3001-01-01", None),
        ("12-1-2021", None),
        ("20310504", None),
        ("2031-13-04", None),
    ],
)
def test_which_texts_are_dates(text: str, stored: str | None) -> None:
    """Those of the listed forms alone."""
    assert moment(text) == stored


@given(st.lists(PLAIN, max_size=30), st.lists(PLAIN, max_size=600))
def test_arrays_hold_each_value_once_and_the_newest(first: list[Any], second: list[Any]) -> None:
    """A value that comes again moves to the end; beyond the most, the oldest go."""
    stored = unique([*first, *second])
    assert len({(type(each), each) for each in stored}) == len(stored) <= MOST
    assert stored[-1:] == [*first, *second][-1:]


@given(st.recursive(PLAIN, lambda each: st.dictionaries(st.text("abcxyz", min_size=1, max_size=5), each, max_size=4)))
def test_a_null_anywhere_drops_the_whole(value: Any) -> None:
    """Without one, what is stored is what came."""
    assert inner({"a": value}) == {"a": value}
    assert points_of({"a": value, "b": 1}) == points_of({"a": value}) + 1
    with pytest.raises(DroppedError):
        inner({"a": [value], "b": {"c": None}})
