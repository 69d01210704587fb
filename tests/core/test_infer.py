"""A property for a column that has none yet."""

import re
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.infer import infer, slug, why
from cdpkit.core.properties import RESERVED, Property, PropertyType


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1", " -2 ", ""], "number"),
        (["1", "0"], "number"),
        (["1", "2.5"], "decimal"),
        (["0", "0.5"], "decimal"),
        (["1", "99999999999999999999"], "text"),
        (["+32470000000"], "text"),
        (["007", "1"], "text"),
        (["1", " -01"], "text"),
        (["00.5"], "text"),
        (["12E12", "35E10"], "text"),
        (["90071992547409931", "7.5"], "text"),
        (["1.1", "1.10"], "text"),
        (["7.50", "12.00", "7.50"], "decimal"),
        (["2024-02-29"], "date"),
        (["2024-02-30"], "text"),
        (["2024-02-29", "2024-02-29T10:00"], "datetime"),
        (["0999-01-01"], "date"),
        (["yes", "0"], "boolean"),
        (["007@example.com", None], "email"),
        (["a@example.com", "b"], "text"),
        (["inf", "nan"], "text"),
        (["", " ", None], "text"),
        ([], "text"),
        (["1"] * 5000 + ["x"], "text"),
    ],
)
def test_text_gets_the_first_type_that_all_of_it_fits(texts: list[str | None], expected: str) -> None:
    """A column of text gets the first type that every non-empty value fits, and codes stay text."""
    single, multi = pl.Series(texts, dtype=pl.String), pl.Series([texts], dtype=pl.List(pl.String))
    assert Property("p", PropertyType(expected)) == infer(single, "p")
    assert Property("p", PropertyType(expected), multi=True) == infer(multi, "p")
    assert Property("p", PropertyType(expected)) == infer(single.cast(pl.Categorical), "p")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (pl.Series([1, 0], dtype=pl.UInt8), "number"),
        (pl.Series([None], dtype=pl.Int64), "number"),
        (pl.Series([1.0]), "decimal"),
        (pl.Series([1], dtype=pl.Decimal(10, 2)), "decimal"),
        (pl.Series([True]), "boolean"),
        (pl.Series([date(2024, 1, 1)]), "date"),
        (pl.Series([datetime(2024, 1, 1, tzinfo=UTC)]), "datetime"),
        (pl.Series([timedelta(1)]), "text"),
        (pl.Series([{"a": 1}]), "text"),
        (pl.Series([None]), "text"),
    ],
    ids=lambda case: str(case.dtype) if isinstance(case, pl.Series) else None,
)
def test_typed_columns_map_directly(source: pl.Series, expected: str) -> None:
    """A typed column keeps its type, and a list of it makes the property multi-valued."""
    assert Property("p", PropertyType(expected)) == infer(source, "p")
    assert Property("p", PropertyType(expected), multi=True) == infer(source.implode(), "p")


@pytest.mark.parametrize(
    ("prefix", "field", "expected"),
    [
        ("crm_", "email", "crm_email"),
        ("crm_", "Pr\u00e9nom du client!", "crm_Prenom_du_client"),
        ("", "last-order  (EUR)", "last-order_EUR"),
        ("", "\ufb01eld\u00b2", "field2"),
        ("", "\u65e5\u672c", "field"),
        ("", "", "field"),
        ("_", "_a__b_", "a_b"),
        ("", "Row", "Row_"),
        ("", "profile id", "profile_id_"),
    ],
)
def test_slugs(prefix: str, field: str, expected: str) -> None:
    """A prefix and a field make a legal, free name."""
    assert expected == slug(prefix, field)


@settings(max_examples=100, deadline=None, database=None)
@given(prefix=st.text(max_size=5), field=st.text(max_size=12))
def test_a_slug_is_always_a_legal_name(prefix: str, field: str) -> None:
    """Whatever the source calls a field, its slug is a name that a property may have."""
    name = slug(prefix, field)
    assert re.fullmatch(r"[A-Za-z0-9-]+(_[A-Za-z0-9-]+)*_?", name)
    assert name.lower() not in RESERVED
    assert name == Property(name).name


@pytest.mark.parametrize(
    ("values", "kind", "words", "rows"),
    [
        (["1", "2", None, "n/a", "3"], "text", "the others are number", [3]),
        (["2024-01-01", "2024-01-02", "soon"], "text", "the others are date", [2]),
        (["1", "007", "+3"], "text", "would lose digits", [1, 2]),
        (["1.1", "1.10"], "text", "would be the same decimal", []),
        (["a", "b", "1"], "text", "no other type fits", []),
        (["", None], "text", "is empty", []),
        (["1", None], "number", "all 1 values fit", []),
        ([1, 2], "number", "holds Int64", []),
        ([["1"], ["x", "2"], ["3"]], "text", "the others are number", [1]),
    ],
)
def test_why_a_type_was_chosen_names_rows_and_no_values(
    values: list[object], kind: str, words: str, rows: list[int]
) -> None:
    """The rows that decided are named by position."""
    source = pl.Series("s", values, strict=False)
    chosen = infer(source, "p")
    found = why(source, chosen)
    assert (chosen.type, found.rows.to_list()) == (kind, rows)
    assert words in found.words
    assert (found.nearly is not None) == words.startswith("the others are")
