"""The commands about files that are not loaded yet."""

import json
from typing import Annotated, Any

import typer

from cdpkit.cli.advice import in_commands
from cdpkit.cli.base import Answer, command
from cdpkit.errors import ConfigurationError

FileArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="A file, a glob in quotes, an https:// or s3:// address, or sample:NAME.")
]
ReadOption = Annotated[
    list[str] | None,
    typer.Option("--read", metavar="NAME=VALUE", help="How the file is read, such as separator=; or encoding=cp1252."),
]
_WORDS = {"true": True, "false": False}
_SWITCHES = ("header", "quote", "allow_http")
_NUMBERS = ("header", "skip", "sheet")


@command()
def peek(file: FileArgument, read: ReadOption = None) -> Answer:
    """Show how a file is read, its fields, the types that fit, and what they hold; nothing is stored."""
    from cdpkit.runs.peek import look_at
    from cdpkit.workspace.peek import Peek

    found = Peek(look_at(file, read_of(read or [])))
    fields = {
        "rows": found.rows,
        "read": found.read,
        "suggested": found.suggested,
        "notes": [in_commands(note) for note in found.notes],
        "fields": found.fields.to_dicts(),
    }
    return Answer(fields, in_commands(repr(found)).splitlines())


def read_of(given: list[str]) -> dict[str, Any]:
    """The options of a reader, of texts such as `separator=;`; `nulls` may be given again and again, or as a JSON list.

    Raises:
        ConfigurationError: One has no `=`.
    """
    options: dict[str, Any] = {}
    for text in given:
        name, mark, value = text.partition("=")
        if not mark:
            raise ConfigurationError(f"--read takes NAME=VALUE, such as separator=; and not {text!r}")
        if name == "nulls":
            options[name] = [*options.get(name, []), *(_json(value, list) or [value])]
        elif name == "dates":
            options[name] = _json(value, dict) or value
        elif name in _NUMBERS and value.isdecimal():
            options[name] = int(value)
        else:
            options[name] = _WORDS.get(value.lower(), value) if name in _SWITCHES else value
    return options


def _json(value: str, kind: type) -> Any:
    """What a text says as JSON, where that is of this kind."""
    try:
        read = json.loads(value)
    except ValueError:
        return None
    return read if isinstance(read, kind) else None
