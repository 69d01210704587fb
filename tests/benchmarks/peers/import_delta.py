"""delta-rs: `MERGE` into a Delta table."""

import polars as pl
from deltalake import DeltaTable, write_deltalake
from pyarrow import parquet

from tests.benchmarks.peers.task import SET, Task

FOLDER = "profiles"


def setup(task: Task, _strategy: str) -> None:
    """Load all profiles."""
    write_deltalake(task.place / FOLDER, parquet.read_table(task.profiles))


def work(task: Task, _strategy: str) -> None:
    """Merge; the commit is on disk at its end."""
    merge = DeltaTable(task.place / FOLDER).merge(
        parquet.read_table(task.rows), predicate="t.email = s.email", source_alias="s", target_alias="t"
    )
    updates = {name: f"coalesce(s.{name}, t.{name})" for name in SET}
    inserts = {name: f"s.{name}" for name in ("email", *SET)}
    merge.when_matched_update(updates).when_not_matched_insert(inserts).execute()


def result(task: Task) -> pl.DataFrame:
    """All profiles."""
    return pl.read_parquet(DeltaTable(task.place / FOLDER).file_uris())
