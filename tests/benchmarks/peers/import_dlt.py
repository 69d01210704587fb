"""dlt: a merge into DuckDB. It writes whole rows: columns that a source lacks would be emptied, so they are filled."""

import os
from typing import Any

import dlt
import duckdb
import polars as pl
from pyarrow import Table, parquet

from tests.benchmarks.peers.task import SET, Task

FILE, DATASET = "warehouse.duckdb", "crm"
QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


def _run(task: Task, rows: Table, disposition: Any) -> None:
    os.environ.update(QUIET)
    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=str(task.place / "pipelines"),
        destination=dlt.destinations.duckdb(str(task.place / FILE)),
        dataset_name=DATASET,
    )
    done = pipeline.run(rows, table_name="profiles", write_disposition=disposition, primary_key="email")
    done.raise_on_failed_jobs()


def setup(task: Task, _strategy: str) -> None:
    """Load all profiles."""
    _run(task, parquet.read_table(task.profiles), "replace")


def work(task: Task, strategy: str) -> None:
    """Complete the rows by what is known, and merge them."""
    filled = ", ".join(f"coalesce(s.{name}, t.{name}) as {name}" for name in SET)
    with duckdb.connect(str(task.place / FILE)) as connection:
        whole = connection.sql(f"""
            select s.email, t.* exclude (email) replace ({filled})
            from read_parquet('{task.rows}') s left join {DATASET}.profiles t on t.email = s.email
        """).to_arrow_table()
    _run(task, whole, {"disposition": "merge", "strategy": strategy})


def result(task: Task) -> pl.DataFrame:
    """All profiles."""
    with duckdb.connect(str(task.place / FILE)) as connection:
        found: pl.DataFrame = connection.sql(f"from {DATASET}.profiles").pl()
        return found
