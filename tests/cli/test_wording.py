"""The words of the command line: no message there names a method where there is a command."""

import ast
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cdpkit
from cdpkit.cli import app
from cdpkit.cli.wording import METHOD, in_commands

PACKAGE = Path(cdpkit.__file__).parent


def advice() -> list[str]:
    """Every text of the package outside docstrings that names a method of a workspace or a connection."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [
            ast.unparse(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in told
        ]
        found += [text for text in texts if METHOD.search(text) and "cli" not in path.parts]
    return found


@pytest.mark.parametrize("text", advice())
def test_advice_becomes_commands_or_says_that_it_is_python(text: str) -> None:
    """Whatever the package says, in the words of where it is said."""
    said = in_commands(text)
    assert all(said[found.end() :].startswith(" in Python") for found in METHOD.finditer(said))


@pytest.mark.parametrize(
    ("method", "command"),
    [
        ("look at ws.runs, which lists all of them", "look at `cdpkit runs`, which lists all of them"),
        ("with ws.resume('0198-ab')", "with `cdpkit resume 0198-ab`"),
        ("or run with force=True", "or run with --force"),
        ("add it with ws.segments.add('a (b)', where)", "add it with a line below [segments] in cdpkit.toml"),
        ("ws.properties.change('a', identifier=True)", "ws.properties.change('a', identifier=True) in Python"),
    ],
)
def test_a_method_becomes_its_command(method: str, command: str) -> None:
    """Where there is one."""
    assert in_commands(method) == command


def test_undoing_a_run_that_is_not_there_speaks_of_commands(tmp_path: Path) -> None:
    """Not of `ws.runs`."""
    cdpkit.create(tmp_path / "w")
    done = CliRunner().invoke(app, ["undo", "zzz", "--workspace", str(tmp_path / "w")])
    assert done.exit_code == 2
    assert "`cdpkit runs`" in done.stderr
    assert "ws." not in done.stderr
