"""What sending takes, told before it is begun: how many calls at least, and how long the vendor's limits make it."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from cdpkit.kit.declare import LIMITS_FACTOR
from cdpkit.kit.exporting import Calls, Outgoing
from cdpkit.runs.session import Session

_PEOPLE = 20
"""People who stand for a batch."""


def kinds_of_batches(people: Outgoing, starts: Sequence[int]) -> list[tuple[int, Outgoing]]:
    """Batches that make the same calls: how many they are, and a few people who stand for one of them.

    Args:
        people: Everybody who is sent.
        starts: The index of the first one of each batch.
    """
    if not starts:
        return []
    rows = people.rows.select("enter").with_row_index("at")
    rows = rows.with_columns(batch=pl.Series(starts).search_sorted(rows["at"], side="right"))
    lists = pl.col("enter").explode().drop_nulls().unique().sort().alias("lists")
    batches = rows.group_by("batch", maintain_order=True).agg(lists)
    kinds = batches.group_by("lists", maintain_order=True).agg(pl.len().alias("n"), pl.col("batch").first())
    some = rows.filter(pl.col("batch").is_in(kinds["batch"].implode())).unique(["batch", "enter"], maintain_order=True)
    found = []
    for n, batch in kinds.select("n", "batch").iter_rows():
        these = some.filter(batch=batch)["at"].head(_PEOPLE)
        found.append((int(n), people.filter(rows["at"].is_in(these.implode()))))
    return found


def estimate(session: Session, counted: Iterable[tuple[int, Calls]]) -> Mapping[str, int]:
    """`calls` that are made at least, and `seconds` that they take at best by the vendor's limits; empty for none.

    Args:
        session: The connection, with the factor by which the limits are multiplied.
        counted: Numbers of batches, with the calls of one by limit.
    """
    total = Counter[str]()
    for n, calls in counted:
        total.update({limit: n * each for limit, each in calls.items()})
    if not total.total():
        return {}
    factor = float(session.settings[LIMITS_FACTOR.name])
    limits = session.vendor.limits
    rates = {name: limits[name].calls * factor / limits[name].seconds for name in total if name in limits}
    slowest = max((total[name] / rate for name, rate in rates.items()), default=0)
    return {"calls": total.total(), "seconds": math.ceil(slowest)}
