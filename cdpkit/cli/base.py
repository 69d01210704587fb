"""What all commands have in common: the application, their options, and the workspace."""

import sys
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import cdpkit
from cdpkit.cli import names
from cdpkit.cli.edge import FAILED, JSON, PROGRAM, Answer, Edge, Interrupted, Listing
from cdpkit.errors import StoreError, WorkspaceError
from cdpkit.place import is_bucket

if TYPE_CHECKING:
    from cdpkit import Workspace

__all__ = ["FAILED", "Answer", "WorkspaceOption", "app", "command", "group", "main", "open_workspace", "whole"]

app = typer.Typer(
    name=PROGRAM,
    cls=Edge,
    help="Customer profiles as Parquet tables: merged, previewed, undone, queried, and synchronised with vendors.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="GUARD", help="A guard that is not to stop it, such as withdrawals."),
]
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", metavar="PATH", help="The workspace: a folder, or s3://bucket/prefix.")
]
ConnectionArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONNECTION",
        help="Its name, which is that of its file in the folder connections.",
        autocompletion=names.connections,
    ),
]

_JsonOption = Annotated[bool, typer.Option(JSON, help="One JSON object on standard output, all else on the other.")]

Command = Callable[..., Answer | None]


def main() -> None:
    """Run the command line; the entry point `cdpkit`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal cannot show is no reason to end
    app()


def command(name: str | None = None, on: typer.Typer = app) -> Callable[[Command], Command]:
    """Make a function a command that returns an answer.

    It takes `--json` beside what the function takes; the edge looks for that by itself.
    """

    def register(function: Command) -> Command:
        @wraps(function)
        def call(*args: Any, as_json: bool, **given: Any) -> Answer | None:
            del as_json
            try:
                return function(*args, **given)
            except KeyboardInterrupt as stopped:
                raise Interrupted(str(stopped)) from stopped

        own = signature(function)
        option = Parameter("as_json", Parameter.KEYWORD_ONLY, default=False, annotation=_JsonOption)
        call.__signature__ = own.replace(parameters=[*own.parameters.values(), option])  # type: ignore[attr-defined]
        call.__annotations__ = {**function.__annotations__, "as_json": _JsonOption}
        on.command(name)(call)
        return function

    return register


def group(name: str, told: str) -> typer.Typer:
    """Commands about one kind of things, of which one is `list`."""
    made = typer.Typer(name=name, cls=Listing, help=told)
    app.add_typer(made)
    return made


def open_workspace(path: Path) -> "Workspace":
    """The workspace in a folder, its whole path, so that a message about `.` says where that is; or in a bucket.

    Raises:
        WorkspaceError: There is none; with what to do on the command line.
    """
    try:
        return cdpkit.open(whole(path))
    except StoreError:
        raise
    except WorkspaceError as error:
        raise WorkspaceError(f"{error}, or name another folder with --workspace PATH") from error


def whole(path: Path) -> Path:
    """The whole path of a folder; an address in a bucket as it is."""
    return path if is_bucket(path) else path.resolve()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cdpkit {cdpkit.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> Any:
    pass
