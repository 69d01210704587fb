"""The terms under which calls are made."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cdpkit.errors import InDoubtError, RemoteError, UnavailableError
from cdpkit.kit.effects import Http
from cdpkit.transport.address import name, place
from cdpkit.transport.attempt import Answer, Failure


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all calls of a driver, and how their failures are told.

    Attributes:
        vendor: Its title.
        base: The address below which calls are made.
        timeout: Seconds without an answer after which a call is given up that does not say so itself.
        attempts: Most tries of a call.
        at_once: Most calls in flight.
        random: Gives numbers in [0, 1), for pauses.
    """

    vendor: str
    base: str = field(repr=False)
    timeout: float
    attempts: int
    at_once: int
    random: Callable[[], float] = field(repr=False)

    def unavailable(self, http: Http, outcome: Answer | Failure, tries: int) -> RemoteError:
        """The error of a call that surely, or harmlessly, came to nothing."""
        times = "once" if tries == 1 else f"{tries} times"
        if isinstance(outcome, Failure) and not outcome.sent:
            return UnavailableError(
                f"{self.vendor} cannot be reached at {place(self.base, http)} ({outcome.why}; {name(http)} tried "
                f"{times}). Check base_url and the network: name, firewall, proxy, certificates. "
                "Nothing was changed by this call; repeat it later"
            )
        return UnavailableError(
            f"{self.vendor} did not carry out {name(http)}, tried {times}; at last {_last(outcome)}. "
            "What was done before stays, nothing else was changed; repeat it later"
        )

    def in_doubt(self, http: Http, outcome: Answer | Failure) -> RemoteError:
        """The error of a call that may have been carried out, and must not be made twice."""
        return InDoubtError(
            f"{self.vendor} may or may not have carried out {name(http)}: {_last(outcome)}. It is not repeated, since "
            "twice could do more than once; look there before sending it again"
        )


def _last(outcome: Answer | Failure) -> str:
    return outcome.why if isinstance(outcome, Failure) else f"it was answered with status {outcome.status}"
