"""What runs do with goals, a kind of goal a file; a new one is a new file here and one in `cdpkit.config.goals`."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from cdpkit.config.goal import GoalSettings
from cdpkit.errors import UnknownNameError, refuse
from cdpkit.runs.kind import GoalKind, Work
from cdpkit.runs.plan import Plan


def names() -> tuple[str, ...]:
    """The names of all kinds; imports none of them."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def get(name: str) -> GoalKind[Any, Any]:
    """The kind of this name.

    Raises:
        UnknownNameError: There is none; names those that exist.
    """
    if name not in names():
        raise UnknownNameError("kind of goal", name, names())
    kind: GoalKind[Any, Any] = import_module(f"{__name__}.{name}").KIND
    return kind


def in_run_order(goals: Iterable[GoalSettings]) -> tuple[GoalSettings, ...]:
    """By the order of their kinds, inside one in the order given."""
    return tuple(sorted(goals, key=lambda goal: get(goal.kind).order))


def plan_goal(work: Work, goal: GoalSettings) -> Plan:
    """Work a goal out, and stop before anything is stored or sent.

    Raises:
        ConfigurationError: It does not fit; lists every problem and its fix.
        CdpkitError: The vendor cannot be reached, or refuses.
    """
    kind = get(goal.kind)
    refuse("the goal cannot be used", kind.problems(work.session, goal, [prop.name for prop in work.planned]))
    plan: Plan = kind.plan(work, goal)
    return plan
