"""Changes of a connection and its goals, as functions over the document of its file.

Such as `file.edit(lambda d: add_goal(d, goal))`.

Comments stay, but for those in a goal or beside an entry that goes; one above a table stays above it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cdpkit.config.goal import GoalSettings
from cdpkit.config.goal_tables import Values, as_item, goals_in, position_of, put_on_top, write_goals
from cdpkit.config.goals import read_goal
from cdpkit.config.toml_file import Document
from cdpkit.errors import ChangedError


def set_enabled(document: Document, enabled: bool) -> None:
    """Switch a connection on or off."""
    put_on_top(document, "enabled", as_item(enabled))


def change_connection(document: Document, settings: Mapping[str, Any], others: Mapping[str, Any]) -> None:
    """Give a connection other settings, labels, objectives or another description; what is not named stays.

    Args:
        document: The file.
        settings: The vendor's own, by name; None takes one away.
        others: Keys at the top of the file; what is at its default is taken away, but for whether it is on.
    """
    for key, value in others.items():
        if value or key == "enabled":
            put_on_top(document, key, as_item(value))
        else:
            document.pop(key, None)
    held = document["settings"] if settings else {}
    for name, value in settings.items():
        if value is None:
            held.pop(name, None)
        else:
            held[name] = as_item(value)


def add_goal(document: Document, goal: GoalSettings) -> None:
    """Add a goal behind the others."""
    write_goals(document, [*goals_in(document), _values(goal)])


def replace_goal(document: Document, name: str, goal: GoalSettings, expected: GoalSettings | None = None) -> None:
    """Write a goal in the place of another one, also under another name.

    Args:
        document: The file.
        name: The goal.
        goal: The other one.
        expected: The goal as it was read; None to write whatever it is by now.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
        ChangedError: It is not as expected.
    """
    _check_unchanged(document, name, expected)
    goals = goals_in(document)
    goals[position_of(goals, name)] = _values(goal)
    write_goals(document, goals)


def change_goal(
    document: Document, name: str, changed: Mapping[str, Any], expected: GoalSettings | None = None
) -> None:
    """Give a goal other values under some keys; None takes a key away, the other keys stay.

    Args:
        document: The file.
        name: The goal.
        changed: By key.
        expected: The goal as it was read; None to change it whatever it is by now.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
        ConfigurationError: It would not fit.
        ChangedError: It is not as expected.
    """
    _check_unchanged(document, name, expected)
    goals = goals_in(document)
    values = {**goals[position_of(goals, name)], **changed}
    replace_goal(document, name, read_goal({key: value for key, value in values.items() if value is not None}))


def edit_goal(document: Document, name: str, edit: Callable[[GoalSettings], GoalSettings]) -> None:
    """Write what a function makes of a goal in its place.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
        ConfigurationError: It does not fit as it is.
    """
    goals = goals_in(document)
    replace_goal(document, name, edit(read_goal(goals[position_of(goals, name)])))


def set_active(document: Document, name: str, active: bool) -> None:
    """Switch a goal on or off.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    goals = goals_in(document)
    goals[position_of(goals, name)]["active"] = active
    write_goals(document, goals)


def remove_goal(document: Document, name: str) -> None:
    """Remove a goal.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    goals = goals_in(document)
    del goals[position_of(goals, name)]
    write_goals(document, goals)


def copy_goal(document: Document, name: str) -> str:
    """Add an inactive copy of a goal behind the others.

    Returns:
        Its name: that of the goal and " (copy)", or " (copy 2)" and so on where there is one.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    goals = goals_in(document)
    taken = {str(goal.get("name")).strip().casefold() for goal in goals}
    names = [f"{name} (copy)", *(f"{name} (copy {number})" for number in range(2, len(goals) + 2))]
    free = next(copy for copy in names if copy.strip().casefold() not in taken)
    add_goal(document, read_goal({**goals[position_of(goals, name)], "name": free, "active": False}))
    return free


def _check_unchanged(document: Document, name: str, expected: GoalSettings | None) -> None:
    """Refuse to write over what somebody else has written since.

    Raises:
        ChangedError: The goal is not as expected.
    """
    if expected is None:
        return
    held = next((goal for goal in goals_in(document) if goal.get("name") == name), None)
    found = None if held is None else read_goal(held).given()
    if found != expected.given():
        raise ChangedError(f"goal {name!r}", expected.given(), found)


def _values(goal: GoalSettings) -> Values:
    """A goal as the file has it: what was said about it, nothing that is empty."""
    values: Values = goal.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return {key: value for key, value in values.items() if value != []}
