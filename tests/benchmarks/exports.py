"""What is timed of exports: who is due, rendering, and sending with and without a quota."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any

import httpx
import polars as pl

from cdpkit import vendors
from cdpkit.kit.batch import Batches, batches
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.exporting import ExportAsked, SentField
from cdpkit.kit.render import Member, render
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.exports.goal import exporter_of
from cdpkit.runs.exports.select import Selected, select
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.ids import run_id
from cdpkit.runs.kind import Work
from cdpkit.runs.record import Recorder
from cdpkit.runs.run import SYNC
from cdpkit.runs.session import Session, driver_for, open_session, read_connection
from cdpkit.runs.sync import SyncRequest, details, pending, run_goal
from cdpkit.sandbox.process import start
from cdpkit.transport.driver import Driver
from cdpkit.workspace import Workspace
from cdpkit.workspace.connection import Connection
from tests.benchmarks.case import COPY, Case, Job, Share, expect
from tests.benchmarks.connect import FAST, KNOWN, NAME, SENT, Phases, Synced, add_export, connect, resolved
from tests.benchmarks.sink import sink
from tests.benchmarks.states import AT_ONCE, DUE, Sources

QUOTA = 100.0
"""Calls a second that are allowed under a quota: 20 times what the vendor allows."""
LATENCY = 50.0
SMALL, MANY = 100, 60_000
"""People in a call under the quota, and how many there are at most: that takes six seconds."""
PREFIX, SUFFIX = '{"createNewFields":true,"users":[', "]}"
EXPORTER = exporter_of(vendors.get("iterable"))
ASKED = ExportAsked({"project_type": "email"}, {}, KNOWN, ("email",), SENT, create=True)
WAY = EXPORTER.way(ASKED, AT_ONCE)


# Who is due


def _due(goal: str) -> Job:
    @contextmanager
    def known(ws: Workspace, _sources: Sources) -> Iterator[Any]:
        yield resolved(ws, goal)

    def act(ws: Workspace, goal: Any) -> Selected:
        snapshot = ws._home.tables.snapshot()
        return select(ws._home, snapshot, catalogued(ws._home, snapshot), goal, EXPORTER)

    def check(found: Selected, ws: Workspace, _sources: Sources) -> object:
        profiles = catalogued(ws._home, ws._home.tables.snapshot())
        members = profiles.select("row", "updated_seq").sql(f"select * from self where {DUE[goal]}").collect()
        changed = members.filter(pl.col("updated_seq") == members["updated_seq"].max())["row"].sort()
        expect(0 < changed.len() < members.height, wanted=True)
        expect(found.due.send["row"].to_list(), changed.to_list())
        return expect((found.in_segment, found.due.not_due), (members.height, members.height - changed.len()))

    return Job("exported", act, check, within=known)


# Rendering


@contextmanager
def _people(_ws: Workspace, sources: Sources) -> Iterator[pl.DataFrame]:
    """The columns that are sent, in memory."""
    yield pl.scan_parquet(sources.people).head(AT_ONCE).select("email", *SENT).collect()


def _members(frame: pl.DataFrame) -> tuple[Member, ...]:
    fields = [SentField(name, name, frame.schema[name]) for name in SENT]
    return WAY.members(ASKED, fields)


def _cut(bodies: pl.Series) -> Batches:
    keys = pl.int_range(bodies.len(), eager=True)
    rows, size = WAY.max_rows, WAY.max_bytes
    return batches(bodies, keys, prefix=PREFIX, suffix=SUFFIX, max_rows=rows, max_bytes=size)


def _render(_ws: Workspace, frame: pl.DataFrame) -> tuple[Batches, int]:
    cut = _cut(render(frame, _members(frame)))
    return cut, sum(len(batch.body) for batch in cut)


def _rendered(done: tuple[Batches, int], _ws: Workspace, sources: Sources) -> object:
    cut, size = done
    people = pl.scan_parquet(sources.people).head(AT_ONCE).select("email", *SENT).collect()
    sent = [batch.body for batch in cut]
    expect((sum(map(len, sent)), cut.bodies.len(), cut.too_large.len()), (size, people.height, 0))
    last = json.loads(sent[-1])["users"]
    wanted = people.tail(len(last)).with_columns(pl.col("signup_date").dt.to_string("iso")).to_dicts()
    filled = [{name: value for name, value in row.items() if value not in (None, [])} for row in wanted]
    return expect(last, [{"email": row.pop("email"), "dataFields": row} for row in filled])


def _written(written: BytesIO, _ws: Workspace, sources: Sources) -> object:
    return expect(written.getvalue().count(b"\n"), min(sources.table, AT_ONCE))


def _write(_ws: Workspace, frame: pl.DataFrame) -> BytesIO:
    written = BytesIO()
    frame.write_ndjson(written)
    return written


# Sending as fast as can be


def first_rows(ws: Workspace, people: int) -> str:
    """The expression that holds for so many of the first profiles."""
    below = ws._home.tables.snapshot().profiles().select(pl.col("row").bottom_k(people).max()).collect().item()
    return f"row <= {below}"


@contextmanager
def _at_sink(ws: Workspace, sources: Sources) -> Iterator[tuple[Connection, str]]:
    with sink(sources.subscribers) as address:
        conn = connect(ws, address)
        add_export(conn, ws, "everybody", first_rows(ws, AT_ONCE))
        yield conn, address


def _taken(address: str) -> Mapping[str, int]:
    found: dict[str, int] = httpx.get(f"{address}/taken", trust_env=False).json()
    return found


def _export(_ws: Workspace, given: tuple[Connection, str]) -> tuple[Synced, str]:
    conn, address = given
    phases = Phases()
    run = conn.run(progress=phases)
    return Synced(run, phases.seconds()), address


def _exported(done: tuple[Synced, str], _ws: Workspace, sources: Sources) -> object:
    synced, address = done
    people = min(sources.table, AT_ONCE)
    counters = synced.run.goals[0].counters
    expect((synced.run.state, counters["sent"], counters["accepted"]), ("succeeded", people, people))
    return _all_taken(address, sources)


def _all_taken(address: str, sources: Sources) -> object:
    taken = _taken(address)
    expect(taken["people"], min(sources.table, AT_ONCE))
    return taken


@contextmanager
def _ready_made(ws: Workspace, sources: Sources) -> Iterator[tuple[list[bytes], str]]:
    """The very bodies that the export sends, and where to."""
    with _at_sink(ws, sources) as (conn, address):
        bodies = conn.preview().sends["body"]
        yield [batch.body for batch in _cut(bodies)], address


def _post(ws: Workspace, given: tuple[list[bytes], str]) -> tuple[Synced | None, str]:
    bodies, address = given

    def call(body: bytes) -> Effects[int]:
        headers = {"Api-Key": "key", "Content-Type": "application/json"}
        path = "/api/users/bulkUpdate"
        reply: Reply = yield Http(
            method="POST", path=path, limit="bulk_update", headers=headers, body=body, repeatable=True
        )
        return reply.status

    answers: list[int] = []
    limits = vendors.get("iterable").limits
    with Driver(address, limits, folder=ws._home.root / "pages", vendor="the sink", limits_factor=FAST) as driver:
        driver.each(enumerate(map(call, bodies)), lambda _, status: answers.append(status))
    expect(set(answers), {200})
    return None, address


def _posted(done: tuple[None, str], _ws: Workspace, sources: Sources) -> object:
    return _all_taken(done[1], sources)


# Sending under a quota


@contextmanager
def _under_quota(ws: Workspace, _sources: Sources) -> Iterator[tuple[Session, Any, str]]:
    """A connection to the imitation with fewer people in a call, both sides under the same quota."""
    connection, home = None, ws._home
    vendor = vendors.get("iterable")
    small = replace(vendor, exporter=replace(EXPORTER, way=lambda *_: replace(WAY, max_rows=SMALL)))
    factor = QUOTA / vendor.limits["bulk_update"].calls
    with start("iterable", people=0, limits_factor=factor, latency=LATENCY) as sandbox:
        where = sandbox.addresses["iterable"]
        conn = connect(ws, where["base_url"], where["api_key"], factor)
        goal = add_export(conn, ws, "everybody", first_rows(ws, MANY))
        connection, _ = read_connection(home, NAME)
        driver, settings = driver_for(home, NAME, connection, small)
        with driver:
            yield open_session(home, NAME, connection, small, driver, settings), goal, where["base_url"]


def _export_small(ws: Workspace, given: tuple[Session, Any, str]) -> tuple[Synced, str]:
    """What a run of the connection does, with this vendor instead of the one of its name."""
    session, goal, address = given
    run, phases = run_id(), Phases()
    said = details(session.connection, [goal], SyncRequest().asked())
    recorder = Recorder(ws._home, run, SYNC, NAME, said, pending([goal], NAME))
    recorder.start()
    work = Work(session, GoalFolder.of(ws._home.root, run, 0), run, show=phases)
    recorder.put(run_goal(work, goal, recorder))
    recorder.end()
    return Synced(ws.run(run), phases.seconds()), address


def _shared(done: tuple[Synced, str], _ws: Workspace, sources: Sources) -> Share:
    synced, address = done
    people = min(sources.table, MANY)
    counters = synced.run.goals[0].counters
    expect((synced.run.state, counters["accepted"]), ("succeeded", people))
    state = httpx.get(f"{address}/_sandbox/state", trust_env=False).json()
    seen = state["calls"]["POST /api/users/bulkUpdate"]
    expect((state["people"], seen["total"], seen["refused"]), (people, -(-people // SMALL), 0))
    needed = (seen["total"] - 1) / QUOTA
    return Share(needed / (seen["last"] - seen["first"]), needed)


EXPORTS: Mapping[str, Case] = {
    "due_fifth": Case("who is due, 10,000 rows later: a fifth", _due("fifth"), COPY),
    "due_three_fifths": Case("the same: three fifths", _due("three_fifths"), COPY),
    "render": Case(
        "bodies of a million, eight fields",
        Job("empty", _render, _rendered, within=_people),
        Job("empty", _write, _written, within=_people),
        than="write_ndjson",
    ),
    "export_sink": Case(
        "export of a million, no latency",
        Job("three", _export, _exported, within=_at_sink),
        Job("three", _post, _posted, within=_ready_made),
        than="posting rate",
        same=True,
        rate=True,
    ),
    "export_quota": Case(
        "export, 50 ms latency, 100 calls a second",
        Job("three", _export_small, _shared, within=_under_quota),
        None,
        than="quota",
    ),
}
