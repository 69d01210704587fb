"""What a run shows of itself: in numbers, in pictures, and the first lines of what it has."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

import polars as pl

from cdpkit.runs.parts import Held, Part, in_numbers, marked, parts_in, samples
from cdpkit.runs.report import Goal
from cdpkit.runs.stages import STAGES
from cdpkit.show.bar import Bar
from cdpkit.show.told import Lines, Told

_LATER = ("rows", "changes")


class Ended(Goal, Protocol):
    """A goal, and how it ended."""

    @property
    def state(self) -> str:
        """As a run's."""


class Looked(Protocol):
    """A run, as far as it is told."""

    id: str
    kind: str
    name: str | None
    state: str
    started_at: datetime
    finished_at: datetime | None
    details: Mapping[str, Any]

    @property
    def goals(self) -> tuple[Ended, ...]:
        """What each goal did."""

    @property
    def changes(self) -> pl.DataFrame:
        """Every value that it changed."""

    @property
    def rows(self) -> pl.DataFrame:
        """What became of every row and person."""

    @property
    def excluded(self) -> pl.DataFrame:
        """What was left out."""

    @property
    def rejected(self) -> pl.DataFrame:
        """What was not accepted."""

    @property
    def in_doubt(self) -> pl.DataFrame:
        """Of whom nobody knows whether the vendor took them."""

    @property
    def conflicts(self) -> pl.DataFrame:
        """What an undo left as it is."""

    @property
    def created(self) -> pl.DataFrame:
        """The last profiles that it created."""

    @property
    def updated(self) -> pl.DataFrame:
        """The last profiles that it updated."""


def parts_of(run: Looked, held: Held) -> tuple[Part, ...]:
    """Everything that a run has, to leaf through; frames that are made are kept in `held`."""
    return parts_in(
        held,
        (
            ("conflicts", "Left as it is", lambda: run.conflicts),
            ("rejected", "Rejected", lambda: run.rejected),
            ("in_doubt", "In doubt", lambda: run.in_doubt),
            ("excluded", "Left out", lambda: run.excluded),
            ("created", "Created last", lambda: run.created),
            ("updated", "Updated last", lambda: run.updated),
            ("changes", "All changes", lambda: marked(run.changes)),
            ("rows", "All rows", lambda: run.rows),
        ),
        later=_LATER,
    )


def numbers(run: Looked, refused: Mapping[str, pl.DataFrame], read: list[str]) -> Told:
    """What happened, in numbers.

    Args:
        run: The run.
        refused: For names of goals `field`, `reason` and `source_row` of what was refused, a line each.
        read: How files were read.
    """
    said = [run.details["message"]] if run.details.get("message") else []
    goals = [part for goal in run.goals for part in in_numbers(goal, _of_goal(goal), refused.get(goal.name))]
    lines = [*said, _when(run), *goals, *_stages(run.details.get(STAGES, ())), *(line.strip() for line in read)]
    return Told(f"{title(run)}: {words(run.state)}", lines)


def whole(run: Looked, told: Told, held: Held) -> Told:
    """The numbers, and the first lines of what is behind them."""
    return Told(told.headline, [*told.parts, *samples(parts_of(run, held))])


def title(run: Looked) -> str:
    """What ran."""
    return " ".join(filter(None, (run.kind.capitalize(), run.name)))


def words(state: str) -> str:
    """A state as people read it."""
    return state.replace("_", " ")


def _of_goal(goal: Ended) -> str:
    return f"Goal {goal.name!r}: {words(goal.state)}"


def _when(run: Looked) -> str:
    started = f"run {run.id}, started {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
    if run.finished_at is None:
        return started
    ends = max((each["to"] for each in run.details.get(STAGES, ())), default=0)
    return f"{started}, took {max((run.finished_at - run.started_at).total_seconds(), ends):,.2f} seconds"


def _stages(stages: Any) -> Iterator[Lines]:
    """A line of time: each stage begins where it did."""
    if not stages:
        return
    ends = max(each["to"] for each in stages)
    several = len({each["goal"] for each in stages}) > 1
    lines = [
        (
            f"{each['goal']}: {each['stage']}" if several else each["stage"],
            Bar(round(each["to"] - each["from"], 3), ends, start=each["from"]),
        )
        for each in stages
    ]
    yield Lines(("stage", "seconds"), lines, caption="How long it took")
