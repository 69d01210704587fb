"""The profiles as one commit left them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from cdpkit.store.data_file import DataFile
from cdpkit.store.fold import Layers


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The profiles as one commit left them; what is planned on it can be committed on nothing else.

    Attributes:
        layers: The files, and the handle that commits.
        seq: The sequence number of the last commit that a run or a compaction made.
        next_row: The number that the next created profile gets.
        events: Files of timeline events that are planned, and are not in their table yet.
    """

    layers: Layers
    seq: int
    next_row: int
    events: tuple[DataFile, ...] = ()

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
        events: Iterable[DataFile] = (),
    ) -> "Snapshot":
        """The profiles as they will be once a plan on this snapshot is committed.

        Args:
            created: Its files of new profiles.
            patches: Its files of changed ones.
            columns: The properties that it may have added.
            rows: How many profiles it creates.
            events: Its files of timeline events.
        """
        layers, more = self.layers.planned_on(created, patches, columns), (*self.events, *events)
        return Snapshot(layers, self.seq + 1, self.next_row + rows, more)
