"""What a workspace says, without generated ids and times, so that two workspaces can be compared."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

import cdpkit
from cdpkit.core.delta import valid
from cdpkit.store.commits import Tables
from cdpkit.store.compact import vacuum
from cdpkit.store.fold import Layers
from cdpkit.store.tables import CHANGES, GOAL_UNITS, PROFILES, REJECTED, RUN_ROWS, RUNS

State = dict[str, list[Any]]


def state(workspace: cdpkit.Workspace, named: Mapping[str, int | None] | None = None) -> State:
    """Profiles, side tables, valid import records and history; runs are named by their sequence number, or as given."""
    tables, runs = workspace._home.tables, workspace.runs
    names = dict(runs.select("run_id", "seq").rows()) if named is None else named
    records = tables.scan(GOAL_UNITS).collect()
    goals = sorted({str(file.partition) for file in tables.open(GOAL_UNITS).files()})
    return {
        PROFILES: profiles(tables),
        **{name: rows(tables.scan(name).collect(), names) for name in (CHANGES, RUN_ROWS, REJECTED)},
        GOAL_UNITS: rows(records.drop("recipe"), {}),
        "valid": [
            (goal, row) for goal in goals for row in rows(valid(tables.scan(GOAL_UNITS, where=goal)).collect(), {})
        ],
        RUNS: [
            (line["kind"], names.get(line["name"], line["name"]), line["state"], line["seq"], json.loads(line["goals"]))
            for line in runs.sort("seq", "kind", nulls_last=True).to_dicts()
        ],
        "lines": rows(tables.scan(RUNS).select("run_id", "step", "state").collect(), names),
    }


def profiles(tables: Tables) -> list[Any]:
    """All profiles, then all groups; of times only whether they were changed since they were created; nothing empty."""
    snapshot = tables.snapshot()
    found = [snapshot.profiles().drop("profile_id").sort("email")]
    found += [snapshot.of(group).profiles().sort("group_id") for group in snapshot.groups]
    frame = pl.concat(found, how="diagonal").with_columns(same=pl.col("created_at") == pl.col("updated_at")).collect()
    rows = frame.drop("created_at", "updated_at").to_dicts()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def layers(tables: Tables) -> tuple[int, int]:
    """How many files the base has, and how many patches wait."""
    found = Layers.of(tables.open(PROFILES))
    return len(found.base), len(found.patches)


def sweep(tables: Tables) -> list[str]:
    """Make every file old, vacuum, and return the Parquet files that no table names."""
    root = tables.root.local
    for path in root.glob("*/*.parquet"):
        os.utime(path, (0, 0))
    vacuum(tables, 0)
    named = {Path(name, file.path) for name in tables.kinds for file in tables.open(name).files()}
    return sorted(
        path.name for path in tables.root.local.glob("*/*.parquet") if path.relative_to(tables.root.local) not in named
    )


def rows(frame: pl.DataFrame, runs: Mapping[str, int | None]) -> list[Any]:
    """All rows, in an order that does not depend on files."""
    if "run_id" in frame.columns:
        seq = pl.col("run_id").replace_strict(runs, return_dtype=pl.Int64)
        frame = frame.with_columns(seq.alias("run_id"))
    return sorted(frame.rows(), key=repr)
