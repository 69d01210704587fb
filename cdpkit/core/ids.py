"""The public ids of created profiles, by columns."""

import polars as pl
import polars_hash  # noqa: F401  (adds the hash functions to expressions)


def profile_ids(rows: pl.Series, milliseconds: int, seed: str) -> pl.Series:
    """UUIDs of version 7 as text, one for each row number: the time, then 74 bits drawn from a seed.

    Args:
        rows: Int64, unique.
        milliseconds: Unix time.
        seed: A random text, new for each call.

    Returns:
        `profile_id`; equal rows under equal seeds give equal ids.
    """
    time = f"{milliseconds & (1 << 48) - 1:012x}"
    drawn: pl.Expr = pl.format("{} {}", pl.lit(seed), pl.col("row")).nchash.md5()  # type: ignore[attr-defined]
    variant = pl.lit(pl.Series(["8", "9", "a", "b"])).gather(pl.col("row") % 4)
    return (
        rows.alias("row")
        .rechunk()  # `pl.format` panics on a column whose first chunk is empty
        .to_frame()
        .select("row", drawn.alias("drawn"))
        .select(
            pl.concat_str(
                pl.lit(f"{time[:8]}-{time[8:]}-7"),
                pl.col("drawn").str.slice(0, 3),
                pl.lit("-"),
                variant,
                pl.col("drawn").str.slice(3, 3),
                pl.lit("-"),
                pl.col("drawn").str.slice(6, 12),
            ).alias("profile_id")
        )
        .to_series()
    )
