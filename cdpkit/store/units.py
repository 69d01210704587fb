"""The import delta on disk: records appended by run, read by goal."""

from collections.abc import Sequence

import polars as pl

from cdpkit.core.delta import RECORD, valid
from cdpkit.core.hashing import HASH_NAME, hash_text
from cdpkit.errors import WorkspaceError
from cdpkit.store.commits import Tables
from cdpkit.store.tables import GOAL_UNITS, TABLES


def kept_records(tables: Tables, goal: str) -> pl.LazyFrame:
    """All records of a goal with their `seq`.

    Raises:
        WorkspaceError: They were hashed in a way that this version does not know.
    """
    records = tables.scan(GOAL_UNITS, where=goal)
    recipes = records.select(pl.col("recipe").unique()).collect().to_series()
    unknown = recipes.filter(recipes != HASH_NAME)
    if unknown.len():
        raise WorkspaceError(
            f"the import delta of goal {goal!r} was hashed with {', '.join(unknown)}, this cdpkit knows {HASH_NAME}; "
            "upgrade cdpkit, or load under another goal name"
        )
    return records.select(*RECORD, "seq")


def files_read(tables: Tables, goal: str, marks: Sequence[str]) -> frozenset[str]:
    """Of files, by their marks, those that a goal has read; each is a unit of its own.

    Raises:
        WorkspaceError: See `kept_records`.
    """
    units = dict(zip(of_files(marks)["unit"].to_list(), marks, strict=True))
    kept = kept_records(tables, goal).filter(pl.col("unit").is_in([*units]))
    return frozenset(units[unit] for unit in valid(kept).collect()["unit"])


def of_files(marks: Sequence[str]) -> pl.DataFrame:
    """The records that say of files that they were read."""
    units = [hash_text(f"file\x1d{mark}") for mark in marks]
    lines = {"unit": units, "config": [0] * len(units), "hash": [0] * len(units), "sums": [[]] * len(units)}
    return pl.DataFrame(lines, schema=RECORD)


def as_stored(records: pl.DataFrame, seq: int) -> pl.DataFrame:
    """Records as the table holds them."""
    return records.with_columns(recipe=pl.lit(HASH_NAME), seq=pl.lit(seq, pl.Int64)).select(*TABLES[GOAL_UNITS].schema)


def records_before(tables: Tables, goal: str, seq: int) -> pl.DataFrame:
    """For the units that the commit `seq` kept last, what was kept before it; one without a hash where nothing was."""
    records = tables.scan(GOAL_UNITS, where=goal).collect()
    newest = records.group_by("unit").agg(pl.col("seq").max())
    units = newest.filter(pl.col("seq") == seq).select("unit")
    earlier = records.filter(pl.col("seq") < seq).join(units, on="unit", how="semi")
    latest = earlier.join(earlier.group_by("unit").agg(pl.col("seq").max()), on=["unit", "seq"], how="semi")
    none = units.join(latest, on="unit", how="anti")
    return pl.concat([latest.select(*RECORD), none.cast({"unit": pl.Int64})], how="diagonal")
