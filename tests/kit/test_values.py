"""Values by a vendor's words for types."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.properties import PropertyType
from cdpkit.kit.values import Convert, by_kind, each, folded, moments, nothing, of_type

KINDS: dict[str, PropertyType | Convert] = {
    "text": PropertyType.TEXT,
    "number": PropertyType.NUMBER,
    "float": PropertyType.DECIMAL,
    "bool": PropertyType.BOOLEAN,
    "when": moments("%Y-%m-%d %H:%M"),
    "object": nothing,
}


def same(values: pl.Series) -> pl.Series:
    return values


def convert(values: Any, kind: str) -> list[Any]:
    series = values if isinstance(values, pl.Series) else pl.Series("v", values)
    made = by_kind(series, kind, KINDS, same)
    assert ("v", series.len()) == (made.name, made.len())
    return made.to_list()


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("text", [3, None], ["3", None]),
        ("text", ["gold", " "], ["gold", None]),
        ("number", ["12", "1.5", None], [12, None, None]),
        ("float", [1, 2], [1.0, 2.0]),
        ("bool", ["yes", "maybe"], [True, None]),
        ("object", ["x"], [None]),
        ("when", [date(2024, 5, 1), None], ["2024-05-01", None]),
        ("when", [datetime(2024, 5, 1, 10, tzinfo=UTC)], ["2024-05-01 10:00"]),
        ("when", ["2024-05-01T12:00+02:00", " 2024-05-01 ", "soon"], ["2024-05-01 10:00", "2024-05-01", None]),
        ("when", [7], [None]),
        ("number", [["1", "2"], ["1", "x"], ["", "3"], [], None], [[1, 2], None, [3], None, None]),
        ("when", [["2024-05-01", "soon"], ["2024-05-01"]], [None, ["2024-05-01"]]),
        ("new", [" ", 7], [" ", "7"]),
    ],
)
def test_values_as_a_field_takes_them(kind: str, values: list[Any], expected: list[Any]) -> None:
    """A value that does not fit is null; a word that nobody knows leaves values alone."""
    series = pl.Series("v", [str(value) for value in values]) if kind == "new" else pl.Series("v", values)
    assert convert(series, kind) == expected


texts = st.lists(st.sampled_from(["1", "2", "x", "", " "]), max_size=4)


@settings(deadline=None)
@given(st.lists(st.none() | texts, max_size=6), st.sampled_from(["text", "number"]))
def test_a_list_is_converted_as_its_elements_are(lists: list[list[str] | None], kind: str) -> None:
    """Empty elements are left out; one that does not fit makes the whole null, and so does having no other."""
    series = pl.Series("v", lists, pl.List(pl.String))
    expected: list[list[Any] | None] = []
    for found in lists:
        filled = [text for text in found or [] if text.strip()]
        clash = kind == "number" and "x" in filled
        expected.append(None if clash or not filled else [int(text) if kind == "number" else text for text in filled])
    assert convert(series, kind) == expected


@pytest.mark.parametrize(
    "dtype", [pl.String, pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime("us", "UTC"), pl.Null]
)
@pytest.mark.parametrize("kind", [*KINDS, "new"])
def test_every_type_goes_into_every_field(dtype: Any, kind: str) -> None:
    """No combination fails, and empty stays empty, alone and in lists."""
    for height in (0, 1):
        assert convert(pl.Series("v", [None] * height, dtype=dtype), kind) == [None] * height
        assert convert(pl.Series("v", [[]] * height, dtype=pl.List(dtype)), kind) == [None] * height


def test_identifiers_are_compared_without_what_does_not_tell_people_apart() -> None:
    """White space never does, capitals only where the vendor says so; blank is none."""
    values = pl.Series("v", [" Ann@Example.com", " ", "", None])
    assert folded(values, lower=True).to_list() == ["ann@example.com", None, None, None]
    assert folded(values, lower=False).to_list() == ["Ann@Example.com", None, None, None]
    assert folded(pl.Series("n", [7]), lower=True).equals(pl.Series("n", ["7"]), check_names=True)


def test_arrays_are_lists() -> None:
    """Their length is not the vendor's concern."""
    assert convert(pl.Series("v", [[1, 2]], dtype=pl.Array(pl.Int64, 2)), "text") == [["1", "2"]]


def test_lists_that_need_no_conversion_are_left_alone() -> None:
    """They are not taken apart."""
    lists = pl.Series("v", [[1, 2], []])
    made = each(lists, of_type(PropertyType.NUMBER))
    assert (made.to_list(), made.name) == ([[1, 2], None], "v")
