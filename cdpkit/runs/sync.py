"""One run of a connection, recorded so that the history is true whatever happens to the process."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from cdpkit.config.connections import ConnectionSettings
from cdpkit.config.goal import GoalSettings
from cdpkit.core.hashing import hash_text
from cdpkit.errors import CdpkitError, ConfigurationError, ConflictError
from cdpkit.kit.vendor import Vendor
from cdpkit.place.foreign import translated
from cdpkit.runs import kinds
from cdpkit.runs.carry_out import carry_out
from cdpkit.runs.exports.abandoned import keep_what_was_sent
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.guard import guards_of, unchanged
from cdpkit.runs.home import Home
from cdpkit.runs.ids import run_id
from cdpkit.runs.kind import Options, Work
from cdpkit.runs.plan import Plan
from cdpkit.runs.progress import Observer, heard_by
from cdpkit.runs.record import Recorder, made_with
from cdpkit.runs.resume import take_over
from cdpkit.runs.run import FAILED, RUNNING, STOPPED, SYNC, Run, find_run
from cdpkit.runs.session import driver_for, open_session, read_connection
from cdpkit.transport.stop import Hearing, StopHeard


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What a connection is asked to do.

    Attributes:
        goal: Only this goal; None for all active ones.
        full: Apply or send everything again.
        force: Run although the connection is off.
        resend_in_doubt: Send those again of whom no answer came.
        people: The rows of the profiles alone that its export goal considers; None for all.
        refused_by: The run that had refused those people; None where nobody was.
        allow: The guards that are not to stop it.
        real_time: A watch asks: for those alone whom it keeps as due for the goal.
    """

    goal: str | None = None
    full: bool = False
    force: bool = False
    resend_in_doubt: bool = False
    people: tuple[int, ...] | None = None
    refused_by: str | None = None
    allow: tuple[str, ...] = ()
    real_time: bool = False

    @property
    def options(self) -> Options:
        """How the goals are carried out."""
        return Options(self.full, self.resend_in_doubt, self.people, self.allow, self.real_time)

    def asked(self) -> dict[str, Any]:
        """What the history keeps of it."""
        some: dict[str, Any] = (
            {} if self.people is None else {"people": list(self.people), "refused_by": self.refused_by}
        )
        some |= {"allow": list(self.allow)} if self.allow else {}
        some |= {"real_time": True} if self.real_time else {}
        return {"goal": self.goal, "full": self.full, "resend_in_doubt": self.resend_in_doubt, **some}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a preview worked out, for a run to carry out.

    Attributes:
        run: The id of that run.
        name: The connection.
        connection: The connection's file as it was.
        request: What was asked.
        plans: The plan of each goal, in the order in which they run.
    """

    run: str
    name: str
    connection: ConnectionSettings
    request: SyncRequest
    plans: tuple[Plan, ...]


def chosen_goals(connection: ConnectionSettings, name: str, goal: str | None) -> tuple[GoalSettings, ...]:
    """The goals that a run carries out, in the order in which they run.

    Raises:
        UnknownNameError: No such goal.
        ConfigurationError: No goal is active.
    """
    if goal is not None:
        return (connection.goal(goal),)
    active = tuple(each for each in connection.goals if each.active and each.in_runs)
    if not active and any(each.active for each in connection.goals):
        raise ConfigurationError(f"the goals of connection {name!r} run in real time alone; ws.watch() runs them")
    if not active:
        raise ConfigurationError(f"connection {name!r} has no active goal; add one with conn.goals.add(...)")
    return kinds.in_run_order(active)


@translated("the run cannot be recorded")
def run_connection(
    home: Home,
    name: str,
    request: SyncRequest,
    show: Observer,
    prepared: Prepared | None = None,
    stop: Event | None = None,
) -> Run:
    """Run a connection; a failed run is a value, and so is one that a program stopped.

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
    hearing = Hearing(stop)
    with suppress(StopHeard), ExitStack() as held:
        said = details(connection, goals, request.asked())
        recorder = Recorder(home, run_id(), SYNC, name, said, pending(goals, name))
        if not home.claim(f"connection-{name}", held):
            recorder.skip("another run of this connection is at work")
            return find_run(home, recorder.run)
        if prepared is None:
            recorder = take_over(recorder, held)
        else:
            recorder = replace(recorder, run=prepared.run)
            home.claim(recorder.run, held)
        recorder.start()
        ended = False
        try:
            try:
                tell = recorder.stages.timed(heard_by(show, hearing))
                message = _carry_out(connection, vendor, goals, request, recorder, tell, prepared, hearing)
            except CdpkitError as error:
                if prepared is not None and isinstance(error, ConflictError):
                    raise
                home.tables.roll_forward()
                message = str(error)
            told = [*([] if message is None else [message]), *keep_what_was_sent(home, recorder)]
            recorder.end("; ".join(told) or None)
            ended = True
        finally:
            why = sys.exception()
            if not ended and isinstance(why, Exception):
                home.tables.roll_forward()
                keep_what_was_sent(home, recorder)
                recorder.fail(why)
    return find_run(home, recorder.run)


