"""What an import does to many profiles at once, for the guards."""

import polars as pl

from cdpkit.core.goal import Rule
from cdpkit.runs.by_goal import by_goal
from cdpkit.runs.home import Home
from cdpkit.runs.imports.plan import LoadPlan
from cdpkit.runs.plan import Risk
from cdpkit.runs.run import SUCCEEDED, SYNC, WITH_WARNINGS, history
from cdpkit.store.tables import CHANGES

_LESS = "have lost {count} of the {of} rows that the run before was given"
_LOOK = 100
"""So many runs are looked at."""


def risks_of(plan: LoadPlan, before: int | None = None) -> list[Risk]:
    """Profiles that are created and updated, for each property the values that are emptied, and rows that are missing.

    Args:
        plan: The import.
        before: How many rows the same source had before; None where nobody can say what it should have.
    """
    counters = plan.result.counters
    created, updated = counters.created, counters.updated
    there = plan.snapshot.profiles().select(pl.len()).collect().item() if created or updated else 0
    whose = "groups" if plan.prepared.group else "profiles"
    return [
        Risk("creations", created, there, f"create {{count}} {whose} beside the {{of}} that there are"),
        Risk("updates", updated, there, f"change {{count}} of the {{of}} {whose} that there are"),
        *_clears(plan),
        *_shrinks(counters.received, before),
    ]


def received_before(home: Home, connection: str, goal: str) -> int | None:
    """How many rows the last import of a goal received that came to its end; None where there was none.

    Args:
        home: The workspace.
        connection: The connection.
        goal: The goal.
    """
    lines = by_goal(history(home).filter(kind=SYNC, name=connection).tail(_LOOK))
    ended = lines.filter(pl.col("state").is_in([SUCCEEDED, WITH_WARNINGS]), goal=goal)["received"].drop_nulls()
    return int(ended[-1]) if ended.len() else None


def _shrinks(received: int, before: int | None) -> list[Risk]:
    if before is None or received >= before:
        return []
    return [Risk("shrinks", before - received, before, _LESS)]


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
            f"empty {name!r} in {{count}} of the {{of}} {'groups' if plan.prepared.group else 'profiles'} that have it",
        )
        for name, count in counts.items()
        if filled is not None
    ]
