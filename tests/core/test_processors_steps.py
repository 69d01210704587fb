"""Steps are checked when they are read, and show whether they changed."""

from collections.abc import Mapping

import polars as pl
import pytest

from cdpkit.core.processors import BUILT_INS, Kind, PythonProcessor, StepSpec, parse_steps
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError, UnknownNameError


def odd(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.filter(pl.col(SOURCE_ROW) % 2 == 1)


FUNCTIONS: Mapping[str, PythonProcessor] = {"odd": odd, "doubled": lambda rows: pl.concat([rows, rows])}


def test_a_bare_name_is_a_step_without_options() -> None:
    """A text stands for a table with that processor alone."""
    expected = parse_steps([{"processor": "trim"}, {"processor": "odd"}], FUNCTIONS)
    assert expected == parse_steps(["trim", "odd"], FUNCTIONS)


def test_an_unknown_processor_names_all_there_are() -> None:
    """The message lists built-in processors and registered functions."""
    with pytest.raises(UnknownNameError, match=r"no processor 'trimm'; there are: trim, .*doubled.*;"):
        parse_steps(["trimm"], FUNCTIONS)


def test_an_unknown_option_names_all_there_are() -> None:
    """The message lists the options of that processor."""
    with pytest.raises(ConfigurationError, match="'field'; there are: fields, name"):
        parse_steps([{"processor": "trim", "field": "email"}], {})


def test_a_missing_option_is_named_with_its_help() -> None:
    """The message says what is missing and what it is for."""
    with pytest.raises(ConfigurationError, match=r"step 1 \(first_rows\) needs the option 'count' \(How many"):
        parse_steps(["first_rows"], {})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (7, "must be a name or a table"),
        ({"fields": ["email"]}, "has no 'processor'"),
        ({"processor": "trim", "name": ""}, "'name' must be a text"),
        ({"processor": "trim", "fields": "email"}, "'fields' must be a list of texts, not a str"),
        ({"processor": "trim", "fields": [1]}, "'fields' must be a list of texts"),
        ({"processor": "trim", "fields": [""]}, "empty field name"),
        ({"processor": "trim", "fields": [SOURCE_ROW]}, "names '_source_row'"),
        ({"processor": "rename", "fields": {"email": SOURCE_ROW}}, "names '_source_row'"),
        ({"processor": "fixed_value", "field": SOURCE_ROW, "value": 1}, "names '_source_row'"),
        ({"processor": "hash", "fields": []}, "'fields' is empty"),
        ({"processor": "rename", "fields": ["email"]}, "must be a table of text to text"),
        ({"processor": "rename", "fields": {"a": "c", "b": "c"}}, "gives the name 'c' to several fields"),
        ({"processor": "first_rows", "count": True}, "must be a whole number, not a bool"),
        ({"processor": "first_rows", "count": 0}, "must be 1 or more"),
        ({"processor": "change_case", "fields": ["a"], "case": "camel"}, "one of 'lower', 'upper', 'title'$"),
        ({"processor": "fixed_value", "field": "a", "value": float("nan")}, "must be a text, a number, true or false"),
        ({"processor": "fixed_value", "field": "a", "value": 2**63}, "must be a text, a number, true or false"),
        ({"processor": "fixed_value", "field": "a", "value": "x", "only_if_empty": 1}, "must be true or false"),
        ({"processor": "split", "fields": ["a"], "separator": ""}, "'separator' is empty"),
        ({"processor": "odd", "fields": ["a"]}, "a Python function takes no options; remove fields"),
    ],
)
def test_a_step_that_does_not_fit_is_refused(spec: StepSpec, message: str) -> None:
    """Every mistake in a step is found before a row is seen."""
    with pytest.raises(ConfigurationError, match=message):
        parse_steps([spec], FUNCTIONS)


def test_steps_must_be_a_list() -> None:
    """A single step without a list around it is refused."""
    with pytest.raises(ConfigurationError, match="list of steps"):
        parse_steps("trim", {})


def test_a_function_cannot_hide_a_built_in_processor() -> None:
    """A function under the name of a built-in processor is refused where it is used."""
    with pytest.raises(ConfigurationError, match="rename the function"):
        parse_steps(["trim"], {"trim": odd})


def test_fingerprints_ignore_order_defaults_and_names() -> None:
    """Two ways of writing the same step have one fingerprint."""
    first, second = parse_steps(
        [
            {"processor": "convert_values", "fields": ["a"], "values": {"x": "1", "y": "2"}, "others": "keep"},
            {"name": "other", "values": {"y": "2", "x": "1"}, "fields": ("a",), "processor": "convert_values"},
        ],
        {},
    )
    expected = '{"options":{"fields":["a"],"values":{"x":"1","y":"2"}},"processor":"convert_values"}'
    assert [expected, expected] == [first.fingerprint(), second.fingerprint()]


def test_fingerprints_show_options_and_the_version_of_a_function() -> None:
    """Another option or another version of a function is another fingerprint."""

    def versioned(rows: pl.LazyFrame) -> pl.LazyFrame:
        return rows

    versioned.version = 2  # type: ignore[attr-defined]
    steps = parse_steps(
        ["odd", "versioned", {"processor": "first_rows", "count": 2}], {**FUNCTIONS, "versioned": versioned}
    )
    expected = [
        '{"function":"odd","version":null}',
        '{"function":"versioned","version":"2"}',
        '{"options":{"count":2},"processor":"first_rows"}',
    ]
    assert expected == [step.fingerprint() for step in steps]


def test_options_are_data() -> None:
    """Forms find the kind, default, choices and help of each option in the registry."""
    fields, case = BUILT_INS["change_case"].options
    assert (fields.kind, fields.required, fields.names_fields) == (Kind.TEXTS, True, True)
    assert (case.kind, case.choices) == (Kind.CHOICE, ("lower", "upper", "title"))
    assert [name for name, built_in in BUILT_INS.items() if not built_in.help.endswith(".")] == []
    assert [option.name for built_in in BUILT_INS.values() for option in built_in.options if not option.help] == []


def test_a_step_with_a_table_of_options_has_a_fingerprint() -> None:
    """Whether the table is given or left out; another one shows."""
    spec: dict[str, object] = {"processor": "email_domain_typos", "fields": ["mail"]}
    plain, given = parse_steps([spec, spec | {"typos": {"exmaple.org": "example.org"}}], {})
    assert plain.fingerprint() != given.fingerprint()
    assert '"typos"' not in plain.fingerprint()
