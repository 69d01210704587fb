"""Runs that a program stops from another thread: as after an interrupt, and the run is a value."""

from pathlib import Path
from threading import Event, Thread, current_thread, main_thread

import pytest

import cdpkit
from cdpkit.errors import Stopped
from cdpkit.runs.progress import RunEvent
from tests.runs.sync.place import Place, address, pros
from tests.runs.sync.place import place as made

ANN = "ann@example.com"


def in_thread(place: Place, stop: Event, **given: object) -> cdpkit.Run:
    """Run the connection in a thread of its own, as a form does; returns the run."""
    ended: list[cdpkit.Run] = []
    thread = Thread(target=lambda: ended.append(place.conn.run(stop=stop, **given)))  # type: ignore[arg-type]
    thread.start()
    thread.join()
    return ended[0]


def test_a_run_in_a_thread_is_stopped_and_gone_on_with(place: Place) -> None:
    """It is returned as stopped, who was answered is not sent again, and the next run goes on under its id."""
    place.load(*pros(1, 2))
    place.exporting()
    stop = Event()

    def show(event: RunEvent) -> None:
        if event.stage == "send" and event.done:
            assert current_thread() is not main_thread()
            stop.set()

    run = in_thread(place, stop, progress=show)
    assert (run.state, stop.is_set()) == ("stopped", True)
    again = place.conn.run()
    assert (again.id, again.state, again.counters["accepted"]) == (run.id, "succeeded", 2)
    assert place.members() == address(1, 2)
    assert place.calls("POST /api/lists/subscribe") == 1


def test_a_stop_is_heard_while_an_answer_is_awaited(tmp_path: Path) -> None:
    """It ends the pauses between looks at a job that is not done for long."""
    with made(tmp_path, job_polls=10_000) as place:
        place.write({"email": ANN, "firstName": "Ann"})
        place.importing()
        stop = Event()

        def show(event: RunEvent) -> None:
            if event.stage == "pull":
                Thread(target=stop.set).start()

        run = in_thread(place, stop, progress=show)
        assert run.state == "stopped"
        assert place.store() == (0, [])


def test_a_stop_that_was_asked_before_lets_nothing_begin(place: Place) -> None:
    """Neither a run nor a resumed one, nor a preview; a preview has no value to return, and raises."""
    place.load(*pros(1))
    place.exporting()
    stop = Event()
    stop.set()
    stop.set()
    run = place.conn.run(stop=stop)
    assert run.state == "stopped"
    assert place.ws.resume(run.id, stop=stop).state == "stopped"
    with pytest.raises(Stopped, match="nothing was stored or sent"):
        place.conn.preview(stop=stop)
    assert place.members() == set()
    assert place.ws.resume(run.id, stop=Event()).state == "succeeded"
    assert place.members() == address(1)


def test_a_load_is_stopped_before_it_is_stored(place: Place) -> None:
    """At any of its stages; what is stored by then stays stored, and the run says so."""
    rows = {"customer": ["1"], "plan": ["pro"]}
    for stage, state in (("match", "stopped"), ("merge", "stopped")):
        stop = Event()

        def show(event: RunEvent, stage: str = stage, stop: Event = stop) -> None:
            if event.stage == stage:
                stop.set()

        run = place.ws.load(rows, {"customer": "customer"}, [{"from": "plan"}], progress=show, stop=stop)
        assert run.state == state
        assert place.store() == (0, [])
    stop = Event()
    stop.set()
    with pytest.raises(Stopped, match="repeat the call"):
        place.ws.load(rows, {"customer": "customer"}, stop=stop)
