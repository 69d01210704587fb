"""What one goal of a run did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cdpkit.runs.report import report_lines
from cdpkit.runs.told import report_html

LOAD = "load"


@dataclass(frozen=True, slots=True, repr=False)
class GoalRun:
    """What one goal of a run did.

    Attributes:
        name: The goal.
        state: As a run's.
        counters: What happened, in numbers.
        kind: `load`, `undo`, `change`, or the kind of a connection's goal.
        key: The name under which the tables hold what belongs to the goal.
        seq: The sequence number of its commit; None where it stored nothing in the profiles.
        message: Why it failed.
        warnings: What a person should look at.
        said: What else is to be known of it.
        estimate: Of a preview what carrying it out takes at least, as of `Look`.
        group: The type of the groups that it was about; empty for profiles.
    """

    name: str
    state: str
    counters: Mapping[str, Any] = field(default_factory=dict)
    kind: str = LOAD
    key: str = ""
    seq: int | None = None
    message: str | None = None
    warnings: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    estimate: Mapping[str, int] = field(default_factory=dict)
    group: str = ""

    def __repr__(self) -> str:
        headline, _, *lines = report_lines("goal", repr(self.name), self.state, [self])
        return "\n".join([headline, *(line.removeprefix("  ") for line in lines)])

    def _repr_html_(self) -> str:
        return report_html(repr(self))
