"""README: its examples run, its commands are right, and it leaves out nothing that is public."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

import cdpkit
from cdpkit.cli import app
from cdpkit.core.processors import BUILT_INS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def lines(example: str) -> int:
    return len([line for line in example.splitlines() if line])


def test_the_examples_run_as_they_stand(tmp_path: Path) -> None:
    """Ten lines for a load and ten for a sync, run one after the other beside the sample data."""
    load, sandbox, sync = EXAMPLES
    assert (lines(load), lines(sync)) == (10, 10)
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    done = subprocess.run(
        [sys.executable, "-c", load + sandbox + sync],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "profiles created" in done.stdout
    assert "\n[]\n" in done.stdout  # no problem
    ws = cdpkit.open(tmp_path / "profiles")
    assert ws.runs["kind"].to_list() == ["load", "undo", "sync"]
    users, pros = ws.run(ws.runs["run_id"][-1]).goals
    assert users.counters["created"] == 1000
    assert pros.counters["accepted"] == pros.counters["in_segment"] > 0


def test_the_connection_file_fits(tmp_path: Path) -> None:
    """The file that is shown is one that is read, with a goal of each kind."""
    ws = cdpkit.create(tmp_path / "ws")
    (example,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    (ws.path / "connections").mkdir()
    (ws.path / "connections" / "news.toml").write_text(example, encoding="utf-8")
    goals = ws.connection("news").goals
    assert [goal.kind for goal in goals.values()] == ["import_profiles", "export_profiles"]


@pytest.mark.parametrize("command", sorted(c.callback.__name__ for c in app.registered_commands if c.callback))
def test_the_options_of_a_command_are_in_the_table(command: str) -> None:
    """Every option that the command takes stands in its line, or in the text about the sandbox."""
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `cdpkit {command}"))
    parameters = get_command(app).commands[command].params  # type: ignore[attr-defined]
    options = {option for parameter in parameters for option in parameter.opts if option.startswith("--")} - {"--help"}
    more = TEXT if command == "sandbox" else ""
    assert [option for option in sorted(options) if option not in row + more] == []


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
