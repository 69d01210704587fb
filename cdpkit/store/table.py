"""One Delta table: which files it has, writing Parquet files beside them, and committing those.

Polars writes the files; Delta Lake makes a set of them visible at once. A file that was written but not committed is
invisible, and is removed by `vacuum` when it is older than what the workspace keeps.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.schema import Field, PrimitiveType

from cdpkit.errors import CdpkitError, ConflictError, WorkspaceError
from cdpkit.place import Place
from cdpkit.place.disk import make_folder
from cdpkit.place.foreign import reason_of, translated
from cdpkit.place.shown import TakenError, UnsettledError
from cdpkit.store.actions import Action, add_action, remove_action
from cdpkit.store.configuration import ORPHANS, of_new, remembering
from cdpkit.store.data_file import DataFile, write_file
from cdpkit.store.intact import SMALL, intact, whole
from cdpkit.store.log import Log
from cdpkit.store.types import delta_type, polars_type

_METADATA, _MARK = "cdpkit", "cdpkit-commit"
_ATTEMPTS = 100


class Table:
    """A handle on one version of a Delta table; it commits only what follows that very version."""

    def __init__(self, handle: DeltaTable, root: Place) -> None:
        self._handle = handle
        self.root = root
        self._log = Log.of(root)
        self._shown = root.shown()

    @classmethod
    def create(cls, root: Place, schema: Mapping[str, pl.DataType], *, partition: str | None = None) -> Self:
        """A new, empty table where nothing is; the partition column is added to the schema as text.

        Raises:
            WorkspaceError: It cannot be made there.
        """
        by = [] if partition is None else [partition]
        fields = [Field(name, delta_type(dtype)) for name, dtype in schema.items()]
        fields += [Field(name, PrimitiveType("string")) for name in by]
        with translated(f"the table {root.name!r} cannot be made in {root.local.parent}"):
            make_folder(root.local)
            at = root.shown()
            with at.committing(), at.looking() as address:
                handle = DeltaTable.create(address, Schema(fields), partition_by=by, configuration=of_new(root))
            root.keep(())
            table = cls(handle, root)
            table._log.settle(-1, 0)
        return table

    @classmethod
    def open(cls, root: Place, version: int | datetime | None = None, *, anew: bool = True) -> Self:
        """The newest version of a table (unless `anew` the last seen), one by its number, or the last before a time.

        Raises:
            WorkspaceError: There is no such table or version, or its log cannot be read.
        """
        try:
            with root.shown().looking(version, anew=anew) as address:
                handle = DeltaTable(address)
                if version is not None:
                    handle.load_as_version(version)
        except TableNotFoundError as error:
            raise WorkspaceError(
                f"the table {root.name!r} is missing from the workspace; restore it from a backup"
            ) from error
        except Exception as error:
            if isinstance(error, CdpkitError) or (reason_of(error) is None and not isinstance(error, ValueError)):
                raise
            what = "" if version is None else f" at {version}"
            raise WorkspaceError(f"the table {root.name!r} cannot be read{what}: {Log.of(root).fault()}") from error
        entry = root.local / "_delta_log" / f"{handle.version():020}.json"
        if entry.is_file() and entry.stat().st_size == 0:
            raise WorkspaceError(f"the table {root.name!r} cannot be read: {Log.of(root).fault()}")
        return cls(handle, root)

    @staticmethod
    def exists(root: Place) -> bool:
        """Whether there is a table at this place."""
        with root.shown().looking():
            return bool(Log.of(root).entries())

    @property
    def version(self) -> int:
        """The number of this version."""
        return self._handle.version()

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns, the partition column among them."""
        return {field.name: polars_type(field.type) for field in self._handle.schema().fields}

    @property
    def partition(self) -> str | None:
        """The name of the partition column."""
        columns = self._handle.metadata().partition_columns
        return columns[0] if columns else None

    def transaction(self, name: str) -> int | None:
        """The number last committed under this application transaction id."""
        return self._handle.transaction_version(name)

    def files(self) -> tuple[DataFile, ...]:
        """The files of this version, in no particular order.

        Raises:
            WorkspaceError: An entry of the log no longer says what is in a file.
        """
        actions = pl.DataFrame(self._handle.get_add_actions())
        partition = self.partition
        if not {"num_records", "null_count"} <= set(actions.columns) or actions["null_count"].null_count():
            raise WorkspaceError(f"the table {self.root.name!r} cannot be read: {self._log.fault()}")
        return tuple(
            DataFile(
                path=action["path"],
                partition=action["partition"][partition] if partition else None,
                rows=action["num_records"],
                nulls={name: nulls for name, nulls in action["null_count"].items() if nulls is not None},
                first=(action.get("min") or {}).get("row"),
                last=(action.get("max") or {}).get("row"),
                size=action["size_bytes"],
            )
            for action in actions.to_dicts()
        )

    def scan(
        self, files: Iterable[DataFile], columns: Iterable[str], planned: Mapping[str, pl.DataType] | None = None
    ) -> pl.LazyFrame:
        """The rows of these files with these columns; a column that a file does not carry is null there.

        Args:
            files: Files of this table, committed or not.
            columns: The columns.
            planned: Columns that the table does not have yet.

        Raises:
            WorkspaceError: A file is gone: deleted by hand, or older than what the workspace keeps.
        """
        wanted, schema = list(columns), {**(planned or {}), **self.schema}
        chosen = {name: schema[name] for name in wanted if name != self.partition}
        paths = self.check(files)
        if not paths:
            return pl.LazyFrame(schema=chosen)
        return pl.scan_parquet(
            paths, schema=chosen, missing_columns="insert", extra_columns="ignore", glob=False, hive_partitioning=False
        ).select(*chosen)

    def check(self, files: Iterable[DataFile]) -> list[Path]:
        """Where these files are.

        Raises:
            WorkspaceError: One is gone, was cut off, or is a small one and does not hold what was written.
        """
        wanted = list(files)
        paths = whole(self.root, self.version, wanted)
        intact(self.root, wanted, SMALL)
        return paths

    def intact(self, files: Iterable[DataFile]) -> None:
        """Look at all that these files hold, before something else takes their place.

        Raises:
            WorkspaceError: One is gone, or does not hold what was written.
        """
        wanted = list(files)
        whole(self.root, self.version, wanted)
        intact(self.root, wanted)

    @contextmanager
    def reading(self, files: Iterable[DataFile]) -> Iterator[None]:
        """Say which of these files is to blame where reading them fails.

        Raises:
            WorkspaceError: Names the file, as far as that is known.
        """
        try:
            yield
        except BaseException as error:
            if reason_of(error) is not None:
                self.intact(files)
            raise  # the files are whole: what a query asks of them fails

    def write(self, frame: pl.DataFrame, *, partition: str | None = None, label: str = "part") -> DataFile:
        """Write a frame as a file of this table; it is invisible until it is committed."""
        return write_file(self.root, frame, partition=partition, label=label)

    def commit(
        self,
        add: Iterable[DataFile] = (),
        remove: Iterable[DataFile] = (),
        *,
        transactions: Mapping[str, int],
        metadata: Mapping[str, Any] | None = None,
        schema: Mapping[str, pl.DataType] | None = None,
    ) -> int:
        """Make files visible and others invisible, at once, on top of this version.

        Args:
            add: Files written with `write`.
            remove: Files of this version.
            transactions: Application transaction ids and their new numbers; where somebody else committed under
                one of them since this version, the commit is refused.
            metadata: Kept with the commit, as JSON.
            schema: What columns the table has from now on, the partition column among them. All files make room for
                those that are added then, which have these columns.

        Returns:
            The number of the new version; this handle moves to it.

        Raises:
            ConflictError: Somebody else committed something that this commit did not see.
            WorkspaceError: A file has a column that the table does not have, which nobody would ever see; or the
                table cannot be written, and nothing was committed.
        """
        added = tuple(add)
        unknown = frozenset[str]().union(*(file.columns for file in added)) - set(schema or self.schema)
        if unknown:
            raise WorkspaceError(
                f"the table {self.root.name!r} has no column {', '.join(sorted(unknown))}: an earlier cdpkit wrote the "
                "workspace; open it again, which brings it up to date"
            )
        actions: list[Action] = [add_action(file, self.partition) for file in added]
        actions += [remove_action(file, self.partition) for file in remove]
        mark = uuid4().hex
        columns = self._handle.schema()
        if schema is not None:
            columns = Schema([Field(name, delta_type(dtype)) for name, dtype in schema.items()])
        properties = CommitProperties(
            custom_metadata={_MARK: mark, **({} if metadata is None else {_METADATA: json.dumps(metadata)})},
            app_transactions=[Transaction(name, number) for name, number in transactions.items()],
        )
        if added:
            self.root.keep(file.path for file in added)
        before = self.version
        try:
            with self._committing():
                self._handle.create_write_transaction(
                    actions,
                    mode="append" if schema is None else "overwrite",
                    schema=columns,
                    partition_by=[self.partition] if self.partition else None,
                    commit_properties=properties,
                    post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
                )
        except CommitFailedError as error:
            raise ConflictError(f"somebody else has committed to {self.root.name!r} since; repeat the call") from error
        except WorkspaceError:
            if not self._log.says(mark, before):  # what comes after the commit may fail, such as a checkpoint
                raise
        self._settle(before)
        return self.version

    def _settle(self, before: int) -> None:
        """Move to the newest version, when what was done since another one is on the disk."""
        done = f"the commit to the table {self.root.name!r} was made, but cannot be brought to the disk"
        with translated(done, UnsettledError):
            with self._shown.looking(anew=False):
                self._handle.update_incremental()
            self._log.settle(before, self.version)

    @contextmanager
    def _committing(self) -> Iterator[None]:
        """Within this the log is written to.

        Raises:
            CommitFailedError: Somebody else was first.
            WorkspaceError: It cannot be written.
        """
        with translated(f"the table {self.root.name!r} cannot be written", passing=(CommitFailedError,)):
            try:
                with self._shown.committing():
                    yield
            except TakenError as error:
                raise CommitFailedError("somebody else has committed") from error

    def add_columns(self, columns: Mapping[str, pl.DataType]) -> None:
        """Add those of the columns that the table does not have yet; this handle moves to the newest version.

        Raises:
            ConflictError: Somebody else committed each time that it was tried.
            WorkspaceError: The table cannot be written.
        """
        for _ in range(_ATTEMPTS):
            schema, before = self.schema, self.version
            fields = [Field(name, delta_type(dtype)) for name, dtype in columns.items() if name not in schema]
            if not fields:
                return
            try:
                with self._committing():
                    self._handle.alter.add_columns(fields)
            except CommitFailedError:
                self._begin_anew()
                continue
            self._settle(before)
            return
        raise ConflictError(f"the table {self.root.name!r} is written to all the time; repeat the call")

    def commits(self, after: int) -> list[tuple[int, dict[str, Any]]]:
        """Number and metadata of the commits after a version, oldest first; those without metadata are left out."""
        numbers = range(after + 1, self.version + 1)
        found = [(number, self._log.information(number).get(_METADATA)) for number in numbers]
        return [(number, json.loads(metadata)) for number, metadata in found if metadata is not None]

    def vacuum(self, keep_days: float) -> int:
        """Delete files that no version of the last days needs; returns how many.

        A file that no commit names is left alone for a day, because a process may be about to commit it.
        """
        before, deleted = self.version, 0
        try:
            with self._committing(), self._shown.sweeping():
                self._remember(keep_days)
                deleted += self._delete(keep_days, orphans=False) if keep_days < ORPHANS else 0
                deleted += self._delete(max(keep_days, ORPHANS), orphans=True)
        except CommitFailedError:  # somebody else committed; that files were deleted is told by the next vacuum
            self._begin_anew()
        else:
            self._settle(before)
        return deleted

    def _begin_anew(self) -> None:
        """Move to the newest version where somebody else was first: what this handle had made may be none."""
        with self._shown.looking() as address:
            self._handle = DeltaTable(address)

    def _delete(self, days: float, *, orphans: bool) -> int:
        gone = self._handle.vacuum(int(days * 24), dry_run=False, enforce_retention_duration=False, full=orphans)
        return len(gone)

    def _remember(self, days: float) -> None:
        """Have checkpoints made often, and name removed files as long as they are kept."""
        wanted, found = remembering(self.root, days), self._handle.metadata().configuration
        if any(found.get(name) != value for name, value in wanted.items()):
            with suppress(CommitFailedError):  # somebody else committed; the next vacuum sees to it
                self._handle.alter.set_table_properties(wanted)
            self._handle.update_incremental()
