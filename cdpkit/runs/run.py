"""A run as a value: what happened, in numbers and in frames."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import polars as pl

from cdpkit.core.imports import CREATED_RULE
from cdpkit.errors import RunFailedError, UnknownNameError
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.report import report_lines
from cdpkit.store.tables import CHANGES, REJECTED, RUN_ROWS, RUNS

SUCCEEDED, WITH_WARNINGS, FAILED, STOPPED, RUNNING = (
    "succeeded",
    "succeeded_with_warnings",
    "failed",
    "stopped",
    "running",
)
UNDO = "undo"
LAST = 5


@dataclass(frozen=True, slots=True)
class GoalRun:
    """What one goal of a run did: its name, its state, and its counters."""

    name: str
    state: str
    counters: Mapping[str, Any]


class Run:
    """One run, as the history has it.

    Attributes:
        id: A UUID that sorts by time.
        kind: `load` or `undo`.
        state: `running`, `succeeded`, `succeeded_with_warnings`, `failed` or `stopped`.
        goals: One `GoalRun` each.
        started_at: UTC.
        finished_at: UTC; None while it runs.
        version: The version of the profiles that it made; None where it made none.
        details: Configuration, inputs and versions of packages, as recorded.
    """

    def __init__(self, home: Home, line: Mapping[str, Any]) -> None:
        self._home = home
        self.id: str = line["run_id"]
        self.kind: str = line["kind"]
        self.state: str = line["state"]
        self.started_at: datetime = line["started_at"]
        self.finished_at: datetime | None = line["finished_at"]
        self.version: int | None = line["version"]
        self.seq: int | None = line["seq"]
        self.goals = tuple(GoalRun(**goal) for goal in json.loads(line["goals"]))
        self.details: Mapping[str, Any] = json.loads(line["details"])

    @classmethod
    def find(cls, home: Home, run_id: str) -> Self:
        """The run with this id.

        Raises:
            UnknownNameError: There is none; names the latest.
        """
        runs = history(home)
        found = runs.filter(pl.col("run_id") == str(run_id))
        if found.is_empty():
            raise UnknownNameError("run", run_id, runs["run_id"].tail(LAST), "ws.runs lists all of them.")
        return cls(home, found.row(0, named=True))

    @property
    def counters(self) -> Mapping[str, Any]:
        """The counters of the first goal; loads and undos have one."""
        return self.goals[0].counters if self.goals else {}

    @property
    def changes(self) -> pl.DataFrame:
        """`profile_id`, `property`, `before`, `after`, `rule`, `source_row`: every value that the run changed."""
        changes = self._rows(CHANGES)
        return changes.select(self._ids(changes["row"]), "property", "before", "after", "rule", "source_row")

    @property
    def created(self) -> pl.DataFrame:
        """The last five profiles that it created, as they are now."""
        return self._last(self._rows(CHANGES).filter(pl.col("rule") == CREATED_RULE))

    @property
    def updated(self) -> pl.DataFrame:
        """The last five profiles that it updated, as they are now."""
        return self._last(self._rows(CHANGES).filter(pl.col("rule") != CREATED_RULE))

    @property
    def rows(self) -> pl.DataFrame:
        """`source_row`, `fate`, `reason`: every row of the source."""
        rows = self._rows(RUN_ROWS).select("source_row", "fate", "reason")
        return rows.sort("source_row", nulls_last=True, maintain_order=True)

    @property
    def excluded(self) -> pl.DataFrame:
        """`source_row`, `reason`: the rows that were left out."""
        return self.rows.filter(fate="excluded").drop("fate")

    @property
    def rejected(self) -> pl.DataFrame:
        """`source_row`, `field`, `property`, `value`, `reason`: the values that were not accepted."""
        columns = ["source_row", "field", "property", "value", "reason"]
        return (
            self._rows(REJECTED)
            .filter(pl.col("row").is_null())
            .select(columns)
            .sort("source_row", nulls_last=True, maintain_order=True)
        )

    @property
    def conflicts(self) -> pl.DataFrame:
        """`profile_id`, `property`, `reason`: what an undo left as it is; a null property is a whole profile."""
        lines = self._rows(REJECTED).filter(pl.col("row").is_not_null())
        return lines.select(self._ids(lines["row"]), "property", "reason")

    def report(self) -> str:
        """What happened, for people."""
        return "\n".join(report_lines(self.kind, self.id, self.state, [(g.name, g.counters) for g in self.goals]))

    def raise_for_state(self) -> None:
        """Raise unless the run succeeded.

        Raises:
            RunFailedError: It failed, was stopped, or still runs.
        """
        if self.state not in {SUCCEEDED, WITH_WARNINGS}:
            reason = self.details.get("message", "see its report()")
            raise RunFailedError(f"run {self.id} is {self.state}: {reason}")

    def as_dict(self) -> dict[str, Any]:
        """Id, state, and the goals with their counters."""
        goals = [{"name": g.name, "state": g.state, "counters": dict(g.counters)} for g in self.goals]
        return {"id": self.id, "kind": self.kind, "state": self.state, "goals": goals}

    def __repr__(self) -> str:
        return self.report()

    def _rows(self, table: str) -> pl.DataFrame:
        return self._home.tables.scan(table).filter(pl.col("run_id") == self.id).collect()

    def _ids(self, rows: pl.Series) -> pl.Series:
        """The public ids of profiles; of those that are deleted by now as long as the version before is kept."""
        known = self._known_ids(rows.unique(), None)
        gone = rows.unique().filter(~rows.unique().is_in(known["row"].implode()))
        if gone.len() and self.version is not None and self._is_kept():
            known = pl.concat([known, self._known_ids(gone, self.version - (self.kind == UNDO))])
        return rows.to_frame("row").join(known, on="row", how="left", maintain_order="left")["profile_id"]

    def _known_ids(self, rows: pl.Series, version: int | None) -> pl.DataFrame:
        profiles = self._home.tables.snapshot(version).profiles()
        return profiles.filter(pl.col("row").is_in(rows.implode())).select("row", "profile_id").collect()

    def _is_kept(self) -> bool:
        keep = timedelta(days=self._home.settings.read().keep_days)
        return self.finished_at is not None and self.finished_at > now() - keep

    def _last(self, changes: pl.DataFrame) -> pl.DataFrame:
        rows = changes.unique("row").sort("source_row", "row", nulls_last=True)["row"].tail(LAST)
        profiles = self._home.tables.snapshot().profiles()
        return profiles.filter(pl.col("row").is_in(rows.implode())).collect().drop("row")


def history(home: Home) -> pl.DataFrame:
    """Every run once, oldest first, as it stands; one whose process died is `stopped`."""
    runs = _last_lines(home)
    dead = [run for run in runs.filter(state=RUNNING)["run_id"] if not home.at_work(run)]
    runs = _last_lines(home).filter(pl.col("run_id").is_in(runs["run_id"].implode())) if dead else runs
    dead = runs.filter(pl.col("run_id").is_in(dead), state=RUNNING)["run_id"].to_list()  # not those that ended since
    state = pl.when(pl.col("run_id").is_in(dead)).then(pl.lit(STOPPED)).otherwise("state")
    return runs.with_columns(state.alias("state"))


def _last_lines(home: Home) -> pl.DataFrame:
    runs = home.tables.scan(RUNS).collect().sort("step")
    return runs.unique("run_id", keep="last").sort("started_at", "run_id").drop("step")
