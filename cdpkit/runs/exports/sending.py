"""What an export sends, people or events, as a value: how their plan is looked at, kept, sent and accounted for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from cdpkit.runs.exports.journal import Journal
from cdpkit.runs.exports.keepers import Others
from cdpkit.runs.exports.outcome import Exported
from cdpkit.runs.exports.pushing import Answers
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.plan import Figures, Look
from cdpkit.runs.session import Session
from cdpkit.store.snapshot import Snapshot


class Goal(Protocol):
    """A goal that exports."""

    @property
    def name(self) -> str:
        """The goal."""

    @property
    def key(self) -> str:
        """The name under which the tables hold what belongs to it."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should look at."""

    @property
    def others(self) -> Others:
        """The other goals of the account, where this one takes people off lists."""


class Outbound(Protocol):
    """What an export does."""

    @property
    def goal(self) -> Goal:
        """The goal."""

    @property
    def snapshot(self) -> Snapshot:
        """The profiles that are sent, or whose events are."""


P = TypeVar("P", bound=Outbound)
A = TypeVar("A", bound=Answers)


@dataclass(frozen=True, slots=True)
class Sending(Generic[P, A]):
    """What an export sends.

    Attributes:
        called: For people, what is counted.
        table: Where it is kept what a goal knows of them.
        total: How many are to be answered.
        figures: A plan in numbers.
        look: Its frames.
        keep: Keep it on disk, before anything of it is sent.
        as_committed: The plan of a preview on the profiles that are there by now, which are the same, with today's
            secrets.
        send: Send what an earlier attempt has not; is given the journal, and tells how many were answered.
        account: What it leaves behind.
    """

    called: str
    table: str
    total: Callable[[P], int]
    figures: Callable[[P], Figures]
    look: Callable[[P, Session], Look]
    keep: Callable[[P, GoalFolder], None]
    as_committed: Callable[[P, Session, Snapshot], P]
    send: Callable[[Session, P, Journal, Callable[[int], None]], A]
    account: Callable[[P, A], Exported]
