"""Calls from the moment they are asked for until their answer is final."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from queue import SimpleQueue
from typing import Generic, TypeVar

from cdpkit.errors import CdpkitError
from cdpkit.kit.effects import Http, Reply
from cdpkit.transport.address import name
from cdpkit.transport.attempt import Answer, Attempt, Carrier, Failure
from cdpkit.transport.clock import Clock
from cdpkit.transport.group import Group
from cdpkit.transport.retry import TOO_MANY, Verdict, backoff, judge, told
from cdpkit.transport.terms import Terms

Owner = TypeVar("Owner")

GRACE = 1.0
"""Seconds for which a call is awaited beyond its time-out when all comes to an end."""


@dataclass(eq=False, slots=True)
class Call(Generic[Owner]):
    """A call that somebody asked for.

    Attributes:
        owner: Who did.
        index: Its place among those that were asked for together.
        http: The call.
        tries: How often it was made.
    """

    owner: Owner
    index: int
    http: Http
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Ended(Generic[Owner]):
    """A call that has its final answer.

    Attributes:
        call: The call.
        result: The answer, the error that stands for it, or None where it was given up because all ends.
    """

    call: Call[Owner]
    result: Reply | CdpkitError | None


class Outbox(Generic[Owner]):
    """Sends calls at their limits' pace, repeats them, and tells who asked what came of them."""

    def __init__(self, groups: Mapping[str, Group], terms: Terms, carrier: Carrier, clock: Clock) -> None:
        self._groups = groups
        self._terms = terms
        self._carrier = carrier
        self._clock = clock
        self._completions: SimpleQueue[Attempt | None] = SimpleQueue()
        self._waiting: dict[str, deque[Call[Owner]]] = {group: deque() for group in groups}
        self._later: list[tuple[float, int, Call[Owner] | Owner]] = []
        self._order = count()
        self._in_flight: dict[Attempt, Call[Owner]] = {}
        self._stopped = False

    @property
    def waiting(self) -> bool:
        """Whether a call is ready and may not be sent yet."""
        return any(self._waiting.values())

    def wake(self) -> None:
        """End a wait that is under way, from wherever."""
        self._completions.put(None)

    def add(self, call: Call[Owner]) -> None:
        """Send a call as soon as its limit allows."""
        self._waiting[call.http.limit].append(call)

    def remind(self, owner: Owner, seconds: float) -> None:
        """Come back to somebody after some seconds."""
        self._postpone(owner, seconds)

    def dispatch(self) -> None:
        """Send what may be sent now."""
        for key, waiting in self._waiting.items():
            group = self._groups[key]
            while waiting and self._room(group) and group.pace.ready(now := self._clock.now()) <= now:
                self._begin(waiting.popleft(), group, now)

    def next(self) -> "Ended[Owner] | Owner | None":
        """Wait until something happens.

        Returns:
            A call that ended; somebody to come back to; None where it is only time for `dispatch`.
        """
        if self._later and self._later[0][0] <= self._clock.now():
            _, _, due = heappop(self._later)
            if not isinstance(due, Call):
                return due
            self.add(due)
            return None
        attempt = self._clock.wait(self._completions, in_flight=len(self._in_flight), until=self._until())
        return self._settle(attempt) if attempt in self._in_flight else None

    def stop(self) -> None:
        """Send nothing any more, and forget what is not sent yet."""
        self._stopped = True
        self._later.clear()
        for waiting in self._waiting.values():
            waiting.clear()
        for attempt in list(self._in_flight):
            if attempt.claim():
                call = self._land(attempt)
                group = self._groups[call.http.limit]
                group.made -= 1
                group.repeated -= call.tries > 1

    def sent(self, owner: Owner) -> int:
        """How many calls of somebody are in flight."""
        return sum(call.owner is owner for call in self._in_flight.values())

    def last(self) -> Ended[Owner] | None:
        """After `stop`: wait for one of the calls in flight, up to its time-out; None when there is none left."""
        while self._in_flight:
            for attempt in self._in_flight:
                if attempt.outcome is not None:
                    return self._settle(attempt)
            first = min(self._in_flight, key=_deadline)
            if self._clock.now() >= _deadline(first):
                first.abandoned = True
                return Ended(self._land(first), None)
            self._clock.wait(self._completions, in_flight=len(self._in_flight), until=_deadline(first))
        return None

    def abandon(self) -> None:
        """Wait no longer for what is in flight; what it fetches is thrown away."""
        for attempt in list(self._in_flight):
            attempt.abandoned = True
            self._land(attempt)

    def _room(self, group: Group) -> bool:
        return group.in_flight < group.at_once and len(self._in_flight) < self._terms.at_once

    def _begin(self, call: Call[Owner], group: Group, now: float) -> None:
        timeout = self._terms.timeout if call.http.timeout is None else call.http.timeout
        sent = group.pace.sent(now)
        attempt = Attempt(
            call.http,
            timeout=timeout,
            begun=now,
            completions=self._completions,
            leaves=lambda: sent.left(self._clock.now()),
        )
        group.made += 1
        group.repeated += call.tries > 0
        call.tries += 1
        group.in_flight += 1
        self._in_flight[attempt] = call
        self._carrier.begin(attempt)

    def _land(self, attempt: Attempt) -> Call[Owner]:
        call = self._in_flight.pop(attempt)
        self._groups[call.http.limit].in_flight -= 1
        return call

    def _until(self) -> float | None:
        moments = [self._later[0][0]] if self._later else []
        now = self._clock.now()
        for key, waiting in self._waiting.items():
            if waiting and self._room(self._groups[key]):
                moments.append(self._groups[key].pace.ready(now))
        return min(moments, default=None)

    def _settle(self, attempt: Attempt) -> Ended[Owner] | None:
        call = self._land(attempt)
        http, outcome = call.http, attempt.outcome
        group = self._groups[http.limit]
        if isinstance(outcome, Answer):
            group.refused += outcome.status == TOO_MANY
        else:
            outcome = outcome or Failure("the call broke off in this program")
        match judge(http, outcome):
            case Verdict.DELIVER if isinstance(outcome, Answer):
                reply = Reply(outcome.status, outcome.headers, outcome.body, outcome.page, name(http))
                return Ended(call, reply)
            case Verdict.DOUBT:
                return Ended(call, self._terms.in_doubt(http, outcome))
            case Verdict.REPEAT if call.tries < self._terms.attempts:
                return self._repeat(call, group, outcome)
            case _:
                error = outcome.error if isinstance(outcome, Failure) else None
                return Ended(call, error or self._terms.unavailable(http, outcome, call.tries))

    def _repeat(self, call: Call[Owner], group: Group, outcome: Answer | Failure) -> Ended[Owner] | None:
        if self._stopped:
            return Ended(call, None)
        pause = told(outcome, self._clock.utc()) if isinstance(outcome, Answer) else None
        if not pause:
            pause = backoff(call.tries, group.pace.interval, self._terms.random)
        if isinstance(outcome, Answer) and outcome.status == TOO_MANY:
            group.pace.hold(self._clock.now() + pause)
            self._waiting[call.http.limit].appendleft(call)
        else:
            self._postpone(call, pause)
        return None

    def _postpone(self, item: "Call[Owner] | Owner", seconds: float) -> None:
        heappush(self._later, (self._clock.now() + seconds, next(self._order), item))


def _deadline(attempt: Attempt) -> float:
    return attempt.begun + attempt.timeout + GRACE
