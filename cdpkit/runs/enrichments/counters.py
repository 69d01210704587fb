"""What a goal that asks has asked, in numbers: read from the ledger, so that a run that was killed counts all of it."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.core.asking import BILLED, IN_DOUBT, MAYBE, UNSENT
from cdpkit.core.fates import NOTHING as NO_ROWS
from cdpkit.core.fates import counted
from cdpkit.runs.enrichments.goal import EnrichGoal
from cdpkit.runs.enrichments.whom import Whom
from cdpkit.store.ledger import SHARED

ASKED: Mapping[str, Any] = {
    "in_segment": 0,
    "asked_about": 0,
    "requests": 0,
    "billed": 0,
    "maybe_billed": 0,
    "shared": 0,
    "outcomes": {},
    "left_out": {},
}
"""The counters about asking, beside those of the import of the answers."""

NOTHING: Mapping[str, Any] = {**ASKED, **NO_ROWS}
"""The counters of a goal that did not come to its people."""

_PLACES = 2


def estimated(goal: EnrichGoal, found: Whom) -> dict[str, Any]:
    """What a plan is going to ask, at most, and what that costs."""
    asked = found.asked
    counters = {
        "in_segment": found.in_segment,
        "asked_about": found.people,
        "requests": asked.requests,
        "billed": 0,
        "maybe_billed": 0,
        "shared": asked.shared.height,
        "outcomes": {},
        "left_out": counted(found.left["reason"]),
    }
    return counters | _cost(goal, asked.requests, "cost_at_most")


def counters_of(goal: EnrichGoal, run: str, found: Whom, ledger: pl.DataFrame, judged: pl.DataFrame) -> dict[str, Any]:
    """What a run has asked.

    Args:
        goal: The goal.
        run: The run.
        found: Whom it was going to ask about.
        ledger: All requests of the account.
        judged: The answers about the members, as `Answers.lines`.
    """
    lines = lines_of(goal, run, ledger)
    own = lines.filter(pl.col("step") != SHARED, pl.col("outcome").ne_missing(UNSENT))
    requests = own.unique("number", keep="first")
    billed = int(requests.filter(pl.col("state") == BILLED)["documents"].sum())
    maybe = requests.filter(pl.col("state") == MAYBE).height
    mine = pl.col("run_id") == run, pl.col("goal") == goal.key
    why = judged.filter(*mine).select("row", "about", pl.col("outcome").alias("judged"))
    said = lines.join(why, on=["row", "about"], how="left").with_columns(
        pl.coalesce("judged", "outcome", pl.lit(IN_DOUBT)).alias("outcome")
    )
    counters = {
        "in_segment": found.in_segment,
        "asked_about": lines["row"].n_unique(),
        "requests": requests.height,
        "billed": billed,
        "maybe_billed": maybe,
        "shared": lines.filter(pl.col("step") == SHARED).height,
        "outcomes": counted(said["outcome"]),
        "left_out": counted(found.left["reason"]),
    }
    return counters | _cost(goal, billed, "cost") | _cost(goal, maybe, "cost_in_doubt")


def lines_of(goal: EnrichGoal, run: str, ledger: pl.DataFrame) -> pl.DataFrame:
    """What the ledger has of a goal in a run."""
    return ledger.filter(pl.col("run_id") == run, pl.col("goal") == goal.key)


def _cost(goal: EnrichGoal, documents: int, name: str) -> dict[str, float]:
    return {} if goal.price is None else {name: round(goal.price * documents, _PLACES)}
