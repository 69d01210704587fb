"""Tables as plain text that fits 80 columns, and the history as JSON."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

WIDTH = 80
_ID, _TIME = 36, 16
_REST = WIDTH - _ID - _TIME - 4

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
    yield f"{'RUN':<{_ID}}  {'STARTED (UTC)':<{_TIME}}  WHAT"
    for run in history.iter_rows(named=True):
        what = run["kind"] if run["kind"] == "undo" or run["name"] is None else f"{run['kind']} {run['name']}"
        started = f"{run['started_at']:%Y-%m-%d %H:%M}"
        yield f"{run['run_id']:<{_ID}}  {started}  {textwrap.shorten(what, _REST, placeholder='...')}"
        state = run["state"].replace("_", " ")
        for goal in json.loads(run["goals"]):
            yield f"  {state:<{_ID - 2}}  {counter_text(goal['counters'])}".rstrip()
        yield from _remarks(run)


def _remarks(run: Mapping[str, Any]) -> Iterator[str]:
    """What an undo took back, and why a run failed."""
    if run["kind"] == "undo":
        yield f"  took back {run['name']}"
    message = json.loads(run["details"]).get("message")
    if message:
        yield textwrap.fill(message, WIDTH, initial_indent="  ", subsequent_indent="  ")


def counter_text(counters: Mapping[str, Any]) -> str:
    """The two or three numbers of a load or an undo that people look for first; empty where there are none."""
    if "created" in counters:
        return f"{counters['created']:,} created, {counters['updated']:,} updated"
    if "profiles_deleted" in counters:
        conflicts = f", {counters['conflicts']:,} conflicts" if counters["conflicts"] else ""
        return f"{counters['profiles_deleted']:,} deleted, {counters['values_restored']:,} values back{conflicts}"
    return ""


def text_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Aligned columns, numbers to the right; a value that is null is a dash."""
    lines = [tuple(header), *(tuple(_cell(value) for value in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            f"{cell:<{width}}" if place == 0 else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
