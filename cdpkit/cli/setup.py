"""The commands about how connections are set up: which there are, how they stand, and what is on in them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdpkit.cli import names
from cdpkit.cli.advice import in_commands
from cdpkit.cli.base import Answer, ConnectionArgument, WorkspaceOption, command, group, open_workspace

if TYPE_CHECKING:
    from cdpkit.workspace.goals import Goals

connections = group("connections", "The connections and how they stand: list (also without a word), show, change.")
goals = group("goals", "The goals of a connection: list (also without a word), on, off, copy, rename, move, remove.")

GoalArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="How the goal is called.", autocompletion=names.goals)
]


@command("list", on=connections)
def list_connections(workspace: WorkspaceOption = Path()) -> Answer:
    """List the connections, favorites first: whether each is on, and how imports and exports stand."""
    from cdpkit.workspace.texts import text_table

    frame = open_workspace(workspace).connections.frame()
    shown = frame.select("name", "vendor", "enabled", "import", "export", "goals", "labels", "title")
    lines = text_table([name.upper() for name in shown.columns], shown.iter_rows())
    none = ["No connections yet. `cdpkit manual connections` says how one is made."]
    return Answer({"connections": frame.to_dicts()}, lines if frame.height else none)


@command("show", on=connections)
def show_connection(connection: ConnectionArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Show how a connection stands, and what is missing or has to be mended; the vendor is not asked."""
    opened = open_workspace(workspace).connection(connection)
    status = opened.status
    return Answer(
        {"name": connection, "title": opened.title, "status": status.as_dict()},
        in_commands(repr(status)).splitlines(),
    )


@command("change", on=connections)
def change_connection(
    connection: ConnectionArgument,
    workspace: WorkspaceOption = Path(),
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="How people call it.")] = None,
    description: Annotated[str | None, typer.Option("--description", metavar="TEXT", help="For people.")] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="LABEL", help="In the place of those it has; may be repeated."),
    ] = None,
    favorite: Annotated[
        bool | None, typer.Option("--favorite/--no-favorite", help="Whether it is listed first.")
    ] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether it runs on schedule.")] = None,
) -> Answer:
    """Change what is given of a connection; the rest of its file stays, comments among it."""
    opened = open_workspace(workspace).connection(connection)
    opened.change(title=title, description=description, labels=label or None, favorite=favorite, enabled=on)
    return Answer(
        {"name": connection, "title": opened.title, "favorite": opened.favorite, "enabled": opened.enabled},
        [f"Connection {connection!r} is changed."],
    )


@command("list", on=goals)
def list_goals(connection: ConnectionArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """List the goals of a connection, in their order."""
    from cdpkit.workspace.texts import text_table

    frame = _goals(workspace, connection).frame()
    lines = text_table([name.upper() for name in frame.columns], frame.iter_rows())
    none = [f"Connection {connection!r} has no goals yet. `cdpkit manual goals` says how one is made."]
    return Answer({"connection": connection, "goals": frame.to_dicts()}, lines if frame.height else none)


@command("on", on=goals)
def switch_on(connection: ConnectionArgument, name: GoalArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Let runs of the connection carry a goal out."""
    _goals(workspace, connection).activate(name)
    return Answer({"connection": connection, "name": name, "active": True}, [f"Goal {name!r} is on."])


@command("off", on=goals)
def switch_off(connection: ConnectionArgument, name: GoalArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Let runs of the connection pass a goal by; it keeps what it knows."""
    _goals(workspace, connection).activate(name, active=False)
    return Answer({"connection": connection, "name": name, "active": False}, [f"Goal {name!r} is off."])


@command("copy", on=goals)
def copy_goal(connection: ConnectionArgument, name: GoalArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Copy a goal; the copy is off, and knows nothing."""
    copy = _goals(workspace, connection).copy(name).name
    return Answer({"connection": connection, "name": copy}, [f"Goal {copy!r} is there, and off."])


@command("rename", on=goals)
def rename_goal(
    connection: ConnectionArgument,
    name: GoalArgument,
    to: Annotated[str, typer.Argument(metavar="TO", help="The name that it gets.")],
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """Give a goal another name; it keeps what it knows of earlier runs."""
    _goals(workspace, connection).rename(name, to)
    return Answer({"connection": connection, "name": to}, [f"Goal {name!r} is called {to!r} now."])


@command("move", on=goals)
def move_goal(
    connection: ConnectionArgument,
    name: GoalArgument,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="GOAL", help="The goal that follows it; without it, it becomes the last."),
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """Put a goal in front of another one, or behind all; goals of a kind run in this order."""
    held = _goals(workspace, connection)
    held.move(name, before)
    return Answer({"connection": connection, "goals": list(held)}, [", ".join(held)])


@command("remove", on=goals)
def remove_goal(connection: ConnectionArgument, name: GoalArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Remove a goal and what it knows; nobody is touched at the vendor."""
    _goals(workspace, connection).remove(name)
    return Answer({"connection": connection, "name": name, "removed": True}, [f"Goal {name!r} is removed."])


def _goals(workspace: Path, connection: str) -> "Goals":
    return open_workspace(workspace).connection(connection).goals
