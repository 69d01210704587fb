"""cdpkit: a connection to Iterable with an export goal."""

import polars as pl

import cdpkit
from tests.benchmarks.connect import add_export, connect
from tests.benchmarks.data import COLUMNS
from tests.benchmarks.peers.task import SENT, Task

FOLDER = "workspace"


def setup(task: Task, _strategy: str) -> None:
    """Load the people."""
    ws = cdpkit.create(task.place / FOLDER)
    for name in ("email", *SENT):
        ws.properties.add(name, COLUMNS[name].type, identifier=COLUMNS[name].identifier)
    mappings = [{"from": name, "to": name, "rule": "set"} for name in SENT]
    ws.load(pl.scan_parquet(task.people), {"email": "email"}, mappings).raise_for_state()


def work(task: Task, _strategy: str) -> None:
    """Connect and run."""
    ws = cdpkit.open(task.place / FOLDER)
    conn = connect(ws, task.address)
    add_export(conn, ws, "everybody", "true", SENT)
    conn.run().raise_for_state()
