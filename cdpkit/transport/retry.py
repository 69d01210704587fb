"""Which calls are made again, and after how long."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from cdpkit.kit.effects import Call
from cdpkit.transport.attempt import Answer, Failure

TIMED_OUT, TOO_MANY, BROKEN = 408, 429, 500

FIRST, LONGEST = 1.0, 60.0
"""Seconds: the pause after the first try is at most the one, after the last at most the other."""

SLOW, SLOW_FIRST = 10.0, 15.0
"""Where calls are so many seconds apart, pauses start with this: sooner, such a server says no again."""

LONGEST_TOLD = 900.0
"""Seconds; a server that says to come back later than this is asked again after it."""

EPOCH = 1e9
"""A larger number of seconds is a moment since 1970, not a pause."""


class Verdict(Enum):
    """What to do with what came of a try."""

    DELIVER = "hand the answer to who asked"
    REPEAT = "make the call again"
    GIVE_UP = "it was not carried out, and will not be"
    DOUBT = "it may have been carried out, and must not be made twice"


def judge(call: Call, outcome: Answer | Failure) -> Verdict:
    """Decide by what surely was, or was not, carried out.

    A call that never left, and one that was refused with 429, is repeated always; one that met a fault, a time-out or
    broke off, only where the same call twice has the effect of one, and where that may help.
    """
    if isinstance(outcome, Failure):
        unclear = outcome.sent
        if outcome.lasting:
            return Verdict.DOUBT if unclear and not call.repeatable else Verdict.GIVE_UP
        if outcome.error is not None:
            return Verdict.GIVE_UP
    elif outcome.status == TOO_MANY:
        unclear = False
    elif outcome.status == TIMED_OUT or outcome.status >= BROKEN:
        unclear = True
    else:
        return Verdict.DELIVER
    return Verdict.DOUBT if unclear and not call.repeatable else Verdict.REPEAT


def backoff(tries: int, interval: float, random: Callable[[], float]) -> float:
    """Seconds to wait after so many tries: exponential with full jitter, above the least for slow limits.

    Args:
        tries: How often the call was made, from 1.
        interval: Seconds between the calls of its limit.
        random: Gives numbers in [0, 1).
    """
    first, least = (SLOW_FIRST, SLOW_FIRST) if interval >= SLOW else (FIRST, 0.0)
    return least + random() * min(first * 2.0 ** min(tries - 1, 20), LONGEST)


def told(answer: Answer, utc: datetime) -> float | None:
    """Seconds after which the server says to come back, None where it does not say so.

    Read are `Retry-After` (seconds or a date) and, of a 429, `X-RateLimit-Retry-After` (seconds, Braze),
    `X-RateLimit-Reset` and `RateLimit-Reset` (seconds or a moment since 1970: Braze, Campaign Monitor).

    Args:
        answer: A 429, or another answer that is not final.
        utc: The time of day, for answers without a `Date`.
    """
    now = _date(answer.headers.get("date", "")) or utc
    names = ["retry-after"]
    if answer.status == TOO_MANY:
        names += ["x-ratelimit-retry-after", "x-ratelimit-reset", "ratelimit-reset"]
    for name in names:
        seconds = _seconds(answer.headers.get(name, ""), now)
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_TOLD)
    return None


def _seconds(value: str, now: datetime) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        date = _date(value)
        return None if date is None else (date - now).total_seconds()
    if not math.isfinite(seconds):
        return None
    return seconds if seconds < EPOCH else seconds - now.timestamp()


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
