"""What an import does to many profiles at once, for the guards."""

import polars as pl

from cdpkit.core.goal import Rule
from cdpkit.runs.imports.plan import LoadPlan
from cdpkit.runs.plan import Risk
from cdpkit.store.tables import CHANGES


def risks_of(plan: LoadPlan) -> list[Risk]:
    """Profiles that are created and updated, and for each property the values that are emptied."""
    counters = plan.result.counters
    created, updated = counters.created, counters.updated
    there = plan.snapshot.profiles().select(pl.len()).collect().item() if created or updated else 0
    return [
        Risk("creations", created, there, "create {count} profiles beside the {of} that there are"),
        Risk("updates", updated, there, "change {count} of the {of} profiles that there are"),
        *_clears(plan),
    ]


def _clears(plan: LoadPlan) -> list[Risk]:
    """One rule alone empties values, so that most imports are not looked at again."""
    able = [mapping.target for mapping in plan.prepared.goal.mappings if mapping.rule is Rule.SET_OR_CLEAR]
    if not able or not plan.draft.changes:
        return []
    cleared = (
        plan.draft.scan(plan.draft.changes, CHANGES)
        .filter(pl.col("property").is_in(able), pl.col("after").is_null(), pl.col("before").is_not_null())
        .group_by("property", maintain_order=True)
        .len()
        .collect()
    )
    counts = dict(zip(cleared["property"].to_list(), cleared["len"].to_list(), strict=True))
    filled = plan.snapshot.profiles().select(pl.col(name).count() for name in counts).collect() if counts else None
    return [
        Risk(
            "clears",
            count,
            int(filled[name].item()),
            f"empty {name!r} in {{count}} of the {{of}} profiles that have it",
        )
        for name, count in counts.items()
        if filled is not None
    ]
