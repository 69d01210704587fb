"""What the browser draws of a connection, above its goals."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdpkit.config.schedule import ScheduleSettings
from cdpkit.config.vendor_settings import settings_problems, shown_settings
from cdpkit.errors import ChangedError
from cdpkit.face.desk import Drawn
from cdpkit.face.forms.connection import ConnectionForm
from cdpkit.face.forms.goal import GoalForm
from cdpkit.kit.declare import Setting, describe, label_of
from cdpkit.kit.kinds import Chosen
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs import kinds
from cdpkit.runs.status import Status
from cdpkit.workspace.connection import Connection
from cdpkit.workspace.discovered import Discovered

_ALL = ("limits_factor", "allow_http")
"""The settings that every vendor has; they are seldom changed, and stand behind the others."""


def settings(vendor: Vendor, given: Mapping[str, Any], folder: Path, found: Discovered | None = None) -> list[Drawn]:
    """The vendor's settings: what each is, what is filled in, what there is to choose, and what is wrong with it."""
    shown = shown_settings(vendor.settings, given)
    wrong = {each.where.removeprefix("settings."): each for each in settings_problems(vendor.settings, given, folder)}
    values = {each.name: given.get(each.name, each.default) for each in vendor.settings}
    return [
        {
            **describe(each),
            "value": shown.get(each.name),
            "applies": each.applies_to(values),
            "seldom": each.name in _ALL,
            "offered": _offered(each, found),
            "problem": _said(wrong.get(each.name), given=each.name in given),
        }
        for each in vendor.settings
    ]


def _offered(setting: Setting, found: Discovered | None) -> list[str] | None:
    """What there is to choose for a setting; None where the vendor was not asked, or it is not chosen among things."""
    if found is None or not isinstance(setting.kind, Chosen) or setting.kind.things not in found.things:
        return None
    names: list[str] = found.items(setting.kind.things)["name"].to_list()
    return names


def schedule(given: ScheduleSettings | None) -> str:
    """When the file says that the connection runs; empty where it says nothing."""
    if given is None:
        return ""
    said = given.model_dump(exclude_none=True, exclude_defaults=True)
    return ", ".join(f"{name.replace('_', ' ')}: {_text(value)}" for name, value in said.items()).replace("\n", ", ")


def _said(problem: Problem | None, *, given: bool) -> str:
    if problem is None:
        return ""
    return f"{problem.what}; {problem.fix}" if given else "It is needed."


def tab(goal: GoalForm) -> Drawn:
    """A goal in the list of goals."""
    kind = kinds.get(goal.kind)
    return {
        "id": goal.id,
        "name": goal.name,
        "kind": goal.kind.replace("_", " "),
        "direction": kind.direction,
        "active": goal.active,
        "unsaved": goal.unsaved,
        "new": goal.saved is None,
    }


def kinds_of(vendor: Vendor) -> list[Drawn]:
    """The kinds of goals that the vendor can have, in the order in which they run."""
    found = sorted((kinds.get(name) for name in kinds.names()), key=lambda kind: kind.order)
    return [{"kind": kind.name, "label": label_of(kind.name)} for kind in found if kind.part(vendor) is not None]


def status(found: Status, form: ConnectionForm) -> list[Drawn]:
    """How each direction stands, and what it lacks: each with the number of the goal in which it is mended."""
    return [
        {
            "direction": each.direction,
            "state": each.state,
            "fix": [{"text": str(problem), "goal": _goal_of(problem, form)} for problem in each.problems],
        }
        for each in found
    ]


def _goal_of(problem: Problem, form: ConnectionForm) -> int | None:
    names = [place[1] for place in problem.at if place[:1] == ("goals",) and len(place) > 1]
    return next((goal.id for goal in form.goals if goal.saved is not None and goal.saved.name in names), None)


def clash(error: ChangedError | None) -> Drawn | None:
    """What somebody else has stored beside what was read, key by key."""
    if error is None:
        return None
    found = error.found or {}
    keys = [key for key in {**error.expected, **found} if error.expected.get(key) != found.get(key)]
    lines = [{"key": key, "read": _text(error.expected.get(key)), "now": _text(found.get(key))} for key in keys]
    return {"said": str(error), "lines": lines, "gone": error.found is None}


def code(conn: Connection, vendor: Vendor, form: ConnectionForm, tab: int | None) -> str:
    """The calls that do the same as what was filled in; secrets are references, or masked where they may be none."""
    goal = None if tab is None else form.goal(tab)
    if goal is not None:
        return f"conn = ws.connection({conn.name!r})\n{_goal_code(goal)}"
    told = {key: value for key, value in form.head.items() if key not in ("favorite", "enabled", "title") and value}
    lines = [f"    {vendor.name!r},", f"    {conn.name!r},"]
    lines.append(f"    settings={shown_settings(vendor.settings, form.settings)!r},")
    lines += [f"    {key}={list(value) if isinstance(value, tuple) else value!r}," for key, value in told.items()]
    return "\n".join(["conn = ws.connect(", *lines, ")", *(_goal_code(each, added=True) for each in form.goals)])


def _goal_code(goal: GoalForm, *, added: bool = False) -> str:
    """A call that adds a goal, or puts it in the place of the one that is stored."""
    arguments = [f"    {key}={_value(value)}," for key, value in goal.given().items()]
    call = "conn.goals.add(" if added or goal.saved is None else f"conn.goals.replace(\n    {goal.saved.name!r},"
    return "\n".join([call, *arguments, ")"])


def _value(value: Any) -> str:
    """A value as code: a list of mappings has a line for each."""
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        return "\n".join(["[", *(f"        {each!r}," for each in value), "    ]"])
    return repr(value)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return "\n".join(map(_text, value)) or "-"
    return ", ".join(f"{key} = {inner}" for key, inner in value.items()) if isinstance(value, Mapping) else str(value)
