"""What is timed of imports: a streamed export of subscribers into as many profiles."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import polars as pl

from cdpkit.runs.sync import SyncRequest, run_connection
from cdpkit.workspace import Workspace
from tests.benchmarks.case import Case, Job, expect
from tests.benchmarks.connect import NAME, Phases, Synced, add_import, connect
from tests.benchmarks.sink import sink
from tests.benchmarks.states import AT_ONCE, Sources


@contextmanager
def _at_sink(ws: Workspace, sources: Sources) -> Iterator[None]:
    with sink(sources.subscribers) as address:
        add_import(connect(ws, address))
        yield


def _import(ws: Workspace, _given: None) -> Synced:
    """`Connection.run` without the compaction that may follow it."""
    phases = Phases()
    run = run_connection(ws._home, NAME, SyncRequest(), phases)
    return Synced(run, phases.seconds())


def _imported(synced: Synced, _ws: Workspace, sources: Sources) -> object:
    people = min(sources.table, AT_ONCE)
    counters = synced.run.goals[0].counters
    found = tuple(counters[name] for name in ("received", "applied", "created", "updated"))
    return expect((synced.run.state, *found), ("succeeded", people, people, 0, people))


@contextmanager
def _address(_ws: Workspace, sources: Sources) -> Iterator[tuple[str, list[Path]]]:
    with sink(sources.subscribers) as address:
        yield address, sorted(sources.subscribers.iterdir())


def _download(_ws: Workspace, given: tuple[str, list[Path]]) -> int:
    """The same bytes from the same server, read."""
    address, files = given
    with httpx.Client(base_url=address, trust_env=False) as client:
        return sum(pl.read_ndjson(client.get(f"/files/{path.name}").content).height for path in files)


def _downloaded(rows: int, _ws: Workspace, sources: Sources) -> object:
    return expect(rows, min(sources.table, AT_ONCE))


IMPORTS: Mapping[str, Case] = {
    "import_stream": Case(
        "import of a million from an export job",
        Job("million", _import, _imported, loads=True, within=_at_sink),
        Job("empty", _download, _downloaded, within=_address),
        than="download",
    ),
}
