"""What is timed: each job does its work through the public surface, and shows that it was done; syncs are beside."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from cdpkit.runs.imports.prepare import LoadRequest
from cdpkit.runs.load import load
from cdpkit.runs.progress import silent
from cdpkit.runs.run import Run
from cdpkit.runs.undo import undo_run
from cdpkit.workspace import Workspace
from tests.benchmarks.case import COPY, Case, Job, expect
from tests.benchmarks.data import COLUMNS, RULES, Extract
from tests.benchmarks.exports import EXPORTS
from tests.benchmarks.imports import IMPORTS
from tests.benchmarks.states import GOAL, SEGMENT, Sources

GROUPING = "select plan, country, count(*) as people, sum(points) as points from profiles group by all order by all"


def store(ws: Workspace, source: Path, identifiers: Mapping[str, str], mappings: Any, goal: str | None = None) -> Run:
    """`ws.load` without the compaction that may follow it."""
    return load(ws._home, LoadRequest(str(source), identifiers, mappings, goal=goal), silent)


def _first(ws: Workspace, sources: Sources) -> Run:
    mappings = [{"from": name, "to": name, "rule": "set"} for name in COLUMNS if name != "email"]
    return store(ws, sources.people, {"email": "email"}, mappings)


def _first_loaded(run: Run, _ws: Workspace, sources: Sources) -> object:
    return expect((run.counters["received"], run.counters["created"]), (sources.table, sources.table))


def _loaded(part: Extract, counters: Mapping[str, Any]) -> object:
    found = tuple(counters[name] for name in ("received", "applied", "created", "updated"))
    return expect(found, (part.rows, part.rows, part.new, part.reached))


def importing(which: str, identifiers: Mapping[str, str]) -> Job:
    """Load a source under the four rules."""
    return Job(
        "three",
        lambda ws, sources: store(ws, sources.parts[which].path, identifiers, RULES),
        lambda run, _ws, sources: _loaded(sources.parts[which], run.counters),
        loads=True,
    )


def _preview(ws: Workspace, sources: Sources) -> tuple[Mapping[str, Any], pl.DataFrame, pl.DataFrame]:
    preview = ws.preview_load(sources.parts["tenth"].path, {"email": "email"}, RULES)
    return preview.counters, preview.summary, preview.changes


def _previewed(seen: tuple[Mapping[str, Any], pl.DataFrame, pl.DataFrame], _ws: Workspace, sources: Sources) -> object:
    part, (counters, summary, changes) = sources.parts["tenth"], seen
    _loaded(part, counters)
    values = int(summary.select(pl.sum_horizontal("set", "changed", "cleared").sum()).item())
    expect(changes["profile_id"].null_count(), part.new)
    expect(changes.filter(property="points").height, part.reached)
    return expect(changes.height, values + part.new)


def _again(ws: Workspace, sources: Sources) -> Run:
    return store(ws, sources.parts["tenth"].path, {"email": "email"}, RULES, GOAL)


def _known(run: Run, _ws: Workspace, sources: Sources) -> object:
    return expect(run.counters["excluded"], {"not_changed": sources.parts["tenth"].rows})


def _undo(ws: Workspace, _sources: Sources) -> Run:
    return undo_run(ws._home, ws.runs.filter(name=GOAL)["run_id"][-1], reimport=False)


def _undone(run: Run, _ws: Workspace, sources: Sources) -> object:
    part = sources.parts["tenth"]
    found = tuple(run.counters[name] for name in ("profiles_restored", "profiles_deleted", "conflicts"))
    return expect(found, (part.reached, part.new, 0))


def _compacted(folded: bool, ws: Workspace, sources: Sources) -> object:
    expect((folded, len(ws._home.tables.snapshot().layers.patches)), (True, 0))
    return expect(ws.profiles.select(pl.len()).collect().item(), sources.table)


def _grouped(groups: pl.DataFrame, _ws: Workspace, sources: Sources) -> object:
    expect(groups["people"].sum(), sources.table)
    return groups.rows()


def _counted(members: int, _ws: Workspace, sources: Sources) -> object:
    expect(0 < members < sources.table, True)
    return members


def _segment(state: str) -> Job:
    return Job(state, lambda ws, _sources: ws.segments[SEGMENT].count(), _counted)


def _grouping(state: str) -> Job:
    return Job(state, lambda ws, _sources: ws.sql(GROUPING).pl(), _grouped)


TENTH = importing("tenth", {"email": "email"})
BESIDE = partial(Case, yardstick=TENTH, than="plain import")
FOLDED = partial(Case, than="compacted", same=True)

CASES: Mapping[str, Case] = {
    "first_load": Case("first load of all profiles", Job("empty", _first, _first_loaded, loads=True), COPY),
    "import_few": Case("import of 10,000 rows", importing("few", {"email": "email"}), COPY),
    "import_tenth": Case("import of a tenth, 5 % repeated", TENTH, COPY),
    "preview_tenth": Case("its preview: counts and changes", Job("three", _preview, _previewed), COPY),
    "two_identifiers": BESIDE(
        "a tenth by two identifiers", importing("tenth", {"email": "email", "customer_id": "customer_id"})
    ),
    "multi_identifier": BESIDE("a tenth by lists of identifiers", importing("tenth", {"aliases": "aliases"})),
    "mixed_case": BESIDE("a tenth, e-mails in another case", importing("tenth", {"mixed_email": "email"})),
    "load_again": Case("a named tenth again: nothing new", Job("named", _again, _known, loads=True), COPY),
    "undo_tenth": Case("undo of a tenth", Job("named", _undo, _undone, loads=True), COPY),
    "compaction": Case("compaction, a tenth touched", Job("touched", lambda ws, _s: ws.compact(), _compacted), COPY),
    "segment_count": FOLDED("segment, 20 patches pending", _segment("twenty"), _segment("twenty_folded")),
    "sql_grouping": FOLDED("SQL grouping, 20 patches pending", _grouping("twenty"), _grouping("twenty_folded")),
    **EXPORTS,
    **IMPORTS,
}
