"""Objects and arrays of them: whole as JSON texts, and in parts as columns."""

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.kit.objects import with_objects

TWO = [{"id": 1, "sku": "s"}, {"id": 2, "sku": "t"}]


def made(name: str, *rows: Any, **more: Any) -> list[Any]:
    """What becomes of a wanted name."""
    frame = pl.DataFrame({"o": list(rows), **more}, strict=False)
    return with_objects(frame, [name])[name].to_list()


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        ("o.sku", [TWO, [], None], [["s", "t"], None, None]),
        ("o.id", [TWO, [{"id": None, "sku": "x"}]], [[1, 2], None]),
        ("o.in.k", [[{"in": [{"k": "a"}, {"k": "b"}]}, {"in": [{"k": "c"}]}], [{"in": None}]], [["a", "b", "c"], None]),
        ("o.in", [[{"in": {"k": "a", "m": None}}, {"in": None}]], [['{"k":"a"}']]),
        ("o.tags", [[{"tags": ["a", "b"]}, {"tags": ["c"]}]], [["a", "b", "c"]]),
        ("o", [TWO, []], [['{"id":1,"sku":"s"}', '{"id":2,"sku":"t"}'], []]),
        ("o", [[{"id": None, "sku": 'x"y'}]], [['{"sku":"x\\"y"}']]),
        ("o", [{"a": 1, "b": {"c": ["x", None]}}, {"a": None, "b": None}], ['{"a":1,"b":{"c":["x",null]}}', None]),
        ("o.b", [{"a": 1, "b": {"c": "x"}}, None], ['{"c":"x"}', None]),
        ("o.sku", [['{"sku":"s"}', '{"sku":"t"}'], ['{"id":3}'], None], [["s", "t"], None, None]),
        ("o.s k", ['{"s k":"é"}', "no JSON", None], [["é"], None, None]),
    ],
)  # fmt: skip
def test_objects_and_their_parts(name: str, rows: list[Any], expected: list[Any]) -> None:
    """A part below an array is all its values, and what is whole lacks nothing but nulls."""
    assert made(name, *rows) == expected


def test_what_is_nowhere_is_not_made() -> None:
    """Nor is a part that no object has, or one below what holds none."""
    frame = pl.DataFrame({"o": [TWO], "n": [[1, 2]], "t": [1]})
    assert with_objects(frame, ["o.nothing", "n.x", "t.x", "x", "x.y"]).columns == ["o", "n", "t"]
    assert with_objects(pl.DataFrame(), ["o", "o.sku"]).shape == (0, 0)


def test_objects_with_dotted_names_are_one_again() -> None:
    """An export may be flat, and an array in one row be an object in another."""
    frame = pl.DataFrame({"o.sku": ["u", None, None], "o.in.k": [1, 2, None], "o": [None, TWO, None]})
    found = with_objects(frame, ["o.sku", "o.in"])
    assert found["o.sku"].to_list() == [["u"], ["s", "t"], None]
    assert found["o.in"].to_list() == ['{"k":1}', '{"k":2}', None]
    assert made("a", *[None] * 2, **{"a.b.c": [1, None], "a.d": ["x", None]}) == ['{"b":{"c":1},"d":"x"}', None]


NAMES = st.sampled_from(["a", "b c", "ü", '"'])


def typed(depth: int) -> Any:
    """A shape that all objects of an array share: its values are drawn anew for each."""
    leaf = st.sampled_from(
        [st.integers(-(2**62), 2**62), st.text(st.characters(exclude_categories=["Cs"]), max_size=4), st.booleans()]
    )
    if not depth:
        return leaf
    inner = typed(depth - 1)
    return st.one_of(
        leaf,
        inner.map(lambda shape: st.lists(shape, max_size=3)),
        st.dictionaries(NAMES, inner, min_size=1, max_size=3).map(st.fixed_dictionaries),
    )


@given(st.data())
def test_any_array_of_objects_comes_back_whole(data: st.DataObject) -> None:
    """Whatever is inside."""
    shape = st.fixed_dictionaries(data.draw(st.dictionaries(NAMES, typed(2), min_size=1, max_size=3)))
    rows = data.draw(st.lists(st.lists(shape, min_size=1, max_size=3), min_size=1, max_size=3))
    content = "\n".join(json.dumps({"o": row}) for row in rows).encode()
    frame = pl.read_ndjson(content, infer_schema_length=None)
    found = with_objects(frame, ["o"])["o"].to_list()
    assert [[json.loads(text) for text in row] for row in found] == rows
