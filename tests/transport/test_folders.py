"""Files of folders, listed, read and written through the driver."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdpkit.errors import RemoteError
from cdpkit.kit.buckets import code_of, keys_below
from cdpkit.kit.effects import Call, Effects, Reply
from cdpkit.kit.folders import GetFile, ListFiles, PutFile
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.bodies import taken_in
from cdpkit.transport.driver import Driver

LIMIT = "files"

Run = Callable[[Effects[Any]], Any]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs effects in a workspace that is this folder."""

    def carried(effects: Effects[Any]) -> Any:
        place = Folder(tmp_path)
        limits = {LIMIT: Limit(1000, 1.0)}
        with Driver(None, limits, folder=place / "pages", vendor="Files", workspace=place) as driver:
            return driver.run(effects)

    return carried


def once(call: Call) -> Effects[Reply]:
    reply: Reply = yield call
    return reply


def test_files_are_listed_with_what_tells_whether_they_change(tmp_path: Path, run: Run) -> None:
    """Below a prefix and through folders, in order; what begins with a dot is nobody's business."""
    for name in ("in/b.csv", "in/a.csv", "in/deep/c.csv", ".hidden", "in/.d.csv.part", "other.csv"):
        (tmp_path / "x" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "x" / name).write_text("1")
    os.utime(tmp_path / "x/in/a.csv", (1e9, 1e9))
    listed = run(keys_below(ListFiles(limit=LIMIT, folder="x", prefix="in/")))
    assert [each["key"] for each in listed] == ["in/a.csv", "in/b.csv", "in/deep/c.csv"]
    assert (listed[0]["size"], listed[0]["modified"]) == (1, "2001-09-09T01:46:40.000000+00:00")
    assert listed[0]["age"] > 1e6
    assert 100 > listed[1]["age"] >= 0
    whole = run(keys_below(ListFiles(limit=LIMIT, folder=str(tmp_path / "x"), prefix="in/a")))
    assert [each["etag"] for each in whole] == [listed[0]["etag"]]
    assert len(run(keys_below(ListFiles(limit=LIMIT, folder="x", most=2)))) == 2
    assert run(once(ListFiles(limit=LIMIT, folder="nowhere"))).status == 404


def test_a_file_is_read_as_it_was_listed_or_not_at_all(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is another one by then is refused, and so is one that changes while it is read; no half of it stays."""
    (tmp_path / "a.csv").write_text("mail\nann@x.de\n")
    (listed,) = run(keys_below(ListFiles(limit=LIMIT, folder=".", prefix="a.csv")))

    def get(**more: Any) -> Reply:
        reply: Reply = run(once(GetFile(limit=LIMIT, folder=".", key="a.csv", page="0/a.csv", **more)))
        return reply

    assert get(etag=listed["etag"]).status == 200
    assert (tmp_path / "pages/0/a.csv").read_text() == "mail\nann@x.de\n"
    assert (get(etag="another").status, code_of(get(etag="another"))) == (412, "PreconditionFailed")
    (tmp_path / "pages/0/a.csv").unlink()

    def slow(attempt: Any, means: Any, pieces: Any, **more: Any) -> Any:
        def while_somebody_writes() -> Any:
            for piece in pieces:
                with (tmp_path / "a.csv").open("a") as file:
                    file.write("bob@x.de\n")
                yield piece

        return taken_in(attempt, means, while_somebody_writes(), **more)

    monkeypatch.setattr("cdpkit.transport.folders.taken_in", slow)
    assert get(etag=listed["etag"]).status == 412
    assert [path for path in (tmp_path / "pages").rglob("*") if path.is_file()] == []


def test_a_file_is_written_whole_in_the_place_of_another(tmp_path: Path, run: Run) -> None:
    """Folders that are missing are made, and nothing else lies beside it."""
    for body in (b"first", b"second"):
        assert run(once(PutFile(limit=LIMIT, folder="out", key="deep/a.csv", body=body))).status == 200
        assert (tmp_path / "out/deep/a.csv").read_bytes() == body
    assert [path.name for path in (tmp_path / "out").rglob("*")] == ["deep", "a.csv"]
    call = PutFile(limit=LIMIT, folder="out", key="deep", body=b"x")
    with pytest.raises(RemoteError, match="is a folder"):
        run(once(call))


def test_a_name_that_no_file_can_have_is_a_failure_with_a_reason(run: Run) -> None:
    """And a file that is not there an answer; no call shows a name that may be a person's address."""
    with pytest.raises(RemoteError, match="the name is too long"):
        run(once(GetFile(limit=LIMIT, folder=".", key="x" * 1000)))
    call = GetFile(limit=LIMIT, folder=".", key="ann@x.de.csv")
    assert run(once(call)).status == 404
    assert "ann" not in f"{call!r}{call.what}"
