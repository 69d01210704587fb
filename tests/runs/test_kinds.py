"""Kinds of goals as values: each answers what runs, checks, undos and forms ask, and no list names them."""

import ast
from pathlib import Path

import pytest

import cdpkit
from cdpkit.config import goals as settings
from cdpkit.config.goal import GoalSettings
from cdpkit.config.goals import read_goal
from cdpkit.core.goal import Rule
from cdpkit.errors import UnknownNameError
from cdpkit.runs import kinds
from cdpkit.runs.goal_run import GoalRun

COMMON = set(GoalSettings.model_fields)
PACKAGE = Path(cdpkit.__file__).parent
KIND_ROOMS = (
    "config/goals/",
    "runs/kinds/",
    "runs/imports/",
    "runs/exports/",
    "runs/enrichments/",
    "cli/demo_",
    "goals.py",
)
"""Where kinds are at home, the demonstrations, which write goals as a user does, and the arguments that users type."""


def test_every_kind_of_goal_in_a_file_is_one_that_runs() -> None:
    """What a connection file may hold and what a run can do are found by their files, under the same names."""
    exports = ("export_events", "export_profiles")
    imports = ("import_events", "import_groups", "import_profiles")
    assert kinds.names() == settings.names() == ("enrich_profiles", *exports, *imports)
    for name in kinds.names():
        assert kinds.get(name).name == name
        assert kinds.get(name).settings is settings.settings_of(name)
    assert len({kinds.get(name).order for name in kinds.names()}) == len(kinds.names())


def mentioned(path: Path) -> set[str]:
    """The texts of a module that are no docstrings, and the names of the modules that it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return said | {module.rpartition(".")[2] for module in modules}


def test_nobody_asks_which_kind_a_goal_is() -> None:
    """No module outside the rooms of the kinds compares with the name of a kind, or imports what one is made of."""
    asking = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if not path.relative_to(PACKAGE).as_posix().startswith(KIND_ROOMS) and mentioned(path) & set(kinds.names())
    ]
    assert asking == []


def test_a_kind_that_does_not_exist_is_named_with_those_that_do() -> None:
    """Likewise in both places."""
    for get in (kinds.get, settings.settings_of):
        with pytest.raises(UnknownNameError, match="no kind of goal 'import_weather'; there are: enrich_profiles, exp"):
            get("import_weather")


@pytest.mark.parametrize("name", kinds.names())
def test_the_steps_of_a_form_ask_for_every_key_once(name: str) -> None:
    """All keys but those that every goal has, each in one step; names and labels of steps are their own."""
    kind = kinds.get(name)
    keys = [key for step in kind.steps for key in step.keys]
    assert sorted(keys) == sorted(set(kind.settings.model_fields) - COMMON)
    for said in ([step.name for step in kind.steps], [step.label for step in kind.steps]):
        assert len(said) == len(set(said))
        assert all(said)


def goal(kind: str, name: str, **more: object) -> GoalSettings:
    return read_goal({"kind": kind, "name": name, "identifiers": {"email": "email"}, **more})


def test_goals_run_by_kind_and_inside_one_as_given() -> None:
    """Imports before exports, because exports send what imports have stored."""
    given = [
        goal("export_profiles", "e1", segment="all"),
        goal("import_profiles", "i1"),
        goal("export_profiles", "e2", segment="all"),
        goal("import_profiles", "i2"),
    ]
    assert [each.name for each in kinds.in_run_order(given)] == ["i1", "i2", "e1", "e2"]


def test_a_kind_says_which_properties_a_goal_may_add() -> None:
    """Those that an import fills, the one for the names of lists among them; an export adds none."""
    taken = goal("import_profiles", "In", mappings=[{"from": "a", "to": "b"}], save_lists_to="lists")
    assert kinds.get("import_profiles").adds(taken) == ("b", "lists")
    assert kinds.get("export_profiles").adds(goal("export_profiles", "Out", segment="all")) == ()


def test_a_kind_says_what_an_undo_has_to_know() -> None:
    """Which numbers an import added, and what of an export stays as it is."""
    asked = {"mappings": [{"from": "a", "to": "b", "rule": Rule.SUM}, {"from": "c", "to": "d", "rule": "set"}]}
    assert kinds.get("import_profiles").undo(GoalRun("In", "succeeded"), asked).summed == ("b",)
    sent = GoalRun("Out", "succeeded", {"sent": 1234})
    assert kinds.get("export_profiles").undo(sent, asked).stays == "sent 1,234 people; that is not taken back"
    assert kinds.get("export_profiles").undo(GoalRun("Out", "succeeded", {"sent": 0}), asked).stays == ""
    paid = kinds.get("enrich_profiles").undo(GoalRun("Ask", "succeeded", {"billed": 12, "maybe_billed": 3}), asked)
    assert paid.summed == ("b",)
    assert paid.stays == (
        "asked for 12 documents that are billed, and made 3 requests that may be; that is not taken back"
    )
