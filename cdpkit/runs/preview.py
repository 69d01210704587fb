"""A plan to look at: what a load or a sync would change and send, before anything is stored or sent."""

from collections.abc import Callable, Sequence
from typing import Any
from weakref import finalize

import polars as pl

from cdpkit.runs.plan import Frame, Look, Plan
from cdpkit.runs.report import report_lines
from cdpkit.runs.run import GoalRun, together
from cdpkit.runs.sync import Prepared

_EXCLUDED = ["source_row", "profile_id", "reason"]
_REJECTED = ["source_row", "profile_id", "field", "property", "value", "reason"]


class Preview:
    """What would happen, worked out by the very plan that is carried out with `preview=preview`.

    Frames of a connection's preview have the column `goal` at their end, which says whose they are.

    Attributes:
        plans: The plan of a load, or those of a connection's goals in the order in which they run.
        prepared: What a run of the connection carries out; None for a load.
    """

    def __init__(
        self, plans: Sequence[Plan], prepared: Prepared | None = None, sweep_more: Callable[[], None] | None = None
    ) -> None:
        """Hold plans, until they are carried out or nobody looks at them any more.

        Args:
            plans: The plans.
            prepared: What a run of a connection carries out.
            sweep_more: Removes what was fetched for them.
        """
        self.plans, self.prepared = tuple(plans), prepared
        self._looks = tuple((plan.name, plan.look()) for plan in plans)
        self._sweep: finalize[..., Any] = finalize(self, _discard, self.plans, sweep_more)

    def keep(self) -> None:
        """Leave what was fetched where it is: a run is about to need it, and may be gone on with later."""
        self._sweep.detach()
        self._sweep = finalize(self, _discard, self.plans, None)

    @property
    def goals(self) -> tuple[GoalRun, ...]:
        """The goals, with the counters that they would have; whom a vendor is going to refuse nobody knows yet."""
        return tuple(
            GoalRun(plan.name, "planned", look.counters(), kind=plan.kind, warnings=tuple(plan.warnings))
            for plan, (_, look) in zip(self.plans, self._looks, strict=True)
        )

    @property
    def counters(self) -> dict[str, Any]:
        """The counters of all goals together."""
        return together(goal.counters for goal in self.goals)

    @property
    def summary(self) -> pl.DataFrame:
        """`property`, `rule`, `set`, `changed`, `cleared`: how many existing profiles would change, by property."""
        return self._joined(lambda look: look.summary)

    @property
    def changes(self) -> pl.DataFrame:
        """`profile_id`, `property`, `before`, `after`, `rule`, `source_row`: every value that would change.

        A profile that would be created is one line with the rule `create`; it has no `profile_id` yet.
        """
        return self._joined(lambda look: look.changes)

    @property
    def creates(self) -> pl.DataFrame:
        """The profiles that would be created, named by the `source_row` that creates them."""
        return self._joined(lambda look: look.creates)

    @property
    def rows(self) -> pl.DataFrame:
        """`source_row`, `fate`, `reason`: every row of the source."""
        return self._joined(lambda look: look.rows)

    @property
    def excluded(self) -> pl.DataFrame:
        """`source_row`, `reason`: the rows that would be left out.

        Of a connection also `profile_id`: the profiles that an export would leave out, but for those that are not due.
        """
        return self._joined(lambda look: look.excluded, _EXCLUDED)

    @property
    def rejected(self) -> pl.DataFrame:
        """`source_row`, `field`, `property`, `value`, `reason`: the values that would not be accepted.

        Of a connection also `profile_id`: the profiles that do not fit the vendor's fields.
        """
        return self._joined(lambda look: look.rejected, _REJECTED)

    @property
    def sends(self) -> pl.DataFrame:
        """`profile_id`, the vendor's identifiers, `body` (JSON), `lists` (those entered): who would be sent."""
        return self._joined(lambda look: look.sends)

    @property
    def withdraws(self) -> pl.DataFrame:
        """`profile_id`, the vendor's identifiers, `list`: who would be taken off which list."""
        return self._joined(lambda look: look.withdraws)

    def report(self) -> str:
        """What would happen, for people."""
        what, state = ("a load", "stored") if self.prepared is None else ("a sync", "stored or sent")
        lines = report_lines("preview", f"of {what}", f"nothing is {state}; it would be", self.goals)
        new = [prop.name for plan in self.plans for prop in plan.new_properties]
        return "\n".join([*lines, *([f"    new properties: {', '.join(new)}"] if new else [])])

    def __repr__(self) -> str:
        return self.report()

    def _joined(self, of: Callable[[Look], Frame | None], columns: Sequence[str] = ()) -> pl.DataFrame:
        """One of the frames, of all plans that have it, below each other.

        Args:
            of: Which.
            columns: Those that it has for a connection; all that there are where none are named.
        """
        parts = [(name, frame()) for name, look in self._looks if (frame := of(look)) is not None]
        if self.prepared is None:
            return parts[0][1] if parts else pl.DataFrame()
        named = [frame.with_columns(goal=pl.lit(name)) for name, frame in parts]
        both = pl.concat(named, how="diagonal_relaxed") if named else pl.DataFrame(schema={"goal": pl.String()})
        if not columns:
            return both
        missing = [pl.lit(None).alias(name) for name in columns if name not in both.columns]
        return both.with_columns(missing).select(*columns, "goal")


def _discard(plans: Sequence[Plan], more: Callable[[], None] | None) -> None:
    for plan in plans:
        plan.discard()
    if more is not None:
        more()
