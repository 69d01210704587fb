"""What people did with a vendor's mails, as events that can be counted: each is one, however often it is read."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.effects import Effects

EVENTS = {
    "id": pl.String(),
    "type": pl.String(),
    "time": pl.Datetime("us", "UTC"),
    "contact": pl.String(),
    "email": pl.String(),
    "campaign": pl.String(),
    "lists": pl.List(pl.String()),
}
"""An event each: `id` is the same whenever it is read; `contact` is the vendor's id of the person; `campaign` and
`lists` (ids) are null where a source does not tell."""


@dataclass(frozen=True, slots=True)
class TouchpointsAsked:
    """Which events are wanted.

    Attributes:
        settings: The connection's.
        discovery: What the connection found.
        lists: The ids of the lists to which the mails went.
        after: A moment, ISO 8601 with its zone; events at it or before are left out.
    """

    settings: Settings
    discovery: Discovery = field(repr=False)
    lists: tuple[str, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Touchpoints:
    """What a vendor tells of its mails.

    Attributes:
        types: The types of events that there are, the vendor's words aside: `opened`, `clicked`.
        read: Fetch those that are asked for, as `EVENTS`.
    """

    types: tuple[str, ...]
    read: Callable[[TouchpointsAsked], Effects[pl.DataFrame]]
