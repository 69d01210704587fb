"""One load from beginning to end, recorded so that the history is true whatever happens to the process."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import polars as pl

from cdpkit.core.hashing import HASH_NAME, hash_text
from cdpkit.errors import CdpkitError, ConfigurationError
from cdpkit.runs.attempts import store, warnings
from cdpkit.runs.close import close
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now, run_id
from cdpkit.runs.plan import UNNAMED, LoadPlan, plan_load
from cdpkit.runs.prepare import LoadRequest, Prepared, prepare
from cdpkit.runs.preview import Preview
from cdpkit.runs.progress import Observer, RunEvent
from cdpkit.runs.run import FAILED, RUNNING, STOPPED, SUCCEEDED, WITH_WARNINGS, GoalRun, Run, history
from cdpkit.store.record import RunRecord, as_json
from cdpkit.store.tables import PROFILES

_PACKAGES = ("cdpkit", "polars", "duckdb", "deltalake", "polars-hash")


def preview_load(home: Home, request: LoadRequest) -> Preview:
    """Work a load out and stop before anything is stored."""
    plan = plan_load(home, prepare(home, request), run_id())
    return Preview({plan.prepared.goal.name or UNNAMED: plan})


def load(home: Home, request: LoadRequest, show: Observer) -> Run:
    """Read, work out and store; repeated where somebody else commits in between."""
    show(RunEvent("", "read", 0, 0, "the source"))
    return _recorded(home, prepare(home, request), None, show)


def load_previewed(home: Home, preview: Preview, show: Observer) -> Run:
    """Store exactly what a preview showed.

    Raises:
        ConfigurationError: It is the preview of another workspace.
        ConflictError: Somebody else has committed since.
    """
    if preview.plan is None:
        raise ConfigurationError("this is the preview of a connection; give it to its run(preview=preview)")
    if preview.plan.snapshot.layers.table.root.resolve() != (home.tables.root / PROFILES).resolve():
        raise ConfigurationError("this is the preview of another workspace; preview the load here")
    run = _recorded(home, preview.plan.prepared, preview.plan, show)
    preview.keep()
    return run


def _recorded(home: Home, prepared: Prepared, plan: LoadPlan | None, show: Observer) -> Run:
    details = _details(prepared)
    started = now().isoformat()
    with ExitStack() as held:
        if plan is None:
            run = _take_over(home, prepared.goal.name, details["config"], held) or _new(home, held)
        else:
            run = plan.draft.run_id
            home.claim(run, held)
        record = _record(run, prepared, started, RUNNING, details)
        home.tables.record(record)
        stored = False
        try:
            store(home, prepared, run, _end(prepared, asdict(record)), show, given=plan)
            stored = True
        finally:
            if not stored:
                error = sys.exception()
                state = FAILED if isinstance(error, Exception) else STOPPED
                message = str(error) if isinstance(error, CdpkitError) else type(error).__name__
                home.tables.roll_forward()  # it may have been committed all the same, and then it did not fail
                home.tables.record(_record(run, prepared, started, state, details | {"message": message}, step=1))
        home.tables.roll_forward()
    return Run.find(home, run)


def _end(prepared: Prepared, record: Mapping[str, Any]) -> Callable[[LoadPlan], dict[str, Any]]:
    """The last line of the history, once there is a plan."""

    def line(plan: LoadPlan) -> dict[str, Any]:
        counters = plan.result.counters
        state = WITH_WARNINGS if warnings(counters) else SUCCEEDED
        goals = _goals(prepared.goal.name, state, asdict(counters), plan.draft.seq)
        return {**record, "state": state, "goals": goals, "step": 1}

    return line


def _details(prepared: Prepared) -> dict[str, Any]:
    goal = prepared.goal
    return {
        "config": hash_text(goal.fingerprint()),
        "identifiers": dict(goal.identifiers),
        "mappings": [asdict(mapping) for mapping in goal.mappings],
        "create_profiles": goal.create_profiles,
        "on_multiple_matches": goal.on_multiple_matches.value,
        "full": goal.full,
        "inputs": prepared.inputs,
        "hash": HASH_NAME,
        "versions": {name: version(name) for name in _PACKAGES},
    }


def _record(
    run: str, prepared: Prepared, started: str, state: str, details: Mapping[str, Any], step: int = 0
) -> RunRecord:
    return RunRecord(
        run_id=run,
        kind="load",
        name=prepared.goal.name,
        state=state,
        started_at=started,
        finished_at=now().isoformat() if step else None,
        goals=_goals(prepared.goal.name, state, {}),
        details=as_json(details),
        step=step,
    )


def _goals(name: str | None, state: str, counters: Mapping[str, Any], seq: int | None = None) -> str:
    goal = name or UNNAMED
    return as_json([asdict(GoalRun(goal, state, counters, key=goal, seq=seq))])


def _new(home: Home, held: ExitStack) -> str:
    run = run_id()
    held.enter_context(home.lock(run))
    return run


def _take_over(home: Home, goal: str | None, config: int, held: ExitStack) -> str | None:
    """The run that a killed process left behind under the same goal and configuration; others like it are closed.

    Its lock is held until `held` is closed.
    """
    found = None
    for line in history(home).filter(state=STOPPED, kind="load").filter(pl.col("finished_at").is_null()).to_dicts():
        same = goal is not None and line["name"] == goal and json.loads(line["details"])["config"] == config
        with ExitStack() as lock:
            if not home.claim(line["run_id"], lock) or home.tables.has_ended(line["run_id"]):
                continue
            if same and found is None:
                found = str(line["run_id"])
                held.push(lock.pop_all())
            elif line["name"] in {goal, None}:
                close(home, line)
    return found
