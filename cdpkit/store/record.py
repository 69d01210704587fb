"""What the history says of a run, line by line."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from cdpkit.core.properties import UTC
from cdpkit.store.tables import RUNS, TABLES


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A line of the history; the line with the highest `step` of a run tells how it stands.

    Attributes:
        kind: `load`, `undo` or `sync`.
        name: The connection, or the goal of a load.
        goals: JSON: name, state, counters and sequence number of each goal.
        version: The last version of the profile table that the run committed, None for none.
        seq: Its sequence number.
        details: JSON: configuration, inputs, versions, and what else explains the run.
        step: 0 at the start; goes up with each goal; the highest is the end.
    """

    run_id: str
    kind: str
    name: str | None
    state: str
    started_at: str
    finished_at: str | None
    goals: str
    details: str
    step: int
    version: int | None = None
    seq: int | None = None

    def line(self) -> pl.DataFrame:
        """The line as the table `runs` holds it."""
        schema = TABLES[RUNS].schema
        texts = {name: pl.String() if dtype == UTC else dtype for name, dtype in schema.items()}
        line = pl.DataFrame({name: [value] for name, value in asdict(self).items()}, schema=texts)
        return line.with_columns(pl.col("started_at", "finished_at").str.to_datetime(time_unit="us", time_zone="UTC"))


def as_json(value: Any) -> str:
    """JSON in the order given."""
    return json.dumps(value, default=str)
