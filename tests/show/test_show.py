"""How what an object tells becomes text and HTML."""

import re
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.show.bar import Bar
from cdpkit.show.cells import cell, cut, visible, width
from cdpkit.show.frames import first_rows
from cdpkit.show.html import as_html
from cdpkit.show.outline import outline
from cdpkit.show.text import as_text
from cdpkit.show.told import Lines, Told, of_text, told
from tests.show.page import Page

texts = st.text(st.characters(codec=None), max_size=20)


@given(texts, st.lists(st.tuples(texts, texts), max_size=4), texts)
def test_whatever_is_told_stays_text(headline: str, rows: list[tuple[str, str]], line: str) -> None:
    """HTML has no tag that came with a value, and a person reads the same in both; text has one line a row."""
    thing = Told(headline, [Lines(("<b>", "&amp;"), rows), line, told(headline, ["a"], [[line]])])
    page = Page(as_html(thing))
    assert page.open == []
    assert "b" not in page.tags
    assert visible(headline) in page.text
    assert all(visible(value) in page.text for row in rows for value in row)
    assert len(as_text(thing).split("\n")) == 5 + (len(rows) + 1 if rows else 0)


@given(texts)
def test_nothing_is_hidden(text: str) -> None:
    """Every sign is one that prints; what prints is left as it is, and the text can be written in UTF-8."""
    shown = visible(text)
    assert shown.isprintable()
    assert isinstance(shown.encode(), bytes)
    assert shown == text or not text.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\x1b[31m", r"a\nb\x1b[31m"),
        ("a\u200bb\u202e", r"a\u200bb\u202e"),
        ("\ufeffemail\xa0", r"\ufeffemail\xa0"),
        ("Zoë 🙂", "Zoë 🙂"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    """Line breaks, escape sequences, signs without width or that turn the direction of a text around."""
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (True, "yes"), (1234, "1,234"), (1234.5, "1,234.50"), (["a", "b"], "a, b"), ([], "-")],
)
def test_values_of_settings_are_in_words(value: object, shown: str) -> None:
    """As in a catalogue."""
    assert cell(value) == shown


def test_columns_stand_below_each_other_whatever_is_written() -> None:
    """Letters that take two places, and marks that take none."""
    lines = as_text(told("names", ("name", "n"), [("日本", 1), ("Zoe\u0308", 20), ("Ann", 300)])).splitlines()
    assert {width(line) for line in lines[1:]} == {2 + 4 + 2 + 3}


def test_values_of_people_are_as_they_are() -> None:
    """No commas in a number that may be an id, empty values as such, ids whole, long texts cut."""
    moment = datetime(2026, 1, 31, 7, 30, tzinfo=UTC)
    id_ = "01a22925-deaa-7d95-84e9-3bc58fa7603e"
    frame = pl.DataFrame({"n": [12345, None], "id": id_, "at": moment, "tags": [["a", "b"], []], "long": "x" * 100})
    rows = first_rows(frame).rows
    assert rows[0] == ("12345", id_, "2026-01-31 07:30:00", "[a, b]", cut("x" * 100, 80))
    assert rows[1][:4] == ("null", id_, "2026-01-31 07:30:00", "[]")


def test_a_wide_frame_names_what_does_not_fit() -> None:
    """As text; in a notebook all columns are there, and it scrolls."""
    frame = pl.DataFrame({f"column_{number}": ["a value"] for number in range(40)})
    shown = Told("wide", [first_rows(frame)])
    lines = as_text(shown).splitlines()
    assert all(len(line) <= 150 for line in lines)
    assert lines[-1].startswith("  and 29 more columns: column_11, column_12, ")
    html = as_html(shown)
    assert Page(html).tags.count("th") == 40
    assert "overflow-x:auto" in html


def test_a_report_becomes_tables_of_its_numbers() -> None:
    """Everything that it says is said again."""
    report = (
        "load x: succeeded\n  goal 'load'\n         1,200  rows received\n             3  rows applied\n    warning: a"
    )
    told_again = outline(report)
    assert told_again.headline == "load x: succeeded"
    assert told_again.parts == [
        "goal 'load'",
        Lines((), [(1200, "rows received"), (3, "rows applied")]),
        "  warning: a",
    ]
    assert "1,200" in Page(as_html(told_again)).text


def test_an_empty_text_is_told_too() -> None:
    """Without a line there is an empty headline."""
    assert of_text("") == Told("", [])
    assert of_text("a\nb") == Told("a", ["b"])


def test_a_bar_is_a_number_that_can_be_read_without_it() -> None:
    """As text the number alone; as HTML the bar below it, never longer than its place."""
    shown = told(
        "Sent", ("list", "people"), [("VIP", Bar(1_500, 3_000)), ("All", Bar(9, 3, kind=1)), ("None", Bar(0, 0))]
    )
    assert as_text(shown).splitlines()[2].split() == ["VIP", "1,500"]
    html = as_html(shown)
    assert re.findall(r"background:(#\w+);width:([\d.]+)%", html) == [
        ("#0072b2", "50.0"),
        ("#e69f00", "100.0"),
        ("#0072b2", "0.0"),
    ]
    assert "1,500" in Page(html).text
