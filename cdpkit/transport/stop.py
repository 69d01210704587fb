"""A stop that is asked for by a program: a token, handed to what takes long and told from any thread to end it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, RLock

from cdpkit.show.astext import AsText


class Stop(AsText):
    """Ends what it was given to, from any thread: `stop()`.

    A run that hears it ends as after an interrupt by the user: no call is begun any more, those in flight are awaited,
    and what came of them is kept. It is for one run; who runs again gives a new one.
    """

    def __init__(self) -> None:
        self._asked = Event()
        self._lock = RLock()
        self._wakes: list[Callable[[], None]] = []

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._asked.is_set()

    def stop(self) -> None:
        """Ask to stop; returns at once, and asking again changes nothing."""
        self._asked.set()
        with self._lock:
            for wake in self._wakes:
                wake()

    def __repr__(self) -> str:
        return f"Stop({'stopped' if self.stopped else 'not stopped'})"

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Let a stop end a wait that is under way meanwhile."""
        with self._lock:
            self._wakes.append(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakes.remove(wake)


class StopHeard(KeyboardInterrupt):
    """Raised where a stop is heard; it goes the way of an interrupt by the user."""


class Hearing:
    """Hears a stop once, wherever it is asked about: what follows is the end, which is not to be ended in turn."""

    def __init__(self, stop: Stop | None = None) -> None:
        self.stop = stop
        self.heard = False

    def check(self) -> None:
        """Raise where a stop was asked for.

        Raises:
            StopHeard: It was, and had not been heard yet.
        """
        if self.stop is not None and self.stop.stopped and not self.heard:
            self.heard = True
            raise StopHeard
