"""A stop that a program asks for: an event, handed to what takes long and set from any thread to end it."""

from threading import Event

EVERY = 0.1
"""So many seconds pass at most, while answers are awaited, until a stop is heard."""


class Stop(Event):
    """An event that says what it is for."""

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self.is_set()

    def stop(self) -> None:
        """Ask to stop; returns at once, and asking again changes nothing."""
        self.set()


class StopHeard(KeyboardInterrupt):
    """Raised where a stop is heard; it goes the way of an interrupt by the user."""


class Hearing:
    """Hears a stop once, wherever it is asked about: what follows is the end, which is not to be ended in turn."""

    def __init__(self, stop: Event | None = None) -> None:
        self.stop = stop
        self.heard = False

    def check(self) -> None:
        """Raise where a stop was asked for.

        Raises:
            StopHeard: It was, and had not been heard yet.
        """
        if self.stop is not None and self.stop.is_set() and not self.heard:
            self.heard = True
            raise StopHeard
