"""How often an imitation lets itself be called: a leaky bucket for each group of calls."""

from collections.abc import Callable
from dataclasses import dataclass

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds."""

    calls: float
    seconds: float


class Limiter:
    """Leaky buckets: each call that is let through fills its bucket by one, and it drains at the rate.

    Args:
        factor: Multiplies all rates.
        clock: Seconds; only differences count.
    """

    def __init__(self, factor: float, clock: Callable[[], float]) -> None:
        self.factor = factor
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}

    def calls(self, rate: Rate) -> float:
        """The calls of a rate as they are enforced; also what a bucket holds, at least one."""
        return rate.calls * self.factor

    def allows(self, group: str, rate: Rate) -> bool:
        """Let a call of a group through, or refuse it; a refused one does not fill the bucket."""
        now = self._clock()
        level, since = self._levels.get(group, (0.0, now))
        level = max(0.0, level - (now - since) * self.calls(rate) / rate.seconds)
        allowed = level + 1 <= max(1.0, self.calls(rate)) + _TOLERANCE
        self._levels[group] = (level + 1 if allowed else level, now)
        return allowed
