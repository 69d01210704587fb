"""Steps account for every row when they run."""

import datetime as dt
from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.processors import Processed, PythonProcessor, StepSpec, parse_steps, process
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError

TODAY = dt.date(2024, 5, 17)
ROWS = pl.DataFrame(
    {SOURCE_ROW: [0, 1, 2], "email": ["a@x.org", "b@x.org", None], "tags": [["x"], ["x", "y"], []], "age": [1, 2, 3]}
)


def run_sql(rows: pl.DataFrame, text: str) -> pl.DataFrame:
    return rows.sql(text, table_name="rows")


def run(rows: pl.DataFrame, *specs: StepSpec, functions: Mapping[str, PythonProcessor] | None = None) -> Processed:
    registered = functions or {}
    return process(rows, parse_steps(specs, registered), functions=registered, sql=run_sql, today=TODAY)


def odd(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.filter(pl.col(SOURCE_ROW) % 2 == 1)


def doubled(rows: pl.LazyFrame) -> pl.LazyFrame:
    return pl.concat([rows, rows])


def renumbered(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.with_columns((pl.col(SOURCE_ROW) + 1).cast(pl.UInt32))


def reversed_rows(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.reverse()


FUNCTIONS: Mapping[str, PythonProcessor] = {
    "odd": odd,
    "doubled": doubled,
    "renumbered": renumbered,
    "reversed": reversed_rows,
}


def test_vanished_rows_are_excluded_under_the_name_of_the_step() -> None:
    """The reason says which step removed a row."""
    result = run(ROWS, {"processor": "first_rows", "count": 2, "name": "sample"}, "odd", functions=FUNCTIONS)
    expected = pl.DataFrame({SOURCE_ROW: [2, 0], "reason": ["processor:sample", "processor:odd"]})
    assert expected.rows() == result.excluded.rows()
    assert result.rows[SOURCE_ROW].to_list() == [1]


def test_repeated_rows_are_added() -> None:
    """The first row with a number keeps it, the others count as added."""
    result = run(ROWS, "doubled", functions=FUNCTIONS)
    assert result.rows[SOURCE_ROW].to_list() == [0, 1, 2, None, None, None]
    assert (result.added, result.excluded.height) == (3, 0)


def test_invented_numbers_are_added_rows() -> None:
    """A number that no received row has is not believed, and the column gets its type back."""
    result = run(ROWS, "renumbered", functions=FUNCTIONS)
    assert result.rows[SOURCE_ROW].to_list() == [1, 2, None]
    assert pl.Int64() == result.rows.schema[SOURCE_ROW]
    assert result.excluded.rows() == [(0, "processor:renumbered")]


def test_sql_filters_and_adds_rows() -> None:
    """SQL may add rows with an empty number and leave rows out."""
    text = "SELECT * FROM rows WHERE age > 1 UNION ALL SELECT NULL, email, tags, age FROM rows WHERE age = 3"
    result = run(ROWS, {"processor": "sql", "text": text})
    assert {1, 2, None} == set(result.rows[SOURCE_ROW])
    assert (result.excluded.rows(), result.added) == ([(0, "processor:sql")], 1)


def test_sql_must_keep_the_number_of_a_row() -> None:
    """Without the column the message says how to keep it."""
    with pytest.raises(ConfigurationError, match=r"dropped the column '_source_row'.*add it to the SELECT of 'sql'"):
        run(ROWS, {"processor": "sql", "text": "SELECT email FROM rows"})


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda rows: rows.drop(SOURCE_ROW), "let 'f' keep it"),
        (lambda rows: rows.with_columns(pl.col(SOURCE_ROW).cast(pl.String)), "into String"),
        (lambda rows: rows.collect(), "returned a DataFrame"),
    ],
)
def test_a_function_must_return_rows_with_numbers(function: PythonProcessor, message: str) -> None:
    """What a function may not return is said with the function's name."""
    with pytest.raises(ConfigurationError, match=message):
        run(ROWS, "f", functions={"f": function})


