"""The command that follows the commits."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdpkit.cli.base import FAILED, Answer, WorkspaceOption, command, open_workspace
from cdpkit.cli.outcome import NOT_DONE

if TYPE_CHECKING:
    from cdpkit import Run


@command()
def watch(
    workspace: WorkspaceOption = Path(),
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="N", min=0, help="For how long; 0 for one look. Else until Ctrl-C."),
    ] = None,
) -> Answer:
    """Run goals with real_time = true as soon as somebody changes; ends with 1 where a run failed."""
    ws, states = open_workspace(workspace), dict[str, int]()

    def ended(run: "Run") -> None:
        states[run.state] = states.get(run.state, 0) + 1
        typer.echo(f"{run.id}  {run.name}  {run.goals[0].name}  {run.state}", err=True)

    ws.watch(seconds, ended=ended)
    told = ", ".join(f"{number:,} {state}" for state, number in states.items()) or "nobody was due"
    return Answer({"runs": states}, [f"Runs: {told}."], FAILED if NOT_DONE & states.keys() else 0)
