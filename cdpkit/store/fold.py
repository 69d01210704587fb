"""Current state: the base, updated by the patches since.

Per row and column, of the patches that hold the row and whose file carries the column, the one with the highest
sequence number wins; a null in such a file means empty. A combined scan of patches with different columns would wipe
values, so patches are folded by the set of files that carry a column.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl
from polars.io.plugins import register_io_source

from cdpkit.store.data_file import DataFile
from cdpkit.store.population import PEOPLE, Population
from cdpkit.store.table import Table

BASE = "base"
_DELETED = "deleted"
_CHANGED = "updated_seq"
_HELD, _LAID = "is held", "laid {}"
"""Column names that no property can have, because of the blank."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The files of one version of the profile table that hold one population.

    Attributes:
        table: The handle on that version.
        base: The files of the layer `base`, by ascending row.
        patches: The other files, by ascending sequence number.
        planned: Columns of files that are planned on top, which the table does not have yet.
        population: Whose files they are; columns are called as they are there.
    """

    table: Table
    base: tuple[DataFile, ...]
    patches: tuple[DataFile, ...]
    planned: Mapping[str, pl.DataType] = field(default_factory=dict)
    population: Population = PEOPLE

    @classmethod
    def of(cls, table: Table, population: Population = PEOPLE) -> "Layers":
        """Sort the files of a population into layers."""
        own = [(layer, file) for file in table.files() if (layer := population.own_layer(file.partition))]
        base = sorted((file for layer, file in own if layer == BASE), key=lambda file: (file.first or 0, file.path))
        patches = sorted(((int(layer), file) for layer, file in own if layer != BASE), key=lambda each: each[0])
        return cls(table, tuple(base), tuple(file for _, file in patches), population=population)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns of the population: `row` and the properties."""
        stored = self.table.schema
        return {name: stored[column] for name, column in self.population.own_columns(stored).items()} | {**self.planned}

    def write(self, frame: pl.DataFrame, layer: str = BASE, label: str = BASE) -> DataFile:
        """Write a frame as a file of one of these layers; it is invisible until it is committed."""
        stored = frame.rename({name: self.population.column(name) for name in frame.columns})
        return self.table.write(stored, partition=self.population.layer(layer), label=label)

    def planned_on(
        self, base: Iterable[DataFile], patches: Iterable[DataFile], columns: Mapping[str, pl.DataType]
    ) -> "Layers":
        """These layers with files on top that are written but not committed."""
        known = self.schema
        return replace(
            self,
            base=(*self.base, *base),
            patches=(*self.patches, *patches),
            planned={**self.planned, **{name: dtype for name, dtype in columns.items() if name not in known}},
        )

    def scan(self) -> pl.LazyFrame:
        """The current state as a lazy frame: `row` and all columns; only what a query needs is read and folded.

        Raises:
            WorkspaceError: A file of this version is gone or was cut off.
        """
        self.table.check([*self.base, *self.patches])
        schema = self.schema

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _batch: int | None
        ) -> Iterator[pl.DataFrame]:
            folded = self.fold(list(schema) if columns is None else columns, predicate)
            if n_rows is not None:
                folded = folded.head(n_rows)
            with self.table.reading([*self.base, *self.patches]):
                yield from folded.collect_batches(maintain_order=True)

        return register_io_source(read, schema=schema, is_pure=True)

    def fold(
        self, columns: Sequence[str], predicate: pl.Expr | None = None, base: Sequence[DataFile] | None = None
    ) -> pl.LazyFrame:
        """The current state of some columns, by ascending row.

        Args:
            columns: What is wanted.
            predicate: Only the rows where this holds; may use any column.
            base: Only the rows of these files of the base.
        """
        asked = set() if predicate is None else set(predicate.meta.root_names())
        needed = dict.fromkeys([*columns, *sorted(asked)])
        groups = self._carriers([*needed, _DELETED])
        patched = {name for _, names in groups for name in names}
        frame = self._read(self.base if base is None else base, dict.fromkeys(["row", *needed]))
        if predicate is not None and not asked & patched:
            frame, predicate = frame.filter(predicate), None
        for files, names in groups:
            frame = _lay_over(frame, self._overlay(files, names, base), names)
        if predicate is not None:
            frame = frame.filter(predicate)
        return frame.select(columns)

    def changed(self, since: int) -> pl.DataFrame:
        """`row` and the highest `updated_seq` of the profiles that changed after a commit; also of deleted ones.

        Only the patches are read, and what of the base changed so late; its statistics tell where that is.
        """
        columns, later = ("row", _CHANGED), pl.col(_CHANGED) > since
        patches = [self._read([file], columns) for file in self.patches if _CHANGED in file.nulls]
        base = self._read(self.base, columns).filter(later)
        if not patches:
            return base.collect(engine="streaming")
        over = pl.concat(patches).group_by("row").agg(pl.col(_CHANGED).max())
        return pl.concat([base.join(over, on="row", how="anti"), over.filter(later)]).collect(engine="streaming")

    def _read(self, files: Sequence[DataFile], columns: Iterable[str]) -> pl.LazyFrame:
        called = {self.population.column(name): name for name in columns}
        planned = {self.population.column(name): dtype for name, dtype in self.planned.items()}
        rows = self.table.scan(files, called, planned)
        return rows.rename(called) if self.population.group else rows

    def _carriers(self, columns: Sequence[str]) -> list[tuple[list[DataFile], list[str]]]:
        """The columns that patches carry, grouped by the very patches that do."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for name in columns:
            stored = self.population.column(name)
            paths = tuple(file.path for file in self.patches if stored in file.nulls)
            if paths and name != "row":
                groups.setdefault(paths, []).append(name)
        return [([file for file in self.patches if file.path in paths], names) for paths, names in groups.items()]

    def _overlay(
        self, files: Sequence[DataFile], names: Sequence[str], base: Sequence[DataFile] | None
    ) -> pl.LazyFrame:
        """The last value of each patched row; files follow each other in sequence, rows occur once in each."""
        parts = [self._read([file], ["row", *names]) for file in files]
        if base is not None:
            first, last = min(file.first or 0 for file in base), max(file.last or 0 for file in base)
            parts = [part.filter(pl.col("row").is_between(first, last)) for part in parts]
        if len(parts) == 1:
            return parts[0]
        return pl.concat(parts).unique("row", keep="last", maintain_order=False)


def _lay_over(frame: pl.LazyFrame, overlay: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    if list(names) == [_DELETED]:
        gone = overlay.filter(_DELETED).select("row")
        return frame.join(gone, on="row", how="anti", maintain_order="left")
    kept = [name for name in names if name != _DELETED]
    over = {name: _LAID.format(name) for name in names}
    laid = overlay.select("row", *(pl.col(name).alias(over[name]) for name in names), pl.lit(value=True).alias(_HELD))
    joined = frame.join(laid, on="row", how="left", maintain_order="left")
    if _DELETED in names:
        joined = joined.filter(pl.col(over[_DELETED]).ne_missing(other=True))
    values = [pl.when(_HELD).then(over[name]).otherwise(name).alias(name) for name in kept]
    return joined.with_columns(values).drop(_HELD, *over.values())
