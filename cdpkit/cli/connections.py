"""The commands about connections: which vendors there are, check, preview, run, resume."""

from pathlib import Path
from typing import Annotated

import typer

from cdpkit import Connection, Run, Workspace
from cdpkit.cli.base import FAILED, JsonOption, WorkspaceOption, app, errors_shown, open_workspace, print_json
from cdpkit.cli.wording import in_commands

NOT_DONE = frozenset({"failed", "stopped", "running"})
"""The states of a run after which the command ends with 1."""

ConnectionArgument = Annotated[
    str, typer.Argument(metavar="CONNECTION", help="Its name, which is that of its file in the folder connections.")
]
GoalOption = Annotated[
    str | None, typer.Option("--goal", metavar="NAME", help="Only this goal; without it all active ones.")
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Apply rows again although they were seen before, and send everybody.")
]


@app.command()
@errors_shown()
def vendors(as_json: JsonOption = False) -> None:
    """List the vendors, their settings, and what goes which way."""
    from cdpkit.cli.gallery import vendor_lines, vendor_objects

    if as_json:
        print_json({"vendors": vendor_objects()})
    else:
        typer.echo("\n".join(vendor_lines()))


@app.command()
@errors_shown()
def check(connection: ConnectionArgument, workspace: WorkspaceOption = Path(), as_json: JsonOption = False) -> None:
    """Look for everything that keeps a connection from running; ends with 1 where there is something."""
    problems = open_workspace(workspace).connection(connection).check()
    if as_json:
        found = [{"where": problem.where, "what": problem.what, "fix": problem.fix} for problem in problems]
        print_json({"connection": connection, "problems": found})
    else:
        typer.echo(
            "\n".join(in_commands(str(problem)) for problem in problems) or f"Connection {connection!r} can run."
        )
    if problems:
        raise typer.Exit(FAILED)


@app.command()
@errors_shown()
def preview(
    connection: ConnectionArgument,
    workspace: WorkspaceOption = Path(),
    goal: GoalOption = None,
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    """Work out what a run would do; nothing is stored, nothing is sent."""
    from cdpkit.workspace.texts import text_table

    planned = open_workspace(workspace).connection(connection).preview(goal, full=full)
    if as_json:
        goals = [{"name": each.name, "counters": dict(each.counters)} for each in planned.goals]
        print_json({"connection": connection, "goals": goals})
        return
    typer.echo(in_commands(planned.report()))
    summary = planned.summary
    if summary.height:
        typer.echo("\nExisting profiles that would change, by property:")
        typer.echo("\n".join(f"  {line}" for line in text_table(summary.columns, summary.iter_rows())))


@app.command()
@errors_shown()
def run(
    connection: ConnectionArgument,
    workspace: WorkspaceOption = Path(),
    goal: GoalOption = None,
    full: FullOption = False,
    force: Annotated[bool, typer.Option("--force", help="Run although the connection is off.")] = False,
    resend_in_doubt: Annotated[
        bool, typer.Option("--resend-in-doubt", help="Send those again of whom no answer came to an earlier run.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a connection: imports first, then exports; ends with 1 where it failed or was stopped."""
    ws = open_workspace(workspace)
    opened = ws.connection(connection)
    try:
        ended = opened.run(goal, full, force, resend_in_doubt=resend_in_doubt, progress=True)
    except KeyboardInterrupt:
        ended = _stopped(ws, opened)
    _tell(ended, as_json=as_json)


@app.command()
@errors_shown()
def resume(
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="A sync that was stopped; `cdpkit runs` lists it.")],
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Go on with a sync that was stopped; what was fetched and sent is not repeated."""
    ws = open_workspace(workspace)
    try:
        ended = ws.resume(run_id, progress=True)
    except KeyboardInterrupt:
        ended = ws.run(run_id)
    _tell(ended, as_json=as_json)


def _stopped(ws: Workspace, connection: Connection) -> Run:
    """The run that was interrupted just now."""
    stopped = connection.runs.filter(state="stopped")["run_id"]
    if stopped.is_empty():
        typer.echo("cdpkit: stopped before the run had begun; nothing was stored or sent", err=True)
        raise typer.Exit(FAILED)
    return ws.run(stopped[-1])


def _tell(run: Run, *, as_json: bool) -> None:
    """Show a run, and end with 1 where it did not do its work."""
    if as_json:
        told = run.as_dict()
        print_json({name: told[name] for name in ("id", "state", "goals")})
    typer.echo(in_commands(run.report()), err=as_json)
    if run.state == "stopped":
        typer.echo(f"cdpkit resume {run.id} goes on where it was; so does the next run of the connection.", err=True)
    if run.state in NOT_DONE:
        raise typer.Exit(FAILED)
