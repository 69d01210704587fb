"""Disks that are full, and folders that may not be written to; where the machine lets a test have one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import NoRoomError, WorkspaceError

PEOPLE = 20_000


def mounted(*command: str) -> bool:
    if sys.platform != "linux" or os.getuid() != 0:
        return False
    return subprocess.run(["mount", *command], check=False, capture_output=True).returncode == 0


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mounted("-t", "tmpfs", "-o", "size=5m", "tmpfs", str(disk)):
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[cdpkit.Workspace]:
    """A workspace with one person, which can only be read."""
    path = tmp_path / "w"
    ws = made(path)
    load(ws, 1)
    if not mounted("--bind", str(path), str(path)):
        pytest.skip("nothing can be mounted here")
    mounted("-o", "remount,ro,bind", str(path))
    yield cdpkit.open(path)
    subprocess.run(["umount", str(path)], check=True)


def made(path: Path) -> cdpkit.Workspace:
    ws = cdpkit.create(path)
    ws.properties.add("email", type="email", identifier=True)
    return ws


def load(ws: cdpkit.Workspace, people: int, sign: str = "") -> cdpkit.Run:
    frame = pl.DataFrame({"email": [f"{n}@example.com" for n in range(people)]})
    frame = frame.with_columns(plan=pl.format("plan {}{}", pl.int_range(pl.len()).hash(), pl.lit(sign)))
    return ws.load(frame, {"email": "email"}, [{"from": "plan"}], goal="people")


def files(ws: cdpkit.Workspace) -> set[Path]:
    return {path for path in (ws.path / "tables").rglob("*") if path.is_file() and path.parent.name != "runs"}


def test_loads_that_fail_on_a_full_disk_leave_nothing(small: Path) -> None:
    """However often they are repeated; once there is room again the same load succeeds."""
    ws = made(small / "w")
    load(ws, PEOPLE)
    room = os.statvfs(small)
    (small / "other").write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - 600_000)))
    before = {path for path in files(ws) if path.suffix == ".parquet"}
    for _ in range(4):
        with pytest.raises(NoRoomError, match="no space is left on the disk; free some"):
            load(ws, PEOPLE, "!")
        assert {path for path in files(ws) if path.suffix != ".json" and path.parent.name != "_delta_log"} == before
    assert set(ws.runs["state"]) == {"succeeded", "failed"}
    history = ws.path / "tables" / "runs"
    assert len(list(history.glob("*.parquet"))) <= 2
    (small / "other").unlink()
    assert load(ws, PEOPLE, "!").state == "succeeded"
    assert ws.verify()


@pytest.mark.parametrize(
    "what",
    [
        lambda ws: load(ws, 2),
        lambda ws: ws.preview_load(pl.DataFrame({"email": ["b@example.com"]}), {"email": "email"}),
        lambda ws: ws.compact(),
        lambda ws: ws.undo(ws.runs["run_id"][0]),
        lambda ws: ws.properties.add("plan"),
        lambda ws: ws.segments.define("all", "true"),
        lambda ws: ws.objectives.add("mail"),
        lambda ws: ws.connect("iterable", name="n", settings={"api_key": "env:PATH"}),
    ],
    ids=["load", "preview", "compact", "undo", "property", "segment", "objective", "connect"],
)
def test_a_folder_that_can_only_be_read_says_so(read_only: cdpkit.Workspace, what: object) -> None:
    """What is read is read; what would write names what it cannot write, and how to mend it."""
    assert read_only.profiles.collect().height == 1
    assert read_only.verify()
    with pytest.raises(WorkspaceError, match=r"cannot be (written|made).*: it can only be read; have it mounted"):
        what(read_only)  # type: ignore[operator]
