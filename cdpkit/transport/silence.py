"""Telling people that a vendor does not answer, while it is waited for."""

import sys
from collections.abc import Callable
from typing import Final, TextIO

Tell = Callable[[str], None]
"""Is given one sentence for people."""

FIRST: Final = 10.0
"""Seconds without any answer after which it is told; then again after each time twice as long."""


def aloud(text: str) -> None:
    """Say it where people look: on standard output in a notebook, else on standard error."""
    print(f"cdpkit: {text}", file=people_look_at(), flush=True)


def people_look_at() -> TextIO:
    """Standard output in a notebook, where the other one is shown as an error; else standard error."""
    return sys.stdout if in_notebook() else sys.stderr


def in_notebook() -> bool:
    """Whether this is a Jupyter kernel."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None


class Silence:
    """How long a vendor has not answered."""

    def __init__(self) -> None:
        self._since = 0.0
        self._patience = FIRST

    @property
    def told_at(self) -> float:
        """The moment at which it is told next."""
        return self._since + self._patience

    def broken(self, now: float) -> None:
        """There is an answer, or a first call."""
        self._since, self._patience = now, FIRST

    def told(self, now: float) -> float:
        """It is told now; returns how many seconds it has lasted."""
        lasted = now - self._since
        while self.told_at <= now:
            self._patience *= 2
        return lasted


class Waits:
    """How long each thing is waited for that people are told of."""

    def __init__(self) -> None:
        self._of: dict[str, Silence] = {}

    def begun(self, what: str, now: float, seconds: float) -> float | None:
        """Somebody begins to wait; returns how long it has lasted until now, None where it is not told.

        Args:
            what: For what; empty for nothing that is told.
            now: The moment.
            seconds: How long the next look is away.
        """
        if what and what not in self._of:
            self._of[what] = Silence()
            self._of[what].broken(now)
        if not what or self._of[what].told_at > now + seconds:
            return None
        return self._of[what].told(now + seconds) - seconds
