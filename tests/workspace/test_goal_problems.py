"""A goal that is being filled in: what is wrong with it is told at once, by row and key, without asking the vendor."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cdpkit
from cdpkit.config.goals import read_goal
from cdpkit.errors import ConfigurationError
from cdpkit.kit.discovery import Discovery, Item, VendorField
from cdpkit.workspace.check_list import CheckList

FOUND = Discovery(
    tuple(VendorField(name, kind) for name, kind in (("email", "string"), ("tier", "string"), ("points", "long"))),
    {"lists": (Item("1", "VIP", "Standard"), Item("2", "Seen", "Dynamic", target=False))},
)
IMPORT: dict[str, Any] = {
    "kind": "import_profiles",
    "name": "In",
    "source": {"all": True},
    "identifiers": [{"from": "email", "to": "email"}],
    "mappings": [{"from": "tier", "to": "plan"}],
}
EXPORT: dict[str, Any] = {
    "kind": "export_profiles",
    "name": "Out",
    "segment": "vips",
    "identifiers": [{"from": "email", "to": "email"}],
    "mappings": [{"from": "plan", "to": "tier"}],
}


@pytest.fixture
def conn(ws: cdpkit.Workspace) -> cdpkit.Connection:
    """A connection whose key is there, to a vendor that is never asked."""
    (ws.path / "key.txt").write_text("sk-7", encoding="utf-8")
    ws.segments.add("vips", "plan = 'gold'")
    ws.properties.add("tags", multi=True)
    settings = {"api_key": "file:key.txt", "base_url": "http://127.0.0.1:9"}
    return ws.connect("iterable", "news", settings)


def told(conn: cdpkit.Connection, goal: Mapping[str, Any], found: Discovery | None = FOUND) -> dict[Any, str]:
    """What is said of each place."""
    problems = conn.goals.problems(goal, found)
    return {at: problem.what for problem in problems for at in problem.at}


@pytest.mark.parametrize("goal", [IMPORT, EXPORT])
@pytest.mark.parametrize("found", [FOUND, None])
def test_a_goal_that_fits_has_no_problems(
    conn: cdpkit.Connection, goal: dict[str, Any], found: Discovery | None
) -> None:
    """Of either kind, with what the vendor has and without; nobody is called."""
    problems = conn.goals.problems(goal, found)
    assert problems == []
    assert repr(problems) == f"Goal {goal['name']!r} can run."


@pytest.mark.parametrize(
    ("changed", "at", "what"),
    [
        ({"mappings": [{"from": "teir", "to": "plan"}]}, ("mappings", 0, "from"), "no field 'teir'; there are: tier"),
        ({"mappings": [{"from": "tier", "to": "tags", "rule": "sum"}]}, ("mappings", 0, "rule"), "rule 'sum' needs a"),
        ({"mappings": [{"from": "tier", "to": "plan", "rule": "add"}]}, ("mappings", 0, "rule"), "rule 'add' needs a"),
        ({"mappings": [{"from": "tier", "to": "plan", "rule": "up"}]}, ("mappings", 0, "rule"), "is none of its cho"),
        ({"mappings": [{"from": "tier", "to": "created_at"}]}, ("mappings", 0, "to"), "property 'created_at' is kept"),
        ({"identifiers": [{"from": "email", "to": "plan"}]}, ("identifiers", 0, "to"), "property 'plan' is no identif"),
        ({"identifiers": [{"from": "email", "to": "mail"}]}, ("identifiers", 0, "to"), "no identifying property 'mai"),
        ({"identifiers": []}, ("identifiers",), "is empty"),
        ({"source": {"lists": ["Vip"]}}, ("source", "lists", 0), "no list 'Vip' at Iterable; there are: VIP (id 1)"),
        ({"source": {"lists": ["VIP"], "al": True}}, ("source", "al"), "no option 'al'"),
        ({"source": {}}, ("source",), "neither all nor lists is chosen"),
        ({"processors": ["trim", {"processor": "trm"}]}, ("processors", 1), "no processor 'trm'; there are: trim"),
        ({"segment": "vips"}, ("segment",), "Iterable is not asked about people of a segment"),
        ({"name": " "}, ("name",), "is empty"),
    ],
)
def test_a_misfit_of_an_import_is_told_at_its_place(
    conn: cdpkit.Connection, changed: dict[str, Any], at: Any, what: str
) -> None:
    """Its row and key, in the words of a check."""
    found = told(conn, IMPORT | changed)
    assert list(found) == [at]
    assert found[at].startswith(what)


@pytest.mark.parametrize(
    ("changed", "at", "what"),
    [
        ({"segment": "vip"}, ("segment",), "no segment 'vip'; there are: vips"),
        ({"mappings": [{"from": "plann", "to": "tier"}]}, ("mappings", 0, "from"), "no property 'plann'"),
        ({"mappings": [{"from": "plan", "to": "teir"}]}, ("mappings", 0, "to"), "no field 'teir' at Iterable"),
        ({"mappings": [{"value": "text", "to": "tier"}]}, ("mappings", 0), 'value = "text" needs the key text'),
        ({"mappings": [{"value": "txt", "to": "tier"}]}, ("mappings", 0, "value"), "is none of its choices"),
        ({"mappings": [{"from": "plan", "to": "email"}]}, ("mappings", 0, "to"), "field 'email' identifies people"),
        ({"identifiers": [{"from": "plan", "to": "email"}]}, ("identifiers", 0, "from"), "property 'plan' is no ident"),
        ({"target": {"lists": ["VIP", "Seen"]}}, ("target", "lists", 1), "list 'Seen' is of type Dynamic"),
        ({"target": {"on_leave": True}}, ("target", "on_leave"), "no list is chosen to take people off"),
    ],
)
def test_a_misfit_of_an_export_is_told_at_its_place(
    conn: cdpkit.Connection, changed: dict[str, Any], at: Any, what: str
) -> None:
    """Likewise."""
    found = told(conn, EXPORT | changed)
    assert list(found) == [at]
    assert found[at].startswith(what)


def test_two_rows_of_one_property_are_both_marked(conn: cdpkit.Connection) -> None:
    """So is the property that takes the names of lists."""
    both = told(conn, IMPORT | {"mappings": [{"from": "tier", "to": "plan"}, {"from": "points", "to": "Plan"}]})
    assert set(both) == {("mappings", 0, "to"), ("mappings", 1, "to")}
    saved = told(conn, IMPORT | {"save_lists_to": "plan"})
    assert set(saved) == {("mappings", 0, "to"), ("save_lists_to",)}
    assert set(told(conn, IMPORT | {"save_lists_to": "created_at"})) == {("save_lists_to",)}
    twice = told(conn, EXPORT | {"mappings": EXPORT["mappings"] * 2})
    assert set(twice) == {("mappings", 0, "to"), ("mappings", 1, "to")}


def test_a_row_that_is_half_filled_in_hides_no_other(conn: cdpkit.Connection) -> None:
    """Rows keep their numbers, whichever cannot be read, and keys that lack altogether are told by themselves."""
    rows = [{"from": "", "to": "plan"}, {"from": "teir", "to": "tags"}, {"to": "x"}, {"from": "tier", "to": "tags"}]
    found = told(conn, IMPORT | {"mappings": rows, "identifiers": [{"from": "email", "to": ""}]})
    assert set(found) == {
        ("identifiers", 0, "to"),
        ("mappings", 0, "from"),
        ("mappings", 1, "from"),
        ("mappings", 2, "from"),
        ("mappings", 1, "to"),
        ("mappings", 3, "to"),
    }
    draft = {key: value for key, value in EXPORT.items() if key not in {"segment", "identifiers", "name"}}
    found = told(conn, draft | {"mappings": [{"from": "plan", "to": "teir"}]})
    assert set(found) == {("segment",), ("identifiers",), ("name",), ("mappings", 0, "to")}


def test_what_only_the_vendor_can_tell_is_left_out_without_it(conn: cdpkit.Connection) -> None:
    """Its fields and lists; what the workspace can tell is told."""
    goal = EXPORT | {"target": {"lists": ["None"]}, "mappings": [{"from": "plann", "to": "teir"}]}
    assert list(told(conn, goal, None)) == [("mappings", 0, "from")]
    assert told(conn, IMPORT | {"mappings": [{"from": "teir", "to": "plan"}]}, None) == {}


def test_what_goals_before_it_add_is_there(conn: cdpkit.Connection) -> None:
    """As in a run: an import that comes first may make the property that an export sends."""
    goal = EXPORT | {"mappings": [{"from": "level", "to": "tier"}]}
    assert list(told(conn, goal)) == [("mappings", 0, "from")]
    conn.goals.add(IMPORT | {"mappings": [{"from": "tier", "to": "level"}]})
    assert told(conn, goal) == {}
    conn.goals.activate("In", active=False)
    assert list(told(conn, goal)) == [("mappings", 0, "from")]


def test_problems_are_looked_up_by_place(conn: cdpkit.Connection) -> None:
    """Those of a row, of one of its keys, or of a part."""
    problems = conn.goals.problems(IMPORT | {"mappings": [{"from": "teir", "to": "created_at"}]}, FOUND)
    assert [len(problems.at(*place)) for place in [(), ("mappings",), ("mappings", 0), ("mappings", 0, "to")]] == [
        2,
        2,
        2,
        1,
    ]
    assert problems.at("identifiers") == []
    assert isinstance(problems.at("mappings"), CheckList)


_TEXTS = st.sampled_from(["email", "tier", "plan", "", " ", "points", "created_at"])
_ROWS = st.lists(
    st.dictionaries(st.sampled_from(["from", "to", "rule", "value", "text"]), _TEXTS, max_size=3), max_size=4
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(kind=st.sampled_from(["import_profiles", "export_profiles"]), pairs=_ROWS, rows=_ROWS)
def test_whatever_is_typed_every_place_is_there(
    conn: cdpkit.Connection, kind: str, pairs: Sequence[Any], rows: Sequence[Any]
) -> None:
    """Every problem is at a row that was given, and a goal that cannot be read has one."""
    goal = {"kind": kind, "name": "G", "segment": "vips", "identifiers": pairs, "mappings": rows}
    if kind == "import_profiles":
        del goal["segment"]
    problems = conn.goals.problems(goal, FOUND)
    for problem in problems:
        assert problem.at
        for key, *rest in problem.at:
            assert key in goal or not rest
            if rest and key in {"identifiers", "mappings"}:
                assert rest[0] in range(len(goal[str(key)]))
    try:
        read_goal(goal)
    except ConfigurationError:
        assert problems
