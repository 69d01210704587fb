"""Taking a load back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from cdpkit.core.events.undo import EventsBack
from cdpkit.core.properties import Property
from cdpkit.core.undo import UNDO_RULE, Undone
from cdpkit.errors import ConfigurationError, ConflictError
from cdpkit.place.foreign import translated
from cdpkit.runs.carry_out import ATTEMPTS
from cdpkit.runs.catalogue import EDIT, follow
from cdpkit.runs.draft import WriteSide, side_files
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now, run_id
from cdpkit.runs.record import NEW_PROPERTIES, Recorder
from cdpkit.runs.reshape import removals, undo_change, without
from cdpkit.runs.run import CHANGE, SUCCEEDED, UNDO, WITH_WARNINGS, Run, find_run, history, ids_of
from cdpkit.runs.undone import Back, check_undo, committed, staying, undoing, work_out
from cdpkit.runs.uses import uses_of
from cdpkit.show.text import counted
from cdpkit.store.attempt import Attempt, attempt
from cdpkit.store.commits import describe
from cdpkit.store.data_file import DataFile
from cdpkit.store.fold import Layers
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import CHANGES, EVENTS, GOAL_UNITS, PROFILES, REJECTED
from cdpkit.store.tables.events import GONE, HERE
from cdpkit.store.units import as_stored, records_before


@dataclass(frozen=True, slots=True)
class UndoLook:
    """What taking a run back would do.

    Attributes:
        values: How many values would return.
        deleted: How many profiles and groups that the run created would go.
        conflicts: `profile_id`, `property`, `reason`: what would be left as it is; a null property is a whole profile.
        stays: What is not taken back, for people.
        events: How many timeline events would go, or be what they were.
    """

    values: int
    deleted: int
    conflicts: pl.DataFrame
    stays: tuple[str, ...]
    events: int = 0


@translated("it cannot be told what an undo would do")
def look_at_undo(home: Home, run: str) -> UndoLook | None:
    """What `undo_run` would do, and nothing is changed; None for the change of a property, which goes back whole.

    Raises:
        UnknownNameError: No such run.
        ConfigurationError: It stored nothing, or was taken back already.
    """
    follow(home)
    taken = find_run(home, run)
    if taken.kind == CHANGE:
        check_undo(home, taken)
        return None
    back = work_out(home, taken)
    conflicts = back.conflicts
    told = conflicts.select(ids_of(taken, conflicts["row"]), "property", "reason")
    return UndoLook(back.changes.height, back.deleted.len(), told, staying(taken), back.events.gone.height)


@translated("the run cannot be taken back")
def undo_run(home: Home, run: str | Run, *, reimport: bool) -> Run:
    """Take a run back; the run of the undo has what could not be taken back as `conflicts`.

    Raises:
        UnknownNameError: No such run.
        ConfigurationError: It stored nothing, was taken back already, or `reimport` would add numbers twice.
    """
    follow(home)
    taken = find_run(home, run)
    if taken.kind == CHANGE:
        check_undo(home, taken)
        return undo_change(home, taken)
    recorder = Recorder(home, run_id(), UNDO, taken.id, {"undoes": taken.id, "reimport": reimport}, [])
    with home.lock(recorder.run):
        for _ in range(ATTEMPTS):
            back = work_out(home, taken)
            try:
                with side_files(home) as write, attempt() as made:
                    _commit(back, recorder, write, made, reimport=reimport)
            except ConflictError:
                continue
            follow(home)
            return find_run(home, recorder.run)
    raise ConflictError(f"others committed {ATTEMPTS} times in between; repeat the call when they are done")


def _made_and_empty(home: Home, taken: Run, layers: Layers) -> tuple[Property, ...]:
    """The properties that the run made, of which nobody holds a value then, and that nothing but its goals uses."""
    made = {prop["name"]: Property(**prop) for prop in taken.details.get(NEW_PROPERTIES, ())}
    catalogue = home.settings.read().catalogue()
    own = [name for name, prop in made.items() if catalogue.get(name) == prop and name in layers.schema]
    if not own:
        return ()
    held = layers.scan().select(pl.col(name).count() for name in own).collect(engine="streaming").row(0, named=True)
    goals = {goal.key for goal in taken.goals if goal.seq is not None}
    return tuple(made[name] for name in own if not held[name] and not uses_of(home, name, but=goals))


def _check_sums(home: Home, back: Back, goal: GoalRun) -> None:
    """Refuse to forget rows whose numbers stay in a profile: the next load of them would add those a second time.

    Where the goal itself changed the profile since, it keeps what it knows of those rows, and nothing is forgotten.
    """
    sums = undoing(back.run, goal).summed
    conflicts = back.parts[goal.group].conflicts
    staying = conflicts.filter(pl.col("property").is_null() | pl.col("property").is_in(sums))
    later = history(home).filter(pl.col("seq") > back.run.seq)["run_id"]
    by_others = (
        home.tables.scan(CHANGES)
        .filter(pl.col("run_id").is_in(later.implode()) & pl.col("row").is_in(staying["row"].implode()))
        .filter((pl.col("goal") != goal.key) | (pl.col("rule") == UNDO_RULE))
        .select("row")
        .unique()
        .collect()
    )
    if sums and by_others.height:
        whose = counted(by_others.height, "group" if goal.group else "profile")
        raise ConfigurationError(
            f"reimport would add numbers twice: other runs have changed {whose} since, which keep "
            f"what this run added to {', '.join(sums)}; undo without reimport, or take those runs back first"
        )


def _commit(back: Back, recorder: Recorder, write: WriteSide, made: Attempt, *, reimport: bool) -> None:
    home, new = recorder.home, recorder.run
    snapshot, goals, conflicts = back.snapshot, committed(back.run), back.conflicts
    seq, at = snapshot.seq + 1, now()
    table, then = snapshot.layers.table, snapshot
    for group, undone in back.parts.items():
        patches = [made.add(table.root, [file])[0] for file in _patches(snapshot.of(group), undone, seq, at)]
        then = then.of(group).after((), patches, (), rows=0)
    then, files = then.of(""), [file for _, file in made.made]
    empty = _made_and_empty(home, back.run, then.layers)
    schema: dict[str, pl.DataType] | None = None
    recorder.details = {key: value for key, value in recorder.details.items() if key != EDIT}
    if empty:
        recorder.details = {**recorder.details, EDIT: removals(empty)}
        patches, (files, schema) = files, without(then, empty)
        made.add(table.root, files)
        home.tables.delete(PROFILES, patches)
    deleted = back.deleted.to_frame("row")
    changes = pl.concat([back.changes, deleted], how="diagonal").with_columns(rule=pl.lit(UNDO_RULE))
    whose = {"run_id": new, "goal": goals[-1].key}
    side = {
        CHANGES: write(CHANGES, changes, **whose),
        EVENTS: _events_back(write, back.events, seq),
        REJECTED: write(REJECTED, conflicts, **whose),
        GOAL_UNITS: [file for goal in goals if reimport for file in _forgotten(home, write, back, goal, seq)],
    }
    counters = _counters(back, conflicts)
    told = staying(back.run)
    state = WITH_WARNINGS if conflicts.height or told else SUCCEEDED
    name = ", ".join(goal.name for goal in goals)
    group = next(iter(back.parts)) if len(back.parts) == 1 else ""
    recorder.goals = [GoalRun(name, state, counters, UNDO, goals[-1].key, seq, warnings=told, group=group)]
    record = recorder.goal(recorder.goals[0]) | {"finished_at": at.isoformat()}
    home.tables.commit(
        snapshot,
        f"{new}/{goals[-1].key}",
        {"seq": seq, "files": describe(side), "record": record},
        add=files,
        schema=schema,
        catalogue=bool(empty),
    )


def _patches(snapshot: Snapshot, undone: Undone, seq: int, at: datetime) -> Iterator[DataFile]:
    """Write what returns and what goes, of those at whom a snapshot looks."""
    stamp = [pl.lit(at).cast(pl.Datetime("us", "UTC")).alias("updated_at"), pl.lit(seq, pl.Int64).alias("updated_seq")]
    if undone.patch.height:
        yield snapshot.layers.write(undone.patch.with_columns(stamp), str(seq), "undo")
    if undone.deleted.len():
        gone = undone.deleted.to_frame("row").with_columns(deleted=pl.lit(value=True))
        yield snapshot.layers.write(gone, str(seq), "undo")


def _counters(back: Back, conflicts: pl.DataFrame) -> dict[str, int]:
    events, groups = back.events.gone.height, [part for group, part in back.parts.items() if group]
    people = [part for group, part in back.parts.items() if not group]
    of_groups = {
        "groups_restored": sum(part.patch.height for part in groups),
        "groups_deleted": sum(part.deleted.len() for part in groups),
    }
    return {
        "values_restored": back.changes.height,
        "profiles_restored": sum(part.patch.height for part in people),
        "profiles_deleted": sum(part.deleted.len() for part in people),
        **(of_groups if groups else {}),
        "conflicts": conflicts.height,
        **({"events_taken_back": events} if events else {}),
    }


def _events_back(write: WriteSide, events: EventsBack, seq: int) -> list[DataFile]:
    """The events that go and those that return, as files."""
    at = pl.lit(seq, pl.Int64).alias("seq")
    gone = write(EVENTS, events.gone.with_columns(at), partition=GONE)
    return [*write(EVENTS, events.back.with_columns(at), partition=HERE), *gone]


def _forgotten(home: Home, write: WriteSide, back: Back, goal: GoalRun, seq: int) -> list[DataFile]:
    """What the goal knew of its rows before the run, as a file."""
    units = records_before(home.tables, goal.key, goal.seq or 0)
    if units.is_empty():
        return []
    _check_sums(home, back, goal)
    return write(GOAL_UNITS, as_stored(units, seq), partition=goal.key)
