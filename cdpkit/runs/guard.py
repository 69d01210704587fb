"""What stands between a plan and carrying it out, for loads and for goals of every kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cdpkit.config.guards import GUARDS, GuardSettings, limits_of
from cdpkit.errors import ConflictError, GuardError, UnknownNameError
from cdpkit.runs.home import Home
from cdpkit.runs.plan import Figures, Plan, Risk
from cdpkit.store.exported import next_turn
from cdpkit.store.snapshot import Snapshot


class Made(Protocol):
    """What has made files."""

    def is_whole(self) -> bool:
        """Whether they are there."""


FEW = 20
"""A share is not looked at where so many people, or fewer, are concerned."""


@dataclass(frozen=True, slots=True)
class Guards:
    """How much a plan may change.

    Attributes:
        limits: By name: a share, a number, or False for none.
        allowed: Those that are not to stop it, because somebody has looked.
    """

    limits: Mapping[str, float | int | bool]
    allowed: tuple[str, ...] = ()

    def beyond(self, risks: Sequence[Risk]) -> list[str]:
        """What goes beyond them, in words, and how it is allowed."""
        return [
            f"it would {risk}, and the guard {risk.guard!r} lets {_told(self.limits[risk.guard])} pass"
            for risk in risks
            if risk.guard not in self.allowed and _is_beyond(risk, self.limits[risk.guard])
        ]


def guards_of(home: Home, own: GuardSettings | None = None, allowed: Sequence[str] = ()) -> Guards:
    """The guards of a load or a goal.

    Args:
        home: The workspace.
        own: What the goal says; None where it says nothing.
        allowed: Those that are not to stop it.
    """
    return Guards(limits_of(own, home.settings.read().guards), tuple(allowed))


def read_allowed(given: str | Sequence[str]) -> tuple[str, ...]:
    """The names of guards that a call allows to be passed.

    Raises:
        UnknownNameError: There is no such guard; names those that there are.
    """
    names = (given,) if isinstance(given, str) else tuple(given)
    for name in names:
        if name not in GUARDS:
            raise UnknownNameError("guard", name, GUARDS)
    return names


def warned(plan: Plan, guards: Guards) -> list[str]:
    """What would keep a plan from being carried out, for a preview."""
    said = guards.beyond(plan.figures().risks())
    return [f"a run would stop before it stores or sends anything: {each}" for each in said]


def _is_beyond(risk: Risk, limit: float | bool) -> bool:
    if limit is False:
        return False
    if isinstance(limit, int):
        return risk.count > limit
    return risk.of > 0 and risk.count > FEW and risk.count > limit * risk.of


def _told(limit: float | bool) -> str:
    return f"{limit:,}" if isinstance(limit, int) else f"{limit:.0%}"


def allow(plan: Plan, figures: Figures, guards: Guards) -> None:
    """Let a plan be carried out, or refuse it; nothing of it is stored or sent until then.

    Args:
        plan: The plan.
        figures: The same in numbers.
        guards: How much it may change.

    Raises:
        AssertionError: They do not account for everybody.
        ConflictError: Its files are not there any more.
        GuardError: It would change more than that.
    """
    if figures.accounted != figures.total:
        raise AssertionError(
            f"{figures.total} rows or profiles planned, but {figures.accounted} accounted for: this is a defect of "
            "cdpkit, nothing was stored or sent"
        )
    whole(plan)
    risks = figures.risks()
    beyond = guards.beyond(risks)
    if beyond:
        names = dict.fromkeys(risk.guard for risk in risks if guards.beyond([risk]))
        named = repr(next(iter(names))) if len(names) == 1 else repr([*names])
        raise GuardError(
            f"{'; '.join(beyond)}; nothing was stored or sent. Look at its preview; if that is meant, repeat it with "
            f"allow={named}"
        )


def whole(made: Made) -> None:
    """Refuse to go on without files that a plan has made; also the last look before a commit names them for ever.

    Raises:
        ConflictError: Some are not there any more.
    """
    if not made.is_whole():
        raise ConflictError("the files of this plan were swept away, it waited too long; repeat the call")


def unchanged(home: Home, seq: int, turns: Mapping[str, int]) -> Snapshot:
    """The profiles as they are now, which must be those that the plans of a preview were worked out on.

    Args:
        home: The workspace.
        seq: The sequence number of the profiles under the first of them that is not carried out yet.
        turns: For the keys of goals the numbers of the runs that are to be their next.

    Raises:
        ConflictError: Somebody else has committed, or has run one of the goals, since.
    """
    snapshot = home.tables.snapshot()
    if snapshot.seq != seq:
        raise ConflictError("somebody else has committed since the preview; preview it again")
    if any(next_turn(home.tables, goal) != turn for goal, turn in turns.items()):
        raise ConflictError("somebody else has run the connection since the preview; preview it again")
    return snapshot


def is_here(home: Home, plan: Plan) -> bool:
    """Whether a plan is one on the profiles of this workspace."""
    return home.tables.hold(plan.snapshot)
