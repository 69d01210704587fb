"""The commands about what happened: list the runs, show one, list what it refused, take it back, look for damage."""

from pathlib import Path
from typing import Annotated

import typer

from cdpkit.cli import names
from cdpkit.cli.advice import in_commands
from cdpkit.cli.base import FAILED, Answer, WorkspaceOption, command, open_workspace
from cdpkit.cli.outcome import told


@command()
def runs(
    run_id: Annotated[
        str | None,
        typer.Argument(metavar="[RUN_ID]", help="Show the report of this one.", autocompletion=names.runs),
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """List what was loaded, synchronised and undone, the newest first; or show one run."""
    from cdpkit.cli.tables import history_lines, history_objects

    ws = open_workspace(workspace)
    if run_id is not None:
        run = ws.run(run_id)
        return Answer(run.as_dict(), told(run))
    history = ws.runs.reverse()
    return Answer({"runs": history_objects(history)}, history_lines(history))


@command()
def rejects(
    run_id: Annotated[
        str,
        typer.Argument(
            metavar="RUN_ID", help="The run that refused; `cdpkit runs` lists the runs.", autocompletion=names.runs
        ),
    ],
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """List in groups what a run refused and nobody has made good since: goal, reason, field, and how often."""
    found = open_workspace(workspace).run(run_id).rejects
    groups = found.groups.drop("mended", "dropped")
    return Answer({"id": found.run_id, "lines": found.count, "groups": groups.to_dicts()}, repr(found).splitlines())


@command()
def undo(
    run_id: Annotated[
        str,
        typer.Argument(
            metavar="RUN_ID", help="What to take back; `cdpkit runs` lists the runs.", autocompletion=names.runs
        ),
    ],
    workspace: WorkspaceOption = Path(),
    reimport: Annotated[
        bool, typer.Option("--reimport", help="Forget that its rows were seen: the next load applies them again.")
    ] = False,
) -> Answer:
    """Take a load, or what a sync imported, back; values that were changed since stay and are listed."""
    run = open_workspace(workspace).undo(run_id, reimport=reimport)
    return Answer({**run.as_dict(), "undoes": run.name, "conflicts": run.conflicts.height}, told(run))


@command()
def verify(workspace: WorkspaceOption = Path()) -> Answer:
    """Look at every file of a workspace, byte by byte; ends with 1 where one is damaged or missing."""
    found = open_workspace(workspace).verify()
    return Answer(found.as_dict(), in_commands(repr(found)).splitlines(), 0 if found else FAILED)
