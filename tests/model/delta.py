"""The import delta: which rows a goal has seen, and which sums it has taken (semantics 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.model.runs import Load
from tests.model.values import canonical

Unit = tuple[tuple[str, frozenset[object]], ...]
Sum = tuple[str, object]
"""Source field, number."""


@dataclass
class Record:
    """One row of a unit, as last seen."""

    hash: tuple[tuple[str, tuple[str, ...]], ...]
    config: tuple[object, ...]
    sums: list[Sum] = field(default_factory=list)


def record(row: Mapping[str, object], load: Load) -> Record:
    """A row as its goal sees it: every identifier and mapped field by its raw value, and the configuration."""
    fields = sorted({*load.identifiers, *(mapping["from"] for mapping in load.mappings)})
    mappings = tuple((mapping["from"], mapping["to"], mapping["rule"]) for mapping in load.mappings)
    return Record(
        hash=tuple((name, canonical(row.get(name))) for name in fields),
        config=(tuple(load.identifiers.items()), mappings),
    )


class Delta:
    """One goal's records during one run: `before` is only read, `after` replaces the units that bring anything new."""

    def __init__(self, before: dict[Unit, list[Record]], *, full: bool) -> None:
        self.before = before
        self.full = full
        self._same: dict[Unit, list[Record]] = {}
        self._new: dict[Unit, list[Record]] = {}
        self._unused = {unit: list(records) for unit, records in before.items()}
        self._sums = {unit: [summed for one in records for summed in one.sums] for unit, records in before.items()}

    def seen(self, unit: Unit, row: Record) -> bool:
        """Whether the row is `not_changed`: then the stored record is used up and kept."""
        if self.full:
            return False
        for old in self._unused.get(unit, []):
            if (old.hash, old.config) == (row.hash, row.config):
                self._unused[unit] = [one for one in self._unused[unit] if one is not old]
                self._same.setdefault(unit, []).append(old)
                return True
        return False

    def reapplies(self, unit: Unit, row: Record) -> bool:
        """Whether sums that were taken before must not be taken again."""
        records = self.before.get(unit, [])
        return bool(records) and (self.full or any(old.config != row.config for old in records))

    def take_sum(self, unit: Unit, summed: Sum) -> bool:
        """Use up one stored sum value of the unit, if there is one left."""
        left = self._sums.get(unit, [])
        if summed in left:
            left.remove(summed)
            return True
        return False

    def store(self, unit: Unit, row: Record) -> None:
        """Keep a row that is new."""
        self._new.setdefault(unit, []).append(row)

    @property
    def after(self) -> dict[Unit, list[Record]]:
        """What is kept now of the units that bring anything new; of others, what they lack stays too."""
        return {unit: [*self._same.get(unit, []), *new] for unit, new in self._new.items()}
