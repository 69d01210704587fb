"""What the tests of the command line have in common: calling it in this process, and what it is to leave."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner, Result

from cdpkit.cli import app


def call(*arguments: object, text: str | None = None) -> Result:
    """Call a command, with a text on its standard input."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=text)


def json_of(result: Result, status: int = 0) -> dict[str, Any]:
    """The one object on standard output of a call that ended with this status."""
    assert result.exit_code == status, result.output
    assert result.stdout.endswith("\n")
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


def refusal_of(result: Result, status: int = 2) -> str:
    """The message of a call with `--json` that was refused: in the one object, and for people on the other stream."""
    error = json_of(result, status)["error"]
    assert error["status"] == status
    assert result.stderr.endswith(f"cdpkit: {error['message']}\n")
    return str(error["message"])


def commands() -> Mapping[str, Any]:
    """Every command by its words: `load`, `segments list`, ..."""
    return dict(_below(get_command(app), ""))


def _below(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield words, command
        return
    for name, each in command.commands.items():
        yield from _below(each, f"{words} {name}".strip())
