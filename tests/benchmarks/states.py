"""The workspaces that jobs start from: each is made once, and copied for each repetition."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import cdpkit
from cdpkit import vendors
from cdpkit.core.goal import Rule
from cdpkit.core.outcome import ACCEPTED
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.draft import write_side
from cdpkit.runs.exports.goal import exporter_of
from cdpkit.runs.exports.select import select
from cdpkit.runs.imports.prepare import LoadRequest
from cdpkit.runs.load import load
from cdpkit.runs.progress import silent
from cdpkit.store.tables import GOAL_ROWS
from cdpkit.workspace import Workspace
from tests.benchmarks.connect import NOWHERE, add_export, connect, resolved
from tests.benchmarks.data import COLUMNS, RULES, Extract, extract, people, subscribers

GOAL = "again"
SEGMENT = "some"
WHERE = "plan like 'plan 1%' or (points > 5000 and country in ('BE', 'NL') and channel is not null)"
FEW = 10_000
AT_ONCE = 1_000_000
"""The base is loaded in parts of so many rows, so that other cases can be measured where the first load cannot; also
the most people that are rendered, sent to a vendor or fetched from it."""
DUE = {"fifth": "row % 5 = 0", "three_fifths": "row % 5 < 3"}
"""The export goals that have sent everybody in their segments before 10,000 rows were imported."""
PATCHES = {"three": 3, "twenty": 20}
TINY = 20_000
"""A table of fewer profiles only tries the benchmarks out, and gets four patches at most."""


@dataclass(frozen=True)
class Sources:
    """The files that are loaded.

    Attributes:
        table: How many profiles there are after the first load.
        people: All of them.
        subscribers: The folder with the files of a vendor's export of the first million.
        parts: Sources that touch some.
    """

    table: int
    people: Path
    subscribers: Path
    parts: Mapping[str, Extract]


def make_sources(folder: Path, table: int) -> Sources:
    """Write every source, or find those that were written before."""
    folder.mkdir(exist_ok=True)
    few = max(1, min(FEW, table // 10))
    patches = {
        f"patch{index}": extract(folder / f"patch{index}.parquet", table, few, 100 + index)
        for index in range(PATCHES["twenty"])
    }
    touching = {
        f"touch{index}": extract(folder / f"touch{index}.parquet", table, table // 40, 200 + index)
        for index in range(4)
    }
    parts = {
        "few": extract(folder / "few.parquet", table, few, 1, new=0.05),
        "tenth": extract(folder / "tenth.parquet", table, table // 10, 2, repeated=0.05, new=0.05),
    }
    source, files = folder / "people.parquet", folder / "subscribers"
    return Sources(
        table,
        source if source.exists() else people(table, source),
        files if files.exists() else subscribers(min(table, AT_ONCE), files),
        parts | patches | touching,
    )


def make_state(folder: Path, name: str, sources: Sources) -> Path:
    """The folder of a state; made where it is not there yet, from the state that it builds on."""
    target = folder / name
    if target.exists():
        return target
    half = folder / f"{name}.half"
    shutil.rmtree(half, ignore_errors=True)
    if name == "empty":
        _add_properties(cdpkit.create(half))
    else:
        duplicate(make_state(folder, _builds_on(name, sources.table), sources), half)
        _develop(cdpkit.open(half), name, sources)
    return half.rename(target)


def duplicate(source: Path, target: Path) -> Path:
    """Copy a workspace; its Parquet files, which never change, are linked."""

    def copy(old: str, new: str) -> None:
        if old.endswith(".parquet"):
            os.link(old, new)
        else:
            shutil.copy2(old, new)

    shutil.copytree(source, target, copy_function=copy)
    return target


def _builds_on(name: str, table: int) -> str:
    if name == "base" or (name == "million" and table > AT_ONCE):
        return "empty"
    return {"twenty_folded": "twenty", "exported": "three", "named": "three"}.get(name, "base")


def _develop(ws: Workspace, name: str, sources: Sources) -> None:
    if name == "base":
        _fill(ws, sources, sources.table)
    elif name == "million":
        if sources.table > AT_ONCE:
            _fill(ws, sources, AT_ONCE)
    elif name == "exported":
        _export(ws)
        _add_part(ws, sources, "few")
    elif name == "named":
        _add_part(ws, sources, "tenth", GOAL)
    elif name == "twenty_folded":
        ws.compact()
    else:
        prefix, count = ("touch", 4) if name == "touched" else ("patch", PATCHES[name])
        count = min(count, 4) if sources.table < TINY else count
        for index in range(count):
            _add_part(ws, sources, f"{prefix}{index}")
        ws.segments.define(SEGMENT, WHERE)


def _fill(ws: Workspace, sources: Sources, count: int) -> None:
    mappings = [{"from": column, "to": column, "rule": Rule.SET.value} for column in COLUMNS if column != "email"]
    for first in range(0, count, AT_ONCE):
        part = pl.scan_parquet(sources.people).slice(first, min(AT_ONCE, count - first))
        load(ws._home, LoadRequest(part, {"email": "email"}, mappings), silent)


def _export(ws: Workspace) -> None:
    """Make the goals of `DUE`, and write what they know once everybody was sent and accepted."""
    conn, tables = connect(ws, NOWHERE), ws._home.tables
    snapshot = tables.snapshot()
    profiles = catalogued(ws._home, snapshot)
    exporter = exporter_of(vendors.get(conn.vendor))
    for name, where in DUE.items():
        add_export(conn, ws, name, where)
        goal = resolved(ws, name)
        everybody = select(ws._home, snapshot, profiles, goal, exporter).due.send
        known = everybody.select(
            "row",
            "labels",
            "key",
            state=pl.lit(ACCEPTED),
            seq=pl.lit(snapshot.seq, pl.Int64),
            config=pl.lit(goal.due.config, pl.Int64),
            selection=pl.lit(goal.due.selection, pl.Int64),
            payload=pl.col("row"),
            lists=pl.lit([], pl.List(pl.String)),
            owes=pl.lit(value=False),
            turn=pl.lit(1, pl.Int64),
        )
        files = write_side(ws._home, GOAL_ROWS, known, partition=goal.key)
        tables.open(GOAL_ROWS).commit(files, transactions={f"exported {name}": 1})


def _add_part(ws: Workspace, sources: Sources, part: str, goal: str | None = None) -> None:
    load(ws._home, LoadRequest(str(sources.parts[part].path), {"email": "email"}, RULES, goal=goal), silent)


def _add_properties(ws: Workspace) -> None:
    for name, column in COLUMNS.items():
        ws.properties.add(name, column.type, column.multi, column.identifier)
