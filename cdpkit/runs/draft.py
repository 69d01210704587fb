"""What a plan would store, written as files that nobody sees until they are committed."""

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import polars as pl

from cdpkit.core.ids import profile_ids
from cdpkit.core.imports import Emitted
from cdpkit.core.properties import DEFAULT_PERMISSION_LEVEL, SOURCE_ROW
from cdpkit.runs.home import Home
from cdpkit.store.attempt import attempt
from cdpkit.store.data_file import DataFile
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import CHANGES, EVENTS, PROFILES, TABLES
from cdpkit.store.tables.events import GONE, HERE


@dataclass(slots=True)
class Draft:
    """The files of one plan.

    New profiles go to the base, whose rows they continue; changed ones are a patch.

    Attributes:
        run_id: The run that is to commit them.
        goal: The goal's name in the history.
        at: The time written into them.
        created: Files of new profiles.
        patches: Files of changed profiles.
        changes: Files of changes.
        events: Files of timeline events, by layer.
        replaced: Files of profiles that others have taken the place of; a preview may still be looking at them.
        stored: Whether the files may be part of the tables by now, and are nobody's to remove.
    """

    home: Home
    snapshot: Snapshot
    run_id: str
    goal: str
    at: datetime
    created: list[DataFile] = field(default_factory=list)
    patches: list[DataFile] = field(default_factory=list)
    changes: list[DataFile] = field(default_factory=list)
    events: list[DataFile] = field(default_factory=list)
    replaced: list[DataFile] = field(default_factory=list)
    stored: bool = False
    _seed: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def seq(self) -> int:
        """The sequence number of the commit."""
        return self.snapshot.seq + 1

    def take(self, part: Emitted) -> None:
        """Write what becomes of some profiles; each file in a thread, because no one of them keeps all cores busy."""
        takers = (self._take_created, self._take_patch, self._take_changes, self._take_events)
        with ThreadPoolExecutor() as pool:
            writers = [pool.submit(take, part) for take in takers]
        for writer in writers:
            writer.result()

    def _take_created(self, part: Emitted) -> None:
        if part.created.is_empty():
            return
        stamps, layers = self._stamps(), self.snapshot.layers
        created = part.created.with_columns(*stamps, created_at=stamps[0])
        if not layers.population.group:  # a group is known by the id that its source gives it
            ids = profile_ids(part.created["row"], int(self.at.timestamp() * 1000), self._seed)
            level = {} if "permission_level" in created.columns else {"permission_level": DEFAULT_PERMISSION_LEVEL}
            created = created.with_columns(ids, **{name: pl.lit(value) for name, value in level.items()})
        self.created.append(layers.write(created))

    def _take_patch(self, part: Emitted) -> None:
        if part.patch.height:
            patch = part.patch.with_columns(self._stamps())
            self.patches.append(self.snapshot.layers.write(patch, str(self.seq), "patch"))

    def _take_changes(self, part: Emitted) -> None:
        changes = part.changes.rename({SOURCE_ROW: "source_row"})
        self.changes += write_side(self.home, CHANGES, changes, run_id=self.run_id, goal=self.goal)

    def _take_events(self, part: Emitted) -> None:
        for layer, lines in ((HERE, part.events), (GONE, part.gone)):
            if lines is not None and lines.height:
                numbers = {SOURCE_ROW: "source_row"} if SOURCE_ROW in lines.columns else {}
                made = lines.rename(numbers).with_columns(seq=pl.lit(self.seq, pl.Int64))
                self.events += write_side(self.home, EVENTS, made, partition=layer)

    def date(self, at: datetime) -> None:
        """Write another time into the files: a plan that waited is committed now, not when it was made."""
        self.at, table = at, self.snapshot.layers.table
        stamp = self._stamps()[0]
        for files, more in ((self.created, {"created_at": stamp}), (self.patches, {})):
            for index, file in enumerate(files):
                rows = self.home.tables.read(PROFILES, [file]).with_columns(stamp, **more).collect()
                files[index] = table.write(rows, partition=file.partition, label=file.path.split("-")[0])
                self.replaced.append(file)

    @property
    def files(self) -> dict[str, list[DataFile]]:
        """All files by table."""
        return {PROFILES: [*self.created, *self.patches], CHANGES: self.changes, EVENTS: self.events}

    def is_whole(self) -> bool:
        """Whether all files are there still."""
        return not any(self.home.tables.lost(name, files) for name, files in self.files.items())

    def scan(self, files: Sequence[DataFile], table: str = PROFILES) -> pl.LazyFrame:
        """The rows of some of the files, with the columns that they have, as those call them who are written."""
        if table != PROFILES:
            return self.home.tables.read(table, files)
        population = self.snapshot.layers.population
        rows = self.home.tables.read(table, files)
        own = population.own_columns(rows.collect_schema()) if population.group else {}
        return rows.rename({column: name for name, column in own.items()}, strict=False)

    def _stamps(self) -> list[pl.Expr]:
        at = pl.lit(self.at).cast(pl.Datetime("us", "UTC")).alias("updated_at")
        return [at, pl.lit(self.seq, pl.Int64).alias("updated_seq")]


def sweep(draft: Draft) -> None:
    """Remove the files of a draft that nobody needs any more; those that may be stored stay."""
    if not draft.stored:
        for name, files in draft.files.items():
            draft.home.tables.delete(name, files)
    draft.home.tables.delete(PROFILES, draft.replaced)


class WriteSide(Protocol):
    """Writes a side file as `write_side` does."""

    def __call__(self, name: str, frame: pl.DataFrame, *, partition: str | None = None, **same: str) -> list[DataFile]:
        """The file, in a list; none for a frame without rows."""


@contextmanager
def side_files(home: Home) -> Iterator[WriteSide]:
    """Write side files, and commit what names them; where that fails they are removed."""
    with attempt() as made:

        def write(name: str, frame: pl.DataFrame, *, partition: str | None = None, **same: str) -> list[DataFile]:
            return list(made.add(home.tables.root / name, write_side(home, name, frame, partition=partition, **same)))

        yield write


def write_side(
    home: Home, name: str, frame: pl.DataFrame, *, partition: str | None = None, **same: str
) -> list[DataFile]:
    """Write a file that joins its table once the profiles are committed; none for a frame without rows.

    Args:
        home: The workspace.
        name: The table.
        frame: The rows; columns of the table that it does not have are null.
        partition: The value of the partition column.
        same: Columns that have one value in all rows.
    """
    if frame.is_empty():
        return []
    frame = frame.with_columns(pl.lit(value).alias(column) for column, value in same.items())
    columns = [
        column if column in frame.columns else pl.lit(None, dtype).alias(column)
        for column, dtype in TABLES[name].schema.items()
    ]
    return [home.tables.write(name, frame.select(columns), partition=partition)]
