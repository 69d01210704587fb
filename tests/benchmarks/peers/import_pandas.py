"""pandas: a script as a data scientist would write it."""

import shutil

import pandas as pd
import polars as pl

from tests.benchmarks.peers.task import SET, Task

FILE = "profiles.parquet"


def setup(task: Task, _strategy: str) -> None:
    """The file is the table."""
    shutil.copy2(task.profiles, task.place / FILE)


def work(task: Task, _strategy: str) -> None:
    """Join all, prefer what is new, write all."""
    profiles = pd.read_parquet(task.place / FILE)
    rows = pd.read_parquet(task.rows)
    merged = profiles.merge(rows, on="email", how="outer", suffixes=("", "_new"))
    for name in SET:
        merged[name] = merged[f"{name}_new"].fillna(merged[name])
    merged.drop(columns=[f"{name}_new" for name in SET]).to_parquet(task.place / FILE, index=False)


def result(task: Task) -> pl.DataFrame:
    """All profiles."""
    return pl.read_parquet(task.place / FILE)
