"""A frame of which the browser gets windows."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.face.table import MOST, Table

FRAME = pl.DataFrame({"n": [3, None, 1, 2], "name": ["Cy", "bo", None, "Al"], "lists": [["a"], [], None, ["b", "c"]]})


def table(frame: pl.DataFrame = FRAME) -> Table:
    return Table(lambda: frame)


def test_a_window_is_some_rows_as_texts() -> None:
    """Null is null, several values stand in brackets, and how many rows there are is told."""
    assert table().window(1, 2) == {"total": 4, "rows": [[None, "bo", "[]"], ["1", None, None]]}


def test_what_is_empty_comes_last_however_rows_are_sorted() -> None:
    """And rows that are equal keep the order of the frame."""
    assert [row[0] for row in table().window(sort="n")["rows"]] == ["1", "2", "3", None]
    assert [row[0] for row in table().window(sort="n", down=True)["rows"]] == ["3", "2", "1", None]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"name": "b"}, ["bo"]),
        ({"name": {"is": None}}, [None]),
        ({"lists": "c"}, ["Al"]),
        ({"n": ""}, FRAME["name"].to_list()),
    ],
)
def test_rows_contain_a_text_or_are_a_value(where: dict[str, object], names: list[str | None]) -> None:
    """Whatever its case; an empty text asks for nothing."""
    found = table().window(where=where)
    assert [row[1] for row in found["rows"]] == names
    assert found["total"] == len(names)


def test_what_does_not_exist_is_not_asked_for() -> None:
    """A column that has gone neither sorts nor filters."""
    assert table().window(sort="gone", where={"gone": "x"})["total"] == 4


def test_a_frame_is_made_once_and_when_it_is_looked_at() -> None:
    """However many windows are asked for."""
    made = list[int]()

    def make() -> pl.DataFrame:
        made.append(1)
        return FRAME

    one = Table(make)
    assert made == []
    for start in range(4):
        one.window(start, sort="n")
    assert made == [1]


@given(st.lists(st.integers(0, 99)), st.integers(-5, 120), st.integers(-5, 500), st.booleans())
def test_windows_are_pieces_of_the_sorted_rows(numbers: list[int], start: int, n: int, down: bool) -> None:
    """Whatever is asked for, and never more than a window may have."""
    rows = table(pl.DataFrame({"n": numbers}, schema={"n": pl.Int64})).window(start, n, sort="n", down=down)["rows"]
    expected = sorted(numbers, reverse=down)[max(start, 0) :][: min(max(n, 0), MOST)]
    assert [int(row[0]) for row in rows] == expected


def test_people_are_looked_up_once_and_need_not_be_waited_for() -> None:
    """Rows come at once with those who are known; what was looked up stays known."""
    asked = list[list[str]]()

    def whom(ids: pl.Series) -> pl.Series:
        asked.append(ids.to_list())
        return ids.str.to_uppercase()

    frame = pl.DataFrame({"n": [1, 2, 3], "profile_id": ["a", "b", None]})
    one = Table(lambda: frame, whom=whom)
    assert one.head()["columns"][0] == {"name": "person", "label": "person", "number": False, "fixed": True}
    assert [row[0] for row in one.window(named=False)["rows"]] == [None, None, None]
    assert one.unnamed
    assert asked == []
    assert [row[0] for row in one.window(0, 1)["rows"]] == ["A"]
    assert [row[0] for row in one.window(0, 3)["rows"]] == ["A", "B", None]
    assert asked == [["a"], ["b"]]
    one.window(named=False)
    assert not one.unnamed
