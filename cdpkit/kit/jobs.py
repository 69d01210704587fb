"""Jobs that work at the vendor: each is started at most once, and looked at until it is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, TypeVar

from cdpkit.errors import InDoubtError, UnavailableError
from cdpkit.kit.effects import Effects, Keep, Wait

T = TypeVar("T")

SETTLE = 5
"""Seconds after which a job that was started without an answer should be seen."""

TRIES = 3


@dataclass(frozen=True, slots=True)
class Started:
    """How far the start of a job is, as it is kept.

    Attributes:
        asked: It was asked for, though perhaps no id came back.
        before: What was there before that, by which it can be told from others; what JSON can hold.
        job: Its id.
    """

    asked: bool = False
    before: Any = None
    job: str | None = None


def once(
    ask: Callable[[], Effects[str]],
    find: Callable[[Any], Effects[str | None]],
    started: Started,
    *,
    keep: Callable[[Started], Keep],
    before: Callable[[], Effects[Any]] | None = None,
) -> Effects[str]:
    """The id of a job, which is started unless it is there already.

    That it is asked for is kept before. After a kill, and after a call without an answer, it is looked for first.

    Args:
        ask: Starts the job; returns its id.
        find: Looks for the job that was asked for, given what `before` saw: its id, or None where another may be
            started because it is not there. Raises where that cannot be told and a second one would do harm.
        started: What was kept last; `Started()` at the start.
        keep: Makes of it the state of the pull that it is a part of.
        before: Looks at what is there before the job is asked for.

    Raises:
        UnavailableError: Three calls had no answer, and no job came of them.
    """
    if started.job is not None:
        return started.job
    for _ in range(TRIES):
        job = None
        if started.asked:
            job = yield from find(started.before)
        else:
            seen = None if before is None else (yield from before())
            started = Started(asked=True, before=seen)
            yield keep(started)
        if job is None:
            try:
                job = yield from ask()
            except InDoubtError:
                yield Wait(SETTLE)
                continue
        yield keep(Started(asked=True, before=started.before, job=job))
        return job
    raise UnavailableError("the vendor did not answer whether it began a job; run it again later")


def until(
    look: Callable[[], Effects[T | None]], first: float = 1, longest: float = 300, *, patience: float = inf
) -> Effects[T]:
    """Look again and again, with pauses that double, until there is something.

    Args:
        look: None while there is nothing yet.
        first: Seconds of the first pause.
        longest: Seconds of the longest.
        patience: Seconds of all pauses after which it is given up.

    Raises:
        UnavailableError: There was nothing in all that time.
    """
    pause, waited = first, 0.0
    while (found := (yield from look())) is None:
        if waited >= patience:
            raise UnavailableError(f"the vendor was not done after {waited:.0f} seconds; run it again later")
        yield Wait(pause)
        waited += pause
        pause = min(2 * pause, longest)
    return found


def started_from(kept: Mapping[str, Any] | None) -> Started:
    """Read what `once` kept, as `dataclasses.asdict` wrote it."""
    return Started() if kept is None else Started(**kept)
