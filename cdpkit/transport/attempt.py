"""One try of a call on its way through a thread, and what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock
from typing import Final, Protocol

from pydantic import SecretStr

from cdpkit.errors import CdpkitError
from cdpkit.kit.effects import Call

NONE: Final[Mapping[str, str | SecretStr]] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """The server answered, and the answer is complete; the repr holds no body.

    Attributes:
        status: The HTTP status.
        headers: Header fields, names in lower case.
        body: The body; empty where it went into a page.
        page: The name of the file that has the body.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """No complete answer came.

    Attributes:
        why: For people; no secret in it.
        sent: Whether the server may have got the call.
        where: Where it should have gone, as messages name the place.
        lasting: Repeating it does not help.
        error: What is raised, where that says more than that the vendor did not carry it out.
    """

    why: str
    sent: bool = True
    where: str = "its address"
    lasting: bool = False
    error: CdpkitError | None = None


BROKEN_OFF: Final = Failure("the connection broke off before the whole answer was there")


class Stopped(Exception):  # noqa: N818 - whoever carries the call makes a value of it
    """An answer is not taken in to its end.

    Attributes:
        failure: What that means for the call.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.why)
        self.failure = failure


class Attempt:
    """A call handed to a thread.

    Whoever claims it first has it: the thread that sends it, or the caller who takes it back. The outcome is kept here
    before it is announced, so that an interrupt in the middle of the announcement loses nothing.

    Attributes:
        call: The call.
        timeout: Seconds without an answer after which it is given up.
        deadline: The moment at which it is given up although an answer is coming.
        headers: Header fields that authorise it, beside its own; all are secrets.
        begun: When it was handed over, as the clock tells it.
        leaves: Called by the thread when the first byte leaves.
        abandoned: Nobody waits for it any more; what it fetches is thrown away.
        outcome: None until it ended.
    """

    __slots__ = (
        "_claim",
        "_completions",
        "abandoned",
        "begun",
        "call",
        "deadline",
        "headers",
        "leaves",
        "outcome",
        "timeout",
    )

    def __init__(
        self,
        call: Call,
        *,
        timeout: float,
        begun: float,
        deadline: float,
        completions: "SimpleQueue[Attempt | None]",
        leaves: Callable[[], None],
        headers: Mapping[str, str | SecretStr] = NONE,
    ) -> None:
        self.call = call
        self.timeout = timeout
        self.begun = begun
        self.deadline = deadline
        self.headers = headers
        self.leaves = leaves
        self.abandoned = False
        self.outcome: Answer | Failure | None = None
        self._claim = Lock()
        self._completions = completions

    def claim(self) -> bool:
        """Take it; False where somebody else has it."""
        return self._claim.acquire(blocking=False)

    def finish(self, outcome: Answer | Failure) -> None:
        """Keep the outcome and announce it."""
        self.outcome = outcome
        self._completions.put(self)


class Line(Protocol):
    """What takes calls and sees to it that they are made, without holding up the caller."""

    def begin(self, attempt: Attempt) -> None:
        """Send it, and finish it when the answer is there."""
        ...
