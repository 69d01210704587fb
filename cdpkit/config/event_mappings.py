"""How rows become timeline events, as a goal in a connection file has it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from cdpkit.config.goal import PairSettings
from cdpkit.config.part import Filled, Part, misfit
from cdpkit.core.events.mapping import ALL, EventMapping


def _pairs(given: Any) -> Any:
    return [{"from": ALL, "to": ALL}] if given == ALL else given


def _one(where: Mapping[str, str]) -> Mapping[str, str]:
    if len(where) > 1:
        raise misfit("has several fields", "keep one, such as { event = 'purchase' }")
    return where


class EventMappingSettings(Part):
    """Rows that are events of one type.

    Attributes:
        type: The name of the type.
        time: The field with their time.
        id: The field with their id; None for an id that is made of what they hold.
        mappings: Pairs of field and property of the type; `*` for all that are called alike.
        where: A field and the value that it has in such rows; empty where all rows may be.
    """

    type: Filled
    time: Filled
    id: Filled | None = None
    mappings: Annotated[tuple[PairSettings, ...], BeforeValidator(_pairs)] = ()
    where: Annotated[Mapping[str, str], AfterValidator(_one)] = Field(default={})

    def to_mapping(self) -> EventMapping:
        """As the core knows it."""
        pairs = tuple((pair.source, pair.target) for pair in self.mappings)
        return EventMapping(self.type, self.time, self.id, pairs, next(iter(self.where.items()), None))
