"""The commands about properties: list, add."""

from pathlib import Path
from typing import Annotated

import typer

from cdpkit.cli import names
from cdpkit.cli.base import Answer, WorkspaceOption, command, group, open_workspace

properties = group("properties", "What is known of people: list (also without a word), add.")


@command("list", on=properties)
def list_properties(workspace: WorkspaceOption = Path()) -> Answer:
    """List the properties with their types."""
    ws = open_workspace(workspace)
    return Answer({"properties": ws.properties.frame().to_dicts()}, repr(ws.properties).splitlines())


@command("add", on=properties)
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, _ and -.")],
    kind: Annotated[
        str,
        typer.Option(
            "--type",
            metavar="TYPE",
            help="text, email, number, decimal, boolean, date or datetime.",
            autocompletion=names.types,
        ),
    ] = "text",
    multi: Annotated[bool, typer.Option("--multi", help="It holds a list of unique values.")] = False,
    identifier: Annotated[bool, typer.Option("--identifier", help="Rows may be matched on it.")] = False,
    pii: Annotated[bool, typer.Option("--pii", help="It tells who a person is.")] = False,
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """Add a property; loads make those that are missing by themselves, but for identifiers."""
    made = open_workspace(workspace).properties.add(name, kind, multi, identifier, pii)
    flags = [flag for flag in ("multi", "identifier", "pii") if getattr(made, flag)]
    told = {
        "name": made.name,
        "type": made.type.value,
        **{flag: flag in flags for flag in ("multi", "identifier", "pii")},
    }
    return Answer(told, [f"Property {made.name!r} is added: {', '.join([made.type.value, *flags])}."])
