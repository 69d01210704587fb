"""Built-in processors that make and drop fields, and that choose rows."""

import datetime as dt

import polars as pl
import pytest

from cdpkit.core.processors import StepSpec, parse_steps, process
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError


def run_sql(rows: pl.DataFrame, text: str) -> pl.DataFrame:
    return rows.sql(text, table_name="rows")


def run(rows: pl.DataFrame, *specs: StepSpec) -> dict[str, list[object]]:
    numbered = rows.with_row_index(SOURCE_ROW).cast({SOURCE_ROW: pl.Int64})
    steps = parse_steps(specs, {})
    result = process(numbered, steps, functions={}, sql=run_sql, today=dt.date(2024, 5, 17))
    return result.rows.drop(SOURCE_ROW).to_dict(as_series=False)


def kept(rows: pl.DataFrame, **spec: object) -> list[object]:
    """Column `n` of the rows that a step leaves."""
    return run(rows, spec)["n"]


def test_rename_can_swap_names() -> None:
    """Fields get their new names in place."""
    rows = pl.DataFrame({"a": [1], "b": [2], "c": [3]})
    assert run(rows, {"processor": "rename", "fields": {"a": "b", "b": "a"}}) == {"b": [1], "a": [2], "c": [3]}


def test_rename_never_replaces_a_field() -> None:
    """A name that is taken is refused."""
    with pytest.raises(ConfigurationError, match="there is a field 'b' already"):
        run(pl.DataFrame({"a": [1], "b": [2]}), {"processor": "rename", "fields": {"a": "b"}})


def test_drop_fields() -> None:
    """Named fields go, unknown ones are refused with those there are."""
    rows = pl.DataFrame({"a": [1], "b": [2]})
    assert run(rows, {"processor": "drop_fields", "fields": ["a"]}) == {"b": [2]}
    with pytest.raises(ConfigurationError, match="no field 'c'; there are: a, b"):
        run(rows, {"processor": "drop_fields", "fields": ["c"]})


def test_concatenate_skips_empty_values() -> None:
    """Values of all simple types are joined, lists by their elements."""
    rows = pl.DataFrame({"a": ["x", "", None], "n": [1, 2, None], "l": [["p", " ", "q"], [], None]})
    result = run(rows, {"processor": "concatenate", "fields": ["a", "n", "l"], "to": "all", "separator": "-"})
    assert result["all"] == ["x-1-p-q", "2", None]


def test_concatenate_writes_numbers_as_loads_do() -> None:
    """Whole floats without `.0`, NaN as no value; durations have a text too."""
    rows = pl.DataFrame(
        {"f": [1001.0, float("nan"), 0.5], "d": pl.Series([86_400, None, 1], dtype=pl.Int64).cast(pl.Duration("ms"))}
    )
    result = run(rows, {"processor": "concatenate", "fields": ["f", "d"], "to": "all", "separator": "-"})
    assert result["all"] == ["1001-PT1M26.4S", None, "0.5-PT0.001S"]


def test_nan_is_no_value_for_processors() -> None:
    """It is filled where empty fields are, and no number that cannot be read."""
    rows = pl.DataFrame({"f": [float("nan"), 44197.0, None]})
    filled = run(rows, {"processor": "fixed_value", "field": "f", "value": 1.5, "only_if_empty": True})
    assert filled["f"] == [1.5, 44197.0, 1.5]
    assert run(rows, {"processor": "excel_dates", "fields": ["f"], "on_error": "exclude"})["f"] == [
        None,
        "2021-01-01",
        None,
    ]


def test_concatenate_refuses_objects() -> None:
    """A field of objects has no text."""
    step = {"processor": "concatenate", "fields": ["s"], "to": "t"}
    with pytest.raises(ConfigurationError, match="which has no text"):
        run(pl.DataFrame({"s": [{"k": 1}]}), step)


def test_split_trims_and_drops_empty_elements() -> None:
    """Texts become lists, lists have their elements split."""
    rows = pl.DataFrame({"a": ["x, y,,", "", None], "l": [["p;q", " r"], None, []]})
    assert run(rows, {"processor": "split", "fields": ["a"]})["a"] == [["x", "y"], [], None]
    assert run(rows, {"processor": "split", "fields": ["l"], "separator": ";"})["l"] == [["p", "q", "r"], None, []]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("text", "v", ["a", "v", "v"]),
        ("texts", "v", [["a"], ["v"], ["v"]]),
        ("flag", True, [False, True, True]),
        ("number", 7, [0, 7, 7]),
        ("decimal", 7, [0.5, 7.0, 7.0]),
        ("decimal", 7.5, [0.5, 7.5, 7.5]),
        ("nothing", "v", ["v", "v", "v"]),
        ("new", False, [False, False, False]),
    ],
)
def test_fixed_value_fills_empty_values(field: str, value: object, expected: list[object]) -> None:
    """Only empty values are filled, in the type of the field."""
    rows = pl.DataFrame(
        {
            "text": ["a", " ", None],
            "texts": [["a"], [""], None],
            "flag": [False, None, None],
            "number": [0, None, None],
            "decimal": [0.5, None, None],
            "nothing": [None, None, None],
        }
    )
    step = {"processor": "fixed_value", "field": field, "value": value, "only_if_empty": True}
    assert expected == run(rows, step)[field]


