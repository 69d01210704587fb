"""What a sync leaves: in the store, at the vendor, and where it was when it was killed."""

import json
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import polars as pl

import cdpkit
from cdpkit.place import Folder
from cdpkit.store.commits import Tables
from cdpkit.store.tables import GOAL_ROWS, PROFILES, RUNS
from cdpkit.store.tables.goal_rows import newest
from tests.crash.state import State, rows, state
from tests.crash.sync_events import event_state
from tests.crash.sync_vendor import ITERABLE, PARTIES, parts
from tests.crash.sync_world import BATCH, FIRST, SYNC_CASES
from tests.crash.world import WORKSPACE

BEFORE, PULLING, PLANNING, SENDING = "before it began", "while it pulled", "while it worked out", "while it sent"
JOINING, BETWEEN, AFTER, ENDED = "between commit and joins", "between goals", "after its goals", "after the end"
PHASES = (BEFORE, PULLING, PLANNING, SENDING, JOINING, BETWEEN, AFTER, ENDED)

UPDATE, ENTER, LEAVE = "POST /api/users/bulkUpdate", "POST /api/lists/subscribe", "POST /api/lists/unsubscribe"
START, FILES = "POST /api/export/start", "/_files/"
_AT_ONCE = 4
"""So many pages are fetched together; a kill may lose one such group."""

Call = dict[str, Any]


_MADE = "has made the field"


def store_state(workspace: cdpkit.Workspace) -> State:
    """All that is stored, runs named by their place in the history."""
    found = {row: number for number, row in enumerate(workspace.runs["run_id"])}
    known = workspace._home.tables.scan(GOAL_ROWS).collect()
    lines = workspace._home.tables.scan(RUNS).select("run_id", "step", "state").collect()
    history = [
        (found[line["run_id"]], line["kind"], line["state"], line["seq"], _told_alike(json.loads(line["goals"])))
        for line in workspace.runs.to_dicts()
    ]
    last = newest(known.lazy()).drop("turn", "seq").collect()
    more = {GOAL_ROWS: rows(known, {}), "known": rows(last, {}), RUNS: history, "lines": rows(lines, found)}
    return state(workspace, found) | more | event_state(workspace)