def test_an_error_of_a_function_is_the_cause_of_one_that_names_the_step() -> None:
    """The user sees where it was raised; its own text, which may hold values of rows, is in no message of ours."""

    def broken(rows: pl.LazyFrame) -> pl.LazyFrame:
        raise ZeroDivisionError(f"ann@example.com {rows.collect_schema().len()}")

    with pytest.raises(ConfigurationError, match="step 'ratio' raised ZeroDivisionError; mend it") as caught:
        run(ROWS, {"processor": "broken", "name": "ratio"}, functions={"broken": broken})
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "ann@example.com" not in str(caught.value)


def test_rows_need_numbers() -> None:
    """Rows without the column are refused."""
    with pytest.raises(ConfigurationError, match="number them first"):
        run(ROWS.drop(SOURCE_ROW), "trim")


def test_an_unknown_field_names_those_there_are() -> None:
    """The message lists the fields without the row number, and the step."""
    with pytest.raises(ConfigurationError, match=r"(?s)no field 'emial'; there are: email, age, tags; .*step 'trim'"):
        run(ROWS, {"processor": "trim", "fields": ["emial"]})


TEXTS = st.one_of(
    st.none(), st.sampled_from(["", " ", "null", "06 1234 5678", "+1 555 123 4567", "a@gmial.com", "1/2/2024"])
)
FRAMES = st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=3), st.integers(0, 3)), max_size=12).map(
    lambda rows: pl.DataFrame(
        [(number, *row) for number, row in enumerate(rows)],
        schema={SOURCE_ROW: pl.Int64, "text": pl.String, "texts": pl.List(pl.String), "number": pl.Int64},
        orient="row",
    )
)
FIELDS = st.sampled_from([["text"], ["texts"], ["text", "texts"]])
ON_ERROR = st.sampled_from(["exclude", "keep", "empty"])
SPECS: st.SearchStrategy[list[StepSpec]] = st.lists(
    st.one_of(
        st.sampled_from([*FUNCTIONS, "trim", "drop_null_words", "deduplicate"]),
        st.fixed_dictionaries({"processor": st.just("normalize_phone"), "fields": FIELDS, "on_error": ON_ERROR}),
        st.fixed_dictionaries(
            {
                "processor": st.just("parse_dates"),
                "fields": FIELDS,
                "on_error": ON_ERROR,
                "formats": st.just(["%d/%m/%Y"]),
            }
        ),
        st.fixed_dictionaries({"processor": st.sampled_from(["hash", "normalize_email"]), "fields": FIELDS}),
        st.fixed_dictionaries({"processor": st.just("first_rows"), "count": st.integers(1, 9)}),
        st.fixed_dictionaries(
            {"processor": st.just("deduplicate"), "fields": FIELDS, "keep": st.sampled_from(["first", "last"])}
        ),
        st.fixed_dictionaries(
            {
                "processor": st.just("filter"),
                "expression": st.sampled_from(["number > 1", "text IS NULL", "TRUE"]),
                "action": st.sampled_from(["keep", "drop"]),
            }
        ),
        st.just({"processor": "sql", "text": "SELECT * FROM rows UNION ALL SELECT * FROM rows WHERE number = 2"}),
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(FRAMES, SPECS)
def test_every_row_is_accounted_for(rows: pl.DataFrame, specs: list[StepSpec]) -> None:
    """Each received row is left or excluded, exactly once, whatever the steps are."""
    result = run(rows, *specs, functions=FUNCTIONS)
    left = result.rows[SOURCE_ROW].drop_nulls().to_list()
    assert rows[SOURCE_ROW].to_list() == sorted(left + result.excluded[SOURCE_ROW].to_list())
    assert rows.height + result.added == result.rows.height + result.excluded.height
    assert {SOURCE_ROW: pl.Int64(), "reason": pl.String()} == dict(result.excluded.schema)


@settings(max_examples=100, deadline=None)
@given(FRAMES, SPECS)
def test_built_in_processors_keep_the_order_of_rows(rows: pl.DataFrame, specs: list[StepSpec]) -> None:
    """Without SQL and functions the rows that are left stand as they came."""
    built_in = [spec for spec in specs if not (spec in [*FUNCTIONS] or "text" in spec)]
    numbers = run(rows, *built_in).rows[SOURCE_ROW].to_list()
    assert sorted(numbers) == numbers
