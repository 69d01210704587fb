"""The terms under which calls are made."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cdpkit.errors import InDoubtError, RemoteError, UnavailableError
from cdpkit.kit.effects import Call
from cdpkit.transport.attempt import Answer, Failure
from cdpkit.transport.retry import TOO_MANY

PATIENCE = 3.0
"""So many times its time-out, a call may take from the connection to the last byte."""

PAGE_DEADLINE = 6 * 3600.0
"""Seconds that a page may always take: files of some gigabytes come over slow lines."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all calls of a driver, and how their failures are told.

    Attributes:
        vendor: Its title.
        timeout: Seconds without an answer after which a call is given up that does not say so itself.
        attempts: Most tries of a call.
        at_once: Most calls in flight.
        random: Gives numbers in [0, 1), for pauses.
    """

    vendor: str
    timeout: float
    attempts: int
    at_once: int
    random: Callable[[], float] = field(repr=False)

    def timeout_of(self, call: Call) -> float:
        """Seconds without an answer after which a call is given up."""
        return self.timeout if call.timeout is None else call.timeout

    def deadline_of(self, call: Call) -> float:
        """Seconds after which a call is given up although an answer is coming."""
        if call.deadline is not None:
            return call.deadline
        return max(PATIENCE * self.timeout_of(call), 0.0 if call.page is None else PAGE_DEADLINE)

    def waiting(self, what: str, lasted: float, seconds: float) -> str:
        """What people are told while something is waited for."""
        return (
            f"{self.vendor}: waiting for {what}, for {lasted:.0f} seconds so far; next look in {seconds:.0f} seconds, "
            "an interrupt ends it before"
        )

    def turned_away(self, call: Call, pause: float) -> str:
        """What people are told while no call is sent, since there were too many."""
        return (
            f"{self.vendor} takes no more calls for now ({call.what}: status 429); it is asked again in {pause:.0f} "
            "seconds, an interrupt ends it before"
        )

    def unavailable(self, call: Call, outcome: Answer | Failure, tries: int) -> RemoteError:
        """The error of a call that surely, or harmlessly, came to nothing."""
        times = "once" if tries == 1 else f"{tries} times"
        if isinstance(outcome, Failure) and not outcome.sent:
            return UnavailableError(
                f"{self.vendor} cannot be reached at {outcome.where} ({outcome.why}; {call.what} tried "
                f"{times}). Check {call.address} and the network: name, firewall, proxy, certificates. "
                "Nothing was changed by this call; repeat it later"
            )
        if _changed_nothing(call, outcome):
            return UnavailableError(
                f"{self.vendor} did not carry out {call.what}, tried {times}; at last {_last(outcome)}. "
                "What was done before stays, nothing else was changed; repeat it later"
            )
        said = "did not carry out" if isinstance(outcome, Answer) else "may or may not have carried out"
        return UnavailableError(
            f"{self.vendor} {said} {call.what}, tried {times}; at last {_last(outcome)}. "
            "What was done before stays; repeat it later, twice does no harm"
        )

    def in_doubt(self, call: Call, outcome: Answer | Failure) -> RemoteError:
        """The error of a call that may have been carried out, and must not be made twice."""
        return InDoubtError(
            f"{self.vendor} may or may not have carried out {call.what}: {_last(outcome)}. It is not repeated, since "
            "twice could do more than once; look there before sending it again"
        )

    def given_up(self, call: Call, *, sent: bool) -> RemoteError:
        """The error of a call that has no answer because all was ended, beside others that have one.

        Args:
            call: The call.
            sent: Whether it is under way; one that must not be made twice is in doubt then.
        """
        if sent and not call.repeatable:
            return self.in_doubt(call, Failure("all was ended before the answer came"))
        return UnavailableError(f"{self.vendor} did not answer {call.what} before all was ended; repeat it later")


def _changed_nothing(call: Call, outcome: Answer | Failure) -> bool:
    """Whether a call that was given up surely had no effect: it only reads, or was turned away."""
    return call.reads or (isinstance(outcome, Answer) and outcome.status == TOO_MANY)


def _last(outcome: Answer | Failure) -> str:
    return outcome.why if isinstance(outcome, Failure) else f"it was answered with status {outcome.status}"
