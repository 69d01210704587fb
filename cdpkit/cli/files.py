"""The commands about files that are not loaded yet."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cdpkit.cli.base import FAILED, JsonOption, WorkspaceOption, app, errors_shown, open_workspace, print_json
from cdpkit.errors import ConfigurationError

ReadOption = Annotated[
    list[str] | None,
    typer.Option("--read", metavar="NAME=VALUE", help="How the file is read, such as separator=; or encoding=cp1252."),
]
_WORDS = {"true": True, "false": False}
_NUMBERS = ("header", "skip", "sheet")


@app.command()
@errors_shown()
def peek(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file, or a pattern of files in quotes.")],
    read: ReadOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a file is read, its fields, the types that fit, and what they hold; nothing is stored."""
    from cdpkit.runs.peek import look_at
    from cdpkit.workspace.peek import Peek

    found = Peek(look_at(file, read_of(read or [])))
    if as_json:
        fields = found.fields.to_dicts()
        print_json({"rows": found.rows, "read": found.read, "notes": list(found.notes), "fields": fields})
    else:
        typer.echo(repr(found))


@app.command()
@errors_shown()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file, or a pattern of files in quotes.")],
    identifier: Annotated[
        list[str], typer.Option("--identifier", metavar="FIELD=PROPERTY", help="What a row is matched on.")
    ],
    field: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD[=PROPERTY[:RULE]]", help="What is stored, by which merge rule."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    goal: Annotated[str | None, typer.Option("--goal", help="A name under which seen rows are remembered.")] = None,
    read: ReadOption = None,
    preview: Annotated[bool, typer.Option("--preview", help="Work it out and store nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Merge the rows of a file into the profiles; `cdpkit peek FILE` shows its fields."""
    ws = open_workspace(workspace)
    identifiers = dict(_pair(text) for text in identifier)
    mappings = [_mapping(text) for text in field or []]
    options = read_of(read or [])
    if preview:
        planned = ws.preview_load(file, identifiers, mappings, goal=goal, read=options)
        if as_json:
            print_json({"counters": planned.counters})
        else:
            typer.echo(planned.report())
        return
    run = ws.load(file, identifiers, mappings, goal=goal, read=options)
    if as_json:
        print_json(run.as_dict())
    else:
        typer.echo(run.report())
    if run.state in {"failed", "stopped"}:
        raise typer.Exit(FAILED)


def _pair(text: str) -> tuple[str, str]:
    """Field and property of `FIELD=PROPERTY`; a field alone is a property of its name."""
    field, mark, prop = text.partition("=")
    return field, prop if mark else field


def _mapping(text: str) -> dict[str, str]:
    field, prop = _pair(text)
    name, mark, rule = prop.partition(":")
    return {"from": field, "to": name or field, **({"rule": rule} if mark else {})}


def read_of(given: list[str]) -> dict[str, Any]:
    """The options of a reader, of texts such as `separator=;`.

    Raises:
        ConfigurationError: One has no `=`.
    """
    options: dict[str, Any] = {}
    for text in given:
        name, mark, value = text.partition("=")
        if not mark:
            raise ConfigurationError(f"--read takes NAME=VALUE, such as separator=; and not {text!r}")
        if name == "nulls":
            options[name] = [*options.get(name, []), value]
        elif name in _NUMBERS and value.isdecimal():
            options[name] = int(value)
        else:
            options[name] = _WORDS.get(value.lower(), value) if name in ("header", "quote") else value
    return options
