"""drt-core: a sync from DuckDB to a REST API, a batch a call."""

import duckdb
from drt.config.credentials import DuckDBProfile
from drt.config.models import SyncConfig
from drt.destinations.rest_api import RestApiDestination
from drt.engine.sync import run_sync
from drt.sources.duckdb import DuckDBSource

from tests.benchmarks.peers.task import BATCH, PATH, PREFIX, SENT, SUFFIX, Task

FILE = "people.duckdb"
FIELDS = "dict(row.items() | rejectattr(1, 'none') | rejectattr(0, 'equalto', 'email')) | tojson_safe"
PERSON = f'{{"email":{{{{ row.email | tojson_safe }}}},"dataFields":{{{{ {FIELDS} }}}}}}'
BODY = f"{PREFIX}{{% for row in rows %}}{PERSON}{{{{ ',' if not loop.last }}}}{{% endfor %}}{SUFFIX}"


def setup(task: Task, _strategy: str) -> None:
    """Load the people."""
    with duckdb.connect(str(task.place / FILE)) as connection:
        connection.execute(f"create table people as from read_parquet('{task.people}')")


def work(task: Task, _strategy: str) -> None:
    """Run the sync, without a limit of its own on calls."""
    sync = SyncConfig.model_validate(
        {
            "name": "people",
            "model": f"select email, {', '.join(SENT)} from people",
            "destination": {
                "type": "rest_api",
                "url": f"{task.address}{PATH}",
                "headers": {"Api-Key": "key", "Content-Type": "application/json"},
                "body_mode": "batch",
                "batch_template": BODY,
                "max_records_per_request": BATCH,
            },
            "sync": {"batch_size": BATCH, "rate_limit": {"requests_per_second": 0}},
        }
    )
    profile = DuckDBProfile(type="duckdb", database=str(task.place / FILE))
    done = run_sync(sync, DuckDBSource(), RestApiDestination(), profile, task.place)
    if done.failed:
        raise AssertionError(f"{done.failed} failed: {done.errors[:1]}")
