"""Which profiles a source row means (semantics 2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdpkit.core.properties import Property
from tests.model.values import accept, elements, normalised, stored, unique, value_text


@dataclass(frozen=True)
class Pair:
    """The accepted values of one row for one identifier pair."""

    field: str
    to: Property
    accepted: list[object]
    rejected: list[str]

    @property
    def compared(self) -> set[object]:
        return {normalised(value, self.to) for value in self.accepted}


def pairs(row: Mapping[str, object], identifiers: Mapping[str, str], properties: Mapping[str, Property]) -> list[Pair]:
    """Parse the identifier values of a row; all elements count, also for a single-valued property."""
    found: list[Pair] = []
    for field, name in identifiers.items():
        property_ = properties[name]
        parsed = [(element, accept(element, property_)) for element in elements(row.get(field))]
        accepted = [value for _, value in parsed if value is not None]
        rejected = [value_text(element) for element, value in parsed if value is None]
        found.append(Pair(field, property_, accepted, rejected))
    return found


def matches(profiles: Mapping[int, Mapping[str, object]], row: list[Pair]) -> list[int]:
    """The profiles that share a value with the row in every pair, by profile row."""
    return [
        number
        for number, profile in sorted(profiles.items())
        if all({normalised(value, pair.to) for value in stored(profile[pair.to.name])} & pair.compared for pair in row)
    ]


def new_profile(row: list[Pair], properties: Mapping[str, Property]) -> dict[str, object]:
    """A profile that holds nothing but the row's identifier values: all of them, or the first one."""
    profile: dict[str, object] = dict.fromkeys(properties)
    for pair in row:
        name = pair.to.name
        values = unique([*stored(profile[name]), *pair.accepted])
        profile[name] = values if pair.to.multi else values[0]
    return profile


def unit(row: list[Pair]) -> tuple[tuple[str, frozenset[object]], ...]:
    """What rows of one unit of the import delta have in common: each pair's property and compared values."""
    return tuple((pair.to.name, frozenset(pair.compared)) for pair in row)
