"""A run as a value: what happened, in numbers and in frames."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import polars as pl

from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.text import stacked_apart
from cdpkit.errors import RunFailedError, UnknownNameError
from cdpkit.place.foreign import translated
from cdpkit.runs.files.given import read_lines
from cdpkit.runs.frame_view import FrameView
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.ids import named_run, now
from cdpkit.runs.new_properties import made_lines
from cdpkit.runs.numbers import together
from cdpkit.runs.parts import Held, Part
from cdpkit.runs.rejects.rejects import Rejects
from cdpkit.runs.report import report_lines
from cdpkit.runs.run_told import numbers, parts_of, whole
from cdpkit.runs.told import person_first
from cdpkit.runs.whom import WHOM, identifiers, linked_properties, public_ids
from cdpkit.show.face import Faced
from cdpkit.show.shown_frame import ShownFrame
from cdpkit.show.tells import Tells
from cdpkit.show.told import Told
from cdpkit.store.tables import CHANGES, REJECTED, RUN_ROWS, RUNS

SUCCEEDED, WITH_WARNINGS, FAILED, STOPPED, RUNNING, SKIPPED = (
    "succeeded",
    "succeeded_with_warnings",
    "failed",
    "stopped",
    "running",
    "skipped",
)
UNDO, SYNC, CHANGE = "undo", "sync", "change"
NOT_ENDED = "did not end, because the run did not"
"""The message of a goal that was at work, or to come, when its run ended; the run's own message says why."""

_AGAIN = "cdpkit.runs.rejects.again"
"""Takes what was refused again by a run, and is found by name since it stands above runs."""
LAST = 5
VIEWS = ("changes", "rows", "excluded", "rejected", "in_doubt", "conflicts")
"""The frames that a run has."""


