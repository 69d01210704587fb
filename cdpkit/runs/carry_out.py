"""Carrying a plan out, whichever kind it is of: the one way from a plan to what is stored or sent."""

from collections.abc import Callable
from typing import TypeVar

from cdpkit.errors import ConflictError
from cdpkit.runs.guard import allow, unchanged
from cdpkit.runs.home import Home
from cdpkit.runs.plan import Plan
from cdpkit.runs.run import GoalRun

P = TypeVar("P", bound=Plan)

ATTEMPTS = 50


def carry_out(home: Home, given: P | None, work_out: Callable[[], P], do: Callable[[P], GoalRun]) -> GoalRun:
    """Work a goal out and carry it out, again where somebody else commits in between; returns how it ended.

    Args:
        home: The workspace.
        given: The plan of a preview, which is carried out as it is or not at all.
        work_out: Makes the plan where none is given.
        do: Carries a plan out.

    Raises:
        ConflictError: Others keep committing; or once, where a plan is given.
    """
    if given is not None:
        unchanged(home, given.snapshot.seq, given.turns)
        allow(given, given.figures())
        return do(given)
    plan = work_out()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            allow(plan, plan.figures())
            return do(plan)
        except ConflictError:
            plan.discard()
        if attempt < ATTEMPTS:
            plan = plan.again(attempt)
    raise ConflictError(f"others committed {ATTEMPTS} times in between; repeat the call when they are done")
