"""Carrying out one goal of a run: an import is committed, an export is sent and recorded."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from cdpkit.config.goals import ExportGoalSettings, ImportGoalSettings
from cdpkit.core.properties import Property
from cdpkit.errors import ConflictError
from cdpkit.runs.attempts import store, warnings
from cdpkit.runs.draft import write_side
from cdpkit.runs.home import Home
from cdpkit.runs.plan import LoadPlan, plan_load
from cdpkit.runs.prepare import Prepared
from cdpkit.runs.progress import Observer, RunEvent
from cdpkit.runs.run import FAILED, SUCCEEDED, WITH_WARNINGS, GoalRun
from cdpkit.runs.sync.export_goal import export_problems, resolve_export
from cdpkit.runs.sync.export_plan import ExportPlan, keep_plan, plan_export
from cdpkit.runs.sync.folder import GoalFolder
from cdpkit.runs.sync.import_goal import import_problems, prepare_import
from cdpkit.runs.sync.journal import Journal
from cdpkit.runs.sync.outcome import Exported, account
from cdpkit.runs.sync.send import Sender
from cdpkit.runs.sync.session import AnyGoalSettings, Session, refuse
from cdpkit.store.commits import describe
from cdpkit.store.exported import next_turn
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import GOAL_ROWS, REJECTED, RUN_ROWS

Line = Callable[[GoalRun], dict[str, Any]]
"""Makes the line of the history that joins with a goal's commit."""


@dataclass(frozen=True, slots=True)
class PlannedImport:
    """An import goal, pulled and worked out."""

    goal: ImportGoalSettings
    prepared: Prepared
    plan: LoadPlan
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedExport:
    """An export goal, worked out."""

    goal: ExportGoalSettings
    plan: ExportPlan
    session: Session


Planned = PlannedImport | PlannedExport


@dataclass(frozen=True, slots=True)
class Options:
    """How the goals of a run are carried out.

    Attributes:
        full: Apply or send everything again.
        resend_in_doubt: Send those again of whom no answer came.
    """

    full: bool = False
    resend_in_doubt: bool = False


def check_goal(session: Session, goal: AnyGoalSettings, planned: tuple[Property, ...] = ()) -> None:
    """Refuse a goal that does not fit, where goals before it are going to add the planned properties.

    Raises:
        ConfigurationError: Lists every problem and its fix.
    """
    known = session.home, session.vendor, session.settings
    if isinstance(goal, ImportGoalSettings):
        refuse("the goal", import_problems(*known, goal, session.discovery))
    else:
        refuse("the goal", export_problems(*known, goal, session.discovery, [prop.name for prop in planned]))


def plan_goal(
    session: Session,
    goal: AnyGoalSettings,
    folder: GoalFolder,
    run: str,
    options: Options,
    on: Snapshot,
    planned: tuple[Property, ...] = (),
) -> Planned:
    """Work a goal out on a state of the profiles, and stop before anything is stored or sent.

    Args:
        session: The connection.
        goal: The goal.
        folder: Where what was fetched is kept.
        run: The run that may carry it out.
        options: How.
        on: The profiles as the goals before it leave them.
        planned: The properties that those are going to add.
    """
    check_goal(session, goal, planned)
    if isinstance(goal, ImportGoalSettings):
        prepared, told = prepare_import(session, goal, folder, full=options.full, planned=planned)
        return PlannedImport(goal, prepared, plan_load(session.home, prepared, run, on=on), told)
    asked = resolve_export(session, goal, full=options.full, resend_in_doubt=options.resend_in_doubt)
    return PlannedExport(goal, plan_export(session, asked, folder, on, planned), session)


def run_import(
    session: Session,
    goal: ImportGoalSettings,
    folder: GoalFolder,
    run: str,
    options: Options,
    line: Line,
    show: Observer,
    given: PlannedImport | None = None,
) -> GoalRun:
    """Pull what an import goal names and commit it; what was pulled by a killed attempt is not pulled again."""
    if given is None:
        check_goal(session, goal)
        show(RunEvent(run, "pull", 0, 0, f"{goal.name}: from {session.vendor.title}"))
        prepared, told = prepare_import(session, goal, folder, full=options.full)
    else:
        prepared, told = given.prepared, given.warnings

    def ended(plan: LoadPlan) -> GoalRun:
        counters = plan.result.counters
        state = WITH_WARNINGS if told or warnings(counters) else SUCCEEDED
        key = session.key(goal)
        return GoalRun(goal.name, state, asdict(counters), goal.kind, key, plan.draft.seq, warnings=told)

    plan = store(
        session.home, prepared, run, lambda plan: line(ended(plan)), show, given=None if given is None else given.plan
    )
    session.home.tables.roll_forward()
    return ended(plan)


def run_export(
    session: Session,
    goal: ExportGoalSettings,
    folder: GoalFolder,
    run: str,
    options: Options,
    line: Line,
    show: Observer,
    given: PlannedExport | None = None,
) -> GoalRun:
    """Send what an export goal names and record it; what a killed attempt sent is not sent again."""
    if given is None:
        check_goal(session, goal)
        show(RunEvent(run, "select", 0, 0, f"{goal.name}: segment {goal.segment!r}"))
        asked = resolve_export(session, goal, full=options.full, resend_in_doubt=options.resend_in_doubt)
        plan = plan_export(session, asked, folder, session.home.tables.snapshot())
    else:
        plan = _as_committed(session.home, given.plan)
    keep_plan(plan, folder)
    sent = Sender(session, plan, Journal(folder.path / "journal.ndjson"), _sending(run, goal.name, plan, show)).send()
    exported = account(plan, sent)
    message = None if sent.error is None else str(sent.error)
    counters = exported.counters
    attention = bool(counters.rejected or counters.in_doubt or plan.goal.warnings or exported.rejected.height)
    state = FAILED if message else WITH_WARNINGS if attention else SUCCEEDED
    told = plan.goal.warnings
    ended = GoalRun(goal.name, state, asdict(counters), goal.kind, plan.goal.key, message=message, warnings=told)
    side = describe(_side_files(session.home, plan, exported, run))
    session.home.tables.conclude(f"{run}/{plan.goal.key}", {"files": side, "record": line(ended)})
    session.home.tables.roll_forward()
    return ended


def _as_committed(home: Home, plan: ExportPlan) -> ExportPlan:
    """The plan of a preview on the profiles that the goals before it have committed meanwhile.

    Raises:
        ConflictError: Somebody else has committed since.
    """
    snapshot = home.tables.snapshot()
    if snapshot.seq != plan.snapshot.seq:
        raise ConflictError("somebody else has committed since the preview; preview it again")
    return replace(plan, snapshot=snapshot, planned=())


def _side_files(home: Home, plan: ExportPlan, exported: Exported, run: str) -> dict[str, Any]:
    key = plan.goal.key
    known = exported.known.with_columns(turn=pl.lit(next_turn(home.tables, key), pl.Int64)).sort("row")
    return {
        GOAL_ROWS: write_side(home, GOAL_ROWS, known, partition=key),
        RUN_ROWS: write_side(home, RUN_ROWS, exported.fates, run_id=run, goal=key),
        REJECTED: write_side(home, REJECTED, exported.rejected, run_id=run, goal=key),
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
