"""The tables of a workspace, their columns, and how a commit to one of them reaches the others.

Delta Lake has no commit over several tables, so the commit to `profiles` is the only commit point of whatever changes
profiles. What belongs beside it (changes, fates, import records, the end of the run) is written as files before it and
named in its metadata; those files join their tables after it, once, because each join is committed under the id of the
run and its goal. What a killed process left undone is made up at the next opening.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from cdpkit.core.properties import BUILT_IN, UTC
from cdpkit.errors import ConflictError
from cdpkit.store.data_file import DataFile
from cdpkit.store.fold import Layers
from cdpkit.store.table import Table

PROFILES = "profiles"
CHANGES = "changes"
RUN_ROWS = "run_rows"
REJECTED = "rejected"
GOAL_UNITS = "goal_units"
GOAL_ROWS = "goal_rows"
RUNS = "runs"

SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {
    PROFILES: {"row": pl.Int64(), **{prop.name: prop.dtype for prop in BUILT_IN}, "deleted": pl.Boolean()},
    CHANGES: {
        "run_id": pl.String(),
        "goal": pl.String(),
        "row": pl.Int64(),
        "property": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
        "rule": pl.String(),
        "source_row": pl.Int64(),
    },
    RUN_ROWS: {
        "run_id": pl.String(),
        "goal": pl.String(),
        "source_row": pl.Int64(),
        "row": pl.Int64(),
        "fate": pl.String(),
        "reason": pl.String(),
    },
    REJECTED: {
        "run_id": pl.String(),
        "goal": pl.String(),
        "source_row": pl.Int64(),
        "row": pl.Int64(),
        "field": pl.String(),
        "property": pl.String(),
        "value": pl.String(),
        "reason": pl.String(),
    },
    GOAL_UNITS: {
        "unit": pl.Int64(),
        "config": pl.Int64(),
        "hash": pl.Int64(),
        "sums": pl.List(pl.Int64()),
        "recipe": pl.String(),
        "seq": pl.Int64(),
    },
    GOAL_ROWS: {
        "row": pl.Int64(),
        "state": pl.String(),
        "seq": pl.Int64(),
        "config": pl.Int64(),
        "selection": pl.Int64(),
        "payload": pl.Int64(),
        "labels": pl.Int64(),
        "key": pl.String(),
        "lists": pl.List(pl.String()),
        "theirs": pl.List(pl.String()),
        "maybe": pl.List(pl.String()),
        "owes": pl.Boolean(),
        "turn": pl.Int64(),
    },
    RUNS: {
        "run_id": pl.String(),
        "kind": pl.String(),
        "name": pl.String(),
        "state": pl.String(),
        "started_at": UTC,
        "finished_at": UTC,
        "goals": pl.String(),
        "version": pl.Int64(),
        "seq": pl.Int64(),
        "details": pl.String(),
        "step": pl.Int64(),
    },
}
PARTITIONS = {PROFILES: "layer", GOAL_UNITS: "goal", GOAL_ROWS: "goal"}

_END = "end"
_SEQUENCE, _NEXT_ROW, _JOINED = "cdpkit", "cdpkit-next-row", "cdpkit-joined"
_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The profiles as one commit left them; what is planned on it can be committed on nothing else.

    Attributes:
        layers: The files, and the handle that commits.
        seq: The sequence number of the last commit that a run or a compaction made.
        next_row: The number that the next created profile gets.
    """

    layers: Layers
    seq: int
    next_row: int

    @property
    def version(self) -> int:
        """The version of the profile table."""
        return self.layers.table.version

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """`row` and all properties that any profile may have."""
        return self.layers.schema

    def profiles(self) -> pl.LazyFrame:
        """The current state: `row` and all properties."""
        return self.layers.scan()

    def after(
        self,
        created: Iterable[DataFile],
        patches: Iterable[DataFile],
        columns: Mapping[str, pl.DataType],
        *,
        rows: int,
    ) -> "Snapshot":
        """The profiles as they will be once a plan on this snapshot is committed.

        Args:
            created: Its files of new profiles.
            patches: Its files of changed ones.
            columns: The properties that it may have added.
            rows: How many profiles it creates.
        """
        return Snapshot(self.layers.planned_on(created, patches, columns), self.seq + 1, self.next_row + rows)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A line of the history; the line with the highest `step` of a run tells how it stands.

    Attributes:
        kind: `load`, `undo` or `sync`.
        name: The connection, or the goal of a load.
        goals: JSON: name, state, counters and sequence number of each goal.
        version: The last version of the profile table that the run committed, None for none.
        seq: Its sequence number.
        details: JSON: configuration, inputs, versions, and what else explains the run.
        step: 0 at the start; goes up with each goal; the highest is the end.
    """

    run_id: str
    kind: str
    name: str | None
    state: str
    started_at: str
    finished_at: str | None
    goals: str
    details: str
    step: int
    version: int | None = None
    seq: int | None = None


class Tables:
    """All tables of a workspace folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def create(cls, root: Path) -> "Tables":
        """Make the empty tables."""
        for name, schema in SCHEMAS.items():
            Table.create(root / name, schema, partition=PARTITIONS.get(name))
        return cls(root)

    def open(self, name: str, version: Any = None) -> Table:
        """A handle on a table."""
        return Table.open(self.root / name, version)

    def snapshot(self, version: Any = None) -> Snapshot:
        """The profiles now, at a version, or at a time."""
        table = self.open(PROFILES, version)
        return Snapshot(Layers.of(table), table.transaction(_SEQUENCE) or 0, table.transaction(_NEXT_ROW) or 0)

    def scan(self, name: str, where: str | None = None) -> pl.LazyFrame:
        """A table as it is now; `where` keeps the files of one partition."""
        table = self.open(name)
        files = [file for file in table.files() if where is None or file.partition == where]
        return table.scan(files, [column for column in table.schema if column != table.partition])

    def commit(
        self,
        snapshot: Snapshot,
        key: str,
        metadata: dict[str, Any],
        *,
        add: Iterable[DataFile] = (),
        next_row: int | None = None,
    ) -> int:
        """Commit to `profiles` what was planned on a snapshot; `roll_forward` then lets its side files join.

        Args:
            snapshot: What the plan saw.
            key: The run's id and the goal's name; committed once.
            metadata: `files` (table name to files as `asdict`) and `record`, the run's last line.
            add: The files for `profiles`.
            next_row: The number for the next created profile.

        Raises:
            ConflictError: Somebody else committed since the snapshot.
        """
        table = snapshot.layers.table
        if table.transaction(key) is not None:
            raise ConflictError(f"{key!r} is committed already")
        return table.commit(
            add,
            transactions={
                _SEQUENCE: snapshot.seq + 1,
                _NEXT_ROW: snapshot.next_row if next_row is None else next_row,
                key: 1,
            },
            metadata={"key": key, **metadata},
        )

    def conclude(self, key: str, metadata: dict[str, Any]) -> None:
        """Commit side files and a line of the history that change no profile; nobody's plan is overtaken by it.

        Args:
            key: The run's id and the goal's name; committed once, a second time changes nothing.
            metadata: As for `commit`, without a sequence number.
        """
        for _ in range(_ATTEMPTS):
            table = self.open(PROFILES)
            if table.transaction(key) is not None:
                return
            try:
                table.commit(transactions={key: 1}, metadata={"key": key, **metadata})
            except ConflictError:
                continue
            return
        raise ConflictError(f"the table {PROFILES!r} is written to all the time; repeat the call")

    def is_concluded(self, key: str) -> bool:
        """Whether `conclude` was done under this key."""
        return self.open(PROFILES).transaction(key) is not None

    def replace(self, snapshot: Snapshot, add: Iterable[DataFile], remove: Iterable[DataFile]) -> int:
        """Swap files of `profiles` that say the same; refused like any commit when somebody else was first."""
        return snapshot.layers.table.commit(
            add, remove, transactions={_SEQUENCE: snapshot.seq, _NEXT_ROW: snapshot.next_row}
        )

    def roll_forward(self) -> None:
        """Let the side files of every commit join their tables, where a killed process did not get to it."""
        profiles = self.open(PROFILES)
        joined = self.open(RUNS).transaction(_JOINED) or 0
        for version, metadata in profiles.commits(joined):
            self._join(version, metadata)

    def record(self, record: RunRecord, *, joined: int | None = None) -> None:
        """Append a line to the history, once for each run and step; the end of a run comes once, whatever its step."""
        key = _line(record.run_id, record.step if record.finished_at is None else _END)
        values = asdict(record)
        frame = pl.DataFrame(
            {name: [values[name]] for name in SCHEMAS[RUNS]},
            schema={name: pl.String() if dtype == UTC else dtype for name, dtype in SCHEMAS[RUNS].items()},
        ).with_columns(pl.col("started_at", "finished_at").str.to_datetime(time_unit="us", time_zone="UTC"))
        extra = {} if joined is None else {_JOINED: joined}
        self._append(RUNS, key, lambda table: [table.write(frame, label=record.run_id)], extra)

    def has_ended(self, run_id: str) -> bool:
        """Whether the history has the end of a run; what it committed has joined then."""
        self.roll_forward()
        return self.open(RUNS).transaction(_line(run_id, _END)) is not None

    def _join(self, version: int, metadata: dict[str, Any]) -> None:
        for name, described in metadata["files"].items():
            files = [DataFile(**file) for file in described]
            self._append(name, metadata["key"], partial(_already, files))
        made = {"version": version, "seq": metadata["seq"]} if "seq" in metadata else {}
        self.record(RunRecord(**metadata["record"] | made), joined=version)

    def _append(
        self,
        name: str,
        key: str,
        files: Callable[[Table], list[DataFile]],
        transactions: Mapping[str, int] | None = None,
    ) -> None:
        """Commit files to a table once under a key; where somebody else was first, look again."""
        for _ in range(_ATTEMPTS):
            table = self.open(name)
            if table.transaction(key) is not None:
                return
            try:
                table.commit(files(table), transactions={key: 1, **(transactions or {})})
            except ConflictError:
                continue
            return
        raise ConflictError(f"the table {name!r} is written to all the time; repeat the call")


def _line(run_id: str, step: int | str) -> str:
    return f"{run_id}#{step}"


def _already(files: list[DataFile], _table: Table) -> list[DataFile]:
    """Files that were written before."""
    return files


def describe(files: Mapping[str, Sequence[DataFile]]) -> dict[str, list[dict[str, Any]]]:
    """Side files as commit metadata; tables without one are left out."""
    return {name: [asdict(file) | {"nulls": dict(file.nulls)} for file in part] for name, part in files.items() if part}


def as_json(value: Any) -> str:
    """JSON in the order given."""
    return json.dumps(value, default=str)
