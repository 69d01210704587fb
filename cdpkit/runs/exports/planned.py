"""An export goal, worked out: what any plan answers, and how it is sent and recorded."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Generic

from cdpkit.runs.draft import side_files
from cdpkit.runs.exports.journal import JOURNAL, Journal
from cdpkit.runs.exports.keepers import tell_others
from cdpkit.runs.exports.remembered import remember
from cdpkit.runs.exports.sending import A, P, Sending
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.guard import unchanged
from cdpkit.runs.kind import Line, Work
from cdpkit.runs.plan import Figures, Look
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.run import FAILED, SUCCEEDED, WITH_WARNINGS
from cdpkit.runs.session import Session
from cdpkit.store.commits import describe
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import GOAL_ROWS, REJECTED, RUN_ROWS


@dataclass(frozen=True, slots=True)
class PlannedExport(Generic[P, A]):
    """An export goal, worked out; a `Plan`.

    Attributes:
        kind: Its kind.
        session: The connection.
        sending: What it sends.
        plan: Who, or what, is sent, left out and withdrawn.
        turns: For its key the number of the run that is to be its next, where that has to be unchanged.
        work_out: Works it out on the profiles as they are by then, or reads what this run has kept of it.
    """

    kind: str
    session: Session
    sending: Sending[P, A]
    plan: P
    turns: Mapping[str, int]
    work_out: Callable[[], P]

    @property
    def name(self) -> str:
        """The goal."""
        return self.plan.goal.name

    @property
    def snapshot(self) -> Snapshot:
        """The profiles that are sent, or whose events are."""
        return self.plan.snapshot

    @property
    def new_properties(self) -> tuple[()]:
        """None."""
        return ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should look at."""
        return self.plan.goal.warnings

    def figures(self) -> Figures:
        """The members of the segment, or the events, and the counters if nobody is refused and every body fits."""
        return self.sending.figures(self.plan)

    def look(self) -> Look:
        """Its frames."""
        return self.sending.look(self.plan, self.session)

    def is_whole(self) -> bool:
        """Always: it is in memory until its run keeps it."""
        return True

    def afterwards(self) -> Snapshot:
        """The profiles as they are: an export changes none."""
        return self.plan.snapshot

    def discard(self) -> None:
        """Nothing: what it keeps is in the folder of its run."""

    def again(self, _attempt: int) -> "PlannedExport[P, A]":
        """The same; where something was sent already, what was kept of it."""
        return replace(self, plan=self.work_out())


def send(work: Work, planned: PlannedExport[Any, Any], line: Line) -> GoalRun:
    """Send what was planned and record it; what a killed attempt sent is not sent again."""
    session, run, sending, plan = work.session, work.run, planned.sending, planned.plan
    if work.waited:
        snapshot = unchanged(session.home, planned.snapshot.seq, planned.turns)
        plan = sending.as_committed(plan, session, snapshot)
    sending.keep(plan, work.folder)
    sent = sending.send(session, plan, Journal(work.folder.path / JOURNAL), _telling(work, sending, plan))
    exported = sending.account(plan, sent)
    message = None if sent.error is None else session.said(sent.error)
    counters, warnings = exported.counters, (*plan.goal.warnings, *sent.told)
    attention = counters["rejected"] or counters["in_doubt"] or plan.goal.warnings or exported.rejected.height
    state = FAILED if message else WITH_WARNINGS if attention else SUCCEEDED
    ended = GoalRun(plan.goal.name, state, counters, planned.kind, plan.goal.key, message=message, warnings=warnings)
    home, key = session.home, plan.goal.key
    with ExitStack() as held, side_files(home) as write:
        files = {
            sending.table: remember(home, write, sending.table, exported.known, key, run),
            RUN_ROWS: write(RUN_ROWS, exported.fates, run_id=run, goal=key),
            REJECTED: write(REJECTED, exported.rejected, run_id=run, goal=key),
        }
        planned_too = (session.name,) if work.waited else ()  # a preview's other goals take the same people off
        told = tell_others(home, write, plan.goal.others, exported.taken_off, held, spare=planned_too)
        files[GOAL_ROWS] = [*files.get(GOAL_ROWS, ()), *told]
        home.tables.conclude(f"{run}/{key}", {"files": describe(files), "record": line(ended)})
        home.tables.roll_forward()
    return ended


def _telling(work: Work, sending: Sending[P, A], plan: P) -> Callable[[int], None]:
    """Tell how many were answered."""
    total, done, name = sending.total(plan), 0, plan.goal.name
    work.show(RunEvent(work.run, "send", 0, total, f"{name}: {total:,} {sending.called}"))

    def told(answered: int) -> None:
        nonlocal done
        done += answered
        work.show(RunEvent(work.run, "send", done, total, f"{name}: {done:,} of {total:,} {sending.called}"))

    return told
