"""An export goal, worked out: what any plan answers, and how it is sent and recorded."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cdpkit.core.fates import counted
from cdpkit.runs.draft import WriteSide, side_files
from cdpkit.runs.exports.journal import Journal
from cdpkit.runs.exports.keepers import tell_others
from cdpkit.runs.exports.look import ExportLook
from cdpkit.runs.exports.outcome import Exported, account
from cdpkit.runs.exports.plan import ExportPlan, keep_plan
from cdpkit.runs.exports.send import Sender
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.guard import unchanged
from cdpkit.runs.kind import Line, Work
from cdpkit.runs.plan import Figures, Look, Risk
from cdpkit.runs.progress import Observer, RunEvent
from cdpkit.runs.run import FAILED, SUCCEEDED, WITH_WARNINGS
from cdpkit.runs.session import Session
from cdpkit.store.commits import describe
from cdpkit.store.data_file import DataFile
from cdpkit.store.exported import next_turn
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import GOAL_ROWS, REJECTED, RUN_ROWS


@dataclass(frozen=True, slots=True)
class PlannedExport:
    """An export goal, worked out; a `Plan`.

    Attributes:
        kind: Its kind.
        session: The connection.
        plan: Who is sent, left out and withdrawn.
        turns: For its key the number of the run that is to be its next.
        work_out: Works it out on the profiles as they are by then, or reads what this run has kept of it.
    """

    kind: str
    session: Session
    plan: ExportPlan
    turns: Mapping[str, int]
    work_out: Callable[[], ExportPlan]

    @property
    def name(self) -> str:
        """The goal."""
        return self.plan.goal.name

    @property
    def snapshot(self) -> Snapshot:
        """The profiles that are sent."""
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
        """The members of the segment, and the counters if nobody is refused and every body fits."""
        due = self.plan.due
        skipped = counted(due.skipped["reason"]) | ({"not_due": due.not_due} if due.not_due else {})
        accounted = sum(skipped.values()) + due.send.height + due.in_doubt.height
        counters: dict[str, Any] = {
            "in_segment": self.plan.in_segment,
            "available": due.available,
            "sent": due.send.height,
            "accepted": due.send.height,
            "rejected": {},
            "skipped": skipped,
            "in_doubt": due.in_doubt.height,
            "withdrawn": due.withdraw.height,
        }
        if due.stays.height:
            counters["kept_on_lists"] = counted(due.stays["by"])
        return Figures(self.plan.in_segment, accounted, counters, self._risks)

    def _risks(self) -> list[Risk]:
        leaving = self.plan.due.withdraw["row"].n_unique()
        if not self.plan.listed:
            return []
        said = "take {count} of the {of} people whom it has put on lists off them"
        return [Risk("withdrawals", leaving, self.plan.listed, said)]

    def look(self) -> Look:
        """Its frames; people are rendered when one of them is looked at, once for all frames of this look."""
        look = ExportLook(self.plan, self.session)
        return Look(
            counters=lambda: look.counters,
            estimate=lambda: look.estimate,
            excluded=lambda: look.excluded,
            rejected=lambda: look.rejected,
            sends=lambda: look.sends,
            withdraws=lambda: look.withdraws,
        )

    def is_whole(self) -> bool:
        """Always: it is in memory until its run keeps it."""
        return True

    def afterwards(self) -> Snapshot:
        """The profiles as they are: an export changes none."""
        return self.plan.snapshot

    def discard(self) -> None:
        """Nothing: what it keeps is in the folder of its run."""

    def again(self, _attempt: int) -> "PlannedExport":
        """The same; where people were sent already, what was kept of it."""
        return replace(self, plan=self.work_out())


def send(work: Work, planned: PlannedExport, line: Line) -> GoalRun:
    """Send what was planned and record it; what a killed attempt sent is not sent again."""
    session, run = work.session, work.run
    plan = _as_committed(session, planned) if work.waited else planned.plan
    keep_plan(plan, work.folder)
    told = _sending(run, plan.goal.name, plan, work.show)
    sent = Sender(session, plan, Journal(work.folder.path / "journal.ndjson"), told).send()
    exported = account(plan, sent)
    message = None if sent.error is None else session.said(sent.error)
    counters = exported.counters
    attention = bool(counters.rejected or counters.in_doubt or plan.goal.warnings or exported.rejected.height)
    ended = GoalRun(
        plan.goal.name,
        FAILED if message else WITH_WARNINGS if attention else SUCCEEDED,
        counters.as_dict(),
        planned.kind,
        plan.goal.key,
        message=message,
        warnings=(*plan.goal.warnings, *sent.told),
    )
    home, others = session.home, plan.goal.others
    with ExitStack() as held, side_files(home) as write:
        files = _side_files(write, next_turn(home.tables, plan.goal.key), plan, exported, run)
        planned_too = (session.name,) if work.waited else ()  # a preview's other goals take the same people off
        files[GOAL_ROWS] += tell_others(home, write, others, exported.taken_off, held, spare=planned_too)
        home.tables.conclude(f"{run}/{plan.goal.key}", {"files": describe(files), "record": line(ended)})
        home.tables.roll_forward()
    return ended


def _as_committed(session: Session, planned: PlannedExport) -> ExportPlan:
    """The plan of a preview on the profiles that the goals before it have committed meanwhile, with today's secrets."""
    goal, snapshot = planned.plan.goal, unchanged(session.home, planned.snapshot.seq, planned.turns)
    asked = replace(goal.asked, settings=session.settings, discovery=session.discovery)
    return replace(planned.plan, goal=replace(goal, asked=asked), snapshot=snapshot, planned=())


def _side_files(
    write: WriteSide, turn: int, plan: ExportPlan, exported: Exported, run: str
) -> dict[str, list[DataFile]]:
    key = plan.goal.key
    known = exported.known.with_columns(turn=pl.lit(turn, pl.Int64)).sort("row")
    return {
        GOAL_ROWS: write(GOAL_ROWS, known, partition=key),
        RUN_ROWS: write(RUN_ROWS, exported.fates, run_id=run, goal=key),
        REJECTED: write(REJECTED, exported.rejected, run_id=run, goal=key),
    }


def _sending(run: str, name: str, plan: ExportPlan, show: Observer) -> Callable[[int], None]:
    """Tell how many people were answered."""
    total, done = plan.due.send.height + plan.due.withdraw.height, 0
    show(RunEvent(run, "send", 0, total, f"{name}: {total:,} people"))

    def told(people: int) -> None:
        nonlocal done
        done += people
        show(RunEvent(run, "send", done, total, f"{name}: {done:,} of {total:,} people"))

    return told