def test_fixed_value_replaces_a_field() -> None:
    """Without the option every row gets the value, whatever the field held."""
    assert run(pl.DataFrame({"n": [1, 2]}), {"processor": "fixed_value", "field": "n", "value": "v"}) == {
        "n": ["v", "v"]
    }


def test_fixed_value_fits_the_field_it_fills() -> None:
    """A value of another type is refused."""
    step = {"processor": "fixed_value", "field": "n", "value": "v", "only_if_empty": True}
    with pytest.raises(ConfigurationError, match="holds Int64, which a str cannot fill"):
        run(pl.DataFrame({"n": [1]}), step)


def test_current_date_is_the_date_of_the_run() -> None:
    """The date is the one handed in."""
    expected = {"n": [1], "day": [dt.date(2024, 5, 17)]}
    assert expected == run(pl.DataFrame({"n": [1]}), {"processor": "current_date", "field": "day"})


PEOPLE = pl.DataFrame(
    {"n": [1, 2, 3, 4], "country": ["NL", "BE", None, "nl"], "tags": [["vip"], ["x", "vips"], [], None]}
)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"expression": "country = 'NL'"}, [1]),
        ({"expression": "country = 'NL'", "action": "drop"}, [2, 3, 4]),
        ({"expression": "country IS NULL OR n >= 4"}, [3, 4]),
        ({"expression": "TRUE"}, [1, 2, 3, 4]),
        ({"field": "country", "regex": "(?i)^nl$"}, [1, 4]),
        ({"field": "country", "regex": "(?i)^nl$", "action": "drop"}, [2, 3]),
        ({"field": "tags", "regex": "vip"}, [1, 2]),
        ({"field": "tags", "regex": "^vip$", "action": "drop"}, [2, 3, 4]),
    ],
)
def test_filter_keeps_or_drops(spec: dict[str, object], expected: list[object]) -> None:
    """Rows for which the condition is neither true nor false are not true."""
    assert expected == kept(PEOPLE, processor="filter", **spec)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "give either 'expression', or 'field' and 'regex'"),
        ({"expression": "TRUE", "regex": "x"}, "give either"),
        ({"field": "country"}, "give either"),
        ({"expression": "country = ="}, "'expression' cannot be read"),
        ({"field": "country", "regex": "("}, "'regex' cannot be read"),
        ({"expression": "land = 'NL'"}, "no field 'land'; there are: country, n, tags"),
        ({"expression": "country"}, "gives String, not true or false"),
        ({"expression": "country > 5"}, r"does not fit the rows \(ComputeError\)"),
        ({"expression": "CAST(country AS INT) = 1"}, r"does not fit the rows \(InvalidOperationError\)"),
        ({"expression": "EXISTS (SELECT 1 FROM read_csv('x.csv'))"}, "holds a subquery"),
        ({"expression": "country IN (/* (/**/ */ FROM t)"}, "holds a subquery"),
        ({"field": "n", "regex": "1"}, "holds Int64, not text"),
    ],
)
def test_filter_conditions_are_checked(spec: dict[str, object], message: str) -> None:
    """What a condition cannot be is said before rows are lost."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        kept(PEOPLE, processor="filter", **spec)
    assert "BE" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"fields": ["a"]}, [1, 2, 4, 5]),
        ({"fields": ["a"], "keep": "last"}, [2, 3, 4, 5]),
        ({"fields": ["l"]}, [1, 3, 4, 5]),
        ({"fields": ["a", "l"]}, [1, 2, 3, 4, 5]),
        ({}, [1, 2, 3, 4, 5]),
    ],
)
def test_deduplicate(spec: dict[str, object], expected: list[object]) -> None:
    """Rows without a value in the compared fields are no duplicates of each other."""
    rows = pl.DataFrame(
        {"n": [1, 2, 3, 4, 5], "a": ["x", "y", "x", None, " "], "l": [["p"], ["p", ""], ["p", "q"], [], None]}
    )
    assert expected == kept(rows, processor="deduplicate", **spec)


def test_deduplicate_takes_all_ways_of_being_empty_for_one() -> None:
    """An empty text, a null and an empty list do not make rows different."""
    rows = pl.DataFrame({"n": [1, 1], "a": ["", None], "l": [[""], None]})
    assert kept(rows, processor="deduplicate") == [1]


def test_first_rows() -> None:
    """The first rows stay, fewer when there are fewer."""
    assert kept(PEOPLE, processor="first_rows", count=2) == [1, 2]
    assert kept(PEOPLE, processor="first_rows", count=9) == [1, 2, 3, 4]


def test_fields_with_the_names_of_patterns_are_fields() -> None:
    """A field named like a pattern of Polars is that field alone."""
    rows = pl.DataFrame({"^.*$": ["x"], "a": ["x"]})
    assert run(rows, {"processor": "change_case", "fields": ["^.*$"], "case": "upper"}) == {"^.*$": ["X"], "a": ["x"]}
