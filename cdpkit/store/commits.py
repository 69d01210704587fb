"""All tables of a workspace, and how a commit to one of them reaches the others.

Delta Lake has no commit over several tables, so the commit to `profiles` is the only commit point of whatever changes
profiles. What belongs beside it (changes, fates, import records, the end of the run) is written as files before it and
named in its metadata; those files join their tables after it, once, because each join is committed under the id of the
run and its goal. What a killed process left undone is made up at the next opening.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Any

import polars as pl

from cdpkit.errors import CdpkitError, ConflictError
from cdpkit.place import Place
from cdpkit.store.attempt import Attempt, attempt
from cdpkit.store.data_file import DataFile, delete_files, lost_files, read_files, write_file
from cdpkit.store.fold import Layers
from cdpkit.store.kind import TableKind
from cdpkit.store.record import RunRecord
from cdpkit.store.small_files import gather_now
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.table import Table
from cdpkit.store.tables import PROFILES, RUNS, TABLES

_END = "end"
_SEQUENCE, _NEXT_ROW, _JOINED = "cdpkit", "cdpkit-next-row", "cdpkit-joined"
_CATALOGUE = "cdpkit-catalogue"
_ATTEMPTS = 100


class Tables:
    """All tables of a workspace.

    Attributes:
        root: Where they lie.
        kinds: What tables there are, by name.
    """

    def __init__(self, root: Place, kinds: Mapping[str, TableKind] = TABLES) -> None:
        self.root = root
        self.kinds = kinds

    def create(self) -> None:
        """Make the empty tables of a new workspace."""
        for kind in self.kinds.values():
            self._make(kind)

    def add_missing(self, since: int) -> None:
        """Make the tables and add the columns that an older workspace does not have.

        Args:
            since: The format in which it was written; a table that it must have had is not made anew.

        Raises:
            WorkspaceError: A table was lost, or cannot be read.
        """
        for kind in self.kinds.values():
            if kind.since > since and not Table.exists(self.root / kind.name):
                self._make(kind)
            self.open(kind.name).add_columns(kind.schema)

    def _make(self, kind: TableKind) -> None:
        Table.create(self.root / kind.name, kind.schema, partition=kind.partition)

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

    def write(self, name: str, frame: pl.DataFrame, *, partition: str | None = None) -> DataFile:
        """Write a frame as a file of a table; it is invisible until it is committed, or named by a commit."""
        groups = self.kinds[name].rows_a_group
        return write_file(self.root / name, frame, partition=partition, rows_a_group=groups)

    def read(self, name: str, files: Sequence[DataFile]) -> pl.LazyFrame:
        """The rows of files of a table, committed or not, with the columns that the files have."""
        return read_files(self.root / name, files)

    def lost(self, name: str, files: Sequence[DataFile]) -> list[DataFile]:
        """Those of the files of a table that are not there any more."""
        return lost_files(self.root / name, files)

    def delete(self, name: str, files: Iterable[DataFile]) -> None:
        """Remove files of a table that are not to be committed."""
        delete_files(self.root / name, files)

    def hold(self, snapshot: Snapshot) -> bool:
        """Whether a snapshot is one of these tables."""
        return snapshot.layers.table.root.local.resolve() == (self.root / PROFILES).local.resolve()

    def commit(
        self,
        snapshot: Snapshot,
        key: str,
        metadata: dict[str, Any],
        *,
        add: Iterable[DataFile] = (),
        next_row: int | None = None,
        schema: Mapping[str, pl.DataType] | None = None,
        catalogue: bool = False,
    ) -> int:
        """Commit to `profiles` what was planned on a snapshot; `roll_forward` then lets its side files join.

        Args:
            snapshot: What the plan saw.
            key: The run's id and the goal's name; committed once.
            metadata: `files` (table name to files as `asdict`) and `record`, the run's last line.
            add: The files for `profiles`.
            next_row: The number for the next created profile.
            schema: The columns that profiles have from now on; `add` is then all that there is of them.
            catalogue: Whether it changes what a property is; the settings have to follow it (`catalogue_seq`).

        Raises:
            ConflictError: Somebody else committed since the snapshot.
        """
        table = snapshot.layers.table
        if table.transaction(key) is not None:
            raise ConflictError(f"{key!r} is committed already")
        self._flush(metadata)
        return table.commit(
            add,
            transactions={
                _SEQUENCE: snapshot.seq + 1,
                _NEXT_ROW: snapshot.next_row if next_row is None else next_row,
                key: 1,
                **({_CATALOGUE: snapshot.seq + 1} if catalogue else {}),
            },
            metadata={"key": key, **metadata},
            schema=schema,
        )

    @property
    def catalogue_seq(self) -> int:
        """The sequence number of the last commit that changed what a property is; 0 for none."""
        return self.open(PROFILES).transaction(_CATALOGUE) or 0

    def conclude(self, key: str, metadata: dict[str, Any]) -> None:
        """Commit side files and a line of the history that change no profile; nobody's plan is overtaken by it.

        Args:
            key: The run's id and the goal's name; committed once, a second time changes nothing.
            metadata: As for `commit`, without a sequence number.
        """
        self._flush(metadata)
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

    def _flush(self, metadata: Mapping[str, Any]) -> None:
        """Bring side files to where they stay, before a commit names them."""
        for name, files in metadata["files"].items():
            (self.root / name).keep(file["path"] for file in files)

    def is_concluded(self, key: str) -> bool:
        """Whether `conclude` was done under this key."""
        return self.open(PROFILES).transaction(key) is not None

    def replace(self, snapshot: Snapshot, add: Iterable[DataFile], remove: Iterable[DataFile]) -> int:
        """Swap files of `profiles` that say the same; refused like any commit when somebody else was first."""
        return snapshot.layers.table.commit(
            add, remove, transactions={_SEQUENCE: snapshot.seq, _NEXT_ROW: snapshot.next_row}
        )

    def joined(self) -> int:
        """The number of the last commit to `profiles` whose side files have joined their tables."""
        return self.open(RUNS).transaction(_JOINED) or 0

    def roll_forward(self, *, anew: bool = False) -> None:
        """Let the side files of every commit join their tables, where a killed process did not get to it.

        Args:
            anew: Look at all commits once more; what has joined does not join twice.
        """
        profiles, joined = self.open(PROFILES), self.joined()
        if anew or joined > profiles.version:  # somebody went back to an earlier version
            joined = 0
        for version, metadata in profiles.commits(joined):
            self._join(version, metadata)

    def record(self, record: RunRecord, *, joined: int | None = None) -> None:
        """Append a line to the history, once for each run and step; the end of a run comes once, whatever its step."""
        key = _line(record.run_id, record.step if record.finished_at is None else _END)
        extra = {} if joined is None else {_JOINED: joined}
        self._append(RUNS, key, lambda table, made: made.add(table.root, [_written(table, record)]), extra)

    def squeeze(self) -> None:
        """Put the lines of the history together, where no space is left on the disk: failed runs take none of it.

        What reads the history at this very moment may have to read it again.
        """
        with suppress(CdpkitError):
            gather_now(self.open(RUNS))

    def gather(self) -> None:
        """Make it cheap for a new process to begin, where tables lie far away."""
        seen = partial(Table.open, anew=False)
        with suppress(CdpkitError):
            self.root.gather(self.kinds, lambda name: [file.path for file in seen(self.root / name).files()])

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
        files: Callable[[Table, Attempt], Sequence[DataFile]],
        transactions: Mapping[str, int] | None = None,
    ) -> None:
        """Commit files to a table once under a key; where somebody else was first, look again."""
        for _ in range(_ATTEMPTS):
            table = self.open(name)
            if table.transaction(key) is not None:
                return
            try:
                with attempt() as made:
                    table.commit(files(table, made), transactions={key: 1, **(transactions or {})})
            except ConflictError:
                continue
            return
        raise ConflictError(f"the table {name!r} is written to all the time; repeat the call")


def _line(run_id: str, step: int | str) -> str:
    return f"{run_id}#{step}"


def _written(table: Table, record: RunRecord) -> DataFile:
    return table.write(record.line(), label=record.run_id)


def _already(files: list[DataFile], _table: Table, _made: Attempt) -> list[DataFile]:
    """Files that were written before, and stay whatever happens."""
    return files


def describe(files: Mapping[str, Sequence[DataFile]]) -> dict[str, list[dict[str, Any]]]:
    """Side files as commit metadata; tables without one are left out."""
    return {name: [asdict(file) | {"nulls": dict(file.nulls)} for file in part] for name, part in files.items() if part}
