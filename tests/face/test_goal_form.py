"""The form of a goal as a value: edits give another one, and what comes out is what is stored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.config.goals import read_goal
from cdpkit.face.forms.goal import GoalForm, choosing, form_of, having, new_form, readable, with_rows
from cdpkit.face.forms.rows import Rows, rows_of

IMPORT: dict[str, Any] = {
    "kind": "import_profiles",
    "name": "In",
    "source": {"lists": ["Newsletter"]},
    "identifiers": [{"from": "email", "to": "email"}],
    "mappings": [{"from": "tier", "to": "plan"}, {"from": "points", "to": "points", "rule": "sum"}],
    "processors": ["trim", {"processor": "split", "fields": ["tags"]}],
}
EXPORT: dict[str, Any] = {
    "kind": "export_profiles",
    "name": "Out",
    "segment": "vips",
    "identifiers": [{"from": "email", "to": "email"}],
    "mappings": [{"value": "text", "text": "x", "to": "source"}, {"from": "plan", "to": "plan"}],
}


def opened(keys: dict[str, Any]) -> GoalForm:
    return form_of(read_goal(keys), 0)


@pytest.mark.parametrize("keys", [IMPORT, EXPORT, IMPORT | {"create_profiles": True, "active": False}])
def test_a_form_that_nobody_has_touched_gives_what_was_read(keys: dict[str, Any]) -> None:
    """With every key that was said, also where it says what would be so anyhow; there is nothing to save."""
    form = opened(keys)
    assert form.given() == keys
    assert not form.unsaved
    assert read_goal(form.given()) == read_goal(keys)


def test_an_edit_is_unsaved_until_it_is_taken_back() -> None:
    """What is as it was is no change, however it came to be."""
    form = opened(IMPORT)
    other = having(form, "create_profiles", False)
    assert other.unsaved
    assert other.given()["create_profiles"] is False
    assert not having(other, "create_profiles", True).unsaved
    assert having(form, "save_lists_to", "lists").given()["save_lists_to"] == "lists"
    assert not having(having(form, "save_lists_to", "lists"), "save_lists_to", None).unsaved


def test_an_option_that_is_emptied_is_left_out() -> None:
    """So that the file holds what somebody said."""
    form = choosing(opened(IMPORT), "source", "lists", [])
    assert "source" not in form.given()
    assert choosing(form, "source", "all", True).given()["source"] == {"all": True}


def test_a_new_goal_is_unsaved_and_may_lack_whatever_it_lacks() -> None:
    """Its keys are told to the core as they are."""
    form = new_form({"kind": "export_profiles", "name": "Out"}, 3)
    assert form.unsaved
    assert form.given() == {"kind": "export_profiles", "name": "Out"}


def test_rows_that_are_not_finished_are_kept_and_left_out_of_what_is_readable() -> None:
    """A person goes on with them; whoever asks what else could be mapped does not see them."""
    form = opened(IMPORT)
    form = with_rows(
        form, "mappings", form.rows["mappings"].added({"from": "", "to": "it_", "rule": "set"}, fresh=True)
    )
    assert len(form.given()["mappings"]) == 3
    assert readable(form)["mappings"] == IMPORT["mappings"]


def test_a_row_keeps_its_number_wherever_it_goes() -> None:
    """And it is fresh until something is filled in."""
    rows = rows_of([{"from": "a"}, {"from": "b"}]).added({}, fresh=True)
    moved = rows.moved(2, 0).having(2, "from", "c")
    assert [(row.id, row.values) for row in moved.rows] == [(2, {"from": "c"}), (0, {"from": "a"}), (1, {"from": "b"})]
    assert [row.fresh for row in moved.rows] == [False, False, False]
    assert moved.without(0).added({"from": "d"}).rows[-1].id == 3
    assert moved.having(9, "from", "x") == moved


edits = st.lists(
    st.one_of(
        st.tuples(st.just("add")),
        st.tuples(st.just("remove"), st.integers(0, 12)),
        st.tuples(st.just("move"), st.integers(0, 12), st.integers(-3, 15)),
        st.tuples(
            st.just("set"), st.integers(0, 12), st.sampled_from(["from", "to"]), st.sampled_from([None, "a", "b"])
        ),
    ),
    max_size=25,
)


@given(edits)
def test_rows_go_as_a_list_would(steps: list[tuple[Any, ...]]) -> None:
    """No two rows ever have one number, and order and values are those of a plain list."""
    rows, plain, number = Rows(), list[tuple[int, dict[str, str]]](), 0
    for step in steps:
        ids = [id for id, _ in plain]  # noqa: A001 - it is called so in the row
        match step:
            case ("add",):
                rows = rows.added({})
                plain.append((number, {}))
                number += 1
            case ("remove", int(id)):
                rows = rows.without(id)
                plain = [each for each in plain if each[0] != id]
            case ("move", int(id), int(to)) if id in ids:
                rows = rows.moved(id, to)
                each = plain.pop(ids.index(id))
                plain.insert(min(max(to, 0), len(plain)), each)
            case ("set", int(id), str(key), value) if id in ids:
                rows = rows.having(id, key, value)
                values = plain[ids.index(id)][1]
                values.pop(key, None)
                if value is not None:
                    values[key] = value
    assert [(row.id, dict(row.values)) for row in rows.rows] == plain
