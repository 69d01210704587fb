"""What stands between a plan and carrying it out, for loads and for goals of every kind."""

from collections.abc import Mapping
from typing import Protocol

from cdpkit.errors import ConflictError
from cdpkit.runs.home import Home
from cdpkit.runs.plan import Figures, Plan
from cdpkit.store.exported import next_turn
from cdpkit.store.snapshot import Snapshot


class Made(Protocol):
    """What has made files."""

    def is_whole(self) -> bool:
        """Whether they are there."""


def allow(plan: Plan, figures: Figures) -> None:
    """Let a plan be carried out, or refuse it; nothing of it is stored or sent until then.

    Args:
        plan: The plan.
        figures: The same in numbers.

    Raises:
        AssertionError: They do not account for everybody.
        ConflictError: Its files are not there any more.
    """
    if figures.accounted != figures.total:
        raise AssertionError(
            f"{figures.total} rows or profiles planned, but {figures.accounted} accounted for: this is a defect of "
            "cdpkit, nothing was stored or sent"
        )
    whole(plan)


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
