"""DuckDB: `MERGE INTO` a native table."""

import duckdb
import polars as pl

from tests.benchmarks.peers.task import SET, Task

FILE = "profiles.duckdb"


def setup(task: Task, _strategy: str) -> None:
    """Load all profiles."""
    with duckdb.connect(str(task.place / FILE)) as connection:
        connection.execute(f"create table profiles as from read_parquet('{task.profiles}')")


def work(task: Task, _strategy: str) -> None:
    """Merge, and wait until it is on disk."""
    names = ", ".join(("email", *SET))
    values = ", ".join(f"s.{name}" for name in ("email", *SET))
    updates = ", ".join(f"{name} = coalesce(s.{name}, t.{name})" for name in SET)
    with duckdb.connect(str(task.place / FILE)) as connection:
        connection.execute(f"""
            merge into profiles t using read_parquet('{task.rows}') s on t.email = s.email
            when matched then update set {updates}
            when not matched then insert ({names}) values ({values})
        """)
        connection.execute("checkpoint")


def result(task: Task) -> pl.DataFrame:
    """All profiles."""
    with duckdb.connect(str(task.place / FILE)) as connection:
        found: pl.DataFrame = connection.sql("from profiles").pl()
        return found
