"""How much a run may change before a person has to look: limits of a workspace, and of a goal."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from cdpkit.config.part import Part, misfit

_FIX = "write a share such as 0.5, a number such as 1000, or false for no limit"


def _limit(given: Any) -> Any:
    if given is None or given is False:
        return given
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise misfit("is no limit", _FIX)
    if isinstance(given, float) and not 0 <= given <= 1:
        raise misfit("is no share, which is between 0.0 and 1.0", _FIX)
    if given < 0:
        raise misfit("is less than nothing", _FIX)
    return given


Limit = Annotated[float | int | bool | None, BeforeValidator(_limit)]
"""A share of what is there (a number with a point), a number (one without), False for none, None for the one above."""


class GuardSettings(Part):
    """Limits; beyond one of them nothing of a goal is stored or sent, unless the call allows it.

    Attributes:
        creations: Profiles that are created, of those that there are.
        updates: Profiles that change, of those that there are.
        clears: Values of a property that are emptied, of those that it has.
        withdrawals: People who are taken off lists, of those whom the goal has put on some.
        shrinks: Rows that the vendor gives fewer than it gave to the goal's last run, of those.
    """

    creations: Limit = None
    updates: Limit = None
    clears: Limit = None
    withdrawals: Limit = None
    shrinks: Limit = None


GUARDS = tuple(GuardSettings.model_fields)
"""The names of all limits."""

DEFAULTS: Mapping[str, float | int | bool] = {
    "creations": False,
    "updates": False,
    "clears": 0.5,
    "withdrawals": 0.5,
    "shrinks": 0.9,
}
"""What holds where neither a goal nor the workspace says anything."""


def limits_of(*said: GuardSettings | None) -> dict[str, float | int | bool]:
    """The limits by name, the first that says something.

    Args:
        said: Those of a goal, then those of the workspace; None where there are none.
    """
    return {
        name: next((limit for each in said if each and (limit := getattr(each, name)) is not None), default)
        for name, default in DEFAULTS.items()
    }
