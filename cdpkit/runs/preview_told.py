"""What a preview shows of itself: in numbers, in pictures, and the first lines of everything that it has."""

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.parts import Held, Part, by_identifier, by_property, in_numbers, marked, parts_in, samples
from cdpkit.show.frames import written
from cdpkit.show.told import Lines, Told


class Looked(Protocol):
    """A preview, as far as it is told."""

    @property
    def goals(self) -> tuple[GoalRun, ...]:
        """The goals with the counters that they would have."""

    @property
    def summary(self) -> pl.DataFrame:
        """How many existing profiles would change, by property."""

    @property
    def changes(self) -> pl.DataFrame:
        """Every value that would change."""

    @property
    def creates(self) -> pl.DataFrame:
        """The profiles that would be created."""

    @property
    def excluded(self) -> pl.DataFrame:
        """What would be left out."""

    @property
    def rejected(self) -> pl.DataFrame:
        """What would not be accepted."""

    @property
    def matching(self) -> pl.DataFrame:
        """How each identifier fares."""

    @property
    def near_misses(self) -> pl.DataFrame:
        """Values of identifiers that nearly match."""

    @property
    def sends(self) -> pl.DataFrame:
        """Who would be sent."""

    @property
    def withdraws(self) -> pl.DataFrame:
        """Who would be taken off which list."""

    @property
    def events(self) -> pl.DataFrame:
        """Timeline events that would be stored or sent."""

    @property
    def new_properties(self) -> pl.DataFrame:
        """What would be made."""


def parts_of(preview: Looked, held: Held) -> tuple[Part, ...]:
    """Everything that a preview has, to leaf through; frames that are made are kept in `held`."""
    return parts_in(
        held,
        (
            ("changes", "Values that change", lambda: marked(preview.changes)),
            ("creates", "Profiles to be created", lambda: preview.creates),
            ("excluded", "Left out", lambda: preview.excluded),
            ("rejected", "Rejected", lambda: preview.rejected),
            ("near_misses", "Nearly matched", lambda: _near(preview)),
            ("sends", "To be sent", lambda: preview.sends),
            ("withdraws", "To be taken off lists", lambda: preview.withdraws),
            ("events", "Timeline events", lambda: preview.events),
            ("new_properties", "Properties to be made", lambda: preview.new_properties),
        ),
    )


def _near(preview: Looked) -> pl.DataFrame:
    """What nearly matches; looked for only where there is some, since that reads all profiles again."""
    matching = preview.matching
    there = "near" in matching.columns and matching["near"].sum() > 0
    return preview.near_misses if there else pl.DataFrame()


def numbers(
    preview: Looked, headline: str, refused: Mapping[str, pl.DataFrame], read: Sequence[str], *, looked_up: bool = True
) -> Told:
    """What would become of everything, in numbers.

    Args:
        preview: The preview.
        headline: What it is a preview of.
        refused: For names of goals `field`, `reason` and `source_row` of what was refused, a line each.
        read: How files were read.
        looked_up: Whether that is told too for which all profiles are looked through: how rows match.
    """
    matching = by_identifier(preview.matching) if looked_up else []
    goals = [
        part
        for goal in preview.goals
        for part in in_numbers(goal, f"Goal {goal.name!r}, in numbers", refused.get(goal.name))
    ]
    return Told(
        headline,
        [*goals, *matching, *by_property(preview.summary), *(line.strip() for line in read)],
    )


def whole(preview: Looked, told: Told, held: Held) -> Told:
    """The numbers, and the first lines of everything behind them."""
    return Told(told.headline, [*told.parts, *samples(parts_of(preview, held)), *payload_told(preview.sends)])


def payload_told(sends: pl.DataFrame, at: int = 0) -> list[Lines]:
    """What would be sent of one person, as the vendor is given it.

    Args:
        sends: Who would be sent.
        at: The index of the person.
    """
    if "body" not in sends.columns or not 0 <= at < sends.height:
        return []
    body = sends["body"][at]
    given = json.loads(body)
    lines = [(str(key), _short(value)) for key, value in given.items()] if isinstance(given, dict) else [("", body)]
    return [Lines(("key", "value"), lines, caption="A payload, as it would be sent")]


def _short(value: object) -> str:
    return written(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
