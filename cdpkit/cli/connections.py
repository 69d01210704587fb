"""The commands about connections: which vendors there are, check, preview, run, resume."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdpkit.cli import names
from cdpkit.cli.advice import in_commands
from cdpkit.cli.base import FAILED, AllowOption, Answer, ConnectionArgument, WorkspaceOption, command, open_workspace
from cdpkit.cli.outcome import status_of, told

if TYPE_CHECKING:
    from cdpkit import Run

GoalOption = Annotated[
    str | None,
    typer.Option(
        "--goal", metavar="NAME", help="Only this goal; without it all active ones.", autocompletion=names.goals
    ),
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Apply rows again although they were seen before, and send everybody.")
]


@command()
def vendors(
    search: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SEARCH]", help="Only those in which these words occur.", autocompletion=names.vendors),
    ] = None,
) -> Answer:
    """List the vendors, their settings, and what goes which way."""
    from cdpkit.cli.gallery import vendor_lines, vendor_objects

    wanted = " ".join(search or ())
    objects = vendor_objects(wanted)
    none = ["No vendor is called or told of like that; `cdpkit vendors` lists all."]
    return Answer({"vendors": objects}, vendor_lines(wanted) if objects else none)


@command()
def login(
    connection: ConnectionArgument,
    workspace: WorkspaceOption = Path(),
    reset: Annotated[bool, typer.Option("--reset", help="Forget the login instead.")] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="N", min=1, max=65535, help="The port of this machine that the browser is sent back to."
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=1, help="How long you are waited for.")
    ] = 300.0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
) -> Answer:
    """Log a connection in by its vendor's page, or forget that login."""
    opened = open_workspace(workspace).connection(connection)
    if reset:
        opened.reset_login()
        return Answer({"connection": connection, "login": "forgotten"}, [f"The login of {connection!r} is forgotten."])
    opened.login(port=port, timeout=timeout, browser=browser)
    return Answer({"connection": connection, "login": "kept"}, [f"Connection {connection!r} is logged in."])


@command()
def check(connection: ConnectionArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Look for everything that keeps a connection from running; ends with 1 where there is something."""
    opened = open_workspace(workspace).connection(connection)
    problems, status = opened.check(), opened.status
    found = [
        {"where": problem.where, "what": in_commands(problem.what), "fix": in_commands(problem.fix)}
        for problem in problems
    ]
    lines = [in_commands(str(problem)) for problem in problems] or [f"Connection {connection!r} can run."]
    states = {arrow.direction: arrow.state for arrow in status}
    return Answer({"connection": connection, "status": states, "problems": found}, lines, FAILED if found else 0)


@command()
def preview(
    connection: ConnectionArgument,
    workspace: WorkspaceOption = Path(),
    goal: GoalOption = None,
    full: FullOption = False,
) -> Answer:
    """Work out what a run would do; nothing is stored, nothing is sent."""
    from cdpkit.workspace.texts import text_table

    planned = open_workspace(workspace).connection(connection).preview(goal, full=full)
    goals = [
        {"name": each.name, "counters": dict(each.counters), "estimate": dict(each.estimate)} for each in planned.goals
    ]
    lines, summary = told(planned), planned.summary
    if summary.height:
        changing = text_table(summary.columns, summary.iter_rows())
        lines += ["", "Existing profiles that would change, by property:", *(f"  {line}" for line in changing)]
    return Answer({"connection": connection, "goals": goals}, lines)


@command()
def run(
    ctx: typer.Context,
    connection: ConnectionArgument,
    workspace: WorkspaceOption = Path(),
    goal: GoalOption = None,
    full: FullOption = False,
    force: Annotated[bool, typer.Option("--force", help="Run although the connection is off.")] = False,
    resend_in_doubt: Annotated[
        bool, typer.Option("--resend-in-doubt", help="Send those again of whom no answer came to an earlier run.")
    ] = False,
    allow: AllowOption = None,
) -> Answer:
    """Run a connection: imports first, then exports; ends with 1 where it failed or was stopped."""
    ws = open_workspace(workspace)
    opened = ws.connection(connection)
    try:
        ended = opened.run(goal, full, force, resend_in_doubt=resend_in_doubt, allow=allow or (), progress=True)
    except KeyboardInterrupt:
        stopped = opened.runs.filter(state="stopped")["run_id"]
        if stopped.is_empty():
            raise
        ended = ws.run(stopped[-1])
    return _ended(ended, as_json=bool(ctx.obj))


@command()
def resume(
    ctx: typer.Context,
    run_id: Annotated[
        str,
        typer.Argument(
            metavar="RUN_ID", help="A sync that was stopped; `cdpkit runs` lists it.", autocompletion=names.runs
        ),
    ],
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """Go on with a sync that was stopped; what was fetched and sent is not repeated."""
    ws = open_workspace(workspace)
    try:
        ended = ws.resume(run_id, progress=True)
    except KeyboardInterrupt:
        ended = ws.run(run_id)
    return _ended(ended, as_json=bool(ctx.obj))


def _ended(run: "Run", *, as_json: bool) -> Answer:
    """A run, for people on standard error where standard output is for programs; and how to go on with it."""
    object_of_it, report = run.as_dict(), told(run)
    going_on = f"`cdpkit resume {run.id}` goes on where it was; so does the next run of the connection."
    return Answer(
        {name: object_of_it[name] for name in ("id", "state", "goals")},
        report,
        status_of(run),
        [*(report if as_json else []), *([going_on] if run.state == "stopped" else [])],
    )
