"""The commands about files that are not loaded yet."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cdpkit.cli.base import JsonOption, app, errors_shown, print_json
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
