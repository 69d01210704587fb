"""The import delta: which rows of a source were seen before under the same goal.

Rows with the same identifiers are one unit. For each row of a unit, as last seen, one record is kept: the hash of the
goal's configuration, the hash of the row, and the hashes of the numbers it added under `sum`. Records of units that a
source does not hold stay as they are.
"""

from dataclasses import dataclass

import polars as pl

from cdpkit.core.hashing import hash_labelled, hash_text
from cdpkit.core.keys import POSITION
from cdpkit.core.repeated import repeated

RECORD = {"unit": pl.Int64(), "config": pl.Int64(), "hash": pl.Int64(), "sums": pl.List(pl.Int64())}
"""What is kept for each row of a unit, beside `seq`, the number of the commit that kept it.

Records are only ever appended: of a unit those with the highest `seq` are valid. One without a hash stands for none.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """The rows of a source beside what is kept of their units.

    Attributes:
        rows: `position`, `unit`, `hash`, `nth` (how many rows before it have the same unit and hash),
            `known` (it was seen before and is not applied again), `again` (its unit is applied again under a new
            configuration or in full, so that numbers already added are left out).
        stored: The kept records of these units, with `nth` likewise.
        config: The hash of the goal's configuration.
    """

    rows: pl.DataFrame
    stored: pl.DataFrame
    config: int


def look_up(rows: pl.DataFrame, stored: pl.LazyFrame, *, fingerprint: str, full: bool) -> Seen:
    """Compare rows with the records kept of their units.

    Args:
        rows: `position`, `unit`, `hash` (over the identifier, mapped and event fields), in source order.
        stored: All records of the goal, as `RECORD` and `seq`.
        fingerprint: The goal's configuration as a text.
        full: Nothing counts as seen.
    """
    config, hashed = hash_text(fingerprint), rows
    kept = valid(stored.join(hashed.lazy().select("unit"), on="unit", how="semi")).collect(engine="streaming")
    hashed = hashed.with_columns(_nth(hashed, ["unit", "hash"]))
    kept = kept.with_columns(_nth(kept, ["unit", "config", "hash"]))
    if kept.is_empty():
        return Seen(hashed.with_columns(known=pl.lit(value=False), again=pl.lit(value=False)), kept, config)
    same = kept.filter(pl.lit(not full) & (pl.col("config") == config)).select("unit", "hash", "nth", known=True)
    other = kept.filter(pl.lit(full) | (pl.col("config") != config)).select("unit", again=True).unique()
    compared = (
        hashed.join(same, on=["unit", "hash", "nth"], how="left", maintain_order="left")
        .join(other, on="unit", how="left", maintain_order="left")
        .with_columns(pl.col("known", "again").fill_null(value=False))
    )
    return Seen(compared, kept, config)


def valid(stored: pl.LazyFrame) -> pl.LazyFrame:
    """Of all records that were ever appended those that hold, as `RECORD`."""
    newest = stored.group_by("unit").agg(pl.col("seq").max())
    return stored.join(newest, on=["unit", "seq"], how="semi").filter(pl.col("hash").is_not_null()).select(*RECORD)


def added_before(seen: Seen, field: str, numbers: pl.DataFrame) -> pl.DataFrame:
    """Which numbers of a `sum` field are left out, because their unit is applied again and they were added before.

    Args:
        seen: The comparison.
        field: The source field.
        numbers: `position` and `number`, the canonical texts of the numbers of rows that reached a profile.

    Returns:
        `position`, `sum` (the hash of the number, null without one), `before` (it was added before).
    """
    hashed = numbers.select(POSITION, sum=hash_labelled(field, pl.col("number"))).join(
        seen.rows.select(POSITION, "unit", "again"), on=POSITION, how="left", maintain_order="left"
    )
    again = hashed.filter(pl.col("again") & pl.col("sum").is_not_null())
    if again.is_empty() or seen.stored.is_empty():
        return hashed.select(POSITION, "sum", before=pl.lit(value=False))
    counts = seen.stored.select("unit", pl.col("sums").alias("sum")).explode("sum").group_by("unit", "sum").len("held")
    again = again.with_columns(_nth(again, ["unit", "sum"])).join(counts, on=["unit", "sum"], how="left")
    before = again.filter(pl.col("nth") < pl.col("held")).select(POSITION, before=True)
    return hashed.join(before, on=POSITION, how="left", maintain_order="left").select(
        POSITION, "sum", pl.col("before").fill_null(value=False)
    )


def records(seen: Seen, reached: pl.DataFrame) -> pl.DataFrame:
    """The records to keep for the units of this source, as `RECORD`; units that bring nothing new are left out.

    A unit with a new row replaces what is stored of it. One that only lacks rows, as in a file that was cut off, leaves
    it: the whole file adds nothing twice.

    Args:
        seen: The comparison.
        reached: `position`, `sums`: rows that reached a profile or whose values were all rejected, with the hashes
            of the numbers they added.
    """
    rows = seen.rows
    new = rows.join(reached, on=POSITION, how="inner").select(
        "unit", config=pl.lit(seen.config), hash="hash", sums="sums"
    )
    kept = seen.stored.join(
        rows.filter("known").select("unit", "hash", "nth"), on=["unit", "hash", "nth"], how="semi"
    ).filter(pl.col("config") == seen.config)
    still = kept.join(new, on="unit", how="semi").select("unit", "config", "hash", "sums")
    return pl.concat([new, still])


def _nth(frame: pl.DataFrame, by: list[str]) -> pl.Series:
    """How many earlier lines have the same values; no grouping where no unit occurs twice."""
    several = repeated(frame["unit"])
    if several is None:
        return pl.repeat(0, frame.height, dtype=pl.UInt32, eager=True).alias("nth")
    lines = frame.select(*by).with_row_index("line")
    counted = lines.filter(several).with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over(by).alias("nth"))
    return (
        lines.select("line")
        .join(counted.select("line", "nth"), on="line", how="left", maintain_order="left")["nth"]
        .fill_null(0)
    )
