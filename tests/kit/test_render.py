"""Bodies for vendors, against a model that goes row by row."""

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.render import Entry, Form, Member, render

WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
TRICKY = '"\\/\b\f\n\r\t\x00\x1f\x7f{}[],:|é😀\u2028\u200b '

texts = st.text(st.one_of(st.sampled_from(TRICKY), st.characters(exclude_categories=["Cs"])), max_size=8)
integers = st.integers(-(2**63), 2**63 - 1)
SCHEMA = {
    "email": pl.String(),
    "text": pl.String(),
    "number": pl.Int64(),
    "decimal": pl.Float64(),
    "flag": pl.Boolean(),
    "day": pl.Date(),
    "at": pl.Datetime("us", "UTC"),
    "tags": pl.List(pl.String()),
    "numbers": pl.List(pl.Int64()),
}
values: dict[str, st.SearchStrategy[Any]] = {
    "email": texts,
    "text": texts,
    "number": integers,
    "decimal": st.floats(),
    "flag": st.booleans(),
    "day": st.dates(dt.date(1000, 1, 1)),
    "at": st.datetimes(dt.datetime(1000, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001, Hypothesis wants it naive
    "tags": st.lists(st.none() | texts, max_size=4),
    "numbers": st.lists(st.none() | integers, max_size=3),
}
frames = st.lists(st.fixed_dictionaries({name: st.none() | value for name, value in values.items()}), max_size=6).map(
    lambda rows: pl.DataFrame(rows, schema=SCHEMA)
)

DAY, AT = "%d/%m/%Y", '%Y-%m-%d "%H:%M:%S"'
EVERYTHING = (
    Member("email", "email"),
    Member('a "name"\n', "text", send_empty="null"),
    Member("source", fixed='cdp"kit'),
    Member(
        "dataFields",
        members=(
            Member("number", "number"),
            Member("float", "number", Form(as_float=True)),
            Member("decimal", "decimal", send_empty='""'),
            Member("flag", "flag"),
            Member("day", "day", Form(date=DAY)),
            Member("at", "at", Form(datetime=AT)),
            Member("tags", "tags"),
            Member("joined", "tags", Form(join="|")),
            Member("ends", "numbers", Form(join="||", ends=True)),
            Member("deep", members=(Member("flag", "flag", Form(text=True)), Member("numbers", "numbers"))),
        ),
    ),
    Member("kept", members=(Member("text", "text", Form(as_list=True)),), keep_empty=True),
    Member(
        "fields",
        array=True,
        members=(
            Member("", "text", Form(entry=Entry("Value", {"Key": "[t]"})), send_empty='{"Key":"[t]","Clear":true}'),
            Member("", "numbers", Form(text=True, entry=Entry("Value", {"Key": "[n]"}))),
            Member("", "tags"),
        ),
    ),
)


def filled(value: Any) -> Any:
    """What of a value is not empty, as Python; None where nothing is."""
    if isinstance(value, list):
        return [element for element in value if filled(element) is not None] or None
    if isinstance(value, str):
        return value if value.strip(WHITE) else None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def pairs(*members: tuple[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in members if value is not None]


def modelled(row: dict[str, Any]) -> list[tuple[str, Any]]:
    """`EVERYTHING` for one row, an object being its list of pairs."""
    has = {name: filled(value) for name, value in row.items()}
    text, number, flag, tags, numbers = (has[name] for name in ("text", "number", "flag", "tags", "numbers"))
    deep = pairs(("flag", None if flag is None else str(flag).lower()), ("numbers", numbers))
    fields = pairs(
        ("number", number),
        ("float", None if number is None else float(number)),
        ("decimal", "" if has["decimal"] is None else has["decimal"]),
        ("flag", flag),
        ("day", has["day"] and has["day"].strftime(DAY)),
        ("at", has["at"] and has["at"].strftime(AT)),
        ("tags", tags),
        ("joined", tags and "|".join(tags)),
        ("ends", numbers and f"||{'||'.join(map(str, numbers))}||"),
        ("deep", deep or None),
    )
    first = [("Key", "[t]"), ("Clear", True) if text is None else ("Value", text)]
    items = [first, *[[("Key", "[n]"), ("Value", str(value))] for value in numbers or []], *(tags or [])]
    return [
        *pairs(("email", has["email"])),
        ('a "name"\n', text),
        ("source", 'cdp"kit'),
        ("dataFields", fields),
        ("kept", [] if text is None else [("text", [text])]),
        ("fields", items),
    ]


@settings(max_examples=150, deadline=None)
@given(frames)
def test_bodies_are_those_of_a_model_that_goes_row_by_row(frame: pl.DataFrame) -> None:
    """Parsed, a body has exactly the members that the row has values for, in the order of the mapping."""
    actual = [json.loads(text, object_pairs_hook=list) for text in render(frame, EVERYTHING)]
    assert [modelled(row) for row in frame.to_dicts()] == actual


@settings(max_examples=100, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5))
def test_any_text_comes_back_from_the_json(several: list[str]) -> None:
    """Quotes, backslashes, control characters and emoji are escaped as JSON wants it."""
    frame = pl.DataFrame({"text": [f"x{text}" for text in several]})
    assert [f"x{text}" for text in several] == [json.loads(body) for body in render(frame, [Member("", "text")])]


def body(value: Any, form: Form, dtype: Any = None) -> str:
    frame = pl.DataFrame({"c": pl.Series([value], dtype=dtype)})
    return str(render(frame, [Member("m", "c", form)]).item())


@pytest.mark.parametrize(
    ("value", "dtype", "form", "expected"),
    [
        (2**63 - 1, pl.Int64, Form(), '{"m":9223372036854775807}'),
        (2**63 - 1, pl.Int64, Form(as_float=True), '{"m":9223372036854775807.0}'),
        (2**64 - 1, pl.UInt64, Form(text=True), '{"m":"18446744073709551615"}'),
        (3.0, pl.Float64, Form(as_float=True), '{"m":3.0}'),
        (0, pl.Int64, Form(), '{"m":0}'),
        (False, pl.Boolean, Form(), '{"m":false}'),
        (Decimal("1.20"), pl.Decimal(9, 2), Form(), '{"m":1.20}'),
        (Decimal(7), pl.Decimal(9, 0), Form(), '{"m":7}'),
        (Decimal(7), pl.Decimal(9, 0), Form(as_float=True), '{"m":7.0}'),
        (Decimal(7), pl.Decimal(9, 0), Form(text=True), '{"m":"7"}'),
        ([Decimal("1.5")], pl.List(pl.Decimal(9, 1)), Form(), '{"m":[1.5]}'),
        ([1, None], pl.List(pl.Int64), Form(as_float=True), '{"m":[1.0]}'),
        ([1.5, math.nan], pl.List(pl.Float64), Form(), '{"m":[1.5]}'),
        (["a", "b"], pl.Array(pl.String, 2), Form(), '{"m":["a","b"]}'),
        ("gold", pl.Categorical, Form(), '{"m":"gold"}'),
        ("gold", pl.Enum(["gold"]), Form(join="||", ends=True), '{"m":"||gold||"}'),
        (["a", "b"], None, Form(join="|", entry=Entry("value", {"id": 4})), '{"m":{"id":4,"value":"a|b"}}'),
        (["a", "b"], None, Form(entry=Entry("value")), '{"m":[{"value":"a"},{"value":"b"}]}'),
        (" a ", None, Form(), '{"m":" a "}'),
        (None, pl.Null, Form(), "{}"),
        ([None], None, Form(), "{}"),
        (["", " "], None, Form(join="|"), "{}"),
        (dt.date(2026, 3, 1), None, Form(), '{"m":"2026-03-01"}'),
        ([dt.date(2026, 3, 1)], None, Form(date="%d.%m."), '{"m":["01.03."]}'),
        (dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC), None, Form(), '{"m":"2026-03-01T09:00:00.000000+00:00"}'),
    ],
)
def test_each_type_has_its_form(value: object, dtype: object, form: Form, expected: str) -> None:
    """Numbers keep every digit, `0` and `false` are values, and texts are written as they are."""
    assert expected == body(value, form, dtype)


def test_an_empty_inner_object_is_left_out_or_kept_or_cleared() -> None:
    """An object is empty when all its members are; `keep_empty` and `send_empty` say otherwise."""
    frame = pl.DataFrame({"a": ["", None]})
    inner = (Member("a", "a"), Member("deeper", members=(Member("a", "a"),)))
    members = [
        Member("left_out", members=inner),
        Member("kept", members=inner, keep_empty=True),
        Member("array", members=(Member("", "a"),), array=True, keep_empty=True),
        Member("cleared", members=inner, send_empty="null"),
        Member("blank", fixed=" "),
        Member("fixed", members=(Member("list", fixed=3),)),
    ]
    assert render(frame, members).to_list() == ['{"kept":{},"array":[],"cleared":null,"fixed":{"list":3}}'] * 2


def test_bodies_need_no_row_and_no_column() -> None:
    """No row gives no body, fixed members are repeated for each row, and a column `body` is no obstacle."""
    fixed = [Member("a", fixed=True)]
    assert render(pl.DataFrame(), fixed).to_list() == []
    assert render(pl.DataFrame({"b": [1, 2]}), fixed).to_list() == ['{"a":true}', '{"a":true}']
    assert render(pl.DataFrame({"body": ["x"]}), [Member("b", "body")]).to_list() == ['{"b":"x"}']


def test_a_lone_member_without_a_name_is_a_bare_value() -> None:
    """Vendors that take lists of ids get the ids alone; an empty one is null."""
    assert render(pl.DataFrame({"id": ["p-1", " "]}), [Member("", "id", Form())]).to_list() == ['"p-1"', None]


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    """The message lists the columns of the frame."""
    with pytest.raises(UnknownNameError, match=r"no column 'emial'; there are: email, plan"):
        render(pl.DataFrame({"email": ["a"], "plan": ["b"]}), [Member("e", "emial")])


@pytest.mark.parametrize(
    ("value", "form", "message"),
    [
        ("x", Form(as_float=True), "cannot be written as a float"),
        (dt.time(1), Form(), "no member can be written from"),
        ({"a": 1}, Form(), "no member can be written from"),
        ([["a"]], Form(), "no member can be written from"),
        (dt.date(2026, 3, 1), Form(date="%H"), "'%H' does not fit"),
        (dt.datetime(2026, 3, 1), Form(datetime="%Y%z"), "'%Y%z' does not fit"),  # noqa: DTZ001, without a zone
    ],
)
def test_a_form_that_does_not_fit_the_column_is_a_configuration_error(value: object, form: Form, message: str) -> None:
    """The message names the column and its type, before anything is written."""
    with pytest.raises(ConfigurationError, match=message):
        body(value, form)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "exactly one of column, members and fixed"),
        ({"column": "a", "fixed": 1}, "exactly one of column, members and fixed"),
        ({"column": "a", "send_empty": "'"}, "send_empty must be JSON"),
        ({"members": (Member("a", "a"), Member("a", "b"))}, "different names; there are: a, a"),
        ({"members": (Member("", "a"),)}, "different names"),
        ({"members": (Member("a", "a"),), "array": True}, "an array, whose items have no names"),
    ],
)
def test_a_member_that_means_nothing_is_refused(arguments: dict[str, Any], message: str) -> None:
    """A spec is checked when it is written, not when the first row comes."""
    with pytest.raises(ConfigurationError, match=message):
        Member("m", **arguments)


