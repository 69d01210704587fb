"""The first minutes: `init` with what it writes and says, and `doctor`."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import cdpkit
from cdpkit.sandbox.iterable.settings import API_KEY
from tests.cli.shell import call, json_of


def connected(ws: cdpkit.Workspace) -> Path:
    """Make the connection `news`; returns the file of its key."""
    key = ws.path / "news.key"
    key.write_text(API_KEY)
    key.chmod(0o600)
    ws.connect("iterable", "news", {"api_key": f"file:{key.name}"})
    return key


def test_init_keeps_data_and_secrets_out_of_git(tmp_path: Path) -> None:
    """Settings and connections are in; tables, runs, locks and secrets are out."""
    folder = tmp_path / "ws"
    assert call("init", folder).exit_code == 0
    connected(cdpkit.open(folder))
    for name in ("secrets/token", "runs/1/page", "my.key", "locks/a.lock"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    subprocess.run(["git", "init", "-q", folder], check=True)
    untracked = ["git", "-C", str(folder), "ls-files", "--others", "--exclude-standard"]
    kept = subprocess.run(untracked, check=True, capture_output=True, text=True).stdout.split()
    assert sorted(kept) == [".gitignore", "cdpkit.toml", "connections/news.toml"]


def test_init_in_a_repository_that_is_there(tmp_path: Path) -> None:
    """`git init` may come first, and what its .gitignore leaves out stays out."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("*.tmp")
    assert call("init", tmp_path).exit_code == 0
    assert (tmp_path / ".gitignore").read_text().splitlines()[0] == "*.tmp"
    assert "/tables/" in (tmp_path / ".gitignore").read_text().splitlines()
    assert cdpkit.open(tmp_path).runs.is_empty()


def test_the_doctor_names_a_folder_once(tmp_path: Path) -> None:
    """Where there is no workspace, too."""
    (line,) = [line for line in call("doctor", "-w", tmp_path).stdout.splitlines() if "no cdpkit workspace" in line]
    assert line.count(str(tmp_path)) == 1


def test_the_next_steps_work_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three commands, from anywhere, and the last one counts what the second one would have stored."""
    monkeypatch.chdir(tmp_path)
    answer = json_of(call("init", "my profiles", "--json"))
    assert answer["workspace"] == str(tmp_path / "my profiles")
    assert len(answer["next"]) == 3
    add, look, ask = (shlex.split(line)[1:] for line in answer["next"])
    assert [call(*step).exit_code for step in (add, look)] == [0, 0]
    assert call(*look[:-1]).exit_code == 0
    assert "gold" in call(*ask).stdout


def test_init_says_the_same_in_words(tmp_path: Path) -> None:
    """Where it is, the steps, and the line for Python."""
    told = call("init", tmp_path / "ws").stdout
    assert f"A new workspace is in {tmp_path / 'ws'}" in told
    assert told.count("     cdpkit ") == 3
    assert "cdpkit.open(" in told


def test_the_doctor_looks_at_everything(tmp_path: Path) -> None:
    """Versions, extras with the line that installs them, disk, permissions, and what each connection lacks."""
    ws = cdpkit.create(tmp_path / "ws")
    connected(ws).unlink()
    answer = json_of(call("doctor", "-w", ws.path, "--json"), status=1)
    about = {each["about"]: each for part in ("versions", "extras", "workspace") for each in answer[part]}
    assert {"Python", "cdpkit", "polars", "duckdb", "notebook", "sandbox", "disk", "permissions"} <= {*about}
    assert {"pytest", "hypothesis"}.isdisjoint(about)
    missing = [each for each in answer["extras"] if each["said"] != "installed"]
    assert all(each["fix"] == f'pip install "cdpkit[{each["about"]}]"' for each in missing)
    assert about["connection news"]["problem"]
    found = [each for part in ("versions", "extras", "workspace") for each in answer[part]]
    assert answer["problems"] == sum(each["problem"] for each in found)
    assert "news.key" in call("doctor", "-w", ws.path).stdout


def test_the_doctor_leaves_vendors_alone_offline(tmp_path: Path) -> None:
    """A connection is named and not looked at."""
    ws = cdpkit.create(tmp_path / "ws")
    connected(ws).unlink()
    told = call("doctor", "--offline", "-w", ws.path)
    assert told.exit_code == 0
    assert "connection news: not looked at" in told.stdout


def test_the_doctor_needs_no_workspace(tmp_path: Path) -> None:
    """Where there is none it says so, and the rest."""
    told = call("doctor", "-w", tmp_path)
    assert told.exit_code == 0
    assert "`cdpkit init PATH`" in told.stdout
    assert "polars" in told.stdout


def test_the_doctor_finds_a_damaged_workspace(tmp_path: Path) -> None:
    """What keeps it from being opened is a problem."""
    ws = cdpkit.create(tmp_path / "ws")
    (ws.path / "cdpkit.toml").write_text("format = ")
    assert call("doctor", "-w", ws.path).exit_code == 1


@pytest.mark.skipif(os.name != "posix", reason="rights of others are those of POSIX")
def test_the_doctor_finds_secrets_that_others_may_read(tmp_path: Path) -> None:
    """With the command that closes them."""
    ws = cdpkit.create(tmp_path / "ws")
    key = ws.path / "vendor.key"
    key.write_text(API_KEY)
    key.chmod(0o644)
    told = call("doctor", "-w", ws.path)
    assert told.exit_code == 1
    assert "others may read vendor.key; chmod 600" in told.stdout
    assert API_KEY not in told.output
    key.chmod(0o600)
    assert call("doctor", "-w", ws.path).exit_code == 0


def test_help_loads_nothing_heavy() -> None:
    """A fresh interpreter that imports the command line has loaded neither tables nor frames."""
    program = (
        "import cdpkit.cli, sys; print([m for m in ('polars', 'duckdb', 'deltalake', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
