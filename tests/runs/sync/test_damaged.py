"""What a stopped run has kept is damaged: it names itself, is put aside, and fails one run at most."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cdpkit.kit.exporting import ExportAsked, Exporter, Way
from cdpkit.place import Folder
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.vendors import iterable
from tests.runs.sync.place import Place, address, pros
from tests.runs.sync.test_resume import interrupted

BULK = "POST /api/users/bulkUpdate"


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def flip(file: Path) -> None:
    """The lowest bit of a byte in the first third: still a letter or a digit where it was one."""
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Iterable's push be one that must not be made twice, of one person each."""
    exporter = iterable.VENDOR.exporter
    assert exporter is not None
    before: Exporter = exporter

    def way(asked: ExportAsked, people: int) -> Way:
        return replace(before.way(asked, people), max_rows=1, repeatable=False)

    monkeypatch.setattr(iterable, "VENDOR", replace(iterable.VENDOR, exporter=replace(before, way=way)))


@pytest.mark.parametrize("damage", [cut, empty, flip])
@pytest.mark.parametrize("name", ["plan.json", "send.parquet", "withdraw.parquet", "skipped.parquet"])
def test_a_damaged_plan_is_put_aside(place: Place, name: str, damage: Callable[[Path], None]) -> None:
    """The run that finds it fails and says where it is; the next one sends everybody whom it has to."""
    place.load(*pros(1, 2))
    place.exporting()
    stopped = interrupted(place, "send")
    file = next((place.ws.path / "runs" / stopped).rglob(name))
    damage(file)
    assert name in repr(place.ws.verify())
    run = place.conn.run()
    assert (run.id, run.state) == (stopped, "failed")
    assert f"{file}, which this run had kept, is damaged; it is put aside as {name}.damaged" in run.report()
    assert file.with_name(f"{name}.damaged").exists()
    again = place.conn.run()
    assert (again.state, place.members()) == ("succeeded", address(1, 2))
    assert place.ws.verify()


@pytest.mark.parametrize("damage", [flip, lambda file: file.write_bytes(b"\xff" + file.read_bytes()[1:])])
@pytest.mark.usefixtures("once")
def test_a_damaged_journal_leaves_nobody_sent_twice_in_silence(place: Place, damage: Callable[[Path], None]) -> None:
    """Nobody knows who was asked, so whoever is not read to be answered is in doubt, and listed."""
    place.load(*pros(1, 2, 3))
    place.exporting()
    stopped = interrupted(place, "send")
    file = next((place.ws.path / "runs" / stopped).rglob("journal.ndjson"))
    damage(file)
    calls = place.calls(BULK)
    run = place.conn.run()
    assert (run.id, run.state) == (stopped, "failed")
    assert f"{file} is damaged, so that nobody can tell who was sent" in run.report()
    assert file.with_name("journal.ndjson.damaged").exists()
    again = place.conn.run()
    assert again.counters["in_doubt"] >= 1
    assert place.calls(BULK) - calls <= 3 - again.counters["in_doubt"]
    resent = place.conn.run(resend_in_doubt=True)
    assert resent.counters["accepted"] == again.counters["in_doubt"]
    assert place.members() == address(1, 2, 3)


def test_a_damaged_page_is_not_read_as_fewer_people(place: Place) -> None:
    """It was whole when it was fetched; the next run fetches it anew."""
    place.write({"email": "ann@example.com", "firstName": "Ann"}, {"email": "bob@example.com", "firstName": "Bob"})
    place.importing()
    stopped = interrupted(place, "match")
    page = next(path for path in (place.ws.path / "runs" / stopped).rglob("*") if b"ann@example" in _content(path))
    page.write_bytes(page.read_bytes().replace(b"ann@", b"eve@"))
    run = place.conn.run()
    assert run.state == "failed"
    assert page.name in run.report()
    assert place.conn.run().counters["created"] == 2
    assert "ann@example.com" in place.ws.profiles.collect()["email"].to_list()


def test_a_damaged_journal_of_a_run_that_is_not_gone_on_with_stops_nothing(place: Place) -> None:
    """The run is closed, and says what was put aside; the new one sends all."""
    place.load(*pros(1, 2))
    name = place.exporting()
    stopped = interrupted(place, "send")
    empty(next((place.ws.path / "runs" / stopped).rglob("send.parquet")))
    flip(next((place.ws.path / "runs" / stopped).rglob("journal.ndjson")))
    place.conn.goals.change(name, skip_unchanged_payload=True)
    assert place.conn.run().state == "succeeded"
    closed = place.ws.run(stopped)
    assert closed.state == "failed"
    assert "journal.ndjson.damaged" in closed.report()
    assert "send.parquet.damaged" in closed.report()


def test_a_batch_is_on_the_disk_before_it_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer may be lost with the power: then the batch is in doubt, or sent again where that changes nothing."""
    path, kept = tmp_path / "journal.ndjson", list[bytes]()
    monkeypatch.setattr("cdpkit.place.folder.os.fsync", lambda _: kept.append(path.read_bytes()))
    journal = Journal(Folder(tmp_path) / "journal.ndjson")
    with journal:
        first = journal.asked(PUSH, pl.Series("row", [1]))
        assert kept[-1] == path.read_bytes()
        journal.answered(first, None)
        journal.asked(PUSH, pl.Series("row", [2]))
        assert kept[-1] == path.read_bytes()
        assert kept[-1].count(b"\n") == 3


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() and path.suffix != ".json" else b""
