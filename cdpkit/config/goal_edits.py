"""Changes of a connection and its goals, as functions over the document of its file.

Such as `file.edit(lambda d: add_goal(d, goal))`.

Comments stay, but for those in a goal or beside an entry that goes; one above a table stays above it.
"""

import json
from collections.abc import Callable, Mapping, MutableMapping
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import tomlkit
from tomlkit.items import AoT, Array, Item, Table, Whitespace

from cdpkit.config import toml_file
from cdpkit.config.goal import ADD_GOAL, GoalSettings
from cdpkit.config.goals import read_goal
from cdpkit.config.toml_file import Document
from cdpkit.errors import ConfigurationError, UnknownNameError

Values = dict[str, Any]


def set_enabled(document: Document, enabled: bool) -> None:
    """Switch a connection on or off."""
    document["enabled"] = enabled


def change_connection(document: Document, settings: Mapping[str, Any], others: Mapping[str, Any]) -> None:
    """Give a connection other settings, labels, objectives or another description; what is not named stays.

    Args:
        document: The file.
        settings: The vendor's own, by name; None takes one away.
        others: Keys at the top of the file; what is empty is taken away.
    """
    for key, value in others.items():
        if value:
            document[key] = _item(value)
        else:
            document.pop(key, None)
    held = document["settings"] if settings else {}
    for name, value in settings.items():
        if value is None:
            held.pop(name, None)
        else:
            held[name] = _item(value)


def add_goal(document: Document, goal: GoalSettings) -> None:
    """Add a goal behind the others."""
    _write(document, [*_goals(document), _values(goal)])


def replace_goal(document: Document, name: str, goal: GoalSettings) -> None:
    """Write a goal in the place of another one, also under another name.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    goals = _goals(document)
    goals[_position(goals, name)] = _values(goal)
    _write(document, goals)


def change_goal(document: Document, name: str, changed: Mapping[str, Any]) -> None:
    """Give a goal other values under some keys; None takes a key away, the other keys stay.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
        ConfigurationError: It would not fit.
    """
    goals = _goals(document)
    values = {**goals[_position(goals, name)], **changed}
    replace_goal(document, name, read_goal({key: value for key, value in values.items() if value is not None}))


def edit_goal(document: Document, name: str, edit: Callable[[GoalSettings], GoalSettings]) -> None:
    """Write what a function makes of a goal in its place.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
        ConfigurationError: It does not fit as it is.
    """
    goals = _goals(document)
    replace_goal(document, name, edit(read_goal(goals[_position(goals, name)])))


def set_active(document: Document, name: str, active: bool) -> None:
    """Switch a goal on or off.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    goals = _goals(document)
    goals[_position(goals, name)]["active"] = active
    _write(document, goals)


def remove_goal(document: Document, name: str) -> None:
    """Remove a goal.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    goals = _goals(document)
    del goals[_position(goals, name)]
    _write(document, goals)


def copy_goal(document: Document, name: str) -> str:
    """Add an inactive copy of a goal behind the others.

    Returns:
        Its name: that of the goal and " (copy)", or " (copy 2)" and so on where there is one.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    goals = _goals(document)
    taken = {str(goal.get("name")).strip().casefold() for goal in goals}
    names = [f"{name} (copy)", *(f"{name} (copy {number})" for number in range(2, len(goals) + 2))]
    free = next(copy for copy in names if copy.strip().casefold() not in taken)
    add_goal(document, read_goal({**goals[_position(goals, name)], "name": free, "active": False}))
    return free


def _values(goal: GoalSettings) -> Values:
    """A goal as the file has it: what was said about it, nothing that is empty."""
    values: Values = goal.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return {key: value for key, value in values.items() if value != []}


def _goals(document: Document) -> list[Values]:
    goals = document.unwrap().get("goals", [])
    if not isinstance(goals, list) or not all(isinstance(goal, dict) for goal in goals):
        raise ConfigurationError("goals are no tables; write each below a line [[goals]]")
    return goals


def _position(goals: list[Values], name: str) -> int:
    names = [str(goal.get("name")) for goal in goals]
    if name not in names:
        raise UnknownNameError("goal", name, names, ADD_GOAL)
    return names.index(name)


