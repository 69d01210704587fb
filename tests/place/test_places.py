"""Folders and buckets as places: whole or not at all, line by line, claimed by one."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from cdpkit.errors import ConflictError
from cdpkit.place import Folder, Place, place_at
from cdpkit.place.frames import read_frame, write_frame

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place where nothing is yet."""
    where = tmp_path / "here" if request.param == "folder" else request.getfixturevalue("bucket")
    return place_at(where)


def test_what_is_written_is_read_and_listed(place: Place) -> None:
    """Places above need not be made; what begins with a dot is not listed."""
    (place / "b" / "two.txt").write([b"one ", b"two"])
    (place / "a.txt").write([])
    (place / ".hidden").write([b"x"])
    assert (place / "b" / "two.txt").read() == b"one two"
    assert [below.name for below in place.list()] == ["a.txt", "b"]
    assert (place / "nowhere").list() == ()
    assert datetime.now(UTC) - (place / "a.txt").written() < timedelta(minutes=5)
    with pytest.raises(FileNotFoundError):
        (place / "nowhere").read()


def test_a_write_that_breaks_off_leaves_what_was_there(place: Place, tmp_path: Path) -> None:
    """And nothing beside it."""

    def broken() -> Iterator[bytes]:
        yield b"new"
        raise OSError

    note = place / "note"
    note.write([b"old"])
    with pytest.raises(OSError, match=r"^$"):
        note.write(broken())
    assert note.read() == b"old"
    assert [below.name for below in place.list()] == ["note"]
    assert [*tmp_path.glob("here/.*")] == []


def test_lines_are_there_as_soon_as_they_are_appended(place: Place) -> None:
    """A last line that was cut off by a kill is removed before the next one is written."""
    journal = place / "runs" / "journal"
    with journal.append() as append:
        append(b"one")
        assert journal.read() == b"one\n"
    journal.write([b"one\nt"])
    with journal.append() as append:
        append(b"three")
    assert journal.read() == b"one\nthree\n"


def test_a_claim_is_one_holders_at_a_time(place: Place) -> None:
    """Whoever does not wait is told; when it is given back it can be had again."""
    spot = place / "locks" / "run"
    with spot.claim(), pytest.raises(ConflictError, match="run is held by another process"), spot.claim():
        pass
    with spot.claim(wait=True):
        assert [below.name for below in (place / "locks").list()] == ["run.lock"]


def test_the_claim_of_a_process_that_dies_is_free(place: Place) -> None:
    """The system gives it back, or it runs out; whoever waits has it."""
    spot = place / "locks" / "run"
    program = (
        "import os, sys; from cdpkit.place import place_at\n"
        "held = (place_at(sys.argv[1]) / 'locks' / 'run').claim(); held.__enter__(); print('held', flush=True)\n"
        "sys.stdin.read(); os._exit(9)"
    )
    command = [sys.executable, "-c", program, str(place)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ConflictError), spot.claim():
            pass
        holder.communicate()
        with spot.claim(wait=True):
            assert holder.wait() == 9


def test_deleting_takes_what_lies_below_too(place: Place) -> None:
    """A second time, or where nothing is, nothing happens."""
    (place / "runs" / "r1" / "0" / "state").write([b"x"])
    (place / "runs" / "r2").write([b"x"])
    for _ in range(2):
        (place / "runs" / "r1").delete()
        (place / "runs" / "r2").delete()
    assert (place / "runs").list() == ()
    assert not (place / "runs" / "r1").exists()


def test_where_a_workspace_may_be_made(place: Place) -> None:
    """Where nothing is, hidden files apart; neither beside others' files nor in the place of one."""
    assert place.is_free()
    if isinstance(place, Folder):
        place.local.mkdir()
        assert place.is_free()
    (place / ".git" / "HEAD").write([b""])
    assert place.is_free()
    (place / "notes.txt").write([b""])
    assert not place.is_free()
    assert not (place / ".git").is_free()


def test_frames_are_kept_beside_the_tables(place: Place) -> None:
    """As they were, types and empty ones included."""
    for frame in (pl.DataFrame({"row": [1], "lists": [["a"]]}), pl.DataFrame(schema={"row": pl.UInt32()})):
        write_frame(place / "send.parquet", frame)
        assert read_frame(place / "send.parquet").equals(frame)
        assert read_frame(place / "send.parquet").schema == frame.schema
