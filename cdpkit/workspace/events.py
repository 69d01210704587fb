"""Timeline events as a lazy frame that shows them instead of a query plan."""

from collections.abc import Mapping
from typing import ClassVar, Self

import polars as pl

from cdpkit.core.events.types import EventType
from cdpkit.errors import UnknownNameError
from cdpkit.runs.home import Home
from cdpkit.runs.timeline import of_type, timeline
from cdpkit.store.snapshot import Snapshot
from cdpkit.workspace.looked import Looked


class Events(Looked):
    """A lazy frame of timeline events: `profile_id`, `type`, `id`, `time`, `properties` (a JSON object).

    What is made of it is a lazy frame as any other. Looked at, it shows how many there are, and the first of them.
    """

    noun: ClassVar[str] = "event"
    _types: Mapping[str, EventType]

    @classmethod
    def at(cls, home: Home, snapshot: Snapshot) -> Self:
        """Those beside the profiles of a snapshot."""
        made = cls.of(timeline(home, snapshot))
        made._types = home.settings.read().types()  # noqa: SLF001 - it was made here
        return made

    def of_type(self, name: str) -> pl.LazyFrame:
        """The events of one type, with a column for each property of the type in the place of `properties`.

        Args:
            name: The type; `ws.event_types` lists them. What is there several times is a list, of structs where it
                holds properties itself; a property that is called like another column has `_` at its end.

        Raises:
            UnknownNameError: No such type.
        """
        if name not in self._types:
            raise UnknownNameError("event type", name, self._types)
        return of_type(self, self._types[name])
