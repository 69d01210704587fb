"""Time that passes when somebody waits for it, and a server that answers in that time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from queue import SimpleQueue
from typing import TypeVar

from cdpkit.kit.effects import Effects, Http
from cdpkit.kit.vendor import Limit
from cdpkit.transport.attempt import Answer, Attempt, Failure
from cdpkit.transport.group import Group
from cdpkit.transport.login import Badge
from cdpkit.transport.loop import Loop, Task
from cdpkit.transport.outbox import Outbox
from cdpkit.transport.terms import Terms

T = TypeVar("T")

START = datetime(2026, 3, 1, tzinfo=UTC)
PATIENCE = 20.0


class VirtualClock:
    """Jumps to the next moment at which something happens.

    Calls that real threads carry take no time; it waits for them.
    """

    def __init__(self) -> None:
        self.time = 1000.0
        self.pauses: list[float] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def now(self) -> float:
        return self.time

    def utc(self) -> datetime:
        return START + timedelta(seconds=self.time)

    def later(self, seconds: float, event: Callable[[], None]) -> None:
        heappush(self._events, (self.time + seconds, next(self._order), event))

    def wait(self, completions: SimpleQueue[T | None], *, in_flight: int, until: float | None) -> T | None:
        if not completions.empty():
            return completions.get()
        if self._events and (until is None or self._events[0][0] <= until):
            self.time, _, event = heappop(self._events)
            event()
            return None if completions.empty() else completions.get()
        if in_flight and not self._events:
            return completions.get(timeout=PATIENCE)
        assert until is not None, "nothing could ever happen"
        if until > self.time:
            self.pauses.append(until - self.time)
            self.time = until
        return None


@dataclass
class Line:
    """A line to a server in virtual time.

    It remembers the moments at which calls were sent, with what token, and how many were in flight then.
    """

    clock: VirtualClock
    answer: Callable[[Http], Answer | Failure] = lambda http: Answer(200)  # noqa: ARG005 - any call
    latency: Callable[[], float] = lambda: 0.05

    def __post_init__(self) -> None:
        self.sent: list[float] = []
        self.calls: list[Http] = []
        self.tokens: list[str | None] = []
        self.in_flight: dict[str, int] = {}
        self.most: dict[str, int] = {}

    def begin(self, attempt: Attempt) -> None:
        assert attempt.claim()
        self.sent.append(self.clock.now())
        assert isinstance(attempt.call, Http)
        self.calls.append(attempt.call)
        token = attempt.headers.get("authorization")
        self.tokens.append(token if isinstance(token, str) else None)
        limit = attempt.call.limit
        self.in_flight[limit] = self.in_flight.get(limit, 0) + 1
        self.most[limit] = max(self.most.get(limit, 0), self.in_flight[limit])
        outcome = self.answer(attempt.call)

        def arrive() -> None:
            self.in_flight[limit] -= 1
            attempt.finish(outcome)

        self.clock.later(self.latency(), arrive)


def drive(
    line: Line,
    clock: VirtualClock,
    done: Callable[[int, T], None],
    limits: dict[str, Limit],
    *,
    tasks: Iterable[tuple[int, Effects[T]]],
    at_once: int = 16,
    attempts: int = 6,
    groups: dict[str, Group] | None = None,
    badge: Badge | None = None,
) -> None:
    """Run tasks over a line, as a driver does."""
    terms = Terms("Example", 60.0, attempts, at_once, lambda: 0.5)
    groups = groups or {name: Group(limit, 1.0, clock.now()) for name, limit in limits.items()}
    outbox: Outbox[Task] = Outbox(groups, terms, line, clock, badge)
    Loop(outbox, limits=limits, keep=lambda _: None, at_once=at_once, badge=badge).run(tasks, done)
