"""Carrying a plan out, whichever kind it is of: the one way from a plan to what is stored or sent."""

from collections.abc import Callable
from typing import TypeVar

from cdpkit.errors import CdpkitError, ConflictError
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.guard import Guards, allow, unchanged
from cdpkit.runs.home import Home
from cdpkit.runs.plan import Plan

P = TypeVar("P", bound=Plan)

ATTEMPTS = 50


def carry_out(
    home: Home, given: P | None, work_out: Callable[[], P], do: Callable[[P], GoalRun], guards: Guards
) -> GoalRun:
    """Work a goal out and carry it out, again where somebody else commits in between; returns how it ended.

    Args:
        home: The workspace.
        given: The plan of a preview, which is carried out as it is or not at all.
        work_out: Makes the plan where none is given.
        do: Carries a plan out; raises a ConflictError only where nothing was committed.
        guards: How much it may change.

    Raises:
        GuardError: It would change more; nothing was stored or sent.
        ConflictError: Others keep committing; or once, where a plan is given.
    """
    if given is None:
        ended = _until_done(work_out(), do, guards)
    else:
        unchanged(home, given.snapshot.seq, given.turns)
        ended = _allowed(given, do, guards)
    home.tables.roll_forward()  # what fails from here on is made up for by whoever comes next
    return ended


def _until_done(plan: P, do: Callable[[P], GoalRun], guards: Guards) -> GoalRun:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _allowed(plan, do, guards)
        except ConflictError:
            plan.discard()
        except CdpkitError:
            plan.discard()
            raise
        if attempt < ATTEMPTS:
            plan = plan.again(attempt)
    raise ConflictError(f"others committed {ATTEMPTS} times in between; repeat the call when they are done")


def _allowed(plan: P, do: Callable[[P], GoalRun], guards: Guards) -> GoalRun:
    allow(plan, plan.figures(), guards)
    return do(plan)
