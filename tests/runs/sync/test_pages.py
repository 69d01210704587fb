"""Reading pages: nothing is lost, whatever mixture of types they hold."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.place import Folder
from cdpkit.runs.imports.pages import read_pages

FIELDS = ("a", "b", "c")
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.sampled_from(["", "x", "5", "[1]", '{"y"', "é\n\"'"])
)
VALUES = SCALARS | st.lists(st.sampled_from(["p", "q"]), max_size=2) | st.lists(st.integers(0, 9), max_size=2)
ROWS = st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES), min_size=1, max_size=4)


def write(folder: Path, pages: list[list[str]]) -> list[Folder]:
    paths = [folder / f"{number}.ndjson" for number in range(len(pages))]
    for path, lines in zip(paths, pages, strict=True):
        path.write_text("\n".join(lines), encoding="utf-8")
    return [Folder(path) for path in paths]


def told(value: Any) -> list[str]:
    """A value as texts, however it is typed: one is a list of one, and nothing is an empty list."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values if each is not None]


@given(pages=st.lists(ROWS, min_size=1, max_size=3))
def test_every_value_of_every_page_is_there(tmp_path_factory: Any, pages: list[list[dict[str, Any]]]) -> None:
    """Read with the fields that are needed or with all, each row has its values; types differ from page to page."""
    paths = write(tmp_path_factory.mktemp("pages"), [[json.dumps(row) for row in rows] for rows in pages])
    wanted = [[told(row.get(name)) for name in FIELDS] for rows in pages for row in rows if row]
    for fields in (None, FIELDS):
        frame, unreadable = read_pages(paths, fields)
        missing = [pl.lit(None).alias(name) for name in FIELDS if name not in frame.columns]
        rows = frame.with_columns(missing).select(FIELDS).rows()
        found = [[told(value) for value in row] for row in rows]
        assert unreadable == 0
        assert [row for row in found if any(row)] == [row for row in wanted if any(row)]


def test_a_line_that_is_no_object_is_counted_and_the_others_are_read(tmp_path: Path) -> None:
    """Lines that are cut off, lists and bare values; empty lines are none."""
    lines = ['{"a": 1}', "", '{"a":', '{"a": [2, 3]}', "[1]", "nonsense", '{"a": "z"}']
    frame, unreadable = read_pages(write(tmp_path, [lines, ['{"a": 4}']]), ("a",))
    assert (frame["a"].to_list(), unreadable) == ([["1"], ["2", "3"], ["z"], ["4"]], 3)


@pytest.mark.parametrize("fields", [None, ("a",)])
def test_no_page_takes_digits_from_another(tmp_path: Path, fields: tuple[str, ...] | None) -> None:
    """Integers that a float cannot tell apart stay what they are, though other pages have floats."""
    numerals = ["0.5", "9007199254740993", "0.12345678901234567891", "7"]
    pages = write(tmp_path, [[f'{{"a": {numeral}}}'] for numeral in numerals])
    assert read_pages(pages, fields)[0]["a"].to_list() == numerals


PLACES = {"a": {"x": 1, "y": {"z": 2}}, "a.x": 3, "a.w": 4, "b": "five", "c": "six"}
"""Fields of pages, which have an object whole or in parts."""


@given(
    there=st.lists(st.lists(st.sampled_from([*PLACES]), max_size=3, unique=True), min_size=1, max_size=4),
    wanted=st.lists(st.sampled_from(["a", "a.x", "b", "a.y.z", "q"]), max_size=3, unique=True),
)
def test_each_page_has_the_fields_that_are_needed_and_all_of_its_rows(
    tmp_path_factory: Any, there: list[list[str]], wanted: list[str]
) -> None:
    """What is needed, what holds it and what is a part of it, on every page; a row without any counts."""
    rows = [{name: PLACES[name] for name in names} | {"k": n} for n, names in enumerate(there)]
    pages = write(tmp_path_factory.mktemp("pages"), [[json.dumps(row)] for row in rows])
    frame, unreadable = read_pages(pages, tuple(wanted))
    assert (frame.height, unreadable) == (len(rows), 0)
    for name in (*PLACES, "k"):
        needed = any(path == name or path.startswith(f"{name}.") or name.startswith(f"{path}.") for path in wanted)
        found = frame[name].to_list() if name in frame.columns else [None] * len(rows)
        assert found == [row.get(name) if needed else None for row in rows]


def test_lines_of_text_are_read_as_they_are(tmp_path: Path) -> None:
    """Each is stripped, and empty ones are passed over."""
    path = tmp_path / "list.txt"
    path.write_text("ann@example.com\n\n bob@example.com \n", encoding="utf-8")
    assert read_pages([Folder(path)])[0]["line"].to_list() == ["ann@example.com", "bob@example.com"]


def test_an_array_of_objects_beside_a_text_is_read(tmp_path: Path) -> None:
    """As one JSON text where lists and texts cannot be told apart by their types."""
    frame, unreadable = read_pages(write(tmp_path, [['{"o": [{"id": 1}]}', '{"o": "text"}']]))
    assert (frame["o"].to_list(), unreadable) == (['[{"id": 1}]', "text"], 0)


def test_half_a_character_and_nan_are_read_as_in_loads(tmp_path: Path) -> None:
    """What a vendor cut gets U+FFFD, and what its program wrote for nothing is nothing."""
    lines = ['{"a": "thanks \\ud83d", "b": NaN}', '{"a": "\\ud83d\\ude00 \\\\ud83d", "b": 1}', '{"a": "NaN", "b": 2}']
    frame, unreadable = read_pages(write(tmp_path, [lines]))
    assert frame["a"].to_list() == ["thanks \ufffd", "\U0001f600 \\ud83d", "NaN"]
    assert (frame["b"].to_list(), unreadable) == ([None, 1, 2], 0)


def test_a_text_that_looks_like_a_list_is_one_beside_lists_of_other_objects(tmp_path: Path) -> None:
    """Nothing is taken for a list because an object in the same line has one of that name."""
    lines = ['{"a": "[x", "b": {"a": [1]}}', '{"a": "y", "b": {"a": [2]}}']
    frame, unreadable = read_pages(write(tmp_path, [lines]))
    assert (frame["a"].to_list(), unreadable) == (["[x", "y"], 0)