def _told_alike(goals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Goals without the fields that the vendor says it has made: a kill may strike between its answer and ours."""
    return [{**goal, "warnings": [text for text in goal["warnings"] if _MADE not in text]} for goal in goals]


_PATIENCE = 60.0
"""Seconds in which a vendor has answered all calls."""


@dataclass(frozen=True)
class Server:
    """What a vendor says.

    Attributes:
        people: Everybody with fields and lists, without times and what depends on the order of batches.
        lists: How many are on each list.
        exports: How many exports into a bucket it has begun.
        tracked: How often each event is there, by its id.
        calls: The calls in the order in which they came.
    """

    people: list[dict[str, Any]]
    lists: dict[str, int]
    exports: int
    tracked: dict[str, int]
    calls: list[Call] = field(repr=False)

    @classmethod
    def of(cls, base: str, seen: int = 0) -> "Server":
        """Ask it, as soon as it has answered all calls; so many of them were seen before, and are left out."""
        ends = time.monotonic() + _PATIENCE
        while True:
            found = json.loads(_get(base, "state"))
            if all(sum(tally["statuses"].values()) == tally["total"] for tally in found["calls"].values()):
                break
            assert time.monotonic() < ends, "the vendor leaves a call without an answer"
            time.sleep(0.01)
        sizes = {each["name"]: each.get("size", 0) for each in found["lists"]}  # 0 where people bear their lists
        calls = json.loads(_get(base, "calls"))["calls"][seen:]
        people = [json.loads(line) for line in _get(base, "people").split(b"\n") if line]
        passing = {name for party in PARTIES.values() for name in party.passing}
        people = [{name: value for name, value in each.items() if name not in passing} for each in people]
        tracked = json.loads(_get(base, "tracked"))["tracked"]
        return cls(people, sizes, len(found.get("exports", ())), tracked, calls)

    @staticmethod
    def count(base: str) -> int:
        """How many calls it has seen."""
        return sum(tally["total"] for tally in json.loads(_get(base, "state"))["calls"].values())

    def carried_out(self, after: int = 0) -> Counter[str]:
        """How many calls after the first ones were answered well, by endpoint."""
        return Counter(call["endpoint"] for call in self.calls[after:] if call["status"] == 200)

    def downloads(self, after: int = 0) -> Counter[str]:
        """How often each file was fetched after the first calls."""
        return Counter(call["path"] for call in self.calls[after:] if call["path"].startswith(FILES))


@dataclass(frozen=True)
class Left:
    """What a killed attempt left.

    Attributes:
        phase: Where it was.
        run: The id of its run, None where it had not begun.
        calls: How many calls the vendor had seen.
        kept: The files whose fetching was written down; looked at for Iterable alone.
        due: How many calls are still needed, by endpoint; left out where nothing was sent yet, and for other vendors.
    """

    phase: str
    run: str | None
    calls: int
    kept: frozenset[str]
    due: Counter[str] | None


def left(case: str, folder: Path, server: Server, runs_before: int) -> Left:
    """Look at what an attempt left, without touching it."""
    tables = Tables(Folder(folder / WORKSPACE / "tables"))
    lines = tables.scan(RUNS).collect().sort("started_at", "step").filter(kind="sync")
    ids = lines["run_id"].unique(maintain_order=True)
    if len(ids) <= runs_before:
        return Left(BEFORE, None, len(server.calls), frozenset(), None)
    last = lines.filter(run_id=ids[-1]).row(-1, named=True)
    place = folder / WORKSPACE / "runs" / ids[-1]
    phase, goal = _phase(tables, last, place)
    done = phase in {ENDED, AFTER, JOINING}
    what, vendor = parts(case)
    if vendor != ITERABLE or case not in SYNC_CASES:
        return Left(phase, ids[-1], len(server.calls), frozenset(), None)
    due = Counter[str]() if done and goal is None else _due(what, goal) if goal is not None else None
    return Left(phase, ids[-1], len(server.calls), _kept(place), due)


def _phase(tables: Tables, last: dict[str, Any], place: Path) -> tuple[str, Path | None]:
    """Where a run was, and the folder of the goal that it was at."""
    goals = json.loads(last["goals"])
    done = sum(goal["state"] != "running" for goal in goals)
    committed = sum(metadata["record"]["run_id"] == last["run_id"] for _, metadata in tables.open(PROFILES).commits(0))
    if last["finished_at"] is not None:
        return ENDED, None
    if committed > done:
        return JOINING, place / str(done + 1) if committed < len(goals) else None
    if done == len(goals):
        return AFTER, None
    at = place / str(done)
    if not at.exists():
        return (BETWEEN if done else PULLING), at
    if (at / "journal.ndjson").exists():
        return SENDING, at
    pulled = (at / "pulled.json").exists() or (at / "known" / "pulled.json").exists()
    return (PLANNING if pulled else PULLING), at


def _kept(place: Path) -> frozenset[str]:
    """The files that are noted as pages: those of jobs that are done, and those up to the last that was noted."""
    found = set[str]()
    for path in place.rglob("state.json"):
        noted = json.loads(path.read_text(encoding="utf-8"))
        jobs = dict(noted["done"]) | {noted["job"]["job"]: noted["fetched"]}
        found |= {f"{FILES}{job}/file-{1_700_000_000_000 + n}.json" for job in jobs for n in range(jobs[job])}
    return frozenset(found)


def _due(case: str, goal: Path) -> Counter[str] | None:
    """How many calls an export still needs, by its plan and its journal; None where it has no plan yet."""
    if not (goal / "plan.json").exists():
        return None
    done, lines = set[tuple[str, int]](), dict[int, tuple[str, list[int]]]()
    journal = goal / "journal.ndjson"
    for text in journal.read_bytes().split(b"\n")[:-1] if journal.exists() else ():
        line = json.loads(text)
        if "told" in line:
            continue
        if "rows" in line:
            lines[line["batch"]] = line["do"], line["rows"]
        else:
            do, members = lines[line["batch"]]
            done |= {(do, row) for row in members}
    send = pl.read_parquet(goal / "send.parquet").select("row", "enter", clash=pl.col("key").str.contains("conflict."))
    send = send.head(FIRST.get(case, send.height))
    send = send.filter(~pl.col("row").is_in([row for do, row in done if do == "push"]))
    parts = list(send.iter_slices(BATCH))
    off = pl.read_parquet(goal / "withdraw.parquet").select("row", "list")
    open_off = Counter(name for row, name in off.rows() if (name, row) not in done)
    return Counter(
        {
            UPDATE: sum(1 + bool(part["clash"].any()) for part in parts) if send.height else 0,
            ENTER: sum(bool((part["enter"].list.len() > 0).any()) for part in parts) if send.height else 0,
            LEAVE: sum(math.ceil(count / BATCH) for count in open_off.values()),
        }
    )


def call_differences(expected: Server, found: Server, lefts: Sequence[Left]) -> list[str]:
    """What was asked of the vendor again although it was known, apart from what was in flight."""
    wrong = []
    for attempt in lefts:
        again = attempt.kept & found.downloads(attempt.calls).keys()
        wrong += [f"{len(again)} pages fetched again"] if again else []
    twice = sum(count - 1 for count in found.downloads().values())
    wrong += [f"{twice} pages fetched twice"] if twice > _AT_ONCE * len(lefts) else []
    wrong += ["a page is missing"] if found.downloads().keys() != expected.downloads().keys() else []
    if found.carried_out()[START] != expected.carried_out()[START]:
        wrong.append(f"{found.carried_out()[START]} export jobs instead of {expected.carried_out()[START]}")
    last = lefts[-1]
    due, sent = last.due, found.carried_out(last.calls)
    if due is None:
        due = expected.carried_out()
    wrong += [
        f"{sent[endpoint]} of {endpoint} after the kill instead of {due[endpoint]}"
        for endpoint in (UPDATE, ENTER, LEAVE)
        if sent[endpoint] != due[endpoint]
    ]
    return wrong


def history_differences(workspace: cdpkit.Workspace, lefts: Sequence[Left], runs_before: int) -> list[str]:
    """Whether one run goes on under its id; a run that had not begun leaves nothing."""
    ids = workspace.runs.filter(kind="sync")["run_id"].to_list()[runs_before:]
    begun = [attempt.run for attempt in lefts if attempt.run is not None]
    wrong = [f"run {one} became {other}" for one, other in pairwise(begun) if one != other]
    if begun and begun[0] != ids[0]:
        wrong.append("another run than the one that was killed")
    return wrong


def _get(base: str, what: str) -> bytes:
    with urlopen(f"{base}/_sandbox/{what}") as answer:  # noqa: S310 - on loopback
        content: bytes = answer.read()
    return content
