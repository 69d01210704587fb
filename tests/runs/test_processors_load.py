"""Every processor in a load: what it does to values, and that no bad value costs a person."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cdpkit
from cdpkit.cli.manual_pages import pages
from cdpkit.core.processors import BUILT_INS, StepSpec
from cdpkit.errors import ConfigurationError

MAIL = {"mail": "email"}


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """An empty workspace that matches on e-mail."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", type="email", identifier=True)
    return made


STEPS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "trim": ({}, {"a": " x "}, "x"),
    "change_case": ({"fields": ["a"], "case": "upper"}, {"a": "x"}, "X"),
    "drop_null_words": ({}, {"a": "NULL"}, "None"),
    "convert_values": ({"fields": ["a"], "values": {"x": "y"}}, {"a": "x"}, "y"),
    "hash": ({"fields": ["a"]}, {"a": "x"}, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
    "normalize_email": ({"fields": ["a"]}, {"a": " A@X.de"}, "a@x.de"),
    "email_domain_typos": ({"fields": ["a"]}, {"a": "a@gmial.com"}, "a@gmail.com"),
    "normalize_phone": ({"fields": ["a"], "country_code": "32"}, {"a": "02 555 12 12"}, "+3225551212"),
    "parse_dates": ({"fields": ["a"], "formats": ["%d/%m/%Y"]}, {"a": "31/12/1980"}, "1980-12-31"),
    "rename": ({"fields": {"b": "a"}}, {"b": "x"}, "x"),
    "drop_fields": ({"fields": ["b"]}, {"a": "x", "b": "y"}, "x"),
    "concatenate": ({"fields": ["b", "c"], "to": "a"}, {"b": "x", "c": "y"}, "x y"),
    "split": ({"fields": ["a"]}, {"a": "x, y"}, "['x', 'y']"),
    "fixed_value": ({"field": "a", "value": 7}, {}, "7"),
    "current_date": ({"field": "a"}, {}, "20"),
    "filter": ({"expression": "a = 'x'"}, {"a": "x"}, "x"),
    "deduplicate": ({"fields": ["a"]}, {"a": "x"}, "x"),
    "first_rows": ({"count": 5}, {"a": "x"}, "x"),
    "sql": ({"text": "select * replace (upper(a) as a) from rows"}, {"a": "x"}, "X"),
}
"""For each processor its options, a row, and what the property a holds then."""


def test_every_documented_processor_is_tried_here() -> None:
    """A new one needs a line above."""
    documented = [name for name in BUILT_INS if f"| `{name}` |" in pages()["processors"]]
    assert sorted(documented) == sorted(BUILT_INS)
    assert set(STEPS) >= set(documented) & set(STEPS)


@pytest.mark.parametrize("name", STEPS)
def test_a_processor_does_in_a_load_what_it_says(ws: cdpkit.Workspace, name: str) -> None:
    """In a load, in its preview, and under a goal that is asked twice."""
    options, row, expected = STEPS[name]
    rows, step = pl.DataFrame([{"mail": "ann@x.de", **row}]), {"processor": name, **options}
    preview = ws.preview_load(rows, MAIL, [{"from": "a"}], processors=[step])
    assert preview.counters["created"] == 1
    run = ws.load(rows, MAIL, [{"from": "a"}], processors=[step], goal="g")
    assert run.state == "succeeded"
    held = ws.profiles.collect()["a"].to_list()[0]
    assert str(held).startswith(expected)
    assert ws.load(rows, MAIL, [{"from": "a"}], processors=[step], goal="g").counters["created"] == 0


BAD: dict[str, dict[str, Any]] = {
    "normalize_phone": {"fields": ["a"]},
    "parse_dates": {"fields": ["a"], "formats": ["%d/%m/%Y"]},
}


@pytest.mark.parametrize("name", BAD)
def test_a_value_that_cannot_be_read_is_emptied_and_listed(ws: cdpkit.Workspace, name: str) -> None:
    """The person stays; row, field, property, value and step are named, and the run ends with warnings."""
    rows = pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "a": ["n/a", None], "plan": ["gold", "free"]})
    maps = [{"from": "a", "to": "kept"}, {"from": "plan"}]
    run = ws.load(rows, MAIL, maps, processors=[{"processor": name, "name": "mend", **BAD[name]}])
    assert run.state == "succeeded_with_warnings"
    assert run.counters["created"] == 2
    assert run.counters["rejected"] == {"processor:mend": 1}
    assert run.rejected.rows() == [(0, "a", "kept", "n/a", "processor:mend")]
    assert "could not be read by the processor mend" in run.report()
    assert ws.profiles.select("plan").collect()["plan"].to_list() == ["gold", "free"]


