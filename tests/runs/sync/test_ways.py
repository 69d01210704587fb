"""Several ways of pushing: chosen by the number of people, kept by a run that goes on, doubtful each by itself."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from cdpkit.kit.exporting import ExportAsked, Exporter, Way
from cdpkit.runs.exports.people import identifiers_in, key_of
from cdpkit.runs.progress import RunEvent
from cdpkit.vendors import iterable
from tests.runs.sync.place import Place, address, pros

MANY = 4
"""From so many people on, they go many in a call; fewer go one by one."""

BULK = "POST /api/users/bulkUpdate"
Change = Callable[..., None]


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Change:
    """Let Iterable have two ways; keywords change the way of one person a call, `off` the withdrawal."""

    def change(off: bool = True, **one: object) -> None:
        exporter = iterable.VENDOR.exporter
        assert exporter is not None
        assert exporter.withdrawal is not None

        def way(asked: ExportAsked, people: int) -> Way:
            bulk = before.way(asked, people)
            alone = replace(bulk, name="alone", max_rows=1, **one)  # type: ignore[arg-type]
            return bulk if people >= MANY else alone

        before: Exporter = exporter
        withdrawal = replace(exporter.withdrawal, max_rows=2, repeatable=off)
        changed = replace(exporter, way=way, withdrawal=withdrawal)
        monkeypatch.setattr(iterable, "VENDOR", replace(iterable.VENDOR, exporter=changed))

    return change


def test_the_number_of_people_decides_the_way(place: Place, vendor: Change) -> None:
    """Few go one in a call, many together; leavers have a number of their own."""
    vendor()
    place.load(*pros(1, 2, 3))
    place.exporting()
    assert place.conn.run().counters["accepted"] == 3
    assert place.calls("POST /api/users/bulkUpdate") == 3
    place.load(*pros(11, 12, 13, 14))
    assert place.conn.run().counters["accepted"] == 4
    assert place.calls(BULK) == 4
    assert place.members() == address(1, 2, 3, 11, 12, 13, 14)
    place.load(*pros(1, 2, 3, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 3
    assert place.calls("POST /api/lists/unsubscribe") == 2


def test_a_preview_shows_the_way_that_the_run_takes(place: Place, vendor: Change) -> None:
    """A body that is too large for the one way is refused in both."""
    vendor(max_bytes=60)
    place.load(*pros(1, 2))
    place.exporting(target={})
    preview = place.conn.preview()
    assert preview.rejected["reason"].to_list() == ["too_large"] * 2
    assert place.conn.run(preview=preview).counters["rejected"] == {"too_large": 2}
    place.load(*pros(11, 12, 13, 14))
    assert place.conn.run(full=True).counters["accepted"] == 6


def test_a_killed_run_goes_on_in_the_way_in_which_it_began(place: Place, vendor: Change) -> None:
    """Although fewer people are left than the way is chosen for."""
    vendor()
    place.load(*pros(*range(MANY)))
    place.exporting(target={})

    def show(event: RunEvent) -> None:
        if event.stage == "send":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.conn.run(progress=show)
    assert place.calls(BULK) == 0
    place.load(*pros(*range(1, MANY), plan="free"))
    run = place.conn.run()
    assert (run.state, run.counters["accepted"], place.calls(BULK)) == ("succeeded", MANY, 1)


def test_a_killed_run_whose_way_is_another_now_is_not_gone_on_with(place: Place, vendor: Change) -> None:
    """As after an update of the vendor: the goal fails and says so, and the next run is a new one."""
    place.load(*pros(1))
    place.exporting(target={})

    def show(event: RunEvent) -> None:
        if event.stage == "send":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.conn.run(progress=show)
    vendor()
    failed = place.conn.run()
    assert failed.state == "failed"
    assert "Iterable takes these people in another way now; start a new run" in failed.report()
    assert place.conn.run().counters["accepted"] == 1


@pytest.mark.usefixtures("hurried")
def test_doubt_is_a_ways_own(place: Place, vendor: Change) -> None:
    """Where one call a person must not be made twice and that of many may, only the former leaves people in doubt."""
    vendor(repeatable=False)
    place.load(*pros(1, 2))
    place.exporting(target={})
    place.fault("/api/users/bulkUpdate", "timeout_after_accept", times=12, seconds=0.01)
    assert place.conn.run().counters["in_doubt"] == 2
    place.gate.faults.clear()
    place.load(*pros(11, 12, 13, 14))
    place.fault("/api/users/bulkUpdate", "timeout_after_accept", times=6, seconds=0.01)
    failed = place.conn.run()
    assert (failed.state, failed.counters["in_doubt"]) == ("failed", 2)
    place.gate.faults.clear()
    later = place.conn.run()
    assert (later.counters["accepted"], later.counters["in_doubt"]) == (4, 2)


@pytest.mark.usefixtures("hurried")
def test_whoever_a_run_that_is_closed_left_in_doubt_is_not_sent_again(place: Place, vendor: Change) -> None:
    """The plan says whether its way may be repeated, when the run is not gone on with."""
    vendor(repeatable=False)
    place.load(*pros(1))
    name = place.exporting(target={})

    def show(event: RunEvent) -> None:
        if event.stage == "send":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.conn.run(progress=show)
    journal = next(place.ws.path.glob("runs/*/0"))
    (journal / "journal.ndjson").write_text(f'{{"batch":1,"do":"push","rows":[{row_of(place)}]}}\n', encoding="utf-8")
    changed = place.conn.goals[name].model_dump(by_alias=True, exclude_none=True)
    place.conn.goals.change(name, **changed | {"skip_unchanged_payload": True})
    assert place.conn.run().counters["in_doubt"] == 1
    assert place.calls(BULK) == 0


def row_of(place: Place) -> int:
    """The internal number of the only profile."""
    row: int = place.ws._home.tables.snapshot().profiles().select("row").collect().item()
    return row


@pytest.mark.usefixtures("hurried")
def test_a_withdrawal_that_must_not_be_made_twice_is_left_and_told(place: Place, vendor: Change) -> None:
    """It is no doubt about those who were sent."""
    vendor(off=False)
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    place.load(*pros(1, plan="free"), *pros(2, 3))
    place.fault("/api/lists/unsubscribe", "timeout_after_accept", times=6, seconds=0.01)
    failed = place.conn.run()
    assert failed.state == "failed"
    assert failed.counters["accepted"] == 1
    assert failed.rejected["reason"].to_list() == ["withdraw:before_failure"]


def test_identifiers_that_discovery_finds_are_told_apart_in_keys() -> None:
    """Their names may have any characters, and one may be part of another."""
    frame = pl.DataFrame({"Card (no.)": ["a.b", None], "Card": ["c", "d"]})
    names = ("Card (no.)", "Card")
    keys = frame.select(key_of(frame, names))
    assert identifiers_in(keys, names).select(names).equals(frame)
