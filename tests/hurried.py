"""A clock for pauses that nobody wants to sit through."""

from queue import SimpleQueue

from cdpkit.transport.clock import RealClock, T

SPEED = 100


class Hurried(RealClock):
    """Time passes a hundred times as fast as on the machine's clock while nothing is in flight.

    Calls take the time that they take, so their deadlines are the machine's.
    """

    def __init__(self) -> None:
        self._skipped = 0.0

    def now(self) -> float:
        """Seconds since some moment."""
        return super().now() + self._skipped

    def wait(self, completions: SimpleQueue[T | None], *, in_flight: int, until: float | None) -> T | None:
        """Wait for something in the queue, or for a moment."""
        if in_flight or until is None:
            return super().wait(completions, in_flight=in_flight, until=until)
        clock = RealClock()
        soon = clock.now() + max(0.0, until - self.now()) / SPEED
        came = clock.wait(completions, in_flight=in_flight, until=soon)
        if came is None:
            self._skipped += max(0.0, until - self.now())
        return came