@translated("the run cannot be gone on with")
def resume_run(home: Home, run_id: str | Run, show: Observer, stop: Event | None = None) -> Run:
    """Go on with a run that was stopped.

    Raises:
        UnknownNameError: No such run.
        ConfigurationError: It is no run of a connection, it has ended, or its goals have changed since.
    """
    run = find_run(home, run_id, surely=True)
    if run.kind != SYNC or run.state != STOPPED or run.name is None:
        raise ConfigurationError(
            f"run {run.id} is a {run.kind} that is {run.state}; only a sync that was stopped is gone on with"
        )
    asked = run.details["asked"]
    connection, _ = read_connection(home, run.name)
    goals = chosen_goals(connection, run.name, asked["goal"])
    if configuration(connection, goals) != run.details["config"]:
        raise ConfigurationError(f"the goals of run {run.id} have changed since; run the connection anew")
    return run_connection(home, run.name, SyncRequest(**asked, force=True), show, stop=stop)


def _carry_out(
    connection: ConnectionSettings,
    vendor: Vendor,
    goals: tuple[GoalSettings, ...],
    request: SyncRequest,
    recorder: Recorder,
    show: Observer,
    prepared: Prepared | None,
    hearing: Hearing,
) -> str | None:
    """Carry out the goals that are not done; returns why none could be."""
    home, done = recorder.home, {goal.name for goal in recorder.goals if goal.state != RUNNING}
    if len(done) == len(recorder.goals):
        return None  # a killed run came to its last goal, and lacks its end alone
    try:
        driver, settings = driver_for(home, str(recorder.name), connection, vendor, recorder.run, hearing)
    except CdpkitError as error:
        return str(error)
    with driver:
        try:
            session = open_session(home, str(recorder.name), connection, vendor, driver, settings)
        except CdpkitError as error:
            return str(error)
        for nth, goal in enumerate(goals):
            if goal.name not in done:
                hearing.check()
                folder = GoalFolder.of(home.root, recorder.run, nth)
                work = Work(session, folder, recorder.run, request.options, show, waited=prepared is not None)
                recorder.stages.goal(goal.name)
                recorder.put(run_goal(work, goal, recorder, None if prepared is None else prepared.plans[nth]))
                recorder.look_back()
    return None


def run_goal(work: Work, goal: GoalSettings, recorder: Recorder, given: Plan | None = None) -> GoalRun:
    """Run one goal, by the plan of a preview where one is given; returns how it ended.

    Raises:
        ConflictError: A plan is given, and somebody else has committed since.
    """
    session, kind, work = work.session, kinds.get(goal.kind), replace(work, makes=recorder.makes)

    def store(plan: Plan) -> GoalRun:
        recorder.makes(plan.new_properties)
        ended: GoalRun = kind.carry_out(work, plan, recorder.goal)
        return ended

    try:
        with translated("the goal cannot be carried out"):
            return carry_out(
                session.home,
                given,
                lambda: kinds.plan_goal(work, goal),
                store,
                guards_of(session.home, goal.guards, work.options.allow),
            )
    except CdpkitError as error:
        if given is not None and isinstance(error, ConflictError):
            raise
        said = session.said(error)
        return GoalRun(goal.name, FAILED, kind.nothing, kind=goal.kind, key=session.key(goal), message=said)


def _check_prepared(home: Home, name: str, connection: ConnectionSettings, prepared: Prepared) -> None:
    if prepared.name != name:
        raise ConfigurationError(f"this is the preview of connection {prepared.name!r}; preview {name!r} itself")
    if home.tables.has_ended(prepared.run):
        raise ConflictError("this preview has been carried out; preview it again")
    if prepared.connection != connection:
        raise ConflictError(
            "the connection is not as the preview has it; preview it again, or change the goal as preview.again had it"
        )
    unchanged(
        home, prepared.plans[0].snapshot.seq, {key: n for plan in prepared.plans for key, n in plan.turns.items()}
    )


def configuration(connection: ConnectionSettings, goals: Sequence[GoalSettings]) -> int:
    """A hash of what decides a run of these goals; under another one a killed run is not gone on with."""
    parts = [
        connection.vendor,
        ",".join(connection.objectives),
        *(goal.model_dump_json(exclude={"guards"}) for goal in goals),
    ]
    return hash_text("\x1d".join(parts))


def details(
    connection: ConnectionSettings, goals: Sequence[GoalSettings], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What explains a run: which goals it was asked for, how, and with which versions."""
    return {
        "config": configuration(connection, goals),
        "vendor": connection.vendor,
        "asked": dict(options),
        "goals": [json.loads(goal.model_dump_json(by_alias=True)) for goal in goals],
        **made_with("httpx"),
    }


def pending(goals: Sequence[GoalSettings], name: str) -> list[GoalRun]:
    """Goals that have not run yet."""
    return [
        GoalRun(goal.name, RUNNING, kinds.get(goal.kind).nothing, kind=goal.kind, key=f"{name}/{goal.name}")
        for goal in goals
    ]
