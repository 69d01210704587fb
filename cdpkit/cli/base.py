"""What all commands have in common: the application, options, errors as messages, and JSON.

Exit status: 0 when all went well, 1 when a run failed or was stopped, 2 for wrong use. With `--json` standard output
holds one JSON object and nothing else; all that is meant for people goes to standard error.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

import cdpkit
from cdpkit.errors import CdpkitError, ConfigurationError, CredentialsError, StoreError, WorkspaceError

FAILED, WRONG_USE = 1, 2

app = typer.Typer(
    help="Customer profiles as Parquet tables: merged, previewed, undone, queried, and synchronised with vendors.",
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
        usage = isinstance(error, ConfigurationError | WorkspaceError)
        wrong_use = usage and not isinstance(error, CredentialsError | StoreError)
        raise typer.Exit(WRONG_USE if wrong_use else FAILED) from error
    except OSError as error:
        typer.echo(f"cdpkit: {error.strerror or type(error).__name__}: {error.filename or 'no file named'}", err=True)
        raise typer.Exit(FAILED) from error


def open_workspace(path: Path) -> cdpkit.Workspace:
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


def print_json(value: dict[str, Any]) -> None:
    """Write the one object to standard output."""
    typer.echo(json.dumps(value))


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
