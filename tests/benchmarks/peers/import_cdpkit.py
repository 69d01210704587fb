"""cdpkit: a load."""

import polars as pl

import cdpkit
from cdpkit.runs.imports.prepare import LoadRequest
from cdpkit.runs.load import load
from cdpkit.runs.progress import silent
from tests.benchmarks.data import COLUMNS
from tests.benchmarks.peers.task import SET, Task

FOLDER, FOLDED = "workspace", "folded"
IDENTIFIERS = {"email": "email"}


def _mappings(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"from": name, "to": name, "rule": "set"} for name in names]


def setup(task: Task, _strategy: str) -> None:
    """Load all profiles, a million at once."""
    ws = cdpkit.create(task.place / FOLDER)
    names = tuple(name for name, column in COLUMNS.items() if not column.multi)
    for name in names:
        ws.properties.add(name, COLUMNS[name].type, identifier=COLUMNS[name].identifier)
    profiles = pl.scan_parquet(task.profiles)
    count = profiles.select(pl.len()).collect().item()
    for first in range(0, count, 1_000_000):
        ws.load(profiles.slice(first, 1_000_000), IDENTIFIERS, _mappings(names[1:])).raise_for_state()


def work(task: Task, strategy: str) -> None:
    """Load, without the compaction that `ws.load` adds where it is due, or with it."""
    ws = cdpkit.open(task.place / FOLDER)
    if strategy == FOLDED:
        ws.load(task.rows, IDENTIFIERS, _mappings(SET)).raise_for_state()
    else:
        load(ws._home, LoadRequest(str(task.rows), IDENTIFIERS, _mappings(SET)), silent).raise_for_state()


def result(task: Task) -> pl.DataFrame:
    """All profiles."""
    return cdpkit.open(task.place / FOLDER).profiles.collect()
