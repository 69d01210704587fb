"""The commands about a workspace as a whole: make one, list its runs, take a load back, show what cdpkit does."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

import cdpkit
from cdpkit.cli.base import JsonOption, WorkspaceOption, app, errors_shown, open_workspace, print_json


@app.command()
@errors_shown()
def demo(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new or an empty folder; it is kept.")] = Path(
        "cdpkit-demo"
    ),
    as_json: JsonOption = False,
) -> None:
    """Show on invented people what cdpkit does: load, preview, undo, query, and a sync with Iterable."""
    from cdpkit.cli.demo import run_demo

    outcome = run_demo(path, partial(typer.echo, err=as_json))
    if as_json:
        print_json(outcome)


@app.command()
@errors_shown()
def init(path: Annotated[Path, typer.Argument(metavar="PATH", help="A new or an empty folder.")]) -> None:
    """Make a new workspace in a folder."""
    workspace = cdpkit.create(path)
    typer.echo(f"A new workspace is in {workspace.path}. In Python: ws = cdpkit.open({str(workspace.path)!r})")


@app.command()
@errors_shown()
def runs(workspace: WorkspaceOption = Path(), as_json: JsonOption = False) -> None:
    """List what was loaded, synchronised and undone, the newest first."""
    from cdpkit.cli.tables import history_lines, history_objects

    history = open_workspace(workspace).runs.reverse()
    if as_json:
        print_json({"runs": history_objects(history)})
    else:
        typer.echo("\n".join(history_lines(history)))


@app.command()
@errors_shown()
def undo(
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="What to take back; `cdpkit runs` lists the runs.")],
    workspace: WorkspaceOption = Path(),
    reimport: Annotated[
        bool, typer.Option("--reimport", help="Forget that its rows were seen: the next load applies them again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take a load, or what a sync imported, back; values that were changed since stay and are listed."""
    run = open_workspace(workspace).undo(run_id, reimport=reimport)
    if as_json:
        print_json({**run.as_dict(), "undoes": run.name, "conflicts": run.conflicts.height})
    else:
        typer.echo(run.report())
