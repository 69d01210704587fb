"""Changing what a property is, or taking it out, with all its values: one commit, a run of its own in the history.

The profiles are written anew with the changed column, and patches are folded on the way. The commit names how the
catalogue changes, and the settings follow it (`runs/catalogue.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from cdpkit.core.properties import UTC, Property
from cdpkit.core.retype import Retyped, retype
from cdpkit.core.rules import differs
from cdpkit.core.text import from_text, to_text
from cdpkit.errors import ConfigurationError, ConflictError
from cdpkit.runs.carry_out import ATTEMPTS
from cdpkit.runs.catalogue import EDIT, follow, plain
from cdpkit.runs.draft import WriteSide, side_files
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now, run_id
from cdpkit.runs.record import Recorder
from cdpkit.runs.run import CHANGE, RUNNING, SUCCEEDED, UNDO, WITH_WARNINGS, Run, find_run
from cdpkit.runs.uses import keep_links
from cdpkit.store.attempt import Attempt, attempt
from cdpkit.store.commits import describe
from cdpkit.store.compact import file_groups, folded_parts
from cdpkit.store.data_file import DataFile
from cdpkit.store.fold import Layers
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import CHANGES

RULE = "change"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A change of the catalogue.

    Attributes:
        before: The property as it was.
        after: As it is to be; None where it goes.
        also: Others that go with it.
        reject: Whether values that do not fit are emptied.
        undoes: The run that is taken back by it.
    """

    before: Property
    after: Property | None
    also: tuple[Property, ...] = ()
    reject: bool = False
    undoes: Run | None = None


@dataclass(frozen=True, slots=True)
class _Worked:
    """What becomes of the values.

    Attributes:
        column: `row` and the column as it is to be; None where it is empty, or goes.
        changes: `row`, `before`, `after` of values that are written differently now, or are gone.
        counters: In numbers.
    """

    column: pl.DataFrame | None
    changes: pl.DataFrame
    counters: dict[str, Any]


def change_property(home: Home, before: Property, after: Property, *, reject: bool) -> Run:
    """Give a property another type, or let it hold several values, or one.

    Raises:
        ConfigurationError: Values do not fit; says how many, and what can be done.
        ConflictError: Others keep committing.
    """
    return _carry_out(home, _Asked(before, after, reject=reject))


def remove_properties(home: Home, first: Property, *more: Property) -> Run:
    """Take properties out, with their values.

    Raises:
        ConflictError: Others keep committing.
    """
    return _carry_out(home, _Asked(first, None, more))


def undo_change(home: Home, taken: Run) -> Run:
    """Take a change of a property back: it is of the old type again, with the values that were rejected then.

    Raises:
        ConfigurationError: It was removed, has changed again, holds values since that do not fit the old type, or holds
            the ids of groups since.
        ConflictError: Others keep committing.
    """
    edit = taken.details[EDIT][0]
    if edit["after"] is None:
        raise ConfigurationError(
            f"run {taken.id} removed the property {edit['name']!r} with its values, which are not kept; "
            "look at them as they were before, with ws.at(moment), or load them again"
        )
    before, after = Property(**edit["before"]), Property(**edit["after"])
    held = home.settings.read().catalogue().get(before.name)
    if held is None or (held.type, held.multi) != (after.type, after.multi):
        raise ConfigurationError(
            f"property {before.name!r} has changed again since run {taken.id}; take that back first: ws.runs lists it"
        )
    keep_links(home, before)
    flags = {flag: getattr(held, flag) for flag in ("identifier", "pii")}
    return _carry_out(home, _Asked(held, Property(before.name, before.type, before.multi, **flags), undoes=taken))


def removals(gone: Iterable[Property]) -> list[dict[str, Any]]:
    """What the history says of properties that go."""
    return [{"name": prop.name, "before": plain(prop), "after": None} for prop in gone]


def without(snapshot: Snapshot, gone: tuple[Property, ...]) -> tuple[list[DataFile], dict[str, pl.DataType]]:
    """The profiles without some properties, and the groups as they are: all files, and the columns.

    Args:
        snapshot: They, with patches that are not committed yet.
        gone: The properties.
    """
    asked, layers = _Asked(gone[0], None, gone[1:]), snapshot.layers
    files = [layers.write(part) for part in _parts(layers, asked, None)]
    return [*files, *_groups_anew(snapshot)], _schema(snapshot, asked)


