"""What export goals know of profiles: lines appended by run, of which the newest of a profile holds."""

import polars as pl

from cdpkit.store.tables import GOAL_ROWS, SCHEMAS, Tables

KNOWN = {name: dtype for name, dtype in SCHEMAS[GOAL_ROWS].items() if name != "turn"}


def known_rows(tables: Tables, goal: str) -> pl.DataFrame:
    """What a goal last knew of each profile that it ever handled, as `KNOWN`, by ascending row."""
    return newest(tables.scan(GOAL_ROWS, where=goal)).select(*KNOWN).sort("row").collect(engine="streaming")


def newest(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Of all lines of a profile the one of the last turn."""
    last = lines.group_by("row").agg(pl.col("turn").max())
    return lines.join(last, on=["row", "turn"], how="semi")


def next_turn(tables: Tables, goal: str) -> int:
    """The number for the lines that a goal's next run appends."""
    last = tables.scan(GOAL_ROWS, where=goal).select(pl.col("turn").max()).collect().item()
    return 1 if last is None else int(last) + 1
