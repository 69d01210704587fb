"""The plan of an import, to look at."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial

import polars as pl

from cdpkit.core.events.part import ADDED, CHANGED
from cdpkit.core.fates import EXCLUDED
from cdpkit.core.goal import ImportGoal
from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.keys import POSITION
from cdpkit.core.match_told import matching, near_misses
from cdpkit.core.properties import SOURCE_ROW, Property
from cdpkit.core.rows import Rows
from cdpkit.runs.imports.made import made
from cdpkit.runs.imports.plan import LoadPlan
from cdpkit.runs.plan import Look
from cdpkit.runs.timeline import TIMELINE
from cdpkit.store.tables import CHANGES, EVENTS, TABLES

_CHANGES = ["profile_id", "property", "before", "after", "rule", "source_row"]


def import_look(plan: LoadPlan) -> Look:
    """Its frames; rows are in source order."""
    return Look(
        counters=partial(asdict, plan.result.counters),
        group=plan.prepared.group,
        summary=partial(_summary, plan),
        changes=partial(_named_changes, plan),
        creates=partial(_creates, plan),
        rows=lambda: _in_order(plan.result.fates),
        excluded=lambda: _in_order(plan.result.fates).filter(fate=EXCLUDED).drop("fate"),
        rejected=lambda: _in_order(plan.result.rejected.drop("row")),
        matching=partial(_told_by, plan, matching),
        near_misses=partial(_near_misses, plan),
        new_properties=lambda: made(plan.prepared),
        events=partial(_events, plan) if plan.prepared.goal.events else None,
    )


def _summary(plan: LoadPlan) -> pl.DataFrame:
    before, after = pl.col("before").is_not_null(), pl.col("after").is_not_null()
    return (
        _changes(plan)
        .filter(pl.col("rule") != CREATED_RULE)
        .group_by("property", "rule", maintain_order=True)
        .agg(
            (~before & after).sum().alias("set"),
            (before & after).sum().alias("changed"),
            (before & ~after).sum().alias("cleared"),
        )
        .sort("property")
        .collect()
    )


def _changes(plan: LoadPlan) -> pl.LazyFrame:
    if not plan.draft.changes:
        return pl.LazyFrame(schema=TABLES[CHANGES].schema)
    return plan.draft.scan(plan.draft.changes, CHANGES)


def _named_changes(plan: LoadPlan) -> pl.DataFrame:
    changes = _changes(plan).select("row", *(name for name in _CHANGES if name != "profile_id")).collect()
    wanted = changes["row"].unique()
    known = plan.snapshot.ids().filter(pl.col("row").is_in(wanted.implode())).collect()
    return changes.join(known, on="row", how="left", maintain_order="left").select(_CHANGES)


def _creates(plan: LoadPlan) -> pl.DataFrame:
    draft, goal = plan.draft, plan.prepared.goal
    rows = _changes(plan).filter(pl.col("rule") == CREATED_RULE).select("row", "source_row").collect()
    stored = dict.fromkeys([target for _, target in goal.identifiers] + [m.target for m in goal.mappings])
    if not draft.created:
        catalogue = plan.prepared.catalogue
        return pl.DataFrame(
            schema={"source_row": pl.Int64()} | {_shown(name): catalogue[name].dtype for name in stored}
        )
    made = draft.scan(draft.created).select("row", *(pl.col(name).alias(_shown(name)) for name in stored)).collect()
    return made.join(rows, on="row", how="left", maintain_order="left").select("source_row", *map(_shown, stored))


def _shown(name: str) -> str:
    """What a property is called beside columns that say whose a row is; it may be called as one of them."""
    return f"{name} (property)" if name in {"source_row", "goal"} else name


def _events(plan: LoadPlan) -> pl.DataFrame:
    """By ascending source row; an event has the number of the last of its rows."""
    lines = pl.LazyFrame(schema=TABLES[EVENTS].schema)
    lines = lines if not plan.draft.events else plan.draft.scan(plan.draft.events, EVENTS)
    fate = pl.when(pl.col("replaced").is_null()).then(pl.lit(ADDED)).otherwise(pl.lit(CHANGED)).alias("fate")
    replaced = lines.filter(pl.col("of").is_not_null()).select("key", replaced=True)
    known = plan.snapshot.ids()
    return (
        lines.filter(pl.col("of").is_null())
        .join(replaced, on="key", how="left")
        .join(known, on="row", how="left")
        .select("source_row", *TIMELINE, fate)
        .sort("source_row", "time", nulls_last=True)
        .collect(engine="streaming")
    )


def _told_by(
    plan: LoadPlan, tell: Callable[[Rows, ImportGoal, Mapping[str, Property], pl.LazyFrame], pl.DataFrame]
) -> pl.DataFrame:
    prepared, stored = plan.prepared, plan.snapshot.schema
    profiles = plan.snapshot.profiles().with_columns(
        pl.lit(None, prop.dtype).alias(prop.name) for prop in prepared.catalogue.values() if prop.name not in stored
    )
    return tell(prepared.source.rows, prepared.goal, prepared.catalogue, profiles)


def _near_misses(plan: LoadPlan) -> pl.DataFrame:
    found = _told_by(plan, near_misses)
    rows = plan.prepared.source.source_row.gather(found[POSITION]).alias("source_row")
    wanted = found["row"].unique()
    known = plan.snapshot.ids().filter(pl.col("row").is_in(wanted.implode())).collect()
    named = found.with_columns(rows).join(known, on="row", how="left", maintain_order="left")
    return named.select("source_row", "field", "property", "value", "stored", "profile_id")


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By source row, as a run shows them; processors may have changed the order."""
    return rows.rename({SOURCE_ROW: "source_row"}).sort("source_row", nulls_last=True, maintain_order=True)
