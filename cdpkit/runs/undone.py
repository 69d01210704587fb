"""What taking a run back does to the profiles and the groups that it stored, worked out; nothing is changed."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cdpkit.core.events.undo import EventsBack, undo_events
from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.properties import Property
from cdpkit.core.undo import Undone, undo
from cdpkit.errors import ConfigurationError
from cdpkit.runs import kinds
from cdpkit.runs.catalogue import edits_of
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.kind import Undoing
from cdpkit.runs.load import undo_load
from cdpkit.runs.run import SYNC, UNDO, Run, history
from cdpkit.store.events import events_by, events_of, with_others
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import CHANGES


@dataclass(frozen=True, slots=True)
class Back:
    """What taking a run back does.

    Attributes:
        run: The run.
        parts: By type of groups, the empty one for profiles, what becomes of those of them that it stored.
        events: What becomes of timeline events.
        snapshot: All of them as they are.
    """

    run: Run
    parts: Mapping[str, Undone]
    events: EventsBack
    snapshot: Snapshot

    @property
    def changes(self) -> pl.DataFrame:
        """Of all of them."""
        return pl.concat([part.changes for part in self.parts.values()])

    @property
    def deleted(self) -> pl.Series:
        """The rows of all that go."""
        return pl.concat([part.deleted for part in self.parts.values()])

    @property
    def conflicts(self) -> pl.DataFrame:
        """Of all of them, and of events."""
        return pl.concat([*(part.conflicts for part in self.parts.values()), self.events.conflicts])


def check_undo(home: Home, run: Run) -> None:
    """Refuse to take a run back of which nothing can be.

    Raises:
        ConfigurationError: It stored nothing, has not ended, or was taken back already.
    """
    if run.kind == UNDO:
        raise ConfigurationError(f"run {run.id} is an undo and is not taken back itself; load the rows again instead")
    if run.seq is None:
        stays = [goal.name for goal in run.goals if undoing(run, goal).stays]
        why = f"only exported ({', '.join(stays)}), and what was sent stays sent" if stays else "stored nothing"
        raise ConfigurationError(f"run {run.id} is {run.state} and {why}, so there is nothing to take back")
    if run.finished_at is None:
        raise ConfigurationError(f"run {run.id} is {run.state}; let it end first, with ws.resume({run.id!r})")
    undone = history(home).filter(kind=UNDO, name=run.id)
    if undone.height:
        raise ConfigurationError(f"run {run.id} was taken back by run {undone['run_id'][0]}")


def undoing(run: Run, goal: GoalRun) -> Undoing:
    """What has to be known of a goal before it is taken back."""
    if run.kind != SYNC:
        return undo_load(run.details)
    asked = next(each for each in run.details["goals"] if each["name"] == goal.name)
    return kinds.get(goal.kind).undo(goal, asked)


def work_out(home: Home, run: Run) -> Back:
    """What taking a run back does by now.

    Raises:
        ConfigurationError: Nothing of it can be taken back, or a property is of another type since.
    """
    snapshot = home.tables.snapshot()
    home.tables.roll_forward()  # so that an undo in the snapshot is in the history too
    check_undo(home, run)
    changes = home.tables.scan(CHANGES).filter(pl.col("run_id") == run.id).collect()
    goals = committed(run)
    seqs = [goal.seq or 0 for goal in goals]
    parts = {group: _part(home, run, snapshot, changes, group) for group in sorted({goal.group for goal in goals})}
    return Back(run, parts, undo_events(*events_by(home.tables, seqs), seqs), snapshot)


def _part(home: Home, run: Run, snapshot: Snapshot, changes: pl.DataFrame, group: str) -> Undone:
    """What becomes of the profiles, or of the groups of a type."""
    goals = committed(run)
    changes = changes.filter(pl.col("goal").is_in([goal.key for goal in goals if goal.group == group]))
    catalogue = home.settings.read().catalogue(group)
    if not group:
        gone = _changed_since(home, run, changes["property"].drop_nulls().unique(), catalogue)
        changes = changes.filter(pl.col("property").is_null() | ~pl.col("property").is_in(gone))
    names = changes["property"].drop_nulls().unique().sort().to_list()
    rows = changes["row"].unique()
    current = (
        snapshot.of(group)
        .profiles()
        .filter(pl.col("row").is_in(rows.implode()))
        .select("row", "updated_seq", *(name for name in names if name != "updated_seq"))
        .collect()
    )
    commits = [(goal.seq or 0, changes.filter(goal=goal.key)) for goal in goals]
    made = changes.filter(rule=CREATED_RULE)["row"]
    used = None if group else with_others(events_of(home.tables, snapshot), made, [seq for seq, _ in commits])
    return undo(commits, current, catalogue, used)


def _changed_since(home: Home, run: Run, names: pl.Series, catalogue: Mapping[str, Property]) -> list[str]:
    """The properties of a run that were removed since.

    Raises:
        ConfigurationError: One is of another type now, so that what the run left in it cannot be told.
    """
    later = history(home).filter(pl.col("seq") > max(goal.seq or 0 for goal in run.goals))
    edits = [(each["run_id"], edit) for each in later.sort("seq").iter_rows(named=True) for edit in edits_of(each)]
    gone: list[str] = []
    for name in names:
        own = [(by, edit) for by, edit in edits if edit["name"] == name]
        now = catalogue.get(name)
        was = Property(**own[0][1]["before"]) if own else now
        if now is None or any(edit["after"] is None for _, edit in own):
            gone.append(name)
        elif was is not None and was.dtype != now.dtype:
            raise ConfigurationError(
                f"run {own[-1][0]} made property {name!r} {now.type.value}, and run {run.id} left {was.type.value} in "
                f"it; take that back first, with ws.undo({own[-1][0]!r})"
            )
    return gone


def staying(run: Run) -> tuple[str, ...]:
    """What is not taken back, for people."""
    stays = [(goal.name, undoing(run, goal).stays) for goal in run.goals]
    return tuple(f"goal {name!r} {text}" for name, text in stays if text)


def committed(run: Run) -> list[GoalRun]:
    """The goals that stored something, in the order in which they did."""
    return sorted((goal for goal in run.goals if goal.seq is not None), key=lambda goal: goal.seq or 0)
