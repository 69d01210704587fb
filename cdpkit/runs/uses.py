"""What uses a property: segments and the goals of connections, which would no longer run without it."""

from collections.abc import Collection

import polars as pl

from cdpkit.config.connections import ConnectionFiles
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError
from cdpkit.runs.groups import LINKING
from cdpkit.runs.home import Home
from cdpkit.store.sql import try_segment


def broken_segments(home: Home, name: str, after: Property | None) -> list[str]:
    """The segments that can be computed now, and could not if a property were another, or none."""
    settings = home.settings.read()
    now = {prop.name: prop.dtype for prop in settings.catalogue().values()}
    then = {each: dtype for each, dtype in now.items() if each != name}
    if after is not None:
        then[name] = after.dtype
    return [
        segment for segment, where in settings.segments.items() if _computes(now, where) and not _computes(then, where)
    ]


def uses_of(home: Home, name: str, but: Collection[str] = ()) -> list[str]:
    """Segments, types of groups and goals that need a property of profiles, in words.

    Args:
        home: The workspace.
        name: The property.
        but: Keys of goals that do not count, such as `newsletter/VIPs`.
    """
    segments = [f"segment {segment!r}" for segment in broken_segments(home, name, None)]
    segments += [f"group type {kind!r}" for kind in _linked_by(home, name)]
    goals = [_goals(home, connection, name, but) for connection in ConnectionFiles(home.root).names()]
    return [*segments, *(text for texts in goals for text in texts)]


def keep_links(home: Home, after: Property) -> None:
    """Refuse a type of a property of profiles by which it could no longer hold the ids of groups.

    Raises:
        ConfigurationError: It is their link; names them.
    """
    types = [] if after.type in LINKING else _linked_by(home, after.name)
    if types:
        raise ConfigurationError(
            f"property {after.name!r} holds the ids of groups of type {', '.join(map(repr, types))}, which are text or "
            f"number, and not {after.type.value}; give them another link with ws.groups.define({types[0]!r}, "
            "link='PROPERTY'), or leave it as it is"
        )


def _linked_by(home: Home, name: str) -> list[str]:
    return [kind for kind, held in home.settings.read().groups.items() if held.link == name]


def goals_about(home: Home, group: str) -> list[str]:
    """Goals that store groups of a type, in words."""
    return [
        f"goal {goal.name!r} of connection {connection!r}"
        for connection in ConnectionFiles(home.root).names()
        for goal in ConnectionFiles(home.root).get(connection).read().goals
        if goal.about == group
    ]


def _computes(columns: dict[str, pl.DataType], where: str) -> bool:
    try:
        try_segment(pl.LazyFrame(schema={"row": pl.Int64(), **columns}), where)
    except ConfigurationError:
        return False
    return True


def _goals(home: Home, connection: str, name: str, but: Collection[str]) -> list[str]:
    found = []
    for goal in ConnectionFiles(home.root).get(connection).read().goals:
        held = goal.model_dump(mode="json", by_alias=True)
        stored = [] if goal.about else held.get("mappings") or ()  # else properties of groups
        side = "from" if goal.kind.startswith("export") else "to"
        pairs = [*(held.get("identifiers") or ()), *stored]
        asked_by = [pair.get("from") for pair in held.get("parameters") or ()]
        used = {*(pair.get(side) for pair in pairs), *asked_by, held.get("save_lists_to")}
        if f"{connection}/{goal.name}" not in but and name in used:
            found.append(f"goal {goal.name!r} of connection {connection!r}")
    return found
