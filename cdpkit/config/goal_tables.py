"""A connection file as a TOML document: its keys and goals changed so that comments stay where they belong."""

import json
from collections.abc import Mapping, MutableMapping
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import tomlkit
from tomlkit.items import AoT, Array, Item, Table, Whitespace

from cdpkit.config import toml_file
from cdpkit.config.goal import ADD_GOAL
from cdpkit.config.toml_file import Document
from cdpkit.errors import ConfigurationError, UnknownNameError

Values = dict[str, Any]


def put_on_top(document: Document, key: str, item: Item) -> None:
    """Give a key at the top of the file another value; a new one stands behind the others, above the first table."""
    if key in document:
        document[key] = item
        return
    last = next((held for held in reversed(_TOP) if held in document), None)
    if last is None:
        document[key] = item
    else:
        document._insert_after(last, key, item)  # noqa: SLF001 - a key that is appended would stand in the last table


_TOP = ("vendor", "enabled", "title", "favorite", "labels", "description", "objectives")
"""The keys at the top of a connection file, in the order in which they are written."""


def goals_in(document: Document) -> list[Values]:
    """The goals of a document, as plain values.

    Raises:
        ConfigurationError: They are no tables.
    """
    goals = document.unwrap().get("goals", [])
    if not isinstance(goals, list) or not all(isinstance(goal, dict) for goal in goals):
        raise ConfigurationError("goals are no tables; write each below a line [[goals]]")
    return goals


def position_of(goals: list[Values], name: str) -> int:
    """Where a goal stands.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    names = [str(goal.get("name")) for goal in goals]
    if name not in names:
        raise UnknownNameError("goal", name, names, ADD_GOAL)
    return names.index(name)


def write_goals(document: Document, goals: list[Values]) -> None:
    """Make the goals of a document be these, touching what differs and nothing else."""
    if "goals" not in document:
        document.append("goals", tomlkit.aot())
    held = document["goals"]
    if isinstance(held, AoT):
        last = held.body[-1] if len(held) else None
        below = "" if last is None else cut_below(last)
        loose = _merge_list(held, goals) + below
        added = [table for before, table in pairwise(held.body) if before is last]
        behind = [*behind_goals(document), *added]
        if behind:
            put_above(behind[0], loose)
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
            if isinstance(table, Table):
                _one_a_line(held)
        else:
            table[key] = as_item(value)
    return loose


def _merge_list(held: Array | AoT, values: list[Any]) -> str:
    """Likewise for a list: entries that are the same before and after are not touched."""
    loose = ""
    if isinstance(held, AoT):
        for table, following in pairwise(held.body):
            put_above(following, cut_below(table))
    before, after = [[json.dumps(value, default=str) for value in given] for given in (_plain(held), values)]
    for kind, start, end, new_start, new_end in reversed(SequenceMatcher(None, before, after, False).get_opcodes()):
        if kind == "equal":
            continue
        both = min(end - start, new_end - new_start)
        for position in reversed(range(start + both, end)):
            loose = _put_at(held, position + 1, _above(held, position)) + loose
            del held[position]
        for offset, value in enumerate(values[new_start + both : new_end]):
            made: Any = _table(value) if isinstance(held, AoT) else as_item(value)
            held.insert(start + both + offset, made)
        for offset in range(both):
            entry, value = held[start + offset], values[new_start + offset]
            if isinstance(entry, MutableMapping) and isinstance(value, Mapping):
                loose = _put_at(held, start + offset + 1, _merge_table(entry, value)) + loose
            else:
                held[start + offset] = as_item(value)
    return loose


def _one_a_line(held: Array | AoT) -> None:
    """Break a list of several tables that stands on one line, so that a change of one of them is a line of its own."""
    if isinstance(held, Array) and len(held) > 1 and "\n" not in held.as_string() and isinstance(held[0], Mapping):
        held.multiline(True)


def _above(held: Array | AoT, position: int) -> str:
    return held.body[position].trivia.indent if isinstance(held, AoT) else ""


def _put_at(held: Array | AoT, position: int, text: str) -> str:
    """Put a text above the table at a position; returns it where there is none."""
    if not isinstance(held, AoT) or position >= len(held):
        return text
    put_above(held.body[position], text)
    return ""


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def as_item(value: Any) -> Item:
    """A value as it is written: tables inline, several of them in a list one a line."""
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update({key: as_item(inner) for key, inner in value.items()})
        return inline
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(as_item(inner) for inner in value)
        return array.multiline(len(value) > 1 and any(isinstance(inner, Mapping) for inner in value))
    plain: Item = tomlkit.item(value)
    return plain


def _table(values: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    table.update({key: as_item(value) for key, value in values.items()})
    table.trivia.indent = "\n"
    return table


def cut_below(table: Table) -> str:
    """Take out the comments and blank lines at the end of a table: they stand above what follows."""
    body = table.value.body
    cut: list[str] = []
    while body and body[-1][0] is None:
        cut.insert(0, body.pop()[1].as_string())
    last = body[-1][1] if body else None
    if isinstance(last, AoT) and len(last):
        last = last[-1]
    return (cut_below(last) if isinstance(last, Table) else "") + "".join(cut)


def put_above(table: Table, text: str) -> None:
    """Put comments and blank lines above a table."""
    table.trivia.indent = text + table.trivia.indent


def behind_goals(document: Document) -> list[Table]:
    """The table that follows the goals, if there is one."""
    keys = [key.key if key else "" for key, _ in document.body]
    following = [item for key, item in document.body[len(keys) - keys[::-1].index("goals") :] if key]
    first = following[0] if following else None
    if isinstance(first, AoT):
        first = first[0]
    return [first] if isinstance(first, Table) and not first.is_super_table() else []
