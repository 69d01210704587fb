"""Taking a load back."""

from dataclasses import asdict, dataclass

import polars as pl

from cdpkit.core.goal import Rule
from cdpkit.core.undo import UNDO_RULE, Undone, undo
from cdpkit.errors import ConfigurationError, ConflictError
from cdpkit.runs.attempts import ATTEMPTS
from cdpkit.runs.draft import write_side
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now, run_id
from cdpkit.runs.run import SUCCEEDED, WITH_WARNINGS, Run, history
from cdpkit.store.data_file import DataFile
from cdpkit.store.tables import CHANGES, GOAL_UNITS, REJECTED, RunRecord, Snapshot, as_json, describe
from cdpkit.store.units import as_stored, records_before


@dataclass(frozen=True, slots=True)
class _Back:
    run: Run
    undone: Undone
    snapshot: Snapshot


def undo_run(home: Home, run: str, *, reimport: bool) -> Run:
    """Take a run back; the run of the undo has what could not be taken back as `conflicts`.

    Raises:
        UnknownNameError: No such run.
        ConfigurationError: It stored nothing, was taken back already, or `reimport` would add numbers twice.
    """
    home.tables.roll_forward()
    taken = Run.find(home, run)
    new, started = run_id(), now().isoformat()
    with home.lock(new):
        for _ in range(ATTEMPTS):
            back = _work_out(home, taken)
            try:
                _commit(home, back, new, started, reimport=reimport)
            except ConflictError:
                continue
            home.tables.roll_forward()
            return Run.find(home, new)
    raise ConflictError(f"others committed {ATTEMPTS} times in between; repeat the call when they are done")


def _check(home: Home, run: Run) -> None:
    if run.kind == "undo":
        raise ConfigurationError(f"run {run.id} is an undo and is not taken back itself; load the rows again instead")
    if run.seq is None:
        raise ConfigurationError(f"run {run.id} is {run.state} and stored nothing, so there is nothing to take back")
    undone = history(home).filter(kind="undo", name=run.id)
    if undone.height:
        raise ConfigurationError(f"run {run.id} was taken back by run {undone['run_id'][0]}")


def _check_sums(home: Home, back: _Back, goal: str) -> None:
    """Refuse to forget rows whose numbers stay in a profile: the next load of them would add those a second time.

    Where the goal itself changed the profile since, it keeps what it knows of those rows, and nothing is forgotten.
    """
    sums = [mapping["target"] for mapping in back.run.details["mappings"] if mapping["rule"] == Rule.SUM]
    staying = back.undone.conflicts.filter(pl.col("property").is_null() | pl.col("property").is_in(sums))
    later = history(home).filter(pl.col("seq") > back.run.seq)["run_id"]
    by_others = (
        home.tables.scan(CHANGES)
        .filter(pl.col("run_id").is_in(later.implode()) & pl.col("row").is_in(staying["row"].implode()))
        .filter((pl.col("goal") != goal) | (pl.col("rule") == UNDO_RULE))
        .select("row")
        .unique()
        .collect()
    )
    if sums and by_others.height:
        raise ConfigurationError(
            f"reimport would add numbers twice: other runs have changed {by_others.height} profiles since, which keep "
            f"what this run added to {', '.join(sums)}; undo without reimport, or take those runs back first"
        )


def _work_out(home: Home, run: Run) -> _Back:
    snapshot = home.tables.snapshot()
    home.tables.roll_forward()  # so that an undo in the snapshot is in the history too
    _check(home, run)
    changes = home.tables.scan(CHANGES).filter(pl.col("run_id") == run.id).collect()
    names = changes["property"].drop_nulls().unique().sort().to_list()
    rows = changes["row"].unique()
    current = (
        snapshot.profiles()
        .filter(pl.col("row").is_in(rows.implode()))
        .select("row", "updated_seq", *(name for name in names if name != "updated_seq"))
        .collect()
    )
    assert run.seq is not None  # noqa: S101  (checked before)
    return _Back(run, undo([(run.seq, changes)], current, home.settings.read().catalogue()), snapshot)


def _commit(home: Home, back: _Back, new: str, started: str, *, reimport: bool) -> None:
    undone, snapshot, goal = back.undone, back.snapshot, back.run.goals[0].name
    seq, at = snapshot.seq + 1, now()
    stamp = [pl.lit(at).cast(pl.Datetime("us", "UTC")).alias("updated_at"), pl.lit(seq, pl.Int64).alias("updated_seq")]
    files: list[DataFile] = []
    deleted = undone.deleted.to_frame("row")
    if undone.patch.height:
        files.append(snapshot.layers.table.write(undone.patch.with_columns(stamp), partition=str(seq), label="undo"))
    if undone.deleted.len():
        gone = deleted.with_columns(deleted=pl.lit(value=True))
        files.append(snapshot.layers.table.write(gone, partition=str(seq), label="undo"))
    changes = pl.concat([undone.changes, deleted], how="diagonal").with_columns(rule=pl.lit(UNDO_RULE))
    whose = {"run_id": new, "goal": goal}
    units = records_before(home.tables, goal, back.run.seq or 0) if reimport else pl.DataFrame()
    if units.height:
        _check_sums(home, back, goal)
    side = {
        CHANGES: write_side(home, CHANGES, changes, **whose),
        REJECTED: write_side(home, REJECTED, undone.conflicts, **whose),
        GOAL_UNITS: write_side(home, GOAL_UNITS, as_stored(units, seq), partition=goal) if units.height else [],
    }
    counters = {
        "values_restored": undone.changes.height,
        "profiles_restored": undone.patch.height,
        "profiles_deleted": undone.deleted.len(),
        "conflicts": undone.conflicts.height,
    }
    state = WITH_WARNINGS if undone.conflicts.height else SUCCEEDED
    record = RunRecord(
        run_id=new,
        kind="undo",
        name=back.run.id,
        state=state,
        started_at=started,
        finished_at=at.isoformat(),
        goals=as_json([{"name": goal, "state": state, "counters": counters}]),
        details=as_json({"undoes": back.run.id, "reimport": reimport}),
        step=1,
    )
    home.tables.commit(
        snapshot, f"{new}/{goal}", {"seq": seq, "files": describe(side), "record": asdict(record)}, add=files
    )
