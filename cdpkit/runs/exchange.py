"""How many profiles a connection has exchanged with its vendor, each counted once however often it was (semantics, 14).

Counted over the history, which is never cut: a profile that is gone by now still counts.
"""

import json
from dataclasses import dataclass

import polars as pl

from cdpkit.config.connections import ConnectionFiles
from cdpkit.core.outcome import ACCEPTED
from cdpkit.core.undo import UNDO_RULE
from cdpkit.runs.home import Home
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told
from cdpkit.store.tables import CHANGES, RUN_ROWS, RUNS

EXCHANGE = "exchange"
"""The name by which SQL knows it."""

SCHEMA = {"connection": pl.String(), "imported": pl.Int64(), "exported": pl.Int64()}

_BETWEEN = "/"
"""Stands between the name of a connection and that of a goal; loads have no connection."""


_ABOUT_GROUPS = '"group": ?"[^"]'
"""In the goals of a run, as the history has them, where one was about groups."""


@dataclass(frozen=True, slots=True, repr=False)
class Exchange(Tells):
    """How many profiles a connection has exchanged with its vendor, each counted once.

    Attributes:
        connection: Its name.
        imported: Profiles that an import of it created, or really changed.
        exported: Profiles of an export of it that the vendor accepted.
    """

    connection: str
    imported: int
    exported: int

    def _told(self) -> Told:
        said = [
            f"{counted(self.imported, 'profile')} imported: created, or really changed",
            f"{counted(self.exported, 'profile')} exported: accepted by the vendor",
        ]
        return Told(f"Data exchange of connection {self.connection!r}", said)


def exchange_of(home: Home, connection: str) -> Exchange:
    """The numbers of one connection."""
    own = pl.col("goal").str.starts_with(f"{connection}{_BETWEEN}")
    imported, exported = (lines.filter(own).select(pl.col("row").n_unique()) for lines in _lines(home))
    numbers = [int(frame.item()) for frame in pl.collect_all([imported, exported], engine="streaming")]
    return Exchange(connection, *numbers)


def exchange_frame(home: Home) -> pl.DataFrame:
    """`connection`, `imported`, `exported`: of every connection that there is or was, by name."""
    by_name = [
        lines.group_by(pl.col("goal").str.split(_BETWEEN).list.first().alias("connection")).agg(
            pl.col("row").n_unique().cast(pl.Int64).alias(name)
        )
        for name, lines in zip(("imported", "exported"), _lines(home), strict=True)
    ]
    imported, exported = pl.collect_all(by_name, engine="streaming")
    there = pl.DataFrame({"connection": ConnectionFiles(home.root).names()}, schema={"connection": pl.String()})
    names = pl.concat([there, imported.select("connection"), exported.select("connection")]).unique()
    both = names.join(imported, on="connection", how="left").join(exported, on="connection", how="left")
    return both.with_columns(pl.col("imported", "exported").fill_null(0)).select(*SCHEMA).sort("connection")


def _of_groups(home: Home) -> pl.DataFrame:
    """`run_id`, `goal` of what stored groups, which are no profiles."""
    runs = (
        home.tables.scan(RUNS).filter(pl.col("goals").str.contains(_ABOUT_GROUPS)).select("run_id", "goals").collect()
    )
    lines = [(run, goal["key"]) for run, goals in runs.iter_rows() for goal in json.loads(goals) if goal.get("group")]
    return pl.DataFrame(lines, schema={"run_id": pl.String, "goal": pl.String}, orient="row").unique()


def _lines(home: Home) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """`goal`, `row` of what was imported and of what was exported by connections."""
    by_connection = pl.col("goal").str.contains(_BETWEEN, literal=True) & pl.col("row").is_not_null()
    changes = home.tables.scan(CHANGES).filter(by_connection, pl.col("rule") != UNDO_RULE)
    if home.tables.snapshot().groups:
        changes = changes.join(_of_groups(home).lazy(), on=["run_id", "goal"], how="anti")
    accepted = home.tables.scan(RUN_ROWS).filter(by_connection, pl.col("fate") == ACCEPTED)
    return changes.select("goal", "row"), accepted.select("goal", "row")
