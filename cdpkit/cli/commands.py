"""The commands of `cdpkit`.

Exit status: 0 when all went well, 1 when a run failed, 2 for wrong use. With `--json` standard output holds one JSON
object and nothing else; all that is meant for people goes to standard error.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

import cdpkit
from cdpkit.errors import CdpkitError, ConfigurationError, WorkspaceError

FAILED, WRONG_USE = 1, 2

app = typer.Typer(
    help="Customer profiles as Parquet tables: merged, previewed, undone and queried.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

WorkspaceOption = Annotated[Path, typer.Option("--workspace", "-w", metavar="PATH", help="The workspace folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, all else on the other.")]


def main() -> None:
    """Run the command line; the entry point `cdpkit`."""
    app()


@contextmanager
def errors_shown() -> Iterator[None]:
    """End with a message instead of a traceback where the package or the system says what is wrong."""
    try:
        yield
    except CdpkitError as error:
        typer.echo(f"cdpkit: {error}", err=True)
        wrong_use = isinstance(error, ConfigurationError | WorkspaceError)
        raise typer.Exit(WRONG_USE if wrong_use else FAILED) from error
    except OSError as error:
        typer.echo(f"cdpkit: {error.strerror or type(error).__name__}: {error.filename or 'no file named'}", err=True)
        raise typer.Exit(FAILED) from error


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cdpkit {cdpkit.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    pass


@app.command()
@errors_shown()
def init(path: Annotated[Path, typer.Argument(metavar="PATH", help="A new or an empty folder.")]) -> None:
    """Make a new workspace in a folder."""
    workspace = cdpkit.create(path)
    typer.echo(f"A new workspace is in {workspace.path}. In Python: ws = cdpkit.open({str(workspace.path)!r})")


@app.command()
@errors_shown()
def runs(workspace: WorkspaceOption = Path(), as_json: JsonOption = False) -> None:
    """List what was loaded and undone, the newest first."""
    from cdpkit.cli.tables import history_lines, history_objects

    history = _open(workspace).runs.reverse()
    if as_json:
        _print_json({"runs": history_objects(history)})
    else:
        typer.echo("\n".join(history_lines(history)))


@app.command()
@errors_shown()
def undo(
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="The load to take back; `cdpkit runs` lists them.")],
    workspace: WorkspaceOption = Path(),
    reimport: Annotated[
        bool, typer.Option("--reimport", help="Forget that its rows were seen: the next load applies them again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take a load back; values that were changed since stay and are listed."""
    run = _open(workspace).undo(run_id, reimport=reimport)
    if as_json:
        _print_json({**run.as_dict(), "undoes": run_id, "conflicts": run.conflicts.height})
    else:
        typer.echo(run.report())


@app.command()
@errors_shown()
def demo(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new or an empty folder; it is kept.")] = Path(
        "cdpkit-demo"
    ),
    as_json: JsonOption = False,
) -> None:
    """Show on invented people what cdpkit does: preview, load, undo, query."""
    from cdpkit.cli.demo import run_demo

    outcome = run_demo(path, partial(typer.echo, err=as_json))
    if as_json:
        _print_json(outcome)


def _open(path: Path) -> cdpkit.Workspace:
    """The workspace in a folder; its whole path, so that a message about `.` says where that is.

    Raises:
        WorkspaceError: There is none; with what to do on the command line.
    """
    try:
        return cdpkit.open(path.resolve())
    except WorkspaceError as error:
        raise WorkspaceError(
            f"{error}\n--workspace PATH names another folder, `cdpkit init PATH` makes a new workspace"
        ) from error


def _print_json(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value))
