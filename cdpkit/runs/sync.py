"""One run of a connection, recorded so that the history is true whatever happens to the process."""

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import polars as pl

from cdpkit.config.connections import ConnectionSettings
from cdpkit.config.goals import ImportGoalSettings, in_run_order
from cdpkit.errors import CdpkitError, ConfigurationError, ConflictError
from cdpkit.kit.vendor import Vendor
from cdpkit.runs.carry_out import Options, Planned, PlannedExport, PlannedImport, run_export, run_import
from cdpkit.runs.close import close
from cdpkit.runs.exports.abandoned import keep_what_was_sent
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now, run_id
from cdpkit.runs.progress import Observer
from cdpkit.runs.record import Lines, configuration, details, pending
from cdpkit.runs.run import FAILED, RUNNING, STOPPED, SYNC, GoalRun, Run, history
from cdpkit.runs.session import AnyGoalSettings, Session, driver_for, open_session, read_connection
from cdpkit.store.exported import next_turn


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What a connection is asked to do.

    Attributes:
        goal: Only this goal; None for all active ones.
        full: Apply or send everything again.
        force: Run although the connection is off.
        resend_in_doubt: Send those again of whom no answer came.
    """

    goal: str | None = None
    full: bool = False
    force: bool = False
    resend_in_doubt: bool = False

    @property
    def options(self) -> Options:
        """How the goals are carried out."""
        return Options(self.full, self.resend_in_doubt)

    def asked(self) -> dict[str, Any]:
        """What the history keeps of it."""
        return {"goal": self.goal, "full": self.full, "resend_in_doubt": self.resend_in_doubt}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a preview worked out, for a run to carry out.

    Attributes:
        run: The id of that run.
        name: The connection.
        seq: The sequence number of the profiles that the first goal was worked out on.
        turns: For the key of each export goal, the number of the run that was to be its next.
        connection: The connection's file as it was.
        request: What was asked.
        plans: The plan of each goal, in the order in which they run.
    """

    run: str
    name: str
    seq: int
    turns: Mapping[str, int]
    connection: ConnectionSettings
    request: SyncRequest
    plans: tuple[Planned, ...]


def chosen_goals(connection: ConnectionSettings, name: str, goal: str | None) -> tuple[AnyGoalSettings, ...]:
    """The goals that a run carries out, in the order in which they run.

    Raises:
        UnknownNameError: No such goal.
        ConfigurationError: No goal is active.
    """
    if goal is not None:
        return (connection.goal(goal),)
    active = tuple(each for each in connection.goals if each.active)
    if not active:
        raise ConfigurationError(f"connection {name!r} has no active goal; add one with conn.add_goal(...)")
    return in_run_order(active)


def run_connection(
    home: Home, name: str, request: SyncRequest, show: Observer, prepared: Prepared | None = None
) -> Run:
    """Run a connection; a failed run is a value.

    Raises:
        UnknownNameError: No such connection or goal.
        ConfigurationError: Its file does not fit, it is off, or has no active goal.
        ConflictError: A preview is to be carried out, and somebody else has committed since.
    """
    connection, vendor = read_connection(home, name)
    goals = chosen_goals(connection, name, request.goal)
    if not connection.enabled and not request.force:
        raise ConfigurationError(f"connection {name!r} is off; switch it on with conn.enable(), or run with force=True")
    if prepared is not None:
        _check_prepared(home, name, connection, prepared)
    with ExitStack() as held:
        said = details(connection, goals, request.asked())
        if not home.claim(f"connection-{name}", held):
            lines = Lines(run_id(), name, now().isoformat(), said, pending(goals, name))
            lines.skip(home, "another run of this connection is at work")
            return Run.find(home, lines.run)
        lines = _lines(home, name, goals, said, prepared, held)
        lines.start(home)
        ended = False
        try:
            message = _carry_out(home, connection, vendor, goals, request, lines, show, prepared)
            keep_what_was_sent(home, lines)
            lines.end(home, message)
            ended = True
        finally:
            error = sys.exception()
            if not ended and isinstance(error, Exception):
                home.tables.roll_forward()
                keep_what_was_sent(home, lines)
                lines.end(home, str(error) if isinstance(error, CdpkitError) else type(error).__name__)
    return Run.find(home, lines.run)


