"""dlt: a pipeline from DuckDB to a custom destination, a batch a call."""

import json
import os
from typing import Any

import dlt
import duckdb
import httpx

from tests.benchmarks.peers.task import BATCH, PATH, PREFIX, SENT, SUFFIX, Task

FILE = "people.duckdb"
QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


def setup(task: Task, _strategy: str) -> None:
    """Load the people."""
    with duckdb.connect(str(task.place / FILE)) as connection:
        connection.execute(f"create table people as from read_parquet('{task.people}')")


def _person(row: dict[str, Any]) -> str:
    filled = {name: value for name, value in row.items() if value is not None}
    person = {"email": filled.pop("email"), "dataFields": filled}
    return json.dumps(person, default=str, ensure_ascii=False, separators=(",", ":"))


def work(task: Task, _strategy: str) -> None:
    """Read as Arrow, and let dlt call the destination."""
    os.environ.update(QUIET)
    client = httpx.Client(base_url=task.address, headers={"Api-Key": "key"}, trust_env=False)

    def post(items: Any, _table: Any) -> None:
        body = PREFIX + ",".join(map(_person, items.to_pylist())) + SUFFIX
        client.post(PATH, content=body.encode(), headers={"Content-Type": "application/json"}).raise_for_status()

    options: dict[str, Any] = {"loader_file_format": "parquet", "naming_convention": "direct"}
    options |= {"batch_size": BATCH, "skip_dlt_columns_and_tables": True}
    sink = dlt.destination(name="sink", **options)(post)
    pipeline = dlt.pipeline("peer", pipelines_dir=str(task.place / "pipelines"), destination=sink)
    with duckdb.connect(str(task.place / FILE), read_only=True) as connection:
        people = connection.sql(f"select email, {', '.join(SENT)} from people").to_arrow_table()
    pipeline.run(people, table_name="people").raise_on_failed_jobs()
    client.close()
