"""Why rows match or do not, in a preview: each identifier by itself, and what nearly matches."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cdpkit


@pytest.fixture
def ws(tmp_path_factory: pytest.TempPathFactory) -> cdpkit.Workspace:
    """Four profiles, two of which share a customer number."""
    made = cdpkit.create(tmp_path_factory.mktemp("m") / "w")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("customer", identifier=True)
    made.properties.add("points", type="number", identifier=True)
    made.properties.add("codes", multi=True, identifier=True)
    rows = {
        "email": ["ann@x.de", "bob@x.de", "cid@x.de", "dan@x.de"],
        "customer": ["C 1", "C2", "C3", "C3"],
        "points": [1, 2, 3, 4],
        "codes": [["k1", "k2"], ["k3"], [], ["k3"]],
    }
    mappings = [{"from": name} for name in ("customer", "points", "codes")]
    made.load(pl.DataFrame(rows), {"email": "email"}, mappings).raise_for_state()
    return made


def told(ws: cdpkit.Workspace, rows: dict[str, list[object]], **identifiers: str) -> list[tuple[object, ...]]:
    """The lines about each identifier, without the number of rows."""
    frame = ws.preview_load(rows, identifiers, create_profiles=False).matching
    return list(frame.drop("rows").rows())


def test_each_identifier_is_told_by_itself(ws: cdpkit.Workspace) -> None:
    """B10: rows without a value, with one match, several, none, and those that nearly match."""
    rows: dict[str, list[object]] = {
        "mail": ["ANN@x.de", "nobody", None, "eve@x.de", "bob@x.de"],
        "number": ["c1", "C3", "C2", "C9", "c 2"],
    }
    assert told(ws, rows, mail="email", number="customer") == [
        ("mail", "email", 2, 2, 0, 1, 0),
        ("number", "customer", 0, 1, 1, 3, 2),
    ]


def test_values_of_several_and_numbers_are_told_too(ws: cdpkit.Workspace) -> None:
    """A row finds whom any of its values finds; numbers are never nearly the same."""
    rows: dict[str, list[object]] = {"c": [["k1", "k9"], ["k3"], ["K 2"], []], "p": ["1", "x", "5", "2"]}
    assert told(ws, rows, c="codes") == [("c", "codes", 1, 1, 1, 1, 1)]
    assert told(ws, rows, p="points") == [("p", "points", 1, 2, 0, 1, 0)]


def test_what_nearly_matches_is_listed(ws: cdpkit.Workspace) -> None:
    """With the row, both values, and the profile; views hand it out as any other frame."""
    preview = ws.preview_load({"number": ["C2", "c1", "x"]}, {"number": "customer"}, create_profiles=False)
    near = preview.near_misses
    assert near.drop("profile_id").rows() == [(1, "number", "customer", "c1", "C 1")]
    assert near["profile_id"][0] == ws.profile(email="ann@x.de").id
    assert preview.view("near_misses").count == 1
    assert ws.preview_load({"number": ["C2"]}, {"number": "customer"}).near_misses.is_empty()


_VALUES = st.lists(st.sampled_from(["C 1", "c1", "C2", "C3", " C3 ", "C9", "", None]), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(values=_VALUES)
def test_the_numbers_are_those_of_the_load(ws: cdpkit.Workspace, values: list[str | None]) -> None:
    """With one identifier, what is missing and what finds nobody is what the load leaves out for that."""
    preview = ws.preview_load(
        pl.DataFrame({"n": values}, schema={"n": pl.String}), {"n": "customer"}, create_profiles=False
    )
    ((_, _, rows, missing, one, several, none, near),) = preview.matching.rows()
    excluded = preview.counters["excluded"]
    assert rows == missing + one + several + none == len(values)
    assert near <= none
    assert (excluded.get("missing_identifier", 0), excluded.get("no_match", 0)) == (missing, none)
    assert preview.counters["multiple_matches"] == several