def _groups_anew(snapshot: Snapshot) -> Iterator[DataFile]:
    """The groups as they are: where a table gets other columns, all that is in it is written anew."""
    for layers in (snapshot.of(group).layers for group in snapshot.groups):
        for files in file_groups(layers.base):
            for part in folded_parts(layers, list(layers.schema), files):
                yield layers.write(part)


def _carry_out(home: Home, asked: _Asked) -> Run:
    kind, name = (CHANGE, asked.before.name) if asked.undoes is None else (UNDO, asked.undoes.id)
    edits = removals((asked.before, *asked.also))
    edits[0]["after"] = plain(asked.after)
    recorder = Recorder(home, run_id(), kind, name, {EDIT: edits}, [])
    with home.lock(recorder.run):
        for _ in range(ATTEMPTS):
            follow(home)
            catalogue = home.settings.read().catalogue()
            if any(catalogue.get(prop.name) != prop for prop in (asked.before, *asked.also)):
                raise ConflictError(f"somebody else has changed property {asked.before.name!r} since; repeat the call")
            snapshot = home.tables.snapshot()
            try:
                with side_files(home) as write, attempt() as made:
                    _commit(recorder, asked, snapshot, _work_out(home, asked, snapshot), write, made)
            except ConflictError:
                continue
            follow(home)
            return find_run(home, recorder.run)
    raise ConflictError(f"others committed {ATTEMPTS} times in between; repeat the call when they are done")


def _work_out(home: Home, asked: _Asked, snapshot: Snapshot) -> _Worked:
    old, new, name = asked.before, asked.after, asked.before.name
    nothing = pl.DataFrame(schema={"row": pl.Int64, "before": pl.String, "after": pl.String})
    if name not in snapshot.schema:
        return _Worked(None, nothing, {"values_kept": 0})
    held = snapshot.profiles().select("row", name).filter(pl.col(name).is_not_null()).collect(engine="streaming")
    if new is None:
        return _Worked(None, nothing, {"values_removed": held.height})
    read = retype(held[name], old, new, home.settings.read().zone)
    values, missing = read.values, read.misfit
    if asked.undoes is not None:
        values, missing = _restored(home, asked.undoes, held["row"], read, old, new)
    if missing.any() and not asked.reject:
        raise ConfigurationError(_refused(old, new, read, undone=asked.undoes is not None))
    column = pl.DataFrame([held["row"], values.alias(name)])
    texts = pl.DataFrame([held["row"], to_text(held[name]).alias("before"), to_text(values).alias("after")])
    changes = texts.filter(missing | differs(texts["before"], texts["after"]))
    if asked.undoes is not None:
        column, changes = _brought_back(home, asked.undoes, snapshot, column, changes, new)
    counters = {"values_kept": column.height - column[name].null_count(), "values_rejected": read.misfits}
    return _Worked(column, changes, counters if asked.undoes is None else {"values_restored": changes.height})


def _refused(old: Property, new: Property, read: Retyped, *, undone: bool) -> str:
    many = " with several values" if new.multi else ""
    said = (
        f"property {old.name!r} cannot become {new.type.value}{many}: {read.misfits:,} values of "
        f"{int(read.misfit.sum()):,} profiles do not fit"
    )
    if undone:
        return f"{said}, which came since; change or take back those first"
    return (
        f"{said}; mend them, choose type='text', which takes all, or empty them with "
        f"ws.properties.change({old.name!r}, type={new.type.value!r}, rest='reject')"
    )


def _restored(
    home: Home, taken: Run, rows: pl.Series, read: Retyped, old: Property, new: Property
) -> tuple[pl.Series, pl.Series]:
    """Values as they were before the change that is taken back, where they are still as it left them."""
    lines = _lines(home, taken).filter(pl.col("after").is_not_null())
    beside = rows.to_frame("row").join(lines, on="row", how="left", maintain_order="left")
    text = to_text(read.values)  # of the reverse change; the same for equal values
    was = beside["before"]
    again = retype(from_text(beside["after"], old), old, new, home.settings.read().zone)
    same = was.is_not_null() & to_text(again.values).eq_missing(text)
    back = from_text(was, new)
    values = pl.select(pl.when(same).then(back).otherwise(read.values).alias(new.name)).to_series()
    return values, read.misfit & ~same


