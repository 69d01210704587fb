"""Processors for numbers, words for yes and no, and the days of Excel."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.core.processors import parse_steps, process
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError


def changed(values: list[Any], **spec: Any) -> list[Any]:
    rows = pl.DataFrame({"v": values, SOURCE_ROW: range(len(values))})
    steps = parse_steps([{"fields": ["v"], "on_error": "empty", **spec}], {})
    done = process(rows, steps, functions={}, sql=lambda frame, _text: frame, today=dt.date(2024, 1, 1))
    return done.rows["v"].to_list()


@given(number=st.integers(-(10**15), 10**15), places=st.text("0123456789", max_size=6))
def test_numbers_with_decimal_commas_keep_their_digits(number: int, places: str) -> None:
    """With and without marks between thousands."""
    wanted = f"{number}.{places}" if places else str(number)
    for grouped in (f"{number:,}".replace(",", "."), str(number)):
        written = f" {grouped},{places}" if places else grouped
        assert changed([written], processor="parse_numbers") == [wanted]


@pytest.mark.parametrize("text", ["1.23,4", "1,2,3", "12.34", "x", "1.234.5", "--1", ","])
def test_what_is_no_such_number_is_not_guessed(text: str) -> None:
    """Marks at other places than between thousands make no number."""
    assert changed([text], processor="parse_numbers") == [None]


def test_other_marks_can_be_told() -> None:
    """Such as those of Switzerland and France."""
    assert changed(["1'234.5"], processor="parse_numbers", decimal=".", thousands="'") == ["1234.5"]
    assert changed(["1 234,5"], processor="parse_numbers", thousands=" ") == ["1234.5"]
    with pytest.raises(ConfigurationError, match="decimal takes one mark"):
        changed(["1"], processor="parse_numbers", decimal=".")


def test_words_for_yes_and_no() -> None:
    """Of some languages, in any case; or of one's own."""
    assert changed(["Ja", "nein ", "OUI", "0", "perhaps", ""], processor="parse_booleans") == [
        *("true", "false", "true", "false", None, None)
    ]
    assert changed(["Aktiv", "ja"], processor="parse_booleans", yes=["aktiv"], no=["-"]) == ["true", None]


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("45292", "2024-01-01"),
        ("45292.5", "2024-01-01T12:00:00"),
        (45292.75, "2024-01-01T18:00:00"),
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("60", None),
        ("61", "1900-03-01"),
        ("2958465", "9999-12-31"),
        ("2958466", None),
        ("0", None),
        ("x", None),
    ],
)
def test_days_of_excel(serial: Any, day: str | None) -> None:
    """Numbered from the first of January 1900, with a day that was none."""
    assert changed([serial], processor="excel_dates") == [day]


def test_days_from_1904() -> None:
    """As old Macintosh programs number them."""
    assert changed([1], processor="excel_dates", epoch="1904") == ["1904-01-02"]
