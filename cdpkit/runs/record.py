"""Recording a run of any kind: the lines that it leaves in the history, from its start over its goals to its end."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from typing import Any

import polars as pl

from cdpkit.core.hashing import HASH_NAME
from cdpkit.core.properties import Property
from cdpkit.errors import CdpkitError, NoRoomError
from cdpkit.runs.catalogue import plain
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.run import FAILED, NOT_ENDED, RUNNING, SKIPPED, STOPPED, SUCCEEDED, SYNC, WITH_WARNINGS, history
from cdpkit.runs.stages import STAGES, Stages
from cdpkit.store.record import RunRecord, as_json

NEW_PROPERTIES = "new_properties"
"""The key in a run's details under which it lists the properties that it was to make."""

_PACKAGES = ("cdpkit", "polars", "duckdb", "deltalake", "polars-hash")


@dataclass(slots=True)
class Recorder:
    """Writes the lines of one run.

    The line of a goal joins with the goal's commit. The commit of a load or an undo is the end of its run; a sync is at
    work until its last goal has ended, and has an end of its own.

    Attributes:
        home: The workspace.
        run: The run's id.
        kind: `load`, `undo` or `sync`.
        name: The goal of a load, the run that an undo takes back, or the connection.
        details: What explains the run.
        goals: How its goals stand, in the order in which they run.
        started: When it began.
        step: The number of the last line.
        stages: When they began and ended.
        committed: The last version of the profiles that it made, and its sequence number.
    """

    home: Home
    run: str
    kind: str
    name: str | None
    details: Mapping[str, Any]
    goals: list[GoalRun]
    started: str = field(default_factory=lambda: now().isoformat())
    step: int = 0
    committed: dict[str, int | None] = field(default_factory=lambda: {"version": None, "seq": None})
    stages: Stages = field(init=False)

    def __post_init__(self) -> None:
        self.stages = Stages(self.started, self.details.get(STAGES, ()))

    @classmethod
    def of(cls, home: Home, line: Mapping[str, Any]) -> "Recorder":
        """The recorder of a run that the history has, as its last line says that it stands."""
        return cls(
            home,
            line["run_id"],
            line["kind"],
            line["name"],
            json.loads(line["details"]),
            [GoalRun(**goal) for goal in json.loads(line["goals"])],
            line["started_at"].isoformat(),
            committed={"version": line["version"], "seq": line["seq"]},
        )

    def start(self) -> None:
        """Write that the run is at work."""
        self.home.tables.record(RunRecord(**self._line(RUNNING)))

    def begun(self) -> dict[str, Any]:
        """The line that the history has of it since its start, for what joins without a line of its own."""
        return self._line(RUNNING) | {"step": 0}

    def goal(self, ended: GoalRun) -> dict[str, Any]:
        """The line that joins with the commit of a goal."""
        self.put(ended)
        self.step = 1 + next(i for i, goal in enumerate(self.goals) if goal.name == ended.name)
        return self._line(RUNNING if self.kind == SYNC else ended.state)

    def put(self, ended: GoalRun) -> None:
        """Note how a goal stands."""
        self.goals = [ended if goal.name == ended.name else goal for goal in self.goals]

    def makes(self, properties: Iterable[Property]) -> None:
        """Note the properties that a goal is about to make: an undo of the run takes them with it."""
        made = {prop["name"]: prop for prop in self.details.get(NEW_PROPERTIES, ())}
        made |= {prop.name: plain(prop) for prop in properties}
        self.details = {**self.details, NEW_PROPERTIES: list(made.values())}

    def look_back(self) -> None:
        """Note what the run has committed until now."""
        made = history(self.home).filter(pl.col("run_id") == self.run, pl.col("seq").is_not_null())
        if made.height:
            self.committed = made.select("version", "seq").row(0, named=True)

    def end(self, message: str | None = None) -> None:
        """Write the end of the run: failed where one of its goals is."""
        states = {goal.state for goal in self.goals}
        bad = message is not None or FAILED in states or RUNNING in states
        self._close(FAILED if bad else WITH_WARNINGS if WITH_WARNINGS in states else SUCCEEDED, message)

    def skip(self, message: str) -> None:
        """Write that the run did not take place."""
        self._close(SKIPPED, message)

    def fail(self, error: BaseException | None) -> None:
        """Write that the run ended by an error, or was stopped by what is none, such as an interrupt.

        It may have been committed all the same; then that was its end, and nothing is written.
        """
        message = str(error) if isinstance(error, CdpkitError) else type(error).__name__
        if isinstance(error, KeyboardInterrupt):
            message = "interrupted"
        self.home.tables.roll_forward()
        try:
            self._close(FAILED if isinstance(error, Exception) else STOPPED, message)
        finally:
            if isinstance(error, NoRoomError):
                self.home.tables.squeeze()

    def _close(self, state: str, message: str | None) -> None:
        self.look_back()
        self.step = len(self.goals) + 1 if self.kind == SYNC else 1
        unfinished = state if state in {SKIPPED, STOPPED} else FAILED
        why = NOT_ENDED if message and unfinished == FAILED and self.kind == SYNC else None
        self.goals = [
            replace(goal, state=unfinished, message=why) if goal.state == RUNNING else goal for goal in self.goals
        ]
        line = self._line(state, message) | {"finished_at": now().isoformat()}
        self.home.tables.record(RunRecord(**line))

    def _line(self, state: str, message: str | None = None) -> dict[str, Any]:
        stages = self.stages.lines()
        told = {STAGES: stages} if stages else {}
        details = {**self.details, **told, **({"message": message} if message else {})}
        return {
            "run_id": self.run,
            "kind": self.kind,
            "name": self.name,
            "state": state,
            "started_at": self.started,
            "finished_at": None,
            "goals": as_json([asdict(goal) for goal in self.goals]),
            "details": as_json(details),
            "step": self.step,
            **self.committed,
        }


def made_with(*more: str) -> dict[str, Any]:
    """What the details of a run say of the hash and the versions of packages."""
    return {"hash": HASH_NAME, "versions": {name: version(name) for name in (*_PACKAGES, *more)}}
