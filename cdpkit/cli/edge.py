"""The edge of the command line: an answer is shown, and what goes wrong is said, in words or as one JSON object.

Commands return an `Answer` or raise; nothing but this file decides where that is written and with which status the
process ends: 0 when all went well, 1 when a run failed or was stopped, 2 for wrong use, 130 after an interrupt.
"""

import errno
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from cdpkit.cli.advice import in_commands
from cdpkit.errors import CdpkitError, ConfigurationError, CredentialsError, StoreError, WorkspaceError

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
JSON = "--json"
PROGRAM = "cdpkit"

_CLOSED = {errno.EPIPE, errno.EINVAL}
"""What systems say when nobody reads the other end of a pipe any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say.

    Attributes:
        told: The object of `--json`.
        lines: The same for people, on standard output.
        status: With which the process ends.
        beside: Lines for people on standard error; with `--json` too.
    """

    told: Mapping[str, Any]
    lines: Iterable[str] = ()
    status: int = DONE
    beside: Iterable[str] = ()


class Interrupted(Exception):  # noqa: N818 - as Python calls it
    """An interrupt by the user, which the library would make a status without words of."""


class Listing(TyperGroup):
    """Commands about one kind of things, of which `list` is the one that is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` in front of options that stand alone."""
        named = bool(args) and (not args[0].startswith("-") or args[0] == "--help")
        return super().parse_args(ctx, args if named or ctx.resilient_parsing else ["list", *args])


class Edge(TyperGroup):
    """All commands; calling it shows an answer or says what is wrong, and ends the process."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command.

        Args:
            args: The arguments; those of the process where they are left out.
            prog_name: Passed over: messages name the command as it is installed.
            complete_var: The variable with which shells ask for completions.
            standalone_mode: Passed over: the process ends.
            windows_expand_args: Whether globs are expanded where the shell does not.
            extra: What commands find in their context.
        """
        del prog_name, standalone_mode
        screen = Screen(wants_json(sys.argv[1:] if args is None else args))
        status = FAILED
        try:
            outcome = super().main(args, PROGRAM, complete_var, False, windows_expand_args, obj=screen.as_json, **extra)
            status = screen.ended(outcome)
        except TyperException as error:
            status = screen.wrong_use(error)
        except CdpkitError as error:
            status = screen.refused(error)
        except OSError as error:
            status = screen.failed(
                type(error).__name__,
                f"{error.strerror or type(error).__name__}: {error.filename or 'no file named'}",
            )
        except Interrupted as stopped:
            status = screen.interrupted(str(stopped))
        except (typer.Abort, KeyboardInterrupt):
            status = screen.interrupted()
        finally:
            screen.close()
        sys.exit(status)


class Screen:
    """Standard output and standard error of one call.

    Attributes:
        as_json: Whether standard output holds one JSON object and nothing else.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._is_told = False

    def ended(self, outcome: object) -> int:
        """Show what a command returned: an answer, or the status with which the library ended it."""
        if isinstance(outcome, Answer):
            if self.as_json:
                self.tell(outcome.told)
            else:
                self._write(outcome.lines)
            self._write(outcome.beside, err=True)
            return outcome.status
        if outcome == INTERRUPTED:
            return self.interrupted()
        self._is_told = True  # help, the version, or what the command has shown by itself
        return outcome if isinstance(outcome, int) else DONE

    def tell(self, told: Mapping[str, Any]) -> None:
        """Write the one object."""
        self._is_told = True
        self._write([json.dumps(told, allow_nan=False)])

    def failed(self, kind: str, message: str, more: Mapping[str, Any] | None = None, status: int = FAILED) -> int:
        """Say what is wrong; with `--json` as an object too."""
        self._write([f"{PROGRAM}: {message}"], err=True)
        if self.as_json and not self._is_told:
            self.tell({"error": {"kind": kind, "message": message, **(more or {}), "status": status}})
        return status

    def refused(self, error: CdpkitError) -> int:
        """Say what the package raised, in words of the command line."""
        usage = isinstance(error, ConfigurationError | WorkspaceError)
        wrong_use = usage and not isinstance(error, CredentialsError | StoreError)
        problems = error.problems if isinstance(error, ConfigurationError) else ()
        told = [
            {"where": each.where, "what": in_commands(each.what), "fix": in_commands(each.fix)} for each in problems
        ]
        status = WRONG_USE if wrong_use else FAILED
        return self.failed(type(error).__name__, in_commands(str(error)), {"problems": told}, status)

    def wrong_use(self, error: TyperException) -> int:
        """Say what does not fit the command, and where its help is."""
        context = getattr(error, "ctx", None)
        said = error.format_message().strip()
        if said:
            path = context.command_path if context else PROGRAM
            said = f"{said.rstrip('.')}; `{path} --help` says what it takes"
        elif self.as_json:
            said = "no command; `cdpkit --help` lists them"
        else:
            return WRONG_USE  # the help itself was shown
        return self.failed("UsageError", said, status=WRONG_USE)

    def interrupted(self, left: str = "") -> int:
        """Say so in one sentence, with what it leaves where that was said."""
        return self.failed("Interrupted", in_commands(left) or "interrupted", status=INTERRUPTED)

    def close(self) -> None:
        """Leave an object even where an error comes that nobody foresaw; it is then a fault of the package."""
        if self.as_json and not self._is_told and sys.exc_info()[0] not in {None, SystemExit}:
            self.tell(
                {"error": {"kind": "Fault", "message": "a fault of cdpkit, see standard error", "status": FAILED}}
            )

    def _write(self, lines: Iterable[str], *, err: bool = False) -> None:
        """Write lines, until there is nobody who reads them."""
        try:
            for line in lines:
                typer.echo(line, err=err)
        except OSError as error:
            if error.errno not in _CLOSED:
                raise
            silence(sys.stderr if err else sys.stdout)


def silence(stream: Any) -> None:
    """Send what is still written to a stream nowhere, so that its end at the process's end is quiet too."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def wants_json(args: Sequence[str]) -> bool:
    """Whether `--json` is among the options, however wrong the others are."""
    options = list(args)
    return JSON in (options[: options.index("--")] if "--" in options else options)
