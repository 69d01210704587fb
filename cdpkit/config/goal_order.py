"""The order of a connection's goals, which they keep their comments in."""

import tomlkit
from tomlkit.items import AoT, Array, Table, Whitespace

from cdpkit.config import toml_file
from cdpkit.config.goal_tables import behind_goals, cut_below, goals_in, position_of, put_above
from cdpkit.config.toml_file import Document
from cdpkit.errors import ConfigurationError


def move_goal(document: Document, name: str, before: str | None) -> None:
    """Put a goal in front of another one, or behind all where there is none to follow it; comments go with it.

    Raises:
        UnknownNameError: There is no such goal; names those that exist.
    """
    goals = goals_in(document)
    start = position_of(goals, name)
    end = len(goals) if before is None else position_of(goals, before)
    to = end - 1 if end > start else end
    if before == name or to == start:
        return
    goals.insert(to, goals.pop(start))
    held = document["goals"]
    if isinstance(held, AoT):
        _move(document, held, start, to)
    else:
        _turn(held, start, to)
    if toml_file.parse(tomlkit.dumps(document)).get("goals", []) != goals:
        raise ConfigurationError("the goals are written in a way that no program can change; use an editor")


def _move(document: Document, held: AoT, start: int, to: int) -> None:
    """Move a table; what stands above a table goes with it, and blank lines stay between them."""
    tables = held.body
    above = [_cut_before(document), *(cut_below(table) for table in tables)]
    first, below = above[0], above.pop()
    for table, text in zip(tables, above, strict=True):
        put_above(table, text)
    moved = tables[start]
    del held[start]
    held.insert(to, moved)
    gap = first[: len(first) - len(first.lstrip("\r\n"))]
    for nth, table in enumerate(tables):
        bare = table.trivia.indent.lstrip("\r\n")
        table.trivia.indent = (gap if nth == 0 else "\n") + bare
    behind = behind_goals(document)
    if behind:
        put_above(behind[0], below)
    elif below:
        document.body.append((None, Whitespace(below)))


def _turn(held: Array, start: int, to: int) -> None:
    """Move an entry of a list that is written inline; what stands beside each goes with it."""
    places = range(start, to + 1) if start < to else range(start, to - 1, -1)
    groups = [held._value[held._index_map[place]] for place in places]  # noqa: SLF001 - a list hands out no comments
    moved = [(group.value, group.comment) for group in groups]
    for place, group, (value, comment) in zip(places, groups, [*moved[1:], moved[0]], strict=True):
        held[place] = value
        group.comment = comment


def _cut_before(document: Document) -> str:
    """Take out what stands above the first goal, at the end of the table before it."""
    names = [key.key if key else "" for key, _ in document.body]
    before = document.body[: names.index("goals")]
    last = before[-1][1] if before else None
    if isinstance(last, Table):
        return cut_below(last)
    cut: list[str] = []
    for place in reversed(range(len(before))):
        key, item = before[place]
        if key is not None:
            break
        cut.insert(0, item.as_string())
        document.body[place] = (None, Whitespace(""))
    return "".join(cut)
