"""What a workspace tells about itself: what it holds, its connections with their states, and its last runs."""

from collections.abc import Mapping

import polars as pl

from cdpkit.errors import CdpkitError
from cdpkit.runs.home import Home
from cdpkit.runs.run import SYNC, history
from cdpkit.show.cells import cut
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told
from cdpkit.workspace.connection import Connection
from cdpkit.workspace.runs import lines_of
from cdpkit.workspace.view import profiles_in

_RUNS, _NAMES = 3, 100
_CONNECTIONS = ("name", "vendor", "on", "goals", "last run")


def overview(home: Home, connections: Mapping[str, Connection]) -> Told:
    """A headline with numbers, names, connections and the last runs.

    Raises:
        CdpkitError: The settings cannot be read.
    """
    settings, runs = home.settings.read(), history(home)
    profiles = profiles_in(home.tables.snapshot())
    holds = [
        counted(profiles, "profile"),
        counted(len(settings.properties), "property", "properties"),
        counted(len(settings.segments), "segment"),
        counted(len(connections), "connection"),
    ]
    named = {
        "properties": [prop.name for prop in settings.properties],
        "segments": list(settings.segments),
        "objectives": list(settings.objectives),
        "groups": list(settings.groups),
    }
    parts: list[str | Told] = [f"{what}: {cut(', '.join(names), _NAMES)}" for what, names in named.items() if names]
    if connections:
        parts.append(Told("Connections", [Lines(_CONNECTIONS, [_line(each, runs) for each in connections.values()])]))
    if runs.height:
        parts.append(Told("Last runs", [lines_of(runs, _RUNS)]))
    if not profiles:
        parts.append(_next(identified=any(prop.identifier for prop in settings.properties)))
    return Told(f"Workspace({str(home.root)!r}): {', '.join(holds)}", parts)


def _next(*, identified: bool) -> str:
    """What to do in a workspace without profiles; a load needs something that tells people apart."""
    load = "ws.load(source, identifiers={field: property}, mappings=[...]) stores profiles."
    if identified:
        return f"Next: {load}"
    return f"Next: ws.properties.add('email', identifier=True) says what tells people apart; then {load}"


def _line(connection: Connection, runs: pl.DataFrame) -> tuple[object, ...]:
    last = runs.filter(kind=SYNC, name=connection.name).tail(1)
    told = f"{last['state'][0].replace('_', ' ')}, {last['started_at'][0]:%Y-%m-%d %H:%M}" if last.height else None
    try:
        file = connection.file.read()
    except CdpkitError:
        return connection.name, "its file cannot be read", None, [], told
    return connection.name, file.vendor, file.enabled, [goal.name for goal in file.goals], told
