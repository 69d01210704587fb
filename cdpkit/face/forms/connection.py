"""The form of a connection: what its file says, and its goals; nothing of it is stored before it is saved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cdpkit.config.connections import ConnectionSettings
from cdpkit.config.goal import GoalSettings
from cdpkit.face.forms.goal import GoalForm, form_of, having, new_form

HEAD = ("title", "favorite", "labels", "description", "enabled", "objectives")
"""What is told of a connection above its settings."""


@dataclass(frozen=True, slots=True)
class ConnectionForm:
    """A connection that is being changed.

    Attributes:
        saved: What its file said when it was read.
        head: Title, labels and the like, by key.
        settings: The vendor's own; secrets are references.
        goals: In their order.
        next: The number of the next goal.
    """

    saved: ConnectionSettings
    head: Mapping[str, Any]
    settings: Mapping[str, Any]
    goals: tuple[GoalForm, ...] = ()
    next: int = 0

    @property
    def changed_head(self) -> dict[str, Any]:
        """What was changed of the head."""
        return {key: value for key, value in self.head.items() if value != getattr(self.saved, key)}

    @property
    def changed_settings(self) -> dict[str, Any]:
        """What was changed of the settings; None for one that was taken away."""
        held = self.saved.settings
        names = dict.fromkeys([*held, *self.settings])
        return {name: self.settings.get(name) for name in names if self.settings.get(name) != held.get(name)}

    @property
    def gone(self) -> list[GoalSettings]:
        """The goals that were removed."""
        kept = {goal.saved.name for goal in self.goals if goal.saved is not None}
        return [goal for goal in self.saved.goals if goal.name not in kept]

    @property
    def reordered(self) -> bool:
        """Whether the goals that are stored are in another order."""
        kept = [goal.saved.name for goal in self.goals if goal.saved is not None]
        return kept != [goal.name for goal in self.saved.goals if goal.name in kept]

    @property
    def unsaved(self) -> list[str]:
        """What was changed, in words; nothing where all is as it is stored."""
        changed = [key.replace("_", " ") for key in self.changed_head]
        changed += [f"setting {name}" for name in self.changed_settings]
        changed += [f"goal {goal.name!r}" for goal in self.goals if goal.unsaved]
        changed += [f"goal {goal.name!r} removed" for goal in self.gone]
        return changed + (["order of goals"] if self.reordered else [])

    def goal(self, id: int) -> GoalForm | None:
        """The goal of this number, if it is still there."""
        return next((goal for goal in self.goals if goal.id == id), None)


def read_form(saved: ConnectionSettings, before: ConnectionForm | None = None) -> ConnectionForm:
    """The form of a connection as its file says.

    Args:
        saved: What the file says.
        before: The form as it was: goals of the same name keep their numbers.
    """
    known = {} if before is None else {goal.name: goal for goal in before.goals}
    number = 0 if before is None else before.next
    goals = list[GoalForm]()
    for goal in saved.goals:
        held = known.get(goal.name)
        goals.append(form_of(goal, number if held is None else held.id))
        number += held is None
        if held is not None:
            goals[-1] = replace(goals[-1], prefix=held.prefix)
    head = {key: getattr(saved, key) for key in HEAD}
    return ConnectionForm(saved, head, dict(saved.settings), tuple(goals), number)


def telling(form: ConnectionForm, key: str, value: Any) -> ConnectionForm:
    """With another value in the head."""
    return replace(form, head={**form.head, key: tuple(value) if isinstance(value, list) else value})


def setting(form: ConnectionForm, name: str, value: Any) -> ConnectionForm:
    """With another value of a setting; None and an empty text take it away."""
    settings = {**form.settings, name: value}
    if value in (None, ""):
        del settings[name]
    return replace(form, settings=settings)


def with_new_goal(form: ConnectionForm, keys: Mapping[str, Any]) -> ConnectionForm:
    """With a goal more, behind the others; its name gets a number where there is one of that name."""
    made = new_form({**keys, "name": _free(str(keys.get("name", "Goal")), form)}, form.next)
    return replace(form, goals=(*form.goals, made), next=form.next + 1)


def with_copy(form: ConnectionForm, id: int) -> ConnectionForm:
    """With a copy of a goal behind it, switched off."""
    goal = form.goal(id)
    if goal is None:
        return form
    name = _free(f"{goal.name} (copy)", form)
    made = replace(goal, id=form.next, saved=None, values={**goal.values, "name": name, "active": False})
    at = form.goals.index(goal) + 1
    return replace(form, goals=(*form.goals[:at], made, *form.goals[at:]), next=form.next + 1)


def without_goal(form: ConnectionForm, id: int) -> ConnectionForm:
    """Without a goal."""
    return replace(form, goals=tuple(goal for goal in form.goals if goal.id != id))


def with_goal_at(form: ConnectionForm, id: int, to: int) -> ConnectionForm:
    """With a goal in another place, counted from 0."""
    goal = form.goal(id)
    if goal is None:
        return form
    others = [each for each in form.goals if each.id != id]
    to = min(max(to, 0), len(others))
    return replace(form, goals=(*others[:to], goal, *others[to:]))


def editing(form: ConnectionForm, id: int, edit: Callable[[GoalForm], GoalForm]) -> ConnectionForm:
    """With what an edit makes of a goal."""
    return replace(form, goals=tuple(edit(goal) if goal.id == id else goal for goal in form.goals))


def upon(form: ConnectionForm, found: ConnectionSettings) -> ConnectionForm:
    """What was filled in, upon what somebody else has stored since: the next save writes over that, knowingly."""
    by_name = {goal.name: goal for goal in found.goals}
    goals = [replace(goal, saved=None if goal.saved is None else by_name.get(goal.saved.name)) for goal in form.goals]
    known = {goal.saved.name for goal in form.goals if goal.saved is not None} | {goal.name for goal in form.gone}
    number = form.next
    for goal in found.goals:
        if goal.name not in known:
            goals.append(form_of(goal, number))
            number += 1
    head = {**{key: getattr(found, key) for key in HEAD}, **form.changed_head}
    changed = form.changed_settings
    settings = {name: value for name, value in {**found.settings, **changed}.items() if value is not None}
    return ConnectionForm(found, head, settings, tuple(goals), number)


def renamed(form: GoalForm, name: str) -> GoalForm:
    """With another name."""
    return having(form, "name", name)


def _free(name: str, form: ConnectionForm) -> str:
    taken = {goal.name.strip().casefold() for goal in form.goals}
    names = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
    return next(each for each in names if each.strip().casefold() not in taken)
