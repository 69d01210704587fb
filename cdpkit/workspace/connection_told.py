"""What a connection tells about itself."""

import polars as pl

from cdpkit import vendors
from cdpkit.config.connections import ConnectionSettings
from cdpkit.config.vendor_settings import shown_settings
from cdpkit.runs.status import Status
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told
from cdpkit.workspace.runs import lines_of

_RUNS = 3
_GOALS = ("name", "kind", "active")


def connection_told(name: str, file: ConnectionSettings, runs: pl.DataFrame, status: Status) -> Told:
    """Its vendor, whether it is on, settings without secrets, goals, and its last runs.

    Args:
        name: The connection.
        file: What its file says.
        runs: Its runs.
        status: How it stands.
    """
    settings = shown_settings(vendors.get(file.vendor).settings, file.settings)
    named = {
        "labels": file.labels,
        "objectives": file.objectives,
        "settings": [f"{key} = {value}" for key, value in settings.items()],
    }
    parts: list[str | Told] = [file.description] if file.description else []
    parts += [f"status: {status.line()}"]
    parts += [Told("To mend", [str(problem) for problem in status.problems])] if status.problems else []
    parts += [f"{what}: {', '.join(names)}" for what, names in named.items() if names]
    goals = [(goal.name, goal.kind, goal.active) for goal in file.goals]
    parts.append(Told(counted(len(goals), "goal"), [Lines(_GOALS, goals)]))
    if runs.height:
        parts.append(Told("Last runs", [lines_of(runs, _RUNS)]))
    called = f", called {file.title!r}" if file.title else ""
    favorite = ", favorite" if file.favorite else ""
    return Told(f"Connection({name!r}){called}, {file.vendor}, {'on' if file.enabled else 'off'}{favorite}", parts)