def _write(document: Document, goals: list[Values]) -> None:
    """Make the goals of a document be these, touching what differs and nothing else."""
    if "goals" not in document:
        document.append("goals", tomlkit.aot())
    held = document["goals"]
    if isinstance(held, AoT):
        last = held.body[-1] if len(held) else None
        below = "" if last is None else _cut_below(last)
        loose = _merge_list(held, goals) + below
        added = [table for before, table in pairwise(held.body) if before is last]
        behind = [*_behind_goals(document), *added]
        if behind:
            _put_above(behind[0], loose)
        else:
            document.body.append((None, Whitespace(loose)))
    else:
        _merge_list(held, goals)
    if isinstance(held, AoT) and not goals:
        del document["goals"]
    if toml_file.parse(tomlkit.dumps(document)).get("goals", []) != goals:
        raise ConfigurationError("the goals are written in a way that no program can change; use an editor")


def _merge_table(table: MutableMapping[str, Any], values: Mapping[str, Any]) -> str:
    """Make a table hold these values; returns the comments above tables that went, and that nothing follows in it."""
    loose = ""
    for key in [key for key in table if key not in values]:
        del table[key]
    for key, value in values.items():
        held = table.get(key)
        if key in table and _plain(held) == value:
            continue
        if isinstance(held, MutableMapping) and isinstance(value, Mapping):
            loose += _merge_table(held, value)
        elif isinstance(held, Array | AoT) and isinstance(value, list):
            loose += _merge_list(held, value)
        else:
            table[key] = _item(value)
    return loose


def _merge_list(held: Array | AoT, values: list[Any]) -> str:
    """Likewise for a list: entries that are the same before and after are not touched."""
    loose = ""
    if isinstance(held, AoT):
        for table, following in pairwise(held.body):
            _put_above(following, _cut_below(table))
    before, after = [[json.dumps(value, default=str) for value in given] for given in (_plain(held), values)]
    for kind, start, end, new_start, new_end in reversed(SequenceMatcher(None, before, after, False).get_opcodes()):
        if kind == "equal":
            continue
        both = min(end - start, new_end - new_start)
        for position in reversed(range(start + both, end)):
            loose = _put_at(held, position + 1, _above(held, position)) + loose
            del held[position]
        for offset, value in enumerate(values[new_start + both : new_end]):
            made: Any = _table(value) if isinstance(held, AoT) else _item(value)
            held.insert(start + both + offset, made)
        for offset in range(both):
            entry, value = held[start + offset], values[new_start + offset]
            if isinstance(entry, MutableMapping) and isinstance(value, Mapping):
                loose = _put_at(held, start + offset + 1, _merge_table(entry, value)) + loose
            else:
                held[start + offset] = _item(value)
    return loose


def _above(held: Array | AoT, position: int) -> str:
    return held.body[position].trivia.indent if isinstance(held, AoT) else ""


def _put_at(held: Array | AoT, position: int, text: str) -> str:
    """Put a text above the table at a position; returns it where there is none."""
    if not isinstance(held, AoT) or position >= len(held):
        return text
    _put_above(held.body[position], text)
    return ""


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _item(value: Any) -> Item:
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update({key: _item(inner) for key, inner in value.items()})
        return inline
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(_item(inner) for inner in value)
        return array.multiline(len(value) > 1 and any(isinstance(inner, Mapping) for inner in value))
    plain: Item = tomlkit.item(value)
    return plain


def _table(values: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    table.update({key: _item(value) for key, value in values.items()})
    table.trivia.indent = "\n"
    return table


def _cut_below(table: Table) -> str:
    """Take out the comments and blank lines at the end of a table: they stand above what follows."""
    body = table.value.body
    cut: list[str] = []
    while body and body[-1][0] is None:
        cut.insert(0, body.pop()[1].as_string())
    last = body[-1][1] if body else None
    if isinstance(last, AoT) and len(last):
        last = last[-1]
    return (_cut_below(last) if isinstance(last, Table) else "") + "".join(cut)


def _put_above(table: Table, text: str) -> None:
    table.trivia.indent = text + table.trivia.indent


def _behind_goals(document: Document) -> list[Table]:
    """The table that follows the goals, if there is one."""
    keys = [key.key if key else "" for key, _ in document.body]
    following = [item for key, item in document.body[len(keys) - keys[::-1].index("goals") :] if key]
    first = following[0] if following else None
    if isinstance(first, AoT):
        first = first[0]
    return [first] if isinstance(first, Table) and not first.is_super_table() else []
