"""How fast a group of calls may go: evenly, below the limit, without losing what a late caller left unused."""

import math
from collections import deque

from cdpkit.kit.vendor import Limit

MARGIN = 0.02
"""The part of the quota that is left unused, because calls do not travel equally fast."""

CATCH_UP = 0.1
"""Longest lateness that is made up for, in seconds: a caller that was busy goes on a little faster, not all at once."""

MOST = 10_000
"""Sends that are remembered; a larger limit is counted in a shorter time, which is stricter."""


class Sent:
    """When a call left, as far as is known; a thread that needs a new connection for it is later than it was asked.

    Attributes:
        at: The moment that counts.
    """

    __slots__ = ("_unnoticed", "at")

    def __init__(self, at: float, unnoticed: float) -> None:
        self.at = at
        self._unnoticed = unnoticed

    def left(self, now: float) -> None:
        """Its first byte leaves now; callable from any thread."""
        self.at = max(self.at, now - self._unnoticed)


class Pace:
    """The moments at which calls may be sent.

    Two rules at once. Slots lie evenly, a little wider apart than the quota allows; a call takes the next one, also
    when that is past by up to `CATCH_UP` (or by what half the limit's calls take). And between a call and the one that
    comes a full quota later lies more than the quota's time. So neither a server that counts calls in a sliding window
    nor one that drains a bucket as large as the quota ever refuses, and 98 % of the quota can be used.

    Attributes:
        interval: Seconds from slot to slot.
        window: Seconds in which at most `calls` calls are sent.
        calls: See `window`.
    """

    def __init__(self, limit: Limit, factor: float, now: float) -> None:
        rate = limit.calls * factor / limit.seconds
        self.calls = max(1, math.floor(min(limit.calls * factor, MOST)))
        self.window = self.calls / rate
        self.interval = (1 + MARGIN) / rate
        self._unnoticed = self.window * MARGIN / 2  # lateness that the margin itself covers
        self._credit = min(CATCH_UP, (max(1.0, limit.calls) - 1) / 2 * self.interval)
        self._slot = now
        self._sent: deque[Sent] = deque(maxlen=self.calls)

    def ready(self, now: float) -> float:
        """The first moment at which a call may be sent; past or equal to `now` where that is at once."""
        slot = max(self._slot, now - self._credit)
        if len(self._sent) == self.calls:
            return max(slot, self._sent[0].at + self.calls * self.interval)
        return slot

    def sent(self, now: float) -> Sent:
        """A call is sent now; returns where to say that it really left."""
        slot = self.ready(now)
        sent = Sent(max(slot, now - self._unnoticed), self._unnoticed)
        self._sent.append(sent)
        self._slot = slot + self.interval
        return sent

    def hold(self, until: float) -> None:
        """Send nothing before a moment; then go on evenly."""
        self._slot = max(self._slot, until)