class Run(Faced, Tells):
    """One run, as the history has it.

    Each frame is read once, when it is first asked for after the run has ended; `view(name)` hands the same out in
    windows. `created` and `updated` are read each time, because they show the profiles as they are now.

    Attributes:
        id: Twelve digits and letters that sort by time; any unique beginning names the run.
        kind: `load`, `undo`, `sync` or `change`.
        name: The goal of a load, the run that an undo took back, the connection of a sync, or the property that was
            changed.
        state: `running`, `succeeded`, `succeeded_with_warnings`, `failed`, `stopped` or `skipped`.
        goals: One `GoalRun` each.
        started_at: UTC.
        finished_at: UTC; None while it runs.
        version: The version of the profiles that it made; None where it made none.
        seq: The sequence number of its last commit; None where it made none.
        details: Configuration, inputs and versions of packages, as recorded.
    """

    def __init__(self, home: Home, line: Mapping[str, Any]) -> None:
        self._home = home
        self.id: str = line["run_id"]
        self.kind: str = line["kind"]
        self.name: str | None = line["name"]
        self.state: str = line["state"]
        self.started_at: datetime = line["started_at"]
        self.finished_at: datetime | None = line["finished_at"]
        self.version: int | None = line["version"]
        self.seq: int | None = line["seq"]
        self.goals = tuple(GoalRun(**goal) for goal in json.loads(line["goals"]))
        self.details: Mapping[str, Any] = json.loads(line["details"])
        self._frames, self._held = dict[str, pl.DataFrame](), Held()

    @property
    def counters(self) -> Mapping[str, Any]:
        """The counters of all goals together."""
        return together(goal.counters for goal in self.goals)

    @property
    def changes(self) -> pl.DataFrame:
        """`profile_id`, `property`, `before`, `after`, `rule`, `source_row`: every value that the run changed.

        Of a group it is the group's id that stands as `profile_id`.
        """
        return self._frame("changes")

    @property
    def created(self) -> pl.DataFrame:
        """The last five profiles that it created, as they are now; what the workspace keeps of them comes last.

        Groups that it created are among them, with their type as `group`.
        """
        return self._last(self._lines(CHANGES).filter(pl.col("rule") == CREATED_RULE))

    @property
    def updated(self) -> pl.DataFrame:
        """The last five profiles that it updated, as they are now; in columns as `created`."""
        return self._last(self._lines(CHANGES).filter(pl.col("rule") != CREATED_RULE))

    @property
    def rows(self) -> pl.DataFrame:
        """`source_row`, `fate`, `reason`: every row of the source.

        Of a sync also `goal`, `profile_id` and `identifier` (its values of what the goal links): also every profile
        that an export handled.
        """
        return self._frame("rows")

    @property
    def excluded(self) -> pl.DataFrame:
        """`source_row`, `reason`: the rows that were left out.

        Of a sync also `goal`, `profile_id` and `identifier`: the profiles that an export left out, but for those that
        were not due.
        """
        return self._frame("excluded")

    @property
    def rejected(self) -> pl.DataFrame:
        """`source_row`, `field`, `property`, `value`, `reason`: the values that were not accepted.

        Of a sync also `goal`, `profile_id` and `identifier`: the profiles that were refused, with the vendor's reason.
        """
        return self._frame("rejected")

    @property
    def rejects(self) -> "Rejects[Run]":
        """What it refused and nobody has made good since: in groups, to mend and to take again; read each time."""
        found: Rejects[Run] = import_module(_AGAIN).rejects_of(self._home, self)
        return found

    @property
    def in_doubt(self) -> pl.DataFrame:
        """`goal`, `profile_id`, `identifier`: of whom nobody knows whether the vendor took them."""
        return self._frame("in_doubt")

    @property
    def conflicts(self) -> pl.DataFrame:
        """`profile_id`, `property`, `reason`: what an undo left as it is; a null property is a whole profile.

        Loads and syncs leave nothing: the frame is empty.
        """
        return self._frame("conflicts")

    def view(self, name: str) -> FrameView:
        """One of `changes`, `rows`, `excluded`, `rejected`, `in_doubt`, `conflicts`, to leaf through.

        Raises:
            UnknownNameError: There is none of this name; names those that there are.
        """
        if name not in VIEWS:
            raise UnknownNameError("view", name, VIEWS)
        return FrameView(name, lambda: self._frame(name))

    def goal(self, name: str) -> GoalRun:
        """What the goal of this name did.

        Raises:
            UnknownNameError: It was no part of the run; names those that were.
        """
        goals = {goal.name: goal for goal in self.goals}
        if name not in goals:
            raise UnknownNameError("goal of the run", name, goals)
        return goals[name]

    def report(self) -> str:
        """What happened, for people."""
        what = f"{self.kind} {self.name}" if self.kind == SYNC else self.kind
        message = self.details.get("message")
        lines = report_lines(what, self.id, self.state, self.goals, message, self._refusals())
        return "\n".join([*lines, *self._notes()])

    def raise_for_state(self) -> None:
        """Raise unless the run succeeded, or was skipped because another one was at work.

        Raises:
            RunFailedError: It failed, was stopped, or still runs.
        """
        if self.state not in {SUCCEEDED, WITH_WARNINGS, SKIPPED}:
            messages = [
                self.details.get("message"),
                *(f"goal {g.name!r}: {g.message}" for g in self.goals if g.message != NOT_ENDED and g.message),
            ]
            reasons = "; ".join(message for message in messages if message) or "see its report()"
            raise RunFailedError(f"run {self.id} is {self.state}: {reasons}")

    def as_dict(self) -> dict[str, Any]:
        """Id, state, and the goals with their counters."""
        goals = [{"name": g.name, "state": g.state, "counters": dict(g.counters)} for g in self.goals]
        return {"id": self.id, "kind": self.kind, "state": self.state, "goals": goals}

    def __repr__(self) -> str:
        """The report: numbers alone, since what is printed may come into a log."""
        return self.report()

    def _parts(self) -> tuple[Part, ...]:
        return parts_of(self, Held() if self.state in {RUNNING, STOPPED} else self._held)

    def _numbers(self) -> Told:
        return numbers(self, self._refusals(), self._notes())

    def _refusals(self) -> dict[str, pl.DataFrame]:
        refusing = [goal for goal in self.goals if goal.counters.get("rejected") or goal.counters.get("unread")]
        return {goal.name: self._refused(goal) for goal in refusing}

    def _notes(self) -> list[str]:
        made = self.details.get("made", {}) if self.state in {SUCCEEDED, WITH_WARNINGS} else {}
        new = made_lines(made["new"], made["read"], made["notes"], self.id) if made else []
        again = [f"  takes again what run {self.details['mends']} had refused"] if "mends" in self.details else []
        return [*again, *new, *read_lines(self.details.get("read", ()))]

    def _told(self) -> Told:
        return whole(self, self._numbers(), self._held)

    def _frame(self, name: str) -> pl.DataFrame:
        if name in self._frames:
            return self._frames[name]
        with translated(f"the {name} of run {self.id} cannot be read"):
            read = ShownFrame(getattr(self, f"_{name}")())
        if self.state not in {RUNNING, STOPPED}:  # what goes on may have more to show
            self._frames[name] = read
        return read

    def _changes(self) -> pl.DataFrame:
        changes = self._lines(CHANGES).sort("goal", "row", maintain_order=True)
        return changes.select(self._ids(changes["row"]), "property", "before", "after", "rule", "source_row")

    def _rows(self) -> pl.DataFrame:
        rows = self._lines(RUN_ROWS)
        if self.kind == SYNC:
            return self._of_sync(rows, ["source_row", *WHOM, "fate", "reason"])
        return rows.select("source_row", "fate", "reason").sort("source_row", nulls_last=True, maintain_order=True)

    def _excluded(self) -> pl.DataFrame:
        if self.kind != SYNC:
            return self.rows.filter(fate="excluded").drop("fate")
        lines = self._lines(RUN_ROWS).filter(pl.col("fate").is_in(["excluded", "skipped"]))
        return self._of_sync(lines, ["source_row", *WHOM, "reason"])

    def _rejected(self) -> pl.DataFrame:
        columns = ["source_row", "field", "property", "value", "reason"]
        lines = self._lines(REJECTED)
        if self.kind == SYNC:
            return self._of_sync(lines, ["source_row", *WHOM, *columns[1:]])
        own = lines.filter(pl.lit(self.kind != UNDO)).select(columns)
        return own.sort("source_row", nulls_last=True, maintain_order=True)

    def _in_doubt(self) -> pl.DataFrame:
        return self._of_sync(self._lines(RUN_ROWS).filter(fate="in_doubt"), [*WHOM])

    def _conflicts(self) -> pl.DataFrame:
        lines = self._lines(REJECTED).filter(pl.col("row").is_not_null() & pl.lit(self.kind == UNDO))
        lines = lines.sort("row", maintain_order=True)
        return lines.select(self._ids(lines["row"]), "property", "reason")

    def _of_sync(self, lines: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
        names = {goal.key: goal.name for goal in self.goals}
        linked = {goal.key: linked_properties(self.details.get("goals", ()), goal.name) for goal in self.goals}
        known = identifiers(self._home, lines, linked)
        named = lines.with_columns(self._ids(lines["row"]), known, goal=pl.col("goal").replace(names))
        return named.select("goal", *columns).sort("goal", columns[0], nulls_last=True, maintain_order=True)

    def _refused(self, goal: GoalRun) -> pl.DataFrame:
        """`field`, `reason`, `source_row` of what was refused in a goal."""
        return self._lines(REJECTED).filter(goal=goal.key).select("field", "reason", "source_row")

    def _lines(self, table: str) -> pl.DataFrame:
        return self._home.tables.scan(table).filter(pl.col("run_id") == self.id).collect()

    def _ids(self, rows: pl.Series) -> pl.Series:
        """The public ids of profiles; of those that are deleted by now as long as the version before is kept."""
        before, keep = None, timedelta(days=self._home.settings.read().keep_days)
        if self.version is not None and self.finished_at is not None and self.finished_at > now() - keep:
            before = self.version - (self.kind == UNDO)
        return public_ids(self._home, rows, before)

    def _last(self, changes: pl.DataFrame) -> pl.DataFrame:
        rows = changes.unique("row").sort("source_row", "row", nulls_last=True)["row"].tail(LAST)
        snapshot, there = self._home.tables.snapshot(), pl.col("row").is_in(rows.implode())
        groups = sorted({goal.group for goal in self.goals} - {""})
        found = [snapshot.of(group).profiles().filter(there).with_columns(group=pl.lit(group)) for group in groups]
        if not groups or any(not goal.group for goal in self.goals):
            found = [snapshot.profiles().filter(there), *found]
        last = stacked_apart([frame.collect() for frame in found]).drop("row")
        return ShownFrame(person_first(last))


def ids_of(run: Run, rows: pl.Series) -> pl.Series:
    """The public ids of profiles by their numbers, as `profile_id`; null where nobody can name them any more."""
    return run._ids(rows)  # noqa: SLF001 - who has a run counts no rows


def find_run(home: Home, run_id: "str | Run", *, surely: bool = False) -> Run:
    """The run with this id, the only one whose id begins like this, or a run as it stands now; `surely` as `history`.

    Raises:
        UnknownNameError: There is none; names the latest.
        ConfigurationError: It is no text, or several begin like this; names them.
    """
    runs = history(home, surely=surely)
    known = named_run(run_id.id if isinstance(run_id, Run) else run_id, runs["run_id"].to_list())
    return Run(home, runs.row(by_predicate=pl.col("run_id") == known, named=True))


@translated("the history cannot be read")
def history(home: Home, *, surely: bool = False) -> pl.DataFrame:
    """Every run once, oldest first, as it stands; one whose process died is `stopped`.

    Args:
        home: The workspace.
        surely: Wait, where it lies in a bucket, until it is sure of each run whether its process is alive.
    """
    runs = _last_lines(home)
    dead = [run for run in runs.filter(state=RUNNING)["run_id"] if not home.at_work(run, surely=surely)]
    runs = _last_lines(home).filter(pl.col("run_id").is_in(runs["run_id"].implode())) if dead else runs
    dead = runs.filter(pl.col("run_id").is_in(dead), state=RUNNING)["run_id"].to_list()  # not those that ended since
    state = pl.when(pl.col("run_id").is_in(dead)).then(pl.lit(STOPPED)).otherwise("state")
    return runs.with_columns(state.alias("state"))


def _last_lines(home: Home) -> pl.DataFrame:
    runs = home.tables.scan(RUNS).collect().sort("step")
    return runs.unique("run_id", keep="last").sort("started_at", "run_id").drop("step")
