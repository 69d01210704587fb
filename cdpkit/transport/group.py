"""The calls that draw on one limit."""

from dataclasses import dataclass

from cdpkit.kit.vendor import Limit
from cdpkit.transport.pace import Pace


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls drew on a limit.

    Attributes:
        made: All that were sent, repeated ones too.
        repeated: Those that were not a call's first try.
        refused: Answers 429.
    """

    made: int = 0
    repeated: int = 0
    refused: int = 0


class Group:
    """A limit, its pace, and what draws on it now.

    Attributes:
        pace: When the next call may be sent.
        at_once: Most calls in flight.
        in_flight: Those that are.
        made: See `Calls`; so are `repeated` and `refused`.
    """

    def __init__(self, limit: Limit, factor: float, now: float) -> None:
        self.pace = Pace(limit, factor, now)
        self.at_once = max(1, limit.at_once)
        self.in_flight = 0
        self.made = 0
        self.repeated = 0
        self.refused = 0

    @property
    def calls(self) -> Calls:
        """How many calls there were until now."""
        return Calls(self.made, self.repeated, self.refused)
