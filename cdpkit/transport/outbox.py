"""Calls from the moment they are asked for until their answer is final."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import inf
from queue import SimpleQueue
from typing import Generic, TypeVar

from cdpkit.errors import CdpkitError
from cdpkit.kit.effects import Call, Reply
from cdpkit.transport.attempt import Answer, Attempt, Failure, Line
from cdpkit.transport.clock import Clock
from cdpkit.transport.group import Group
from cdpkit.transport.login import Badge
from cdpkit.transport.retry import TOO_MANY, Verdict, backoff, judge, told
from cdpkit.transport.silence import FIRST, Silence, Tell
from cdpkit.transport.terms import Terms

Owner = TypeVar("Owner")

GRACE = 1.0
"""Seconds for which a call is awaited beyond its time-out when all comes to an end."""


@dataclass(eq=False, slots=True)
class Order(Generic[Owner]):
    """A call that somebody asked for.

    Attributes:
        owner: Who did.
        index: Its place among those that were asked for together.
        call: The call.
        tries: How often it was made.
        token: Which token it was made with at last; 0 for none.
        renewed: Whether it was made again because that was not taken.
    """

    owner: Owner
    index: int
    call: Call
    tries: int = 0
    token: int = 0
    renewed: bool = False


@dataclass(frozen=True, slots=True)
class Ended(Generic[Owner]):
    """A call that has its final answer.

    Attributes:
        order: The call.
        result: The answer, or the error that stands for it.
        given_up: There is no answer because all ends.
    """

    order: Order[Owner]
    result: Reply | CdpkitError
    given_up: bool = False


class Outbox(Generic[Owner]):
    """Sends calls at their limits' pace, repeats them, and tells who asked what came of them."""

    def __init__(
        self,
        groups: Mapping[str, Group],
        terms: Terms,
        line: Line,
        clock: Clock,
        badge: Badge | None = None,
        tell: Tell | None = None,
    ) -> None:
        self._groups = groups
        self._terms = terms
        self._line = line
        self._clock = clock
        self._badge = badge
        self._tell = tell
        self._silence = Silence()
        self._held = 0.0  # until when people were told that nothing is sent
        self._parked: list[Order[Owner]] = []
        self._completions: SimpleQueue[Attempt | None] = SimpleQueue()
        self._waiting: dict[str, deque[Order[Owner]]] = {group: deque() for group in groups}
        self._later: list[tuple[float, int, Order[Owner] | Owner]] = []
        self._order = count()
        self._in_flight: dict[Attempt, Order[Owner]] = {}
        self._due = inf  # no deadline of a call in flight comes sooner
        self._stopped = False

    @property
    def waiting(self) -> bool:
        """Whether a call is ready and may not be sent yet."""
        return any(self._waiting.values())

    @property
    def parked(self) -> bool:
        """Whether a call waits for a token that has to be fetched."""
        return bool(self._parked)

    def wake(self) -> None:
        """End a wait that is under way, from wherever."""
        self._completions.put(None)

    def add(self, order: Order[Owner]) -> None:
        """Send a call as soon as its limit allows."""
        self._waiting[order.call.limit].append(order)

    def remind(self, owner: Owner, seconds: float) -> None:
        """Come back to somebody after some seconds."""
        self._postpone(owner, seconds)

    def dispatch(self) -> None:
        """Send what may be sent now; what has to be authorised is put aside while there is no token."""
        for key, waiting in self._waiting.items():
            group = self._groups[key]
            while waiting:
                if waiting[0].call.authorised and (self._badge is None or self._badge.token is None):
                    self._parked.append(waiting.popleft())
                elif self._room(group) and group.pace.ready(now := self._clock.now()) <= now:
                    self._begin(waiting.popleft(), group, now)
                else:
                    break

    def release(self, error: CdpkitError | None) -> list[Ended[Owner]]:
        """Send what was put aside: there is a token now, or an error that stands for the answer to all of it."""
        parked, self._parked = self._parked, []
        if error is not None:
            return [Ended(order, error) for order in parked]
        for order in reversed(parked):
            self._waiting[order.call.limit].appendleft(order)
        return []

    def next(self, longest: float | None = None) -> "Ended[Owner] | Owner | None":
        """Wait until something happens.

        Args:
            longest: For at most so many seconds; None for as long as it takes.

        Returns:
            A call that ended; somebody to come back to; None where it is only time for `dispatch`.
        """
        now = self._clock.now()
        if self._later and self._later[0][0] <= now:
            _, _, due = heappop(self._later)
            if not isinstance(due, Order):
                return due
            self.add(due)
            return None
        if self._due <= now and (overdue := self._overdue(now)) is not None:
            seconds = self._terms.deadline_of(overdue.call)
            return self._settle(
                overdue, Failure(f"its answer was not complete after {seconds:g} seconds", lasting=True)
            )
        self._tell_silence(now)
        until = self._until()
        if longest is not None:
            until = now + longest if until is None else min(until, now + longest)
        attempt = self._clock.wait(self._completions, in_flight=len(self._in_flight), until=until)
        return self._settle(attempt, attempt.outcome) if attempt in self._in_flight else None

    def stop(self, *, leave_reading: bool = False) -> list[Ended[Owner]]:
        """Send nothing any more; returns the calls that are given up by this.

        Args:
            leave_reading: Do not wait for answers to calls that change nothing either.
        """
        self._stopped = True
        given_up = [order for _, _, order in self._later if isinstance(order, Order)]
        given_up += self._parked
        self._later.clear()
        self._parked.clear()
        for waiting in self._waiting.values():
            given_up += waiting
            waiting.clear()
        for attempt in list(self._in_flight):
            if attempt.claim():
                order = self._land(attempt)
                group = self._groups[order.call.limit]
                group.made -= 1
                group.repeated -= order.tries > 1
                given_up.append(order)
            elif leave_reading and attempt.call.reads and attempt.outcome is None:
                attempt.abandoned = True
                given_up.append(self._land(attempt))
        self._tell_waiting()
        return [self._give_up(order) for order in given_up]

    def last(self) -> Ended[Owner] | None:
        """After `stop`: wait for one of the calls in flight, up to its time-out; None when there is none left."""
        while self._in_flight:
            for attempt in self._in_flight:
                if attempt.outcome is not None:
                    return self._settle(attempt, attempt.outcome)
            first = min(self._in_flight, key=_awaited)
            if self._clock.now() >= _awaited(first):
                first.abandoned = True
                return self._give_up(self._land(first), sent=True)
            self._clock.wait(self._completions, in_flight=len(self._in_flight), until=_awaited(first))
        return None

    def abandon(self) -> None:
        """Wait no longer for what is in flight; what it fetches is thrown away."""
        for attempt in list(self._in_flight):
            attempt.abandoned = True
            self._land(attempt)

    def _tell_silence(self, now: float) -> None:
        """Say that nothing comes, where somebody listens; a page that is on its way counts as an answer."""
        silent = [attempt for attempt in self._in_flight if attempt.call.page is None]
        if self._tell is not None and silent and self._silence.told_at <= now:
            call = silent[0].call
            self._tell(
                f"{self._terms.vendor} has not answered for {self._silence.told(now):.0f} seconds ({call.what}); "
                f"a call is given up after {self._terms.timeout_of(call):g} seconds, an interrupt ends it before"
            )

    def _tell_held(self, call: Call, pause: float) -> None:
        """Say that the vendor takes no more for now, once for all calls that it turned away together."""
        now = self._clock.now()
        if self._tell is not None and pause >= FIRST and now + pause > self._held + FIRST:
            self._held = now + pause
            self._tell(
                f"{self._terms.vendor} takes no more calls for now ({call.what}: status 429); it is asked again in "
                f"{pause:.0f} seconds, an interrupt ends it before"
            )

    def _tell_waiting(self) -> None:
        if self._tell is not None and self._in_flight:
            longest = max(map(_awaited, self._in_flight)) - self._clock.now()
            calls = ", ".join(dict.fromkeys(attempt.call.what for attempt in self._in_flight))
            self._tell(
                f"stopping; up to {max(longest, 0):.0f} seconds for the answer of {self._terms.vendor} to what is "
                f"under way ({calls}), so that it is known; interrupt again to stop at once"
            )

    def _room(self, group: Group) -> bool:
        return group.in_flight < group.at_once and len(self._in_flight) < self._terms.at_once

    def _begin(self, order: Order[Owner], group: Group, now: float) -> None:
        sent = group.pace.sent(now)
        attempt = Attempt(
            order.call,
            timeout=self._terms.timeout_of(order.call),
            begun=now,
            deadline=now + self._terms.deadline_of(order.call),
            completions=self._completions,
            leaves=lambda: sent.left(self._clock.now()),
        )
        if order.call.authorised and self._badge is not None and self._badge.token is not None:
            attempt.headers, order.token = self._badge.token.headers, self._badge.number
        group.made += 1
        group.repeated += order.tries > 0
        order.tries += 1
        group.in_flight += 1
        if not self._in_flight:
            self._silence.broken(now)
        self._in_flight[attempt] = order
        self._due = min(self._due, attempt.deadline)
        self._line.begin(attempt)

    def _land(self, attempt: Attempt) -> Order[Owner]:
        order = self._in_flight.pop(attempt)
        self._groups[order.call.limit].in_flight -= 1
        return order

    def _overdue(self, now: float) -> Attempt | None:
        """A call whose deadline is past, given up."""
        first = min(self._in_flight, key=_deadline, default=None)
        self._due = inf if first is None else first.deadline
        if first is None or first.deadline > now or first.outcome is not None:
            return None
        first.abandoned = True
        return first

    def _until(self) -> float | None:
        moments = [self._later[0][0]] if self._later else []
        if self._in_flight:
            moments.append(self._due)
            if self._tell is not None and any(attempt.call.page is None for attempt in self._in_flight):
                moments.append(self._silence.told_at)
        now = self._clock.now()
        for key, waiting in self._waiting.items():
            if waiting and self._room(self._groups[key]):
                moments.append(self._groups[key].pace.ready(now))
        return min(moments, default=None)

    def _settle(self, attempt: Attempt, outcome: Answer | Failure | None) -> Ended[Owner] | None:
        order = self._land(attempt)
        self._silence.broken(self._clock.now())
        call = order.call
        group = self._groups[call.limit]
        if isinstance(outcome, Answer):
            group.refused += outcome.status == TOO_MANY
        else:
            outcome = outcome or Failure("the call broke off in this program")
        match judge(call, outcome):
            case Verdict.DELIVER if isinstance(outcome, Answer):
                return self._deliver(order, outcome)
            case Verdict.DOUBT:
                return Ended(order, self._terms.in_doubt(call, outcome))
            case Verdict.REPEAT if order.tries < self._terms.attempts:
                return self._repeat(order, group, outcome)
            case _:
                error = outcome.error if isinstance(outcome, Failure) else None
                return Ended(order, error or self._terms.unavailable(call, outcome, order.tries))

    def _deliver(self, order: Order[Owner], answer: Answer) -> Ended[Owner] | None:
        call = order.call
        reply = Reply(answer.status, answer.headers, answer.body, answer.page, call.what, call.address)
        if not order.token or self._badge is None:
            return Ended(order, reply)
        if not self._badge.refused(reply, order.token, renewed=order.renewed):
            return Ended(order, reply)
        if self._stopped:
            return self._give_up(order)
        order.renewed = True
        self._waiting[call.limit].appendleft(order)
        return None

    def _repeat(self, order: Order[Owner], group: Group, outcome: Answer | Failure) -> Ended[Owner] | None:
        if self._stopped:
            return self._give_up(order)
        pause = told(outcome, self._clock.utc()) if isinstance(outcome, Answer) else None
        if not pause:
            pause = backoff(order.tries, group.pace.interval, self._terms.random)
        if isinstance(outcome, Answer) and outcome.status == TOO_MANY:
            group.pace.hold(self._clock.now() + pause)
            self._tell_held(order.call, pause)
            self._waiting[order.call.limit].appendleft(order)
        else:
            self._postpone(order, pause)
        return None

    def _give_up(self, order: Order[Owner], *, sent: bool = False) -> Ended[Owner]:
        return Ended(order, self._terms.given_up(order.call, sent=sent), given_up=True)

    def _postpone(self, item: "Order[Owner] | Owner", seconds: float) -> None:
        heappush(self._later, (self._clock.now() + seconds, next(self._order), item))


def _deadline(attempt: Attempt) -> float:
    return attempt.deadline


def _awaited(attempt: Attempt) -> float:
    return attempt.begun + attempt.timeout + GRACE
