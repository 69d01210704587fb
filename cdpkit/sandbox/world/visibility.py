"""What was written is read back later: changes that wait for their time."""

from collections import deque
from collections.abc import Callable


class Later:
    """Changes that are carried out some time after they were asked for, in their order.

    Attributes:
        seconds: How long a change waits; 0 carries it out at once.
    """

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self.seconds = seconds
        self._clock = clock
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()

    def do(self, change: Callable[[], None]) -> None:
        """Carry out a change, at once or when its time has come."""
        if self.seconds:
            self._waiting.append((self._clock() + self.seconds, change))
        else:
            change()

    def settle(self) -> None:
        """Carry out the changes whose time has come; to be called before anything is read."""
        while self._waiting and self._waiting[0][0] <= self._clock():
            self._waiting.popleft()[1]()
