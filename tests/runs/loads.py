"""What tests of loads have in common: rows to load, and what is looked at afterwards."""

from collections.abc import Sequence

import polars as pl

import cdpkit

MAIL = {"mail": "email"}
PLAN = [{"from": "plan", "to": "plan", "rule": "set"}]
POINTS = [{"from": "points", "to": "points", "rule": "sum"}]


def source(*lines: tuple[object, ...], fields: Sequence[str] = ("mail", "plan", "points")) -> pl.DataFrame:
    width = len(lines[0])
    return pl.DataFrame(lines, schema=list(fields)[:width], orient="row")


def held(ws: cdpkit.Workspace, *names: str) -> dict[object, object]:
    """The first column -> the second, or a tuple of the others."""
    rows = ws.profiles.select(names).collect().iter_rows()
    return {first: rest[0] if len(rest) == 1 else tuple(rest) for first, *rest in rows}


def assert_adds_up(run: cdpkit.Run) -> None:
    """Counters and frames tell the same."""
    counters = run.counters
    accounted = counters["applied"] + counters["unchanged"] + sum(counters["excluded"].values())
    assert counters["received"] + counters["added"] == accounted == run.rows.height
    fates = dict(run.rows["fate"].value_counts().iter_rows())
    assert {"applied": counters["applied"], "unchanged": counters["unchanged"]} == {
        fate: fates.get(fate, 0) for fate in ("applied", "unchanged")
    }
    assert dict(run.excluded["reason"].value_counts().iter_rows()) == counters["excluded"]
    assert dict(run.rejected["reason"].value_counts().iter_rows()) == counters["rejected"]
    assert run.changes.filter(rule="create").height == counters["created"]
    updated = run.changes.filter(pl.col("rule") != "create")["profile_id"].n_unique()
    assert updated == counters["updated"]
