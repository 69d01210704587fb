"""A clock for pauses that nobody wants to sit through."""

from queue import SimpleQueue

from cdpkit.transport.clock import RealClock, T

SPEED = 100


class Hurried(RealClock):
    """Pauses pass a hundred times as fast as on the machine's clock; calls in flight have the time that they have."""

    def __init__(self) -> None:
        self._real = RealClock()
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since some moment."""
        return self._real.now() + self._ahead

    def wait(self, completions: SimpleQueue[T | None], *, in_flight: int, until: float | None) -> T | None:
        """Wait for something in the queue, or for a moment."""
        moment = None if until is None else until - self._ahead
        if moment is None or in_flight:
            return self._real.wait(completions, in_flight=in_flight, until=moment)
        now = self._real.now()
        pause = max(moment - now, 0.0)
        found = self._real.wait(completions, in_flight=0, until=now + pause / SPEED)
        if found is None:
            self._ahead += pause * (1 - 1 / SPEED)
        return found
