"""Stored values as text and back."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.text import from_text, to_text
from cdpkit.errors import ConfigurationError

VALUES: dict[PropertyType, st.SearchStrategy[object]] = {
    PropertyType.TEXT: st.text()
    | st.sampled_from(['"', "\\", "\n\r\t\0\x1f\x7f", "\u2028", "\U0001f600", "null", "[]"]),
    PropertyType.EMAIL: st.emails(),
    PropertyType.NUMBER: st.integers(-(2**63), 2**63 - 1),
    PropertyType.DECIMAL: st.floats(allow_nan=False, allow_infinity=False),
    PropertyType.BOOLEAN: st.booleans(),
    PropertyType.DATE: st.dates(),
    PropertyType.DATETIME: st.datetimes(timezones=st.just(UTC)),
}


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("kind", list(PropertyType))
@settings(max_examples=30, deadline=None, database=None)
@given(data=st.data())
def test_text_reads_back_as_what_was_written(kind: PropertyType, data: st.DataObject, *, multi: bool) -> None:
    """Whatever a property may hold, its text reads back as exactly the same column."""
    element = VALUES[kind]
    rows = data.draw(st.lists(st.none() | (st.lists(element, min_size=1, max_size=4) if multi else element)))
    prop = Property("p", kind, multi=multi)
    values = pl.Series("p", rows, prop.dtype)
    text = to_text(values)
    back = from_text(text, prop)
    assert (values.len(), values.name) == (text.len(), text.name)
    assert (values.dtype, values.name) == (back.dtype, back.name)
    assert values.equals(back, null_equal=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pl.Series([7, -7, None]), ["7", "-7", None]),
        (pl.Series([1.0, 0.1, -0.0]), ["1.0", "0.1", "-0.0"]),
        (pl.Series([True, False]), ["true", "false"]),
        (pl.Series([date(1, 1, 1)]), ["0001-01-01"]),
        (pl.Series([datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC)]), ["2024-01-02T03:04:05.000006Z"]),
        (pl.Series([["a", 'b"\n\\'], None]), ['["a","b\\"\\n\\\\"]', None]),
        (pl.Series([[1, 2]]), ['["1","2"]']),
        (pl.Series([[date(2024, 2, 29)]]), ['["2024-02-29"]']),
    ],
    ids=lambda case: str(case.dtype) if isinstance(case, pl.Series) else None,
)
def test_the_text_of_each_type(values: pl.Series, expected: list[str | None]) -> None:
    """Each type has one text: digits, ISO 8601, true and false, and JSON for lists."""
    assert expected == to_text(values).to_list()


def test_moments_are_written_in_utc() -> None:
    """A moment of another zone is written as the same moment in UTC."""
    tokyo = pl.Series([datetime(2024, 1, 1, tzinfo=UTC)]).dt.convert_time_zone("Asia/Tokyo")
    expected = ["2024-01-01T00:00:00.000000Z"]
    assert expected == to_text(tokyo).to_list()


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in PropertyType if kind not in {"text", "email"}])
def test_foreign_text_is_refused_without_being_quoted(kind: PropertyType, *, multi: bool) -> None:
    """Text of another type is an error that names the column and the type, and never the text."""
    foreign = '["jane@example.com"]' if multi else "jane@example.com"
    with pytest.raises(ConfigurationError, match=f"column 'c' holds text that is not a stored {kind}") as caught:
        from_text(pl.Series("c", [foreign]), Property("p", kind, multi=multi))
    assert "jane" not in str(caught.value)


@pytest.mark.parametrize("foreign", ["jane", '["jane"', '{"jane": 1}', "null"])
def test_text_that_is_no_list_is_refused(foreign: str) -> None:
    """A multi-valued property reads nothing but a JSON array."""
    with pytest.raises(ConfigurationError, match="not a stored text"):
        from_text(pl.Series("c", [foreign]), Property("p", multi=True))
