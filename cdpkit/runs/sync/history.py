"""The lines that a sync leaves in the history, from its start over each goal to its end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

import polars as pl

from cdpkit.config.connections import ConnectionSettings
from cdpkit.core.hashing import HASH_NAME, hash_text
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.run import FAILED, RUNNING, SKIPPED, SUCCEEDED, SYNC, WITH_WARNINGS, GoalRun, history
from cdpkit.runs.sync.session import AnyGoalSettings
from cdpkit.store.record import RunRecord, as_json

_PACKAGES = ("cdpkit", "polars", "duckdb", "deltalake", "polars-hash", "httpx")


def configuration(connection: ConnectionSettings, goals: Sequence[AnyGoalSettings]) -> int:
    """A hash of what decides a run of these goals; under another one a killed run is not gone on with."""
    parts = [connection.vendor, ",".join(connection.objectives), *(goal.model_dump_json() for goal in goals)]
    return hash_text("\x1d".join(parts))


@dataclass(slots=True)
class Lines:
    """The lines of one run.

    Attributes:
        run: The run's id.
        name: The connection.
        started: When it began.
        details: Configuration and versions.
        goals: How its goals stand, in the order in which they run.
        step: The number of the last line.
    """

    run: str
    name: str
    started: str
    details: Mapping[str, Any]
    goals: list[GoalRun]
    step: int = 0
    committed: dict[str, int | None] = field(default_factory=lambda: {"version": None, "seq": None})

    def start(self, home: Home) -> None:
        """Write that the run is at work."""
        home.tables.record(RunRecord(**self._line(RUNNING)))

    def begun(self) -> dict[str, Any]:
        """The line that the history has of it since its start, for what joins without a line of its own."""
        return self._line(RUNNING) | {"step": 0}

    def goal(self, ended: GoalRun) -> dict[str, Any]:
        """The line that joins with the commit of a goal; the run is still at work."""
        self.put(ended)
        self.step = 1 + next(i for i, goal in enumerate(self.goals) if goal.name == ended.name)
        return self._line(RUNNING)

    def put(self, ended: GoalRun) -> None:
        """Note how a goal stands."""
        self.goals = [ended if goal.name == ended.name else goal for goal in self.goals]

    def look_back(self, home: Home) -> None:
        """Note what the run has committed until now."""
        made = history(home).filter(pl.col("run_id") == self.run, pl.col("seq").is_not_null())
        if made.height:
            self.committed = made.select("version", "seq").row(0, named=True)

    def end(self, home: Home, message: str | None = None) -> None:
        """Write the end of the run: failed where one of its goals is."""
        states = {goal.state for goal in self.goals}
        bad = message is not None or FAILED in states or RUNNING in states
        state = FAILED if bad else WITH_WARNINGS if WITH_WARNINGS in states else SUCCEEDED
        self._close(home, state, message)

    def skip(self, home: Home, message: str) -> None:
        """Write that the run did not take place."""
        self._close(home, SKIPPED, message)

    def _close(self, home: Home, state: str, message: str | None) -> None:
        self.look_back(home)
        self.step = len(self.goals) + 1
        unfinished = SKIPPED if state == SKIPPED else FAILED
        self.goals = [
            GoalRun(goal.name, unfinished, kind=goal.kind, key=goal.key) if goal.state == RUNNING else goal
            for goal in self.goals
        ]
        line = self._line(state, message) | {"finished_at": now().isoformat()}
        home.tables.record(RunRecord(**line))

    def _line(self, state: str, message: str | None = None) -> dict[str, Any]:
        details = {**self.details, **({"message": message} if message else {})}
        return {
            "run_id": self.run,
            "kind": SYNC,
            "name": self.name,
            "state": state,
            "started_at": self.started,
            "finished_at": None,
            "goals": as_json([asdict(goal) for goal in self.goals]),
            "details": as_json(details),
            "step": self.step,
            **self.committed,
        }


def details(
    connection: ConnectionSettings, goals: Sequence[AnyGoalSettings], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What explains a run: which goals it was asked for, how, and with which versions."""
    return {
        "config": configuration(connection, goals),
        "vendor": connection.vendor,
        "asked": dict(options),
        "goals": [json.loads(goal.model_dump_json(by_alias=True)) for goal in goals],
        "hash": HASH_NAME,
        "versions": {name: version(name) for name in _PACKAGES},
    }


def pending(goals: Sequence[AnyGoalSettings], name: str) -> list[GoalRun]:
    """Goals that have not run yet."""
    return [GoalRun(goal.name, RUNNING, kind=goal.kind, key=f"{name}/{goal.name}") for goal in goals]
