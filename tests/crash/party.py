"""What killing syncs has to know of a vendor; each has a module of its name in `tests.crash.parties`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Party:
    """A vendor to which syncs go that are killed.

    Attributes:
        settings: Of its imitation: no waiting, and many pages.
        list: The name of the list to which people go.
        points: The field of points, which people have there.
        first: The field of names.
        plan: The field of plans.
        score: A field of numbers that nobody has.
        origin: A field of texts that nobody has.
        pulling: A moment while people are pulled.
        passing: What of people depends on the order in which batches came.
        target: Further options of the export.
        event_target: Options of an export of events.
        once: Whether it knows events by their ids, so that each is there exactly once.
        hurried: Whether its clients do not sit through pauses; the imitation then lets them call ten times as often.
    """

    settings: Mapping[str, Any]
    list: str
    points: str
    first: str
    plan: str
    score: str
    origin: str
    pulling: str = "HttpCarrier.send begins 24"
    passing: tuple[str, ...] = ()
    target: Mapping[str, Any] = field(default_factory=dict)
    event_target: Mapping[str, Any] = field(default_factory=dict)
    once: bool = True
    hurried: bool = True
