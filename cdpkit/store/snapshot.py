"""The profiles as one commit left them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from cdpkit.core.properties import Property
from cdpkit.store.data_file import DataFile
from cdpkit.store.fold import Layers
from cdpkit.store.population import Population, groups_among


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan adds to a population, in files that are not committed, and all properties that it has then."""

    population: Population
    created: tuple[DataFile, ...]
    patches: tuple[DataFile, ...]
    properties: tuple[Property, ...]

    def on(self, layers: Layers) -> Layers:
        """The layers of the population with these files on top."""
        return layers.planned_on(self.created, self.patches, {prop.name: prop.dtype for prop in self.properties})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The profiles as one commit left them; what is planned on it can be committed on nothing else.

    The same commit left the groups of each type; `of` looks at those.

    Attributes:
        layers: The files of those who are looked at, and the handle that commits.
        seq: The sequence number of the last commit that a run or a compaction made.
        next_row: The number that the next created profile or group gets.
        events: Files of timeline events that are planned, and are not in their table yet.
        planned: What plans add that are not committed yet, whomever they are about, in their order.
    """

    layers: Layers
    seq: int
    next_row: int
    events: tuple[DataFile, ...] = ()
    planned: tuple[Planned, ...] = ()

    @property
    def version(self) -> int:
        """The version of the profile table."""
        return self.layers.table.version

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """`row` and all properties that any profile may have."""
        return self.layers.schema

    def of(self, group: str) -> "Snapshot":
        """The same, looking at the groups of a type; at the profiles where it is empty."""
        population = Population(group)
        if self.layers.population == population:
            return self
        layers = Layers.of(self.layers.table, population)
        for each in self.planned:
            if each.population == population:
                layers = each.on(layers)
        return replace(self, layers=layers)

    @property
    def groups(self) -> tuple[str, ...]:
        """The types of which there are groups."""
        named = {each.population.group for each in self.planned} - {""}
        return tuple(sorted({*named, *groups_among(file.partition for file in self.layers.table.files())}))

    @property
    def known_groups(self) -> tuple[str, ...]:
        """The types of which there are or were groups, also those that the settings have no more."""
        table = self.layers.table
        return groups_among([*table.schema, *(file.partition for file in table.files())])

    def profiles(self) -> pl.LazyFrame:
        """The current state of those who are looked at: `row` and all properties."""
        return self.layers.scan()

    def ids(self) -> pl.LazyFrame:
        """`row`, `profile_id`: of a group its id."""
        return self.profiles().select("row", profile_id=self.layers.population.id)

    def after(
        self,
        created: Iterable[DataFile],
        patches: Iterable[DataFile],
        properties: Iterable[Property],
        *,
        rows: int,
        events: Iterable[DataFile] = (),
    ) -> "Snapshot":
        """The profiles as they will be once a plan for those who are looked at is committed.

        Args:
            created: Its files of new profiles.
            patches: Its files of changed ones.
            properties: Those of its catalogue, among which it may have added some.
            rows: How many profiles it creates.
            events: Its files of timeline events.
        """
        plan = Planned(self.layers.population, tuple(created), tuple(patches), tuple(properties))
        more, planned = (*self.events, *events), (*self.planned, plan)
        return Snapshot(plan.on(self.layers), self.seq + 1, self.next_row + rows, more, planned)
