"""What a server saw: its calls, counted by endpoint, and the last of them one by one."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_KEPT = 20_000
_MINUTE = 60.0


@dataclass(slots=True)
class Peak:
    """The most calls in any sliding window of so many seconds."""

    seconds: float
    most: int = 0
    _times: deque[float] = field(default_factory=deque)

    def add(self, now: float) -> None:
        """Count a call."""
        self._times.append(now)
        while self._times[0] <= now - self.seconds:
            self._times.popleft()
        self.most = max(self.most, len(self._times))


@dataclass(slots=True)
class Tally:
    """The calls of one endpoint: those that came, and those that were let through (not refused with 429)."""

    total: int = 0
    first: float | None = None
    last: float | None = None
    statuses: Counter[str] = field(default_factory=Counter)
    second: Peak = field(default_factory=lambda: Peak(1.0))
    minute: Peak = field(default_factory=lambda: Peak(_MINUTE))

    def add(self, now: float) -> None:
        """Count a call that came."""
        self.total += 1
        self.first = now if self.first is None else self.first
        self.last = now
        self.second.add(now)
        self.minute.add(now)

    def shown(self) -> dict[str, Any]:
        """The tally as JSON has it; times are Unix seconds."""
        return {
            "total": self.total,
            "first": self.first,
            "last": self.last,
            "peak_per_second": self.second.most,
            "peak_per_minute": self.minute.most,
            "refused": self.statuses["429"],
            "statuses": dict(sorted(self.statuses.items())),
        }


@dataclass(slots=True)
class Call:
    """One call, without its body.

    Attributes:
        at: Unix seconds.
        method: GET, POST, ...
        path: As it was asked for, decoded.
        query: As it was asked for.
        endpoint: The method and the path as the imitation declares it.
        with_key: Whether it bore a key.
        received: Bytes of its body.
        status: The status that was answered; None as long as, or when, there is no answer.
        sent: Bytes of the answer's body.
        fault: The kind of the fault that it met.
    """

    at: float
    method: str
    path: str
    query: str
    endpoint: str
    with_key: bool = False
    received: int = 0
    status: int | None = None
    sent: int = 0
    fault: str | None = None

    def shown(self) -> dict[str, Any]:
        """The call as JSON has it."""
        return {name: getattr(self, name) for name in self.__slots__}


class Calls:
    """All calls that a server saw."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tallies: dict[str, Tally] = {}
        self._recent: deque[Call] = deque(maxlen=_KEPT)

    def came(self, method: str, path: str, query: str, template: str) -> Call:
        """Count a call and keep it."""
        call = Call(self._clock(), method, path, query, f"{method} {template}")
        self._tallies.setdefault(call.endpoint, Tally()).add(call.at)
        self._recent.append(call)
        return call

    def answered(self, call: Call) -> None:
        """Count how a call ended."""
        self._tallies[call.endpoint].statuses[str(call.status) if call.status else "no answer"] += 1

    def counted(self) -> dict[str, dict[str, Any]]:
        """The tallies by endpoint."""
        return {endpoint: tally.shown() for endpoint, tally in sorted(self._tallies.items())}

    def recent(self) -> list[dict[str, Any]]:
        """The last calls, oldest first."""
        return [call.shown() for call in self._recent]
