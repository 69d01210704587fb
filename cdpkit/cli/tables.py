"""The history as plain text that fits 80 columns, and as JSON."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from cdpkit.cli.advice import in_commands
from cdpkit.runs.numbers import counter_text, is_nothing

WIDTH = 80
_TIME, _LEFT = 16, 36

History = pl.DataFrame
"""Runs as `Workspace.runs` has them."""


def history_objects(history: History) -> list[dict[str, Any]]:
    """Runs as JSON objects: id, kind, name, state, times in ISO 8601, and the goals with their counters."""
    return [
        {
            "id": run["run_id"],
            "kind": run["kind"],
            "name": run["name"],
            "state": run["state"],
            "started_at": run["started_at"].isoformat(),
            "finished_at": run["finished_at"] and run["finished_at"].isoformat(),
            "goals": [{key: goal[key] for key in ("name", "state", "counters")} for goal in json.loads(run["goals"])],
        }
        for run in history.iter_rows(named=True)
    ]


def history_lines(history: History) -> Iterator[str]:
    """Runs for people: id, time and name, and below them the state and the numbers that matter most."""
    if history.is_empty():
        yield "No runs yet."
        return
    longest = max(map(len, history["run_id"]))
    rest = WIDTH - longest - _TIME - 4
    yield f"{'RUN':<{longest}}  {'STARTED (UTC)':<{_TIME}}  WHAT"
    for run in history.iter_rows(named=True):
        what = run["kind"] if run["kind"] == "undo" or run["name"] is None else f"{run['kind']} {run['name']}"
        started = f"{run['started_at']:%Y-%m-%d %H:%M}"
        yield f"{run['run_id']:<{longest}}  {started}  {textwrap.shorten(what, rest, placeholder='...')}"
        for goal in json.loads(run["goals"]):
            yield from _goal(run, goal)
        yield from _remarks(run)


def _goal(run: Mapping[str, Any], goal: Mapping[str, Any]) -> Iterator[str]:
    """The state of a goal and the numbers that matter most; of a sync also its name, and why it failed."""
    state = goal["state"].replace("_", " ")
    told = f"{state}: {goal['name']}" if run["kind"] == "sync" else state
    counters = "" if goal["state"] == "failed" and is_nothing(goal["counters"]) else counter_text(goal["counters"])
    left = textwrap.shorten(told, _LEFT - 2, placeholder="...")
    line = f"  {left:<{_LEFT - 2}}  {counters}".rstrip()
    yield from [line] if len(line) <= WIDTH else [f"  {left}", f"    {counters}"]
    if goal.get("message"):
        yield _filled(in_commands(goal["message"]), "    ")


def _remarks(run: Mapping[str, Any]) -> Iterator[str]:
    """What an undo took back, and why a run failed."""
    if run["kind"] == "undo":
        yield f"  took back {run['name']}"
    message = json.loads(run["details"]).get("message")
    if message:
        yield _filled(in_commands(message), "  ")


def _filled(text: str, indent: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