def resume_run(home: Home, run_id: str, show: Observer) -> Run:
    """Go on with a run that was stopped.

    Raises:
        UnknownNameError: No such run.
        ConfigurationError: It is no run of a connection, it has ended, or its goals have changed since.
    """
    run = Run.find(home, run_id)
    if run.kind != SYNC or run.state != STOPPED or run.name is None:
        raise ConfigurationError(
            f"run {run.id} is a {run.kind} that is {run.state}; only a sync that was stopped is gone on with"
        )
    asked = run.details["asked"]
    connection, _ = read_connection(home, run.name)
    goals = chosen_goals(connection, run.name, asked["goal"])
    if configuration(connection, goals) != run.details["config"]:
        raise ConfigurationError(f"the goals of run {run.id} have changed since; run the connection anew")
    return run_connection(home, run.name, SyncRequest(**asked, force=True), show)


def _carry_out(
    home: Home,
    connection: ConnectionSettings,
    vendor: Vendor,
    goals: tuple[AnyGoalSettings, ...],
    request: SyncRequest,
    lines: Lines,
    show: Observer,
    prepared: Prepared | None,
) -> str | None:
    """Carry out the goals that are not done; returns why none could be."""
    if all(goal.state != RUNNING for goal in lines.goals):
        return None  # a killed run came to its last goal, and lacks its end alone
    try:
        driver, settings = driver_for(home, connection, vendor, lines.run)
    except CdpkitError as error:
        return str(error)
    with driver:
        try:
            session = open_session(home, lines.name, connection, vendor, driver, settings)
        except CdpkitError as error:
            return str(error)
        done = {goal.name for goal in lines.goals if goal.state != RUNNING}
        for nth, goal in enumerate(goals):
            if goal.name not in done:
                given = None if prepared is None else prepared.plans[nth]
                lines.put(_goal(session, goal, nth, request.options, lines, show, given))
                lines.look_back(home)
    return None


def _goal(
    session: Session,
    goal: AnyGoalSettings,
    nth: int,
    options: Options,
    lines: Lines,
    show: Observer,
    given: Planned | None,
) -> GoalRun:
    folder = GoalFolder.of(session.home.root, lines.run, nth)
    common = (folder, lines.run, options, lines.goal, show)
    try:
        if isinstance(goal, ImportGoalSettings):
            return run_import(session, goal, *common, given if isinstance(given, PlannedImport) else None)
        return run_export(session, goal, *common, given if isinstance(given, PlannedExport) else None)
    except CdpkitError as error:
        if given is not None and isinstance(error, ConflictError):
            raise
        return GoalRun(goal.name, FAILED, kind=goal.kind, key=session.key(goal), message=str(error))


def _check_prepared(home: Home, name: str, connection: ConnectionSettings, prepared: Prepared) -> None:
    if prepared.name != name:
        raise ConfigurationError(f"this is the preview of connection {prepared.name!r}; preview {name!r} itself")
    if home.tables.has_ended(prepared.run):
        raise ConflictError("this preview has been carried out; preview it again")
    if prepared.connection != connection:
        raise ConflictError("the connection has been changed since the preview; preview it again")
    if home.tables.snapshot().seq != prepared.seq:
        raise ConflictError("somebody else has committed since the preview; preview it again")
    if any(next_turn(home.tables, goal) != turn for goal, turn in prepared.turns.items()):
        raise ConflictError("somebody else has run the connection since the preview; preview it again")


def _lines(
    home: Home,
    name: str,
    goals: tuple[AnyGoalSettings, ...],
    said: Mapping[str, Any],
    prepared: Prepared | None,
    held: ExitStack,
) -> Lines:
    """The lines of a new run, or of one that a killed process left, which then goes on."""
    started = now().isoformat()
    if prepared is not None:
        home.claim(prepared.run, held)
        return Lines(prepared.run, name, started, said, pending(goals, name))
    left = _take_over(home, name, said, held)
    if left is not None:
        return left
    run = run_id()
    held.enter_context(home.lock(run))
    return Lines(run, name, started, said, pending(goals, name))


def _take_over(home: Home, name: str, said: Mapping[str, Any], held: ExitStack) -> Lines | None:
    """The run that a killed process left of this connection, if it was asked the same; others are closed."""
    home.tables.roll_forward()
    found = None
    stopped = history(home).filter(state=STOPPED, kind=SYNC, name=name).filter(pl.col("finished_at").is_null())
    for line in stopped.reverse().to_dicts():
        with ExitStack() as lock:
            if not home.claim(line["run_id"], lock) or home.tables.has_ended(line["run_id"]):
                continue
            before = json.loads(line["details"])
            goals = [GoalRun(**goal) for goal in json.loads(line["goals"])]
            made = {"version": line["version"], "seq": line["seq"]}
            lines = Lines(line["run_id"], name, line["started_at"].isoformat(), said, goals, committed=made)
            if found is None and (before["config"], before["asked"]) == (said["config"], said["asked"]):
                found = lines
                held.push(lock.pop_all())
            else:
                keep_what_was_sent(home, lines)
                close(home, line)
    return found
