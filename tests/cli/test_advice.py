"""Advice of messages in words of the command line: every call has a command that exists, or is said to be Python."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdpkit.cli.advice import CALLS, OPTIONS, in_commands
from tests.cli.shell import commands

ROOT = Path(__file__).parents[2] / "cdpkit"


@pytest.mark.parametrize(
    ("python", "command"),
    [
        ("look at ws.runs, which lists all", "look at `cdpkit runs`, which lists all"),
        ("add it with ws.segments.add('gold (all)', where)", "add it with `cdpkit segments define 'gold (all)' WHERE`"),
        ("with ws.resume('0123')", "with `cdpkit resume 0123`"),
        ("switch it on with conn.enable(), or run with force=True", "with --force"),
        (
            'ws.properties.add("email", type="email", identifier=True)',
            "`cdpkit properties add email --type email --identifier`",
        ),
        ('say processors=["parse_dates"]', "say --processor parse_dates"),
        ('ws.load(path, identifiers={"E-Mail": "email"})', "`cdpkit load PATH --id E-Mail=email`"),
        ("with create_profiles=False", "with --no-create"),
        (
            "read={'dates': {'a': '%Y'}, 'nulls': ['-']} does",
            """--read 'dates={"a": "%Y"}' --read nulls=- does""",
        ),
        (
            "processors=[{'processor': 'trim', 'fields': ['a']}]",
            """--processor '{"processor": "trim", "fields": ["a"]}'""",
        ),
        ("cdpkit.create(path)", "`cdpkit init PATH`"),
        ("it has no cdpkit.toml; see cdpkit.errors", "it has no cdpkit.toml; see cdpkit.errors"),
        ("ws.objectives.add('news')", "ws.objectives.add('news') in Python"),
        ("`ws.runs` has them", "`cdpkit runs` has them"),
        ("nothing to do with calls: type=text, goal=x", "nothing to do with calls: type=text, goal=x"),
        ("an open ws.undo('x", "`cdpkit undo"),
    ],
)
def test_a_call_becomes_a_command(python: str, command: str) -> None:
    """Texts are quoted for a shell, names that stand for something are in capitals, arguments become options."""
    assert command in in_commands(python)


def test_what_is_said_twice_is_replaced_twice() -> None:
    """And what stands between stays."""
    assert in_commands("ws.runs or ws.undo(run_id)?") == "`cdpkit runs` or `cdpkit undo RUN_ID`?"


@pytest.mark.parametrize(
    "said", sorted({each for text in CALLS.values() for each in re.findall("`cdpkit ([^`]+)`", text)})
)
def test_a_command_that_is_advised_exists(said: str) -> None:
    """With its options."""
    words = next(words for words in (*commands(), "segments", "properties") if f"{said} ".startswith(f"{words} "))
    options = [option for option in said.split() if option.startswith("--")]
    known = [name for each in commands()[words].params for name in each.opts] if words in commands() else []
    assert [option for option in options if option not in known] == []


@pytest.mark.parametrize("option", sorted({*OPTIONS.values()}))
def test_an_option_that_is_advised_exists(option: str) -> None:
    """At one command at least."""
    assert any(option in each.opts for command in commands().values() for each in command.params)


def messages() -> Iterator[tuple[str, str]]:
    """Every text of the package that is no docstring, by the file that it stands in."""
    for path in ROOT.rglob("*.py"):
        if path.parent.name == "cli":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = (str(part.value) if isinstance(part, ast.Constant) else "'x'" for part in node.values)
                yield path.name, "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                yield path.name, node.value


def test_no_message_leaves_somebody_without_python_alone() -> None:
    """Each call that a message advises is a command, or is said to be Python."""
    call = re.compile(r"\b(?:ws|conn)\.[a-z_.]+")
    left = [
        f"{where}: {said}"
        for where, text in messages()
        for said in [in_commands(text)]
        for found in call.finditer(said)
        if " in Python" not in said[found.end() :]
    ]
    assert left == []
