"""Typed fields."""

from typing import Any

from cdpkit.sandbox.world.fields import Findings, Misfit, Typing, look

NAMES = {str: "text", int: "number", bool: "flag", dict: "object"}
HOW = Typing(
    lambda _, value: NAMES[type(value)],
    lambda expected, found: expected == found or (expected == "text" and found == "flag"),
    plain={str: "text", int: "number"},
    inner="object",
    longest=40,
)
TYPES = {"name": "text", "age": "number"}


def seen(*rows: dict[str, Any]) -> Findings:
    return look(TYPES, enumerate(rows), HOW)


def test_values_that_fit_are_no_news() -> None:
    """Also one of another type that the field takes, null, and each value of an array."""
    assert seen({"name": "Ann", "age": 3}, {"name": True}, {"name": None, "age": [1, 2]}) == Findings()


def test_a_value_that_does_not_fit_is_told_with_its_row_and_field() -> None:
    """The first such value of a field is kept, the rows are all named."""
    found = seen({"age": "three"}, {"age": 3}, {"age": [4, "five"], "name": 6})
    assert found.bad_rows == {0: ["age"], 2: ["age", "name"]}
    assert found.misfits == {"age": Misfit("number", "text", "three"), "name": Misfit("text", "number", 6)}


def test_the_first_value_decides_the_type_of_a_new_field() -> None:
    """Later rows of the same call are held to it; inner objects make dotted names; the types stay as they are."""
    found = seen({"new": 1}, {"new": "x"}, {"pet": {"name": "Rex"}})
    assert found.created == {"new": "number", "pet": "object", "pet.name": "text"}
    assert found.bad_rows == {1: ["new"]}
    assert TYPES == {"name": "text", "age": "number"}


def test_texts_are_too_long_by_bytes() -> None:
    """Forty letters fit, forty-one do not, and of three-byte characters fourteen are too many."""
    assert seen({"name": "a" * 40}, {"name": "a" * 41}, {"name": "李" * 13}, {"name": "李" * 14}).long_rows == {1, 3}
    free = Typing(HOW.kind, HOW.fits, plain=HOW.plain)
    assert look(TYPES, [(0, {"name": "a" * 10_000})], free) == Findings()
