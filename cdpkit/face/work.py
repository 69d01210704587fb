"""What takes long, in a thread of its own: how far it is, and a Stop."""

import time
from collections.abc import Callable, Mapping
from threading import Lock, Thread
from typing import Any

from cdpkit.runs.progress import Observer, RunEvent
from cdpkit.transport.stop import Stop

Job = Callable[[Stop, Observer], Any]
Finish = Callable[[Any], None]

_EVERY = 0.1
"""Seconds between two times that progress is shown; the browser needs no more."""


class Work:
    """At most one job at a time."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """Have nothing to do.

        Args:
            changed: Is called when there is something new to show.
        """
        self._changed = changed
        self._thread: Thread | None = None
        self._stop = Stop()
        self._name = ""
        self._stages = dict[str, RunEvent]()
        self._shown = 0.0

    @property
    def at_work(self) -> bool:
        """Whether a job is at work."""
        return bool(self._name)

    def start(self, name: str, job: Job, end: Callable[[Callable[[], Any]], None]) -> None:
        """Begin a job; where one is at work already, nothing happens.

        Args:
            name: What it is, for people.
            job: Is given a `Stop`, and an observer.
            end: Is called in the job's thread, with what returns or raises what the job did.
        """
        if self.at_work:
            return
        self._name, self._stop, self._stages = name, Stop(), {}
        stop = self._stop

        def tell(event: RunEvent) -> None:
            new = event.stage not in self._stages
            self._stages[event.stage] = event
            if (now := time.monotonic()) - self._shown >= _EVERY or new:
                self._shown = now
                self._changed()

        def carry_out() -> None:
            result = _outcome(lambda: job(stop, tell))
            self._name = ""
            end(result)

        self._thread = Thread(target=carry_out, name=f"cdpkit {name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask the job to end; it goes on until nothing is half done."""
        self._stop.stop()

    def wait(self, seconds: float = 60) -> None:
        """Until the job has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    def drawn(self) -> Mapping[str, Any]:
        """What the browser draws of it: nothing where nothing is at work."""
        if not self.at_work:
            return {}
        stages = [
            {"stage": each.stage, "done": each.done, "total": each.total, "text": each.text}
            for each in self._stages.values()
        ]
        return {"name": self._name, "stopping": self._stop.stopped, "stages": stages}


class Latest:
    """Does in a thread what was asked for last; what was asked for before that and is not begun yet is left out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next: Callable[[], None] | None = None
        self._thread: Thread | None = None

    def do(self, what: Callable[[], None]) -> None:
        """Ask for something; returns at once."""
        with self._lock:
            self._next = what
            if self._thread is None:
                self._thread = Thread(target=self._carry_out, name="cdpkit latest", daemon=True)
                self._thread.start()

    def wait(self, seconds: float = 60) -> None:
        """Until nothing is asked for."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _carry_out(self) -> None:
        while True:
            with self._lock:
                what, self._next = self._next, None
                if what is None:
                    self._thread = None
                    return
            what()


def _outcome(job: Callable[[], Any]) -> Callable[[], Any]:
    """What a job did, to be had in another place: it returns the same, or raises the same."""
    try:
        result = job()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again where it can be shown
        caught = error

        def again() -> Any:
            raise caught

        return again
    return lambda: result