@pytest.mark.parametrize("name", BAD)
def test_a_value_that_cannot_be_read_clears_nothing(ws: cdpkit.Workspace, name: str) -> None:
    """It was refused, as one that does not fit the property's type is; also where its field has another name then."""
    maps = [{"from": "b", "to": "kept", "rule": "set_or_clear"}]
    before = pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "b": ["1980-12-31", "1981-12-31"]})
    ws.load(before, MAIL, maps)
    steps = [{"processor": name, **BAD[name]}, {"processor": "rename", "fields": {"a": "b"}}]
    run = ws.load(pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "a": ["n/a", None]}), MAIL, maps, processors=steps)
    assert ws.profiles.sort("email").collect()["kept"].cast(pl.String).to_list() == ["1980-12-31", None]
    assert run.counters["excluded"] == {"all_rejected": 1}
    assert run.rejected["field"].to_list() == ["b"]


@pytest.mark.parametrize("name", BAD)
def test_excluding_and_keeping_are_choices(ws: cdpkit.Workspace, name: str) -> None:
    """An excluded row says which field and value it was; what is kept is not listed."""
    rows = pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "a": ["n/a", None]})
    step = {"processor": name, **BAD[name]}
    run = ws.load(rows, MAIL, [{"from": "a"}], processors=[{**step, "on_error": "exclude"}])
    assert run.excluded.rows() == [(0, f"processor:{name}")]
    assert run.rejected.rows() == [(0, "a", "a", "n/a", f"processor:{name}")]
    assert run.counters["created"] == 1
    kept = ws.load(rows, MAIL, [{"from": "a"}], processors=[{**step, "on_error": "keep"}])
    assert kept.rejected.is_empty()
    assert ws.profiles.collect()["a"].to_list() == [None, "n/a"]


def test_what_was_seen_before_is_not_listed_again(ws: cdpkit.Workspace) -> None:
    """An unchanged file ends as succeeded; a row that is new lists its values."""
    rows = pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "a": ["n/a", "31/12/1980"]})
    step = {"processor": "parse_dates", **BAD["parse_dates"]}
    first = ws.load(rows, MAIL, [{"from": "a"}], processors=[step], goal="g")
    again = ws.load(rows, MAIL, [{"from": "a"}], processors=[step], goal="g")
    assert (first.state, again.state) == ("succeeded_with_warnings", "succeeded")
    assert again.rejected.is_empty()
    more = pl.concat([rows, pl.DataFrame({"mail": ["eve@x.de"], "a": ["soon"]})])
    third = ws.load(more, MAIL, [{"from": "a"}], processors=[step], goal="g")
    assert third.rejected.rows() == [(2, "a", "a", "soon", "processor:parse_dates")]


def test_elements_of_lists_are_listed_one_by_one(ws: cdpkit.Workspace) -> None:
    """The others stay; a field that is not mapped has no property."""
    rows = pl.DataFrame({"mail": ["ann@x.de"], "a": [["+31201234567", "x", None, "y"]], "b": ["z"]})
    step = {"processor": "normalize_phone", "fields": ["a", "b"]}
    ws.properties.add("phones", multi=True)
    run = ws.load(rows, MAIL, [{"from": "a", "to": "phones"}], processors=[step])
    assert [(field, prop, value) for _, field, prop, value, _ in run.rejected.rows()] == [
        ("a", "phones", "x"),
        ("a", "phones", "y"),
        ("b", None, "z"),
    ]
    assert ws.profiles.collect()["phones"].to_list() == [["+31201234567"]]


def test_a_step_in_sql_that_a_value_does_not_fit_is_named_without_the_value(ws: cdpkit.Workspace) -> None:
    """The load is refused; the message has the step, the column and the way out."""
    rows = pl.DataFrame({"mail": ["ann@x.de"], "pay": ["81.234 EUR"]})
    step = {"processor": "sql", "name": "pay", "text": "select * replace (cast(pay as double) as pay) from rows"}
    with pytest.raises(ConfigurationError, match=r"step 'pay'.*value of pay cannot be converted.*try_cast") as refused:
        ws.load(rows, MAIL, [{"from": "pay"}], processors=[step])
    assert "81.234" not in str(refused.value)


VALUES = st.one_of(
    st.none(), st.text(max_size=12), st.sampled_from(["+31201234567", "31/12/1980", "1/2/03", "0000000000"])
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(VALUES, min_size=1, max_size=8), name=st.sampled_from(sorted(BAD)))
def test_every_person_stays_whatever_the_values_are(
    tmp_path_factory: pytest.TempPathFactory, values: list[str | None], name: str
) -> None:
    """Each value is read, was empty, or is listed; nobody is lost."""
    ws = cdpkit.create(tmp_path_factory.mktemp("any") / "w")
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("a")
    rows = pl.DataFrame(
        {"mail": [f"p{i}@x.de" for i in range(len(values))], "a": values}, schema_overrides={"a": pl.String}
    )
    step: StepSpec = {"processor": name, **BAD[name]}
    run = ws.load(rows, MAIL, [{"from": "a"}], processors=[step])
    assert run.counters["created"] == len(values)
    held = dict(ws.profiles.select("email", "a").collect().rows())
    listed = dict(zip(run.rejected["source_row"], run.rejected["value"], strict=True))
    for row, value in enumerate(values):
        read = held[f"p{row}@x.de"] is not None
        assert read + (row in listed) + (value is None or not value.strip()) >= 1
        assert row not in listed or (listed[row] == value and not read)
