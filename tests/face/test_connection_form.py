"""The form of a connection as a value."""

from typing import Any

from cdpkit.config.connections import ConnectionSettings
from cdpkit.face.forms import connection as forms
from cdpkit.face.forms.goal import having

GOALS: list[dict[str, Any]] = [
    {"kind": "import_profiles", "name": name, "identifiers": [{"from": "email", "to": "email"}]} for name in ("A", "B")
]


def saved(**more: Any) -> ConnectionSettings:
    given = {"vendor": "iterable", "settings": {"api_key": "env:KEY"}, "goals": GOALS, "labels": ["x"]}
    return ConnectionSettings.model_validate({**given, **more})


def names(form: forms.ConnectionForm) -> list[str]:
    return [goal.name for goal in form.goals]


def test_a_form_that_nobody_has_touched_has_nothing_to_save() -> None:
    """Nor does one in which everything was taken back."""
    form = forms.read_form(saved())
    assert form.unsaved == []
    form = forms.telling(forms.telling(form, "labels", []), "labels", ["x"])
    form = forms.setting(forms.setting(form, "api_key", ""), "api_key", "env:KEY")
    assert form.unsaved == []


def test_every_change_is_told() -> None:
    """By what it is about; what was taken away too."""
    form = forms.telling(forms.read_form(saved()), "enabled", False)
    form = forms.setting(form, "base_url", "https://x.example")
    form = forms.editing(form, form.goals[0].id, lambda goal: having(goal, "active", False))
    form = forms.without_goal(form, form.goals[1].id)
    assert form.unsaved == ["enabled", "setting base_url", "goal 'A'", "goal 'B' removed"]
    assert form.changed_settings == {"base_url": "https://x.example"}
    assert forms.setting(form, "api_key", "").changed_settings == {"api_key": None, "base_url": "https://x.example"}


def test_goals_are_put_in_order_copied_and_begun() -> None:
    """Names stay unique, and a copy is switched off."""
    form = forms.read_form(saved())
    form = forms.with_goal_at(form, form.goals[1].id, 0)
    assert names(form) == ["B", "A"]
    assert form.unsaved == ["order of goals"]
    form = forms.with_copy(form, form.goals[0].id)
    assert names(form) == ["B", "B (copy)", "A"]
    assert not form.goals[1].active
    form = forms.with_new_goal(form, {"kind": "import_profiles", "name": "a"})
    assert names(form)[-1] == "a 2"
    assert len({goal.id for goal in form.goals}) == 4


def test_goals_keep_their_numbers_when_the_file_is_read_again() -> None:
    """So that the tab that is open stays open."""
    form = forms.with_goal_at(forms.read_form(saved()), 1, 0)
    again = forms.read_form(saved(goals=[*reversed(GOALS), {**GOALS[0], "name": "C"}]), form)
    assert [(goal.id, goal.name) for goal in again.goals] == [(1, "B"), (0, "A"), (2, "C")]


def test_what_was_filled_in_is_laid_upon_what_somebody_else_stored() -> None:
    """Mine stays as an unsaved change, theirs is there where I changed nothing, and what is new comes with it."""
    form = forms.telling(forms.read_form(saved()), "title", "Mine")
    form = forms.editing(form, 0, lambda goal: having(goal, "create_profiles", False))
    form = forms.setting(form, "limits_factor", 2)
    theirs = saved(description="Theirs", goals=[{**GOALS[0], "active": False}, GOALS[1], {**GOALS[0], "name": "C"}])
    both = forms.upon(form, theirs)
    assert both.head["title"] == "Mine"
    assert both.head["description"] == "Theirs"
    assert both.settings == {"api_key": "env:KEY", "limits_factor": 2}
    assert names(both) == ["A", "B", "C"]
    assert both.unsaved == ["title", "setting limits_factor", "goal 'A'"]
