"""Profiles as the people whom a vendor knows: by which identifiers, compared how."""

import re

import polars as pl

from cdpkit.kit.exporting import Exporter

_FEW = 200_000
"""So many members are looked up by their rows; more are faster joined with all profiles."""


def compared(ids: pl.DataFrame, exporter: Exporter) -> pl.DataFrame:
    """Identifier columns as the vendor compares them; of several values of a profile the first is its own."""
    texts = []
    for column in ids:
        single = column.list.first() if isinstance(column.dtype, pl.List) else column
        text = exporter.compared(single.cast(pl.String), column.name).alias(column.name)
        texts.append(text.to_frame().select(pl.when(pl.first() != "").then(pl.first())).to_series())
    return pl.DataFrame(texts)


def near(profiles: pl.LazyFrame, rows: pl.DataFrame, *columns: pl.Expr | str) -> pl.DataFrame:
    """Columns of some profiles beside those of `rows`, by ascending row."""
    few = profiles.filter(pl.col("row").is_in(rows["row"].implode())) if rows.height < _FEW else profiles
    found = few.select("row", *columns).join(rows.lazy(), on="row", how="inner").collect(engine="streaming")
    return found.sort("row")


def key_of(frame: pl.DataFrame, identifiers: tuple[str, ...]) -> pl.Series:
    """A person's identifiers at the vendor as one text, each with its name; null without any."""
    texts = [
        pl.when(pl.col(name).is_not_null()).then(pl.concat_str(pl.lit(f"{name}\x1e"), pl.col(name)))
        for name in identifiers
    ]
    joined = pl.concat_str(texts, separator="\x1f", ignore_nulls=True)
    return frame.select(pl.when(joined != "").then(joined).alias("key")).to_series()


def identifiers_in(keys: pl.DataFrame, identifiers: tuple[str, ...]) -> pl.DataFrame:
    """The identifiers that `key_of` joined, as columns again, in place of `key`."""
    parts = [
        pl.col("key").str.extract(rf"(?:^|\x1f){re.escape(name)}\x1e([^\x1f]*)").alias(name) for name in identifiers
    ]
    return keys.with_columns(parts).drop("key")
