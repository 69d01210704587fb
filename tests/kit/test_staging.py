"""One row a person, of rows as vendors give them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cdpkit.kit.discovery import Item
from cdpkit.kit.staging import flat, ids, latest, lists_of, objects, on_lists, text
from cdpkit.place import Folder
from cdpkit.runs.imports.pages import read_pages

VIP, NEWS, TWIN = Item("1", "VIP"), Item("2", "News"), Item("3", "VIP")
THERE = (VIP, NEWS, TWIN)
START = datetime(2024, 5, 1, tzinfo=UTC)


def test_objects_become_dotted_columns() -> None:
    """Rows that are flat already and rows that nest end in the same columns; lists of objects stay."""
    frame = pl.DataFrame(
        {
            "id": ["a", "b"],
            "addr": [{"zip": "1000", "geo": {"lat": 1.5}}, None],
            "addr.zip": [None, "2000"],
            "addr.geo.lat": [None, "2.5"],
            "pets": [[{"name": "Rex"}], None],
        }
    )
    made = flat(frame)
    assert made["addr.zip"].to_list() == ["1000", "2000"]
    assert made["addr.geo.lat"].to_list() == ["1.5", "2.5"]
    assert made["pets"].dtype == frame["pets"].dtype
    assert set(made.columns) == {"id", "addr.zip", "addr.geo.lat", "pets"}
    assert_frame_equal(flat(made), made)


trees = st.recursive(
    st.integers(0, 9),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2),
    max_leaves=5,
)


def leaves(value: Any, name: str) -> dict[str, int]:
    if isinstance(value, int):
        return {name: value}
    return {key: leaf for inner, held in value.items() for key, leaf in leaves(held, f"{name}.{inner}").items()}


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("xyz"), trees, min_size=1))
def test_every_value_keeps_its_path(row: dict[str, Any]) -> None:
    """However deep it stands."""
    expected = {key: leaf for name, value in row.items() for key, leaf in leaves(value, name).items()}
    (made,) = flat(pl.DataFrame([row])).rows(named=True)
    assert made == expected


persons = st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y"]), min_size=1), max_size=3)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=st.lists(persons, min_size=1, max_size=4))
def test_objects_of_pages_become_rows(pages: list[list[dict[str, str]]], tmp_path: Path) -> None:
    """Whatever the objects of a page have; in the order of the pages."""
    paths = [tmp_path / f"page-{number}.ndjson" for number in range(len(pages))]
    for file, held_by_it in zip(paths, pages, strict=True):
        file.write_text(json.dumps({"total": "7", "people": held_by_it}))
    made = objects(read_pages([Folder(path) for path in paths])[0], "people")
    rows = [{name: value for name, value in row.items() if value is not None} for row in made.rows(named=True)]
    assert rows == [person for page in pages for person in page]
    assert objects(made, "others").is_empty()


def test_a_column_may_be_missing() -> None:
    """It is empty then, and text otherwise."""
    frame = pl.DataFrame({"n": [1, None]})
    assert text(frame, "n").to_list() == ["1", None]
    assert text(frame, "m").to_list() == [None, None]
    assert text(frame, "m").name == "m"
    assert text(pl.DataFrame(), "m").equals(pl.Series("m", [], pl.String), check_dtypes=True)


entries = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.none() | st.integers(0, 3)), max_size=12)


@settings(deadline=None)
@given(entries)
def test_the_latest_row_of_each_person_stays(rows: list[tuple[str | None, int | None]]) -> None:
    """Of equal moments the last one; rows without a key stay all, and the order is the rows'."""
    moments = [None if hours is None else START + timedelta(hours=hours) for _, hours in rows]
    frame = pl.DataFrame({"at": range(len(rows))}, {"at": pl.Int64})
    keys = pl.Series([key for key, _ in rows], dtype=pl.String)
    made = latest(frame, keys, lambda: pl.Series(moments, dtype=pl.Datetime("us", "UTC")))
    best: dict[str, int] = {}
    for at, (key, hours) in enumerate(rows):
        if key is not None and (key not in best or rank(hours) >= rank(rows[best[key]][1])):
            best[key] = at
    assert made["at"].to_list() == [at for at, (key, _) in enumerate(rows) if key is None or best[key] == at]


def rank(hours: int | None) -> int:
    return -1 if hours is None else hours


members = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", "3"])), max_size=9)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "d", None]), max_size=6), members)
def test_lists_are_gathered_by_person(people: list[str | None], pairs: list[tuple[str, str]]) -> None:
    """Each list once, in the order in which it came; whoever is on none has an empty list."""
    frame = pl.DataFrame(pairs, {"person": pl.String, "list": pl.String}, orient="row")
    made = lists_of(pl.Series(people, dtype=pl.String), frame)
    expected = [list(dict.fromkeys(on for who, on in pairs if who == person)) for person in people]
    assert made.to_list() == expected
    assert made.dtype == pl.List(pl.String)


def test_ids_are_texts_in_any_form() -> None:
    """Lists of numbers, whole or not, texts that hold some, and nothing; of several columns, one after the other."""
    frame = pl.DataFrame({"a": [[1, None], None, []], "b": [[1.0], [2.0], None], "c": ["[3, 4]", "none", None]})
    assert ids(frame, "a").to_list() == [["1"], [], []]
    assert ids(frame, "a", "b", "c").to_list() == [["1", "1", "3", "4"], ["2"], []]
    assert ids(frame, "d").to_list() == [[], [], []]
    assert ids(frame, "d", "b").dtype == pl.List(pl.String)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["1", "2", "3", "9"]), max_size=4), max_size=6), st.sets(st.sampled_from(THERE))
)
def test_people_of_the_chosen_lists_have_the_names_of_all(on: list[list[str]], chosen: set[Item]) -> None:
    """Lists that are not there are dropped; a name that two lists share is there once."""
    frame = pl.DataFrame({"n": range(len(on)), "list_ids": on}, {"n": pl.Int64, "list_ids": pl.List(pl.String)})
    made = on_lists(frame, THERE, tuple(chosen))
    wanted = {item.id for item in chosen}
    kept = [n for n, found in enumerate(on) if not chosen or wanted & set(found)]
    called = {item.id: item.name for item in THERE}
    assert made["n"].to_list() == kept
    assert made["list_ids"].to_list() == [list(dict.fromkeys(i for i in on[n] if i in called)) for n in kept]
    assert made["lists"].to_list() == [list(dict.fromkeys(called[i] for i in on[n] if i in called)) for n in kept]
