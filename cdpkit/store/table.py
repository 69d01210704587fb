"""One Delta table: which files it has, writing Parquet files beside them, and committing those.

Polars writes the files; Delta Lake makes a set of them visible at once. A file that was written but not committed is
invisible, and is removed by `vacuum` when it is older than what the workspace keeps.
"""

import json
import math
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.schema import ArrayType, Field, PrimitiveType
from deltalake.transaction import AddAction, RemoveAction

from cdpkit.errors import ConflictError, WorkspaceError
from cdpkit.store.data_file import DataFile, write_file

_PRIMITIVES: Mapping[str, pl.DataType] = {
    "string": pl.String(),
    "long": pl.Int64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
}
_METADATA = "cdpkit"
_STATISTICS = {"delta.dataSkippingNumIndexedCols": "-1"}
"""A file's columns are read from its null counts, which Delta keeps of the first 32 columns only, unless told."""
_ATTEMPTS = 100
_ORPHANS = 1.0
"""Days after which a file that no commit names is nobody's: until then a process may be about to commit it."""
_RETENTION = {"delta.deletedFileRetentionDuration": 7, "delta.logRetentionDuration": 30}
"""How many days a table remembers removed files and old versions when nothing is set."""


class Table:
    """A handle on one version of a Delta table; it commits only what follows that very version."""

    def __init__(self, handle: DeltaTable, root: Path) -> None:
        self._handle = handle
        self.root = root

    @classmethod
    def create(cls, root: Path, schema: Mapping[str, pl.DataType], *, partition: str | None = None) -> Self:
        """A new, empty table in a new folder; the partition column is added to the schema as text.

        Raises:
            OSError: The folder cannot be made.
        """
        root.mkdir(parents=True, exist_ok=True)
        fields = [Field(name, _delta_type(dtype)) for name, dtype in schema.items()]
        if partition is not None:
            fields.append(Field(partition, PrimitiveType("string")))
        handle = DeltaTable.create(
            str(root), Schema(fields), partition_by=[partition] if partition else None, configuration=_STATISTICS
        )
        return cls(handle, root)

    @classmethod
    def open(cls, root: Path, version: int | datetime | None = None) -> Self:
        """The newest version of a table, or the one with this number or the last one before this time.

        Raises:
            WorkspaceError: There is no such table or version, or its log cannot be read.
        """
        try:
            handle = DeltaTable(str(root))
            if version is not None:
                handle.load_as_version(version)
        except TableNotFoundError as error:
            raise WorkspaceError(
                f"the table {root.name!r} is missing from the workspace; restore it from a backup"
            ) from error
        except (DeltaError, OSError, ValueError) as error:
            what = "" if version is None else f" at {version}"
            reason = str(error).splitlines()[0]
            raise WorkspaceError(f"the table {root.name!r} cannot be read{what}: {reason}") from error
        entry = root / "_delta_log" / f"{handle.version():020}.json"
        if entry.is_file() and entry.stat().st_size == 0:
            raise WorkspaceError(
                f"the log entry {entry.name} of the table {root.name!r} is empty; restore it from a backup"
            )
        return cls(handle, root)

    @staticmethod
    def exists(root: Path) -> bool:
        """Whether there is a table in this folder."""
        return DeltaTable.is_deltatable(str(root))

    @property
    def version(self) -> int:
        """The number of this version."""
        return self._handle.version()

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns, the partition column among them."""
        return {field.name: _polars_type(field.type) for field in self._handle.schema().fields}

    @property
    def partition(self) -> str | None:
        """The name of the partition column."""
        columns = self._handle.metadata().partition_columns
        return columns[0] if columns else None

    def transaction(self, name: str) -> int | None:
        """The number last committed under this application transaction id."""
        return self._handle.transaction_version(name)

    def files(self) -> tuple[DataFile, ...]:
        """The files of this version, in no particular order."""
        actions = pl.DataFrame(self._handle.get_add_actions())
        partition = self.partition
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
            WorkspaceError: One is gone or was cut off.
        """
        wanted = list(files)
        paths = [self.root / file.path for file in wanted]
        for path, file in zip(paths, wanted, strict=True):
            if not path.is_file():
                raise WorkspaceError(
                    f"the table {self.root.name!r} has lost {path.name} of its version {self.version}: nothing that "
                    "old is kept (keep_days), or it was deleted and has to be restored from a backup"
                )
            if path.stat().st_size != file.size:
                raise WorkspaceError(
                    f"the file {path.name} of the table {self.root.name!r} is damaged: it has {path.stat().st_size:,} "
                    f"bytes instead of {file.size:,}; restore it from a backup"
                )
        return paths

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
            WorkspaceError: A file has a column that the table does not have, which nobody would ever see.
        """
        added = tuple(add)
        unknown = frozenset[str]().union(*(file.columns for file in added)) - set(schema or self.schema)
        if unknown:
            raise WorkspaceError(
                f"the table {self.root.name!r} has no column {', '.join(sorted(unknown))}: an earlier cdpkit wrote the "
                "workspace; open it again, which brings it up to date"
            )
        actions: list[AddAction | RemoveAction] = [self._add(file) for file in added]
        actions += [self._remove(file) for file in remove]
        columns = self._handle.schema()
        if schema is not None:
            columns = Schema([Field(name, _delta_type(dtype)) for name, dtype in schema.items()])
        properties = CommitProperties(
            custom_metadata={_METADATA: json.dumps(metadata)} if metadata is not None else None,
            app_transactions=[Transaction(name, number) for name, number in transactions.items()],
        )
        try:
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
        self._handle.update_incremental()
        return self.version

    def add_columns(self, columns: Mapping[str, pl.DataType]) -> None:
        """Add those of the columns that the table does not have yet; this handle moves to the newest version.

        Raises:
            ConflictError: Somebody else committed each time that it was tried.
        """
        for _ in range(_ATTEMPTS):
            schema = self.schema
            fields = [Field(name, _delta_type(dtype)) for name, dtype in columns.items() if name not in schema]
            if not fields:
                return
            try:
                self._handle.alter.add_columns(fields)
            except CommitFailedError:
                self._handle.update_incremental()
                continue
            self._handle.update_incremental()
            return
        raise ConflictError(f"the table {self.root.name!r} is written to all the time; repeat the call")

    def commits(self, after: int) -> list[tuple[int, dict[str, Any]]]:
        """Number and metadata of the commits after a version, oldest first; those without metadata are left out."""
        entries = self._handle.history(self.version - after) if self.version > after else []
        found = [(entry["version"], json.loads(entry[_METADATA])) for entry in entries if _METADATA in entry]
        return sorted(found, key=lambda item: item[0])

    def vacuum(self, keep_days: float) -> int:
        """Delete files that no version of the last days needs; returns how many.

        A file that no commit names is left alone for a day, because a process may be about to commit it.
        """
        self._remember(keep_days)
        deleted = self._delete(keep_days, orphans=False) if keep_days < _ORPHANS else 0
        return deleted + self._delete(max(keep_days, _ORPHANS), orphans=True)

    def _delete(self, days: float, *, orphans: bool) -> int:
        hours = int(days * 24)
        return len(self._handle.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=orphans))

    def _remember(self, days: float) -> None:
        """Have checkpoints name removed files as long as they are kept; forgotten ones count as orphans."""
        wanted = {name: f"interval {max(least, math.ceil(days))} days" for name, least in _RETENTION.items()}
        found = self._handle.metadata().configuration
        if any(found.get(name) != value for name, value in wanted.items()):
            with suppress(CommitFailedError):  # somebody else committed; the next vacuum sees to it
                self._handle.alter.set_table_properties(wanted)
            self._handle.update_incremental()

    def _add(self, file: DataFile) -> AddAction:
        stats: dict[str, Any] = {"numRecords": file.rows, "nullCount": dict(file.nulls)}
        if file.first is not None:
            stats |= {"minValues": {"row": file.first}, "maxValues": {"row": file.last}}
        return AddAction(file.path, file.size, self._values(file), int(time.time() * 1000), True, json.dumps(stats))

    def _remove(self, file: DataFile) -> RemoveAction:
        return RemoveAction(
            file.path,
            data_change=True,
            deletion_timestamp=int(time.time() * 1000),
            size=file.size,
            partition_values=self._values(file),
        )

    def _values(self, file: DataFile) -> dict[str, str | None]:
        return {self.partition: file.partition} if self.partition else {}


def _delta_type(dtype: pl.DataType) -> PrimitiveType | ArrayType:
    if isinstance(dtype, pl.List):
        return ArrayType(_delta_type(_instance(dtype.inner)), contains_null=True)
    for name, known in _PRIMITIVES.items():
        if known == dtype:
            return PrimitiveType(name)
    raise TypeError(f"no column type for {dtype}")


def _polars_type(kind: Any) -> pl.DataType:
    if isinstance(kind, ArrayType):
        return pl.List(_polars_type(kind.element_type))
    return _PRIMITIVES[kind.type]


def _instance(dtype: Any) -> pl.DataType:
    instance: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return instance
