"""Fields that share an object."""

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.errors import ConfigurationError
from cdpkit.kit.nested import above, path, tree
from cdpkit.kit.render import Member, render

OBJECTS = {"addr", "addr.geo"}


def placed(name: str) -> tuple[tuple[str, ...], Member]:
    return path(name, OBJECTS.__contains__), Member(name, column=name)


def written(names: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        render(pl.DataFrame({name: [name] for name in names}), tree(map(placed, names)))[0]
    )
    return made


def test_a_dot_below_no_object_is_part_of_a_name() -> None:
    """What may hold a field are the names before its dots."""
    assert path("addr.geo.lat", OBJECTS.__contains__) == ("addr", "geo", "lat")
    assert path("addr.a.b", OBJECTS.__contains__) == ("addr", "a.b")
    assert path("a.b", OBJECTS.__contains__) == ("a.b",)
    assert above("a.b.c") == ["a", "a.b"]
    assert above("a") == []


def test_fields_of_an_object_are_written_into_it() -> None:
    """Where the first of them stands."""
    made = written(["addr.zip", "tier", "addr.geo.lat", "a.b"])
    assert made == {"addr": {"zip": "addr.zip", "geo": {"lat": "addr.geo.lat"}}, "tier": "tier", "a.b": "a.b"}
    assert list(made) == ["addr", "tier", "a.b"]


names = st.lists(
    st.builds(".".join, st.lists(st.sampled_from(["addr", "geo", "x", "y"]), min_size=1, max_size=3)), min_size=1
)


@settings(deadline=None)
@given(names)
def test_each_field_is_found_at_its_path(found: list[str]) -> None:
    """A field that is there twice, or with a part of it, is refused, since one of both would be lost."""
    paths = [path(name, OBJECTS.__contains__) for name in found]
    clash = any(one == other[: len(one)] for n, one in enumerate(paths) for m, other in enumerate(paths) if n != m)
    if clash:
        with pytest.raises(ConfigurationError, match="filled twice, or with a part of it"):
            tree(map(placed, found))
        return
    made = written(found)
    for name, names in zip(found, paths, strict=True):
        value: Any = made
        for part in names:
            value = value[part]
        assert value == name
