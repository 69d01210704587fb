"""Runs that were stopped: gone on with under their id, or closed without forgetting what they did at the vendor."""

from dataclasses import replace

import pytest

from cdpkit.errors import ConfigurationError
from cdpkit.kit.exporting import ExportAsked, Way
from cdpkit.runs.progress import RunEvent
from cdpkit.vendors import iterable
from tests.runs.sync.place import Place, address, goal, pros

ANN = "ann@example.com"


def interrupted(place: Place, stage: str) -> str:
    """Run the connection, and interrupt it when a stage has begun, or when people were answered; returns the run."""

    def show(event: RunEvent) -> None:
        if event.stage == stage and (event.done or stage != "send"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.conn.run(progress=show)
    line = place.conn.runs.row(-1, named=True)
    assert line["state"] == "stopped"
    found: str = line["run_id"]
    return found


def test_an_interrupted_import_is_gone_on_with(place: Place) -> None:
    """What was fetched is not fetched again, the run keeps its id, and `resume` does the same as the next run."""
    place.write({"email": ANN, "firstName": "Ann"})
    place.importing()

    stopped = interrupted(place, "match")
    assert place.store() == (0, [])
    resumed = place.ws.resume(stopped)
    assert (resumed.id, resumed.state, resumed.counters["created"]) == (stopped, "succeeded", 1)
    assert place.calls("GET /_files/{folder}/{file}") == 1
    with pytest.raises(ConfigurationError, match="only a sync that was stopped"):
        place.ws.resume(stopped)


def test_an_interrupted_export_goes_on_where_it_was(place: Place) -> None:
    """After an interrupt the next run is the same one: who was answered is not sent again, and leavers leave."""
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    place.load(*pros(1, plan="free"), *pros(3))

    interrupted(place, "send")
    again = place.conn.run()
    assert place.conn.runs.height == 2
    assert (again.state, again.counters["accepted"], again.counters["withdrawn"]) == ("succeeded", 1, 1)
    assert place.members() == address(2, 3)
    assert place.calls("POST /api/lists/subscribe") == 2


def test_a_stopped_run_is_not_gone_on_with_after_a_preview_was_carried_out(place: Place) -> None:
    """Its plan is older than what was sent meanwhile; whom it put on the list is remembered, and leaves it."""
    place.load(*pros(1, 2))
    place.exporting()

    stopped = interrupted(place, "send")
    place.load(*pros(1, plan="free"), *pros(3))
    place.conn.run(preview=place.conn.preview()).raise_for_state()
    assert place.members() == address(1, 2, 3)
    run = place.conn.run()
    assert run.id != stopped
    assert place.ws.run(stopped).state == "failed"
    assert (run.counters["withdrawn"], place.members()) == (1, address(2, 3))


def test_a_stopped_run_of_other_goals_is_closed(place: Place) -> None:
    """When the goals have changed since, the next run is a new one, and the stopped one is recorded as failed."""
    place.load(*pros(1))
    name = place.exporting()

    stopped = interrupted(place, "send")
    place.conn.goals.change(name, **goal(place, name, mappings=[]))
    with pytest.raises(ConfigurationError, match="have changed since"):
        place.ws.resume(stopped)
    run = place.conn.run()
    assert run.id != stopped
    assert dict(place.conn.runs.select("run_id", "state").rows()) == {stopped: "failed", run.id: "succeeded"}
    assert "the process ended before the run did" in place.ws.run(stopped).report()


def test_whom_a_closed_run_put_on_a_list_is_the_goals_own(place: Place) -> None:
    """A run that was stopped while it sent and is not gone on with has put people on the list; they leave it later."""
    place.load(*pros(1))
    name = place.exporting()

    interrupted(place, "send")
    assert place.members() == address(1)
    place.conn.goals.change(name, **goal(place, name, mappings=[]))
    assert place.conn.run().counters["accepted"] == 1
    place.load(*pros(1, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == set()


def test_a_run_that_cannot_be_gone_on_with_forgets_nobody(place: Place) -> None:
    """When the vendor does not let a stopped run in any more, that run fails, and the next one knows its people."""
    place.load(*pros(1))
    place.exporting()

    interrupted(place, "send")
    place.fault("/api/lists", "403")
    assert place.conn.run().state == "failed"
    assert place.conn.runs.height == 1
    place.load(*pros(1, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == set()


@pytest.mark.usefixtures("hurried")
def test_whoever_is_in_doubt_is_sent_again_only_on_request(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a call must not be made twice, people without an answer are listed, and left alone until asked for."""
    exporter = iterable.VENDOR.exporter
    assert exporter is not None

    def once(asked: ExportAsked, people: int) -> Way:
        return replace(exporter.way(asked, people), repeatable=False)

    monkeypatch.setattr(iterable, "VENDOR", replace(iterable.VENDOR, exporter=replace(exporter, way=once)))
    place.load(*pros(1, 2))
    place.exporting(target={})
    place.fault("/api/users/bulkUpdate", "timeout_after_accept", times=6, seconds=0.01)
    failed = place.conn.run()
    assert (failed.state, failed.counters["in_doubt"], failed.counters["skipped"]) == ("failed", 2, {})
    assert failed.in_doubt["goal"].to_list() == ["Pros", "Pros"]
    later = place.conn.run()
    assert (later.state, later.counters["in_doubt"], later.counters["sent"]) == ("succeeded_with_warnings", 2, 0)
    assert "in doubt" in later.report()
    asked = place.conn.run(resend_in_doubt=True)
    assert (asked.state, asked.counters["accepted"], asked.counters["in_doubt"]) == ("succeeded", 2, 0)
    assert place.conn.run().counters["skipped"] == {"not_due": 2}