def _brought_back(
    home: Home, taken: Run, snapshot: Snapshot, column: pl.DataFrame, changes: pl.DataFrame, new: Property
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same with the values that were rejected then, of profiles that are there and hold nothing since."""
    lines = _lines(home, taken).filter(pl.col("after").is_null())
    there = snapshot.profiles().select("row").filter(pl.col("row").is_in(lines["row"].implode())).collect()
    lost = lines.join(there, on="row", how="semi").join(column, on="row", how="anti")
    back = pl.DataFrame([lost["row"], from_text(lost["before"], new).alias(new.name)])
    said = lost.select("row", before=pl.lit(None, pl.String), after="before")
    return pl.concat([column, back]), pl.concat([changes, said.select(changes.columns)])


def _lines(home: Home, run: Run) -> pl.DataFrame:
    changes = home.tables.scan(CHANGES).filter(pl.col("run_id") == run.id)
    return changes.select("row", "before", "after").collect()


def _commit(
    recorder: Recorder, asked: _Asked, snapshot: Snapshot, worked: _Worked, write: WriteSide, made: Attempt
) -> None:
    home, name, seq, at = recorder.home, asked.before.name, snapshot.seq + 1, now()
    key = f"properties/{name}"
    reshaped = _is_reshaped(asked, snapshot, worked)
    if reshaped:
        _write(snapshot, asked, worked, seq, at, made)
    changes = worked.changes.with_columns(property=pl.lit(name), rule=pl.lit(RULE))
    side = {CHANGES: write(CHANGES, changes, run_id=recorder.run, goal=key)}
    state = WITH_WARNINGS if worked.counters.get("values_rejected") else SUCCEEDED
    recorder.goals = [GoalRun(name, RUNNING, kind=recorder.kind, key=key)]
    ended = GoalRun(name, state, worked.counters, recorder.kind, key, seq)
    record = recorder.goal(ended) | {"finished_at": at.isoformat()}
    home.tables.commit(
        snapshot,
        f"{recorder.run}/{key}",
        {"seq": seq, "files": describe(side), "record": record},
        add=[file for _, file in made.made],
        schema=_schema(snapshot, asked) if reshaped else None,
        catalogue=True,
    )


def _is_reshaped(asked: _Asked, snapshot: Snapshot, worked: _Worked) -> bool:
    """Whether the profiles have to be written anew; not where their columns and what they hold stay as they are."""
    if asked.after is None:
        return any(prop.name in snapshot.schema for prop in (asked.before, *asked.also))
    held = snapshot.schema.get(asked.before.name)
    return held is not None and (held != asked.after.dtype or worked.changes.height > 0)


def _write(snapshot: Snapshot, asked: _Asked, worked: _Worked, seq: int, at: datetime, made: Attempt) -> None:
    """Write the profiles anew; those that lose or get a value are changed by it, for whoever sends changes."""
    moved = worked.changes.filter(pl.col("after").is_null() | pl.col("before").is_null())["row"]
    stamp = {"updated_at": pl.lit(at).cast(UTC), "updated_seq": pl.lit(seq, pl.Int64)}
    changed = pl.col("row").is_in(moved.implode())
    stamps = [pl.when(changed).then(value).otherwise(column).alias(column) for column, value in stamp.items()]
    layers = snapshot.layers
    for part in _parts(layers, asked, worked.column):
        made.add(layers.table.root, [layers.write(part.with_columns(stamps))])
    for file in _groups_anew(snapshot):
        made.add(layers.table.root, [file])


def _parts(layers: Layers, asked: _Asked, column: pl.DataFrame | None) -> Iterator[pl.DataFrame]:
    """The profiles with the columns as they are to be, a file each."""
    after, name = asked.after, asked.before.name
    gone = {name, *(prop.name for prop in asked.also)}
    names = [each for each in layers.schema if each not in gone]
    for group in file_groups(layers.base):
        for part in folded_parts(layers, names, group):
            if after is None:
                yield part
            elif column is None:
                yield part.with_columns(pl.lit(None, after.dtype).alias(name))
            else:
                yield part.join(column, on="row", how="left", maintain_order="left")


def _schema(snapshot: Snapshot, asked: _Asked) -> dict[str, pl.DataType]:
    gone = {prop.name for prop in asked.also} | ({asked.before.name} if asked.after is None else set())
    schema = {each: dtype for each, dtype in snapshot.layers.table.schema.items() if each not in gone}
    return schema if asked.after is None else schema | {asked.after.name: asked.after.dtype}
