"""When the stages of a run began and ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cdpkit.runs.ids import now
from cdpkit.runs.progress import Observer, RunEvent

STAGES = "stages"
"""In the details of a run: a list of `goal`, `stage`, and `from` and `to`, in seconds since its start."""


class Stages:
    """Keeps the time of each stage; a stage ends where the next one begins."""

    def __init__(self, started: str, until_now: Sequence[dict[str, Any]] = ()) -> None:
        """Begin to keep.

        Args:
            started: When the run did, in ISO 8601.
            until_now: What it lists already; one that was killed is gone on with.
        """
        self._started = datetime.fromisoformat(started)
        self._goal = ""
        self._lines = [dict(each) for each in until_now]
        self._open: dict[str, Any] | None = None

    def goal(self, name: str) -> None:
        """Note which goal is at work from now on."""
        self._end(self._since())
        self._goal = name

    def timed(self, show: Observer) -> Observer:
        """The same observer, with the time of each stage kept."""

        def tell(event: RunEvent) -> None:
            if self._open is None or self._open["stage"] != event.stage:
                moment = self._since()
                self._end(moment)
                self._open = {"goal": self._goal, "stage": event.stage, "from": moment}
            show(event)

        return tell

    def lines(self) -> list[dict[str, Any]]:
        """All of them until now, as the details of a run have them."""
        return self._until(self._since())

    def _until(self, moment: float) -> list[dict[str, Any]]:
        return [*self._lines, *([] if self._open is None else [self._open | {"to": moment}])]

    def _end(self, moment: float) -> None:
        self._lines, self._open = self._until(moment), None

    def _since(self) -> float:
        return round((now() - self._started).total_seconds(), 3)
