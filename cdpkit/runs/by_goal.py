"""The history by goal: what each goal of each run did, in columns."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.core.properties import UTC

_NUMBERS = ("received", "applied", "unchanged", "created", "updated", "in_segment", "sent", "accepted")
_BY_REASON = ("excluded", "skipped", "rejected")
_MORE = ("withdrawn", "in_doubt")
_COUNTED = (*_NUMBERS, *_BY_REASON, *_MORE)

_RUN: dict[str, Any] = {
    "run_id": pl.String,
    "kind": pl.String,
    "name": pl.String,
    "started_at": UTC,
    "finished_at": UTC,
}
_GOAL = {"goal": "name", "goal_kind": "kind", "state": "state", "message": "message"}
_SCHEMA = _RUN | dict.fromkeys(_GOAL, pl.String) | dict.fromkeys(_COUNTED, pl.Int64)


def by_goal(history: pl.DataFrame) -> pl.DataFrame:
    """One line for each goal of each run, in the order of the runs.

    Args:
        history: Runs as `runs.run.history` has them.

    Returns:
        The run's `run_id`, `kind`, `name`, `started_at`, `finished_at`; `goal`, `goal_kind`, `state`, `message`; and
        its counters, those by reason added up; null where a goal has none of a name.
    """
    lines = [
        (*run, *(goal[key] for key in _GOAL.values()), *(_number(goal["counters"].get(name)) for name in _COUNTED))
        for *run, goals in history.select(*_RUN, "goals").iter_rows()
        for goal in json.loads(goals)
    ]
    return pl.DataFrame(lines, schema=_SCHEMA, orient="row")


def _number(count: int | Mapping[str, int] | None) -> int | None:
    return sum(count.values()) if isinstance(count, Mapping) else count
