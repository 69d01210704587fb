"""Time, as the driver sees it: an argument, so that tests need not wait."""

import time
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

T = TypeVar("T")

SLICE = 0.5
"""Longest wait in one piece, in seconds: on Windows an interrupt is seen only between two of them."""


class Clock(Protocol):
    """What tells the time and lets it pass."""

    def now(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def utc(self) -> datetime:
        """The time of day, with its zone; only to understand dates in answers."""
        ...

    def wait(self, completions: SimpleQueue[T | None], *, in_flight: int, until: float | None) -> T | None:
        """Wait for what comes first: something in the queue, or a moment.

        Args:
            completions: Where calls that ended arrive; None in it only wakes.
            in_flight: How many calls have still to arrive; with none, only time passes.
            until: The moment, as `now` tells it; None where only the queue counts.

        Returns:
            What came, None where the moment did.
        """
        ...


class RealClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The time of day in UTC."""
        return datetime.now(UTC)

    def wait(self, completions: SimpleQueue[T | None], *, in_flight: int, until: float | None) -> T | None:  # noqa: ARG002 - an interrupt wakes by the queue even where nothing is in flight
        """Wait for something in the queue, or for a moment."""
        while True:
            left = SLICE if until is None else until - self.now()
            try:
                return completions.get(block=left > 0, timeout=min(max(left, 0.0), SLICE))
            except Empty:
                if left <= SLICE and until is not None:
                    return None