def test_a_body_needs_members() -> None:
    """A goal that maps nothing and names nobody would send empty objects."""
    with pytest.raises(ConfigurationError, match="the body needs members of different names; there are: none"):
        render(pl.DataFrame({"a": [1]}), [])


def test_a_member_is_left_out_where_its_flag_is_false() -> None:
    """Also one that would clear, and one inside an object; an object of which nothing is left has no member."""
    frame = pl.DataFrame(
        {"id": ["a", "b", "c"], "text": ["x", None, "y"], "goes": [True, True, False]},
    )
    members = (
        Member("id", "id"),
        Member("text", "text", send_empty="null", where="goes"),
        Member("held", members=(Member("inner", "text", where="goes"),)),
    )
    expected = [{"id": "a", "text": "x", "held": {"inner": "x"}}, {"id": "b", "text": None}, {"id": "c"}]
    assert [json.loads(body) for body in render(frame, members)] == expected


def test_numerals_are_written_as_they_are() -> None:
    """With all their digits, single ones and those of lists."""
    frame = pl.DataFrame({"one": ["9007199254740993", "1.50", None], "many": [["1", "2.5"], [], None]})
    members = (Member("one", "one", Form(numeral=True)), Member("many", "many", Form(numeral=True)))
    assert render(frame, members).to_list() == ['{"one":9007199254740993,"many":[1,2.5]}', '{"one":1.50}', "{}"]
