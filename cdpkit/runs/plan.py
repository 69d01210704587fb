"""What a plan of any kind answers: a preview shows it, a guard looks at it, a run carries it out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import polars as pl

from cdpkit.core.properties import Property
from cdpkit.store.snapshot import Snapshot

Frame = Callable[[], pl.DataFrame]
"""Makes a frame when somebody looks at it."""

NEW_PROPERTIES = {
    "property": pl.String(),
    "type": pl.String(),
    "multi": pl.Boolean(),
    "why": pl.String(),
    "rows": pl.List(pl.Int64()),
    "nearly": pl.String(),
}
"""The frame of properties that would be made."""


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that a plan does to many people at once, for a guard to look at.

    Attributes:
        guard: The name of the limit that is about it.
        count: How many it does it to.
        of: How many there are.
        said: What would be done, with `{count}` and `{of}` in it.
    """

    guard: str
    count: int
    of: int
    said: str

    def __str__(self) -> str:
        """What would be done, in numbers."""
        return self.said.replace("{count}", f"{self.count:,}").replace("{of}", f"{self.of:,}")


@dataclass(frozen=True, slots=True)
class Figures:
    """A plan in numbers, as far as they are known without more work.

    Attributes:
        total: How many rows, or members of a segment, it is about.
        accounted: How many of them it says something of; all, unless it has a defect.
        counters: What it says, by the names of the counters of its kind (semantics, 14).
        risks: What it does to many people at once; may take as long as reading what it would change.
    """

    total: int
    accounted: int
    counters: Mapping[str, Any]
    risks: Callable[[], Sequence[Risk]] = tuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A plan to look at; a frame that plans of its kind do not have is None.

    Attributes:
        counters: The counters that the run has if nobody else refuses anything; may take as long as rendering does.
        estimate: What carrying it out takes at least: `calls` to the vendor, and `seconds` by its limits; empty where
            nobody is called, or that is not known.
        group: The type of the groups that it is about; empty for profiles.
        summary: `property`, `rule`, `set`, `changed`, `cleared`.
        changes: `profile_id`, `property`, `before`, `after`, `rule`, `source_row`.
        creates: `source_row` and properties of the profiles that would be created.
        rows: `source_row`, `fate`, `reason`.
        excluded: `source_row` or `profile_id`, and `reason`.
        rejected: `source_row` or `profile_id`, `field`, `reason`, and what else is known.
        new_properties: `property`, `type`, `multi`, `why`, `rows` (the first ones that decided), `nearly` (the type
            that all others fit), of what would be made.
        matching: `field`, `property`, `rows`, `missing`, `one`, `several`, `none`, `near`: how each identifier fares.
        near_misses: `source_row`, `field`, `property`, `value`, `stored`, `profile_id`.
        sends: `profile_id`, the vendor's identifiers, `body`, `lists`.
        withdraws: `profile_id`, the vendor's identifiers, `list`.
        events: `source_row` or `profile_id`, `type`, `id`, `time`, `properties`, `fate`: events to be stored or sent.
    """

    counters: Callable[[], Mapping[str, Any]]
    estimate: Callable[[], Mapping[str, int]] = dict
    group: str = ""
    summary: Frame | None = None
    changes: Frame | None = None
    creates: Frame | None = None
    matching: Frame | None = None
    near_misses: Frame | None = None
    rows: Frame | None = None
    excluded: Frame | None = None
    rejected: Frame | None = None
    new_properties: Frame | None = None
    sends: Frame | None = None
    withdraws: Frame | None = None
    events: Frame | None = None


class Plan(Protocol):
    """A goal, worked out; nothing of it is stored or sent."""

    @property
    def kind(self) -> str:
        """`load`, or the kind of the goal."""

    @property
    def name(self) -> str:
        """The goal."""

    @property
    def snapshot(self) -> Snapshot:
        """The profiles that it was worked out on; where it waits, they must be unchanged when it is carried out."""

    @property
    def turns(self) -> Mapping[str, int]:
        """For the key of a goal the number of the run that is to be its next; must be unchanged likewise."""

    @property
    def new_properties(self) -> Sequence[Property]:
        """The properties that it is going to add."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a person should look at."""

    def figures(self) -> Figures:
        """What it does, in numbers."""

    def look(self) -> Look:
        """Its frames."""

    def is_whole(self) -> bool:
        """Whether the files are there that it has made, without which it cannot be carried out."""

    def afterwards(self) -> Snapshot:
        """The profiles as they will be once it is carried out."""

    def discard(self) -> None:
        """Remove the files of it that nobody needs any more; what is stored stays."""

    def again(self, attempt: int) -> Self:
        """The same, worked out on the profiles as they are by now."""
