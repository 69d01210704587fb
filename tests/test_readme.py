"""README: its example runs, its commands are right, and it leaves out nothing that is public."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cdpkit
from cdpkit.cli import app
from cdpkit.core.processors import BUILT_INS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_the_example_runs_as_it_stands(tmp_path: Path) -> None:
    """Ten lines of code, run in a folder that has the sample data beside it."""
    (example,) = EXAMPLES
    assert len([line for line in example.splitlines() if line]) == 10
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "profiles created" in done.stdout
    assert cdpkit.open(tmp_path / "profiles").runs["kind"].to_list() == ["load", "undo"]


@pytest.mark.parametrize("name", sorted(cdpkit.__all__))
def test_a_public_name_is_mentioned(name: str) -> None:
    """Whoever reads README has met every name of the root."""
    assert re.search(rf"cdpkit\.{name}\b", TEXT)


@pytest.mark.parametrize("command", sorted(c.callback.__name__ for c in app.registered_commands if c.callback))
def test_a_command_is_mentioned(command: str) -> None:
    """Every command stands in README."""
    assert f"cdpkit {command}" in TEXT


def test_no_other_command_is_mentioned() -> None:
    """README documents only commands that exist."""
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(re.findall(r"`cdpkit ([a-z]+)", TEXT)) == known


@pytest.mark.parametrize("name", sorted(BUILT_INS))
def test_a_processor_is_in_the_table(name: str) -> None:
    """With the line of help that the package itself gives, and all its options."""
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |"))
    assert BUILT_INS[name].help.rstrip(".") in row
    assert all(f"`{option.name}`" in row for option in BUILT_INS[name].options)


@pytest.mark.parametrize("command", ['pip install ".[demo]" && cdpkit demo', 'pip install -e ".[dev]" && pytest'])
def test_the_set_up_commands_stand_alone_on_a_line(command: str) -> None:
    """They can be copied as they are."""
    assert command in TEXT.splitlines()


def test_no_address_and_no_path_of_a_machine() -> None:
    """README works from any copy of the source tree: no host and no absolute path stands in it."""
    assert "://" not in TEXT
    assert str(ROOT) not in TEXT
    assert not re.search(r"(?<![\w.])/(?:home|Users|root|tmp|opt|mnt)/", TEXT)


def test_nothing_is_left_to_be_written() -> None:
    """No placeholder stands in it."""
    assert not re.search(r"\b(?:TODO|TBD|FIXME|XXX|lorem)\b", TEXT, re.IGNORECASE)
