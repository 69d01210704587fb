"""Every row has one fate, and the counters add up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from cdpkit.core.properties import SOURCE_ROW
from cdpkit.core.reasons import Reason, Stage, of_stage
from cdpkit.show.astext import AsText

APPLIED, UNCHANGED, EXCLUDED = "applied", "unchanged", "excluded"

FATES = ((UNCHANGED, None), (APPLIED, None), *((EXCLUDED, reason.code) for reason in of_stage(Stage.EXCLUDED)))
"""Fate and reason; rows that a processor removed are `excluded` as `processor:<name>` beside these."""

FATE_SCHEMA = {SOURCE_ROW: pl.Int64(), "fate": pl.String(), "reason": pl.String()}


class Fates:
    """The fate of each row that came through the processors; `unchanged` until something else is said."""

    def __init__(self, source_row: pl.Series) -> None:
        self._source_row = source_row
        self._codes = pl.repeat(0, source_row.len(), dtype=pl.UInt8, eager=True)

    def applied(self, positions: pl.Series) -> None:
        """These rows changed the running state of a profile."""
        self._mark(positions, (APPLIED, None))

    def excluded(self, positions: pl.Series, reason: Reason) -> None:
        """These rows reached no profile, or left nothing in it."""
        self._mark(positions, (EXCLUDED, reason.code))

    def _mark(self, positions: pl.Series, fate: tuple[str, str | None]) -> None:
        if positions.len():
            self._codes = self._codes.scatter(positions, FATES.index(fate))

    def frame(self, removed: pl.DataFrame) -> pl.DataFrame:
        """All rows as `FATE_SCHEMA`, in source order, together with those that a processor removed."""
        fates = pl.Series([fate for fate, _ in FATES], dtype=pl.String)
        reasons = pl.Series([reason for _, reason in FATES], dtype=pl.String)
        kept = pl.DataFrame(
            {SOURCE_ROW: self._source_row, "fate": fates.gather(self._codes), "reason": reasons.gather(self._codes)}
        )
        if removed.is_empty():
            return kept
        gone = removed.select(SOURCE_ROW, pl.lit(EXCLUDED).alias("fate"), "reason")
        return pl.concat([kept, gone]).sort(SOURCE_ROW, nulls_last=True, maintain_order=True)


@dataclass(frozen=True, slots=True)
class ImportCounters(AsText):
    """What happened, in numbers.

    Attributes:
        received: Rows of the source.
        added: Rows that processors added.
        checked: Rows after the processors.
        applied: Rows that changed at least one value.
        unchanged: Rows that changed nothing.
        excluded: Rows by the reason for which they reached no profile.
        rejected: Values by the reason for which they were not accepted.
        created: Profiles.
        updated: Profiles.
        multiple_matches: Rows that matched several profiles.
        cut_lists: Lists given to a property with one value, of which the first element was taken.
        events: Timeline events: how many were `added`, `changed` and `unchanged`; empty where none are mapped.
    """

    received: int
    added: int
    checked: int
    applied: int
    unchanged: int
    excluded: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    created: int = 0
    updated: int = 0
    multiple_matches: int = 0
    cut_lists: int = 0
    events: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        accounted = self.applied + self.unchanged + sum(self.excluded.values())
        if accounted != self.received + self.added:
            raise AssertionError(
                f"{self.received} rows received and {self.added} added, but {accounted} accounted for: "
                "this is a defect of cdpkit, nothing was stored"
            )


NOTHING: Mapping[str, Any] = asdict(ImportCounters(received=0, added=0, checked=0, applied=0, unchanged=0))
"""The counters of an import that did not come to its rows."""


def counted(values: pl.Series) -> dict[str, int]:
    """How often each text occurs, the most frequent first; nulls are left out."""
    frame = values.drop_nulls().value_counts(sort=True, name="count")
    return dict(zip(frame[values.name].to_list(), frame["count"].to_list(), strict=True))
