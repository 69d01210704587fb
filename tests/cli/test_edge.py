"""The edge of the command line: one object with `--json` whatever happens, quiet pipes, interrupts, and statuses."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import cdpkit
from cdpkit.cli.base import command
from cdpkit.cli.edge import Answer, Edge, wants_json
from cdpkit.errors import Stopped
from tests.cli.shell import call, commands, json_of, refusal_of

PROGRAM = [sys.executable, "-c", "from cdpkit.cli import main; main()"]
each_command = pytest.mark.parametrize("words", sorted(commands()))


def arguments_of(words: str) -> list[str]:
    """A command with something for each argument that it must have."""
    return [*words.split(), *("x" for each in commands()[words].params if each.required)]


def takes_workspace(words: str) -> bool:
    return any("--workspace" in each.opts for each in commands()[words].params)


@each_command
def test_an_option_that_does_not_exist_is_an_object(words: str) -> None:
    """Wrong use of every command is said in both forms, with where its help is."""
    message = refusal_of(call(*words.split(), "--no-such-option", "--json"))
    assert "--no-such-option" in message
    assert f"`cdpkit {words} --help`" in message


@pytest.mark.parametrize("words", [words for words in sorted(commands()) if takes_workspace(words)])
def test_a_missing_workspace_is_an_object(words: str, tmp_path: Path) -> None:
    """Every command about a workspace says that there is none; the doctor, too, and it looks at the rest."""
    result = call(*arguments_of(words), "--workspace", tmp_path / "nowhere", "--json")
    if words == "doctor":
        assert "no cdpkit workspace" in str(json_of(result)["workspace"])
    else:
        assert "no cdpkit workspace" in refusal_of(result)


@pytest.mark.parametrize("words", ["", "nothing", "segments nothing", "--json-lines"])
def test_what_is_no_command_is_an_object(words: str) -> None:
    """So is a call without a command."""
    assert "--help`" in refusal_of(call(*words.split(), "--json"))


def test_a_command_that_is_misspelt_is_answered_with_the_nearest() -> None:
    """In the form that people read."""
    result = call("segmets")
    assert result.exit_code == 2
    assert "Did you mean 'segments'?" in result.stderr
    assert result.stdout == ""


def broken(fault: BaseException | type[BaseException]) -> typer.Typer:
    """A command line with one command that ends in a fault."""
    app = typer.Typer(cls=Edge)

    @app.callback()
    def root() -> None:
        """Make it a group."""

    @app.command()
    def do(as_json: bool = typer.Option(False, "--json")) -> None:
        del as_json
        raise fault

    return app


def test_a_fault_that_nobody_foresaw_leaves_an_object_too() -> None:
    """The traceback is not held back."""
    result = CliRunner().invoke(broken(ZeroDivisionError), ["do", "--json"])
    assert json.loads(result.stdout)["error"]["kind"] == "Fault"
    assert isinstance(result.exception, ZeroDivisionError)
    assert CliRunner().invoke(broken(ZeroDivisionError), ["do"]).stdout == ""


def test_what_the_system_refuses_is_an_object() -> None:
    """It names the file, and ends with 1."""
    refused = FileNotFoundError(2, "No such file or directory", "people.csv")
    message = refusal_of(CliRunner().invoke(broken(refused), ["do", "--json"]), status=1)
    assert message == "No such file or directory: people.csv"


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_an_interrupt_is_one_sentence(flags: list[str], tmp_path: Path) -> None:
    """Status 130, no traceback, and an object where one was asked for."""
    cdpkit.create(tmp_path / "ws")
    waiting = [*PROGRAM, "sql", "-", "-w", str(tmp_path / "ws"), *flags]
    pipe = subprocess.PIPE
    with subprocess.Popen(waiting, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        process.stdin.write("select\n" * 20000)  # returns when it is being read
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "cdpkit: interrupted\n"
    assert out == "" if not flags else json.loads(out)["error"]["kind"] == "Interrupted"


def test_an_interrupt_says_what_it_leaves() -> None:
    """In words of the command line, where that is known; a question leaves nothing, and says no more than that."""
    app = typer.Typer(cls=Edge)

    @command(on=app)
    def load() -> Answer:
        raise Stopped("Stopped: ws.runs says whether the load was stored; repeat the call.")

    @command(on=app)
    def ask() -> Answer:
        raise KeyboardInterrupt

    stored = CliRunner().invoke(app, ["load"])
    assert (stored.exit_code, stored.stdout) == (130, "")
    assert stored.stderr == "cdpkit: Stopped: `cdpkit runs` says whether the load was stored; repeat the call.\n"
    assert refusal_of(CliRunner().invoke(app, ["ask", "--json"]), status=130) == "interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell with pipes")
def test_a_pipe_that_nobody_reads_any_more_is_no_error(tmp_path: Path) -> None:
    """`cdpkit sql ... | head -1` shows a line and nothing else."""
    cdpkit.create(tmp_path / "ws")
    question = "select range from range(200000)"
    with subprocess.Popen(
        [*PROGRAM, "sql", question, "--csv", "-w", str(tmp_path / "ws")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "range\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("args", "wanted"), [(["runs", "--json"], True), (["runs"], False), (["sql", "--", "--json"], False), ([], False)]
)
def test_json_is_asked_for_by_an_option(args: list[str], wanted: bool) -> None:
    """Whatever else stands there; behind `--` it is an argument."""
    assert wants_json(args) is wanted


def test_an_answer_shows_itself_in_one_form() -> None:
    """Its lines for people, its object for programs, and what stands beside it on the other stream in both."""
    app = typer.Typer(cls=Edge)

    @app.callback()
    def root() -> None:
        """Make it a group."""

    @app.command()
    def do(as_json: bool = typer.Option(False, "--json")) -> Any:
        del as_json
        return Answer({"a": 1}, ["a is 1"], 1, ["look"])

    people, programs = CliRunner().invoke(app, ["do"]), CliRunner().invoke(app, ["do", "--json"])
    assert (people.stdout, people.stderr, people.exit_code) == ("a is 1\n", "look\n", 1)
    assert (programs.stdout, programs.stderr, programs.exit_code) == ('{"a": 1}\n', "look\n", 1)
