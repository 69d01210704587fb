"""A clock for pauses that nobody wants to sit through."""

from queue import SimpleQueue

from cdpkit.transport.clock import RealClock, T

SPEED = 100


class Hurried(RealClock):
    """Time passes a hundred times as fast as on the machine's clock."""

    def now(self) -> float:
        """Seconds since some moment."""
        return super().now() * SPEED

    def wait(self, completions: SimpleQueue[T | None], *, in_flight: int, until: float | None) -> T | None:
        """Wait for something in the queue, or for a moment."""
        moment = None if until is None else until / SPEED
        return RealClock().wait(completions, in_flight=in_flight, until=moment)
