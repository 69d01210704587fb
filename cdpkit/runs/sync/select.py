"""Selecting the members of a segment, and what of them decides whether they are sent."""

import polars as pl

from cdpkit.core.consent import CONSENTED, REFUSED, consents
from cdpkit.core.due import MEMBERS
from cdpkit.core.hashing import hash_columns
from cdpkit.core.vendor import Exporter
from cdpkit.runs.home import Home
from cdpkit.runs.sync.export_goal import ExportGoal, key_of
from cdpkit.store import sql


def members_of(
    profiles: pl.LazyFrame, goal: ExportGoal, exporter: Exporter, names: pl.DataFrame | None
) -> pl.DataFrame:
    """The members of a goal's segment as `MEMBERS`, by ascending row.

    Args:
        profiles: `row` and all properties.
        goal: The goal.
        exporter: The vendor's.
        names: `row`, `names` of everybody in a segment that is sent; None where none are.
    """
    rows = sql.segment_rows(profiles, goal.where)
    linked = [pl.col(prop).alias(f"id {name}") for prop, name in goal.pairs]
    consent = [CONSENTED, REFUSED] if goal.objectives else []
    schema = profiles.collect_schema()
    found = (
        profiles.select("row", "updated_seq", _has_value(goal, schema), *linked, *consent)
        .join(rows.lazy(), on="row", how="semi")
        .collect(engine="streaming")
        .sort("row")
    )
    ids = found.select(pl.col(f"id {name}").alias(name) for _, name in goal.pairs)
    key = key_of(compared(ids, exporter), goal.asked.identifiers)
    labels = pl.lit(None, pl.Int64).alias("labels")
    if names is not None:
        hashed = names.select("row", hash_columns(names, ["names"]).alias("labels"))
        found, labels = found.join(hashed, on="row", how="left", maintain_order="left"), pl.col("labels")
    return found.select(
        "row", "updated_seq", consents(goal.objectives).alias("consents"), key, "has_value", labels
    ).select(*MEMBERS)


def compared(ids: pl.DataFrame, exporter: Exporter) -> pl.DataFrame:
    """Identifier columns as the vendor compares them; of several values of a profile the first is its own."""
    texts = []
    for column in ids:
        single = column.list.first() if isinstance(column.dtype, pl.List) else column
        text = exporter.compared(single.cast(pl.String), column.name).alias(column.name)
        texts.append(text.to_frame().select(pl.when(pl.first() != "").then(pl.first())).to_series())
    return pl.DataFrame(texts)


def segment_names(home: Home, profiles: pl.LazyFrame, goal: ExportGoal) -> pl.DataFrame | None:
    """`row`, `names`: the segments among those sent that each profile is in; None where none are sent."""
    if not goal.segments:
        return None
    known = home.settings.read().segments
    parts = [sql.segment_rows(profiles, known[name]).select("row", name=pl.lit(name)) for name in goal.segments]
    return pl.concat(parts).group_by("row", maintain_order=True).agg(pl.col("name").alias("names")).sort("row")


def _has_value(goal: ExportGoal, schema: pl.Schema) -> pl.Expr:
    if not goal.properties:
        return pl.lit(value=True).alias("has_value")
    held = [
        (pl.col(name).list.len() > 0).fill_null(value=False)
        if isinstance(schema[name], pl.List)
        else pl.col(name).is_not_null()
        for name in goal.properties
    ]
    return pl.any_horizontal(held).alias("has_value")
