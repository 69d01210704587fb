"""Going on with the run that a killed process left behind."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import polars as pl

from cdpkit.runs.exports.abandoned import keep_what_was_sent
from cdpkit.runs.home import Home
from cdpkit.runs.record import NEW_PROPERTIES, Recorder
from cdpkit.runs.run import SKIPPED, STOPPED, SYNC, history


def take_over(new: Recorder, held: ExitStack) -> Recorder:
    """The run that a killed process left, if it was asked the same as a new one; else the new one.

    Others that were left under the same name are closed: nobody goes on with them. A load without a name is never gone
    on with, and closed by the next load of any name. A sync is not gone on with after another of its connection, such
    as one that carried out a preview: what it planned is older than what that one sent.

    Args:
        new: What is about to start.
        held: Holds the lock of the run that starts or goes on, until it is closed.
    """
    home, found = new.home, None
    names = {new.name, None}
    left_over = _left(home, new.kind, names)
    if left_over.height:
        home.tables.roll_forward()  # what they have committed tells how far they came
        left_over = _left(home, new.kind, names)
    for line in left_over.to_dicts():
        with ExitStack() as lock:
            if not home.claim(line["run_id"], lock) or home.tables.has_ended(line["run_id"]):
                continue
            left = Recorder.of(home, line)
            same = _asked(left) == _asked(new) and new.name is not None
            if found is None and same and not _overtaken(home, line):
                found = left
                held.push(lock.pop_all())
            else:
                left.end("; ".join(["the process ended before the run did", *keep_what_was_sent(home, left)]))
    if found is not None:
        made = {key: value for key, value in found.details.items() if key == NEW_PROPERTIES}
        return replace(found, details={**made, **new.details})
    held.enter_context(home.lock(new.run))
    return new


def _left(home: Home, kind: str, names: set[str | None]) -> pl.DataFrame:
    """The runs that stopped without an end, newest first."""
    stopped = history(home, surely=True).filter(state=STOPPED, kind=kind).filter(pl.col("finished_at").is_null())
    return stopped.filter(pl.col("name").is_in(list(names), nulls_equal=True)).reverse()


def _overtaken(home: Home, line: Mapping[str, Any]) -> bool:
    """Whether another sync of the connection has ended since this one began."""
    others = history(home).filter(pl.col("run_id") != line["run_id"], kind=SYNC, name=line["name"])
    since = others.filter(pl.col("finished_at") > line["started_at"], pl.col("state") != SKIPPED)
    return line["kind"] == SYNC and since.height > 0


def _asked(run: Recorder) -> tuple[Any, ...]:
    details: Mapping[str, Any] = run.details
    return run.name, details["config"], details.get("asked")
