"""A number with a bar beside it, that shows how much of a whole it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A number in a table; as text it is the number alone, and as HTML a bar stands below it.

    Attributes:
        n: The number.
        of: How many there are in all; the longest bar is as much.
        kind: From 0 on: which colour of those that everybody can tell apart. What it means is written beside it.
        start: Where the bar begins, of the same whole: bars below each other that begin where others end are a time
            line.
    """

    n: float
    of: float
    kind: int = 0
    start: float = 0

    @property
    def percent(self) -> float:
        """How much of the whole it is, from 0 to 100."""
        return min(100 * self.n / self.of, 100 - self.before) if self.of > 0 else 0

    @property
    def before(self) -> float:
        """How much of the whole lies before it, from 0 to 100."""
        return min(100 * self.start / self.of, 100) if self.of > 0 else 0
