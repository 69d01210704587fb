"""What goes into the model and what comes out of it."""

from dataclasses import dataclass, field

Change = tuple[object, object, str, int]
"""Value before the run, value after it, merge rule, the source row that last changed the running value."""


@dataclass
class Load:
    """One call of `ws.load`."""

    rows: list[dict[str, object]]  # all with the same keys; str | int | float | bool | None | list of those
    identifiers: dict[str, str]  # source field -> property
    mappings: list[dict[str, str]]  # {"from", "to", "rule"}
    create_profiles: bool = True
    on_multiple_matches: str = "newest"  # newest | skip | all
    goal: str | None = None  # named: its import delta is kept under this name
    full: bool = False
    objectives: tuple[str, ...] = ()  # those that need consent; none: everybody passes


@dataclass
class ModelRun:
    """What one load did."""

    seq: int
    fates: dict[int, tuple[str, str | None]] = field(default_factory=dict)  # source row -> (fate, reason)
    rejected: set[tuple[int, str, str]] = field(default_factory=set)  # (source row, field, value text)
    created: list[int] = field(default_factory=list)  # profile rows
    updated: set[int] = field(default_factory=set)  # profile rows
    changes: dict[tuple[int, str], Change] = field(default_factory=dict)  # (profile row, property) of existing profiles
    multiple_matches: int = 0  # source rows that matched several profiles
