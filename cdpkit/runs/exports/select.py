"""Selecting the members of a segment, and what of them decides whether they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import polars as pl

from cdpkit.core.consent import CONSENTED, REFUSED, consents
from cdpkit.core.due import LEFT, MEMBERS, NO_CONSENT, Due, settled, spared, who_is_due, with_settled
from cdpkit.core.hashing import hash_columns
from cdpkit.core.outcome import ACCEPTED
from cdpkit.kit.exporting import Exporter
from cdpkit.runs.exports.goal import ExportGoal
from cdpkit.runs.exports.people import compared, key_of, near
from cdpkit.runs.home import Home
from cdpkit.store import sql
from cdpkit.store.exported import Known
from cdpkit.store.snapshot import Snapshot

_NO_LABELS = pl.lit(None, pl.Int64).alias("labels")


@dataclass(frozen=True, slots=True)
class Selected:
    """Who is in a goal's segment, and what is to be done about it.

    Attributes:
        due: The delta.
        in_segment: How many members there are.
        listed: How many profiles the goal has put on lists where they still are.
        names: As `borne_names`.
    """

    due: Due
    in_segment: int
    listed: int
    names: pl.DataFrame | None


def select(
    home: Home,
    snapshot: Snapshot,
    profiles: pl.LazyFrame,
    goal: ExportGoal,
    exporter: Exporter,
    only: pl.Series | None = None,
) -> Selected:
    """Find who is due; values are read of those members alone who changed, or of whom the goal knows nothing.

    Args:
        home: The workspace.
        snapshot: The profiles.
        profiles: The same: `row` and all properties.
        goal: The goal.
        exporter: The vendor's.
        only: The rows of the profiles that are considered, members and former members; None for all. What is found of
            them is what a selection of all finds of them: nobody is withdrawn whose identifiers another member has.
    """
    names = borne_names(profiles, goal.all_labels)
    known = Known.read(home.tables, goal.key, snapshot.next_row)
    rows = sql.segment_rows(profiles, goal.where, limits=home.limits())["row"]
    segment = _segment(_among(rows, only), snapshot, known, names)
    before = known.at(segment["row"])
    done = settled(segment, before, goal.due)
    members = members_of(profiles, goal, exporter, segment.filter(~done))
    away = _among(known.others(rows).filter((pl.col("state") != LEFT) | pl.col("owes"))["row"], only)
    without_consent = segment["row"].filter(done & (before["state"] == NO_CONSENT) & before["owes"])
    wanted = pl.concat([members["row"], away, without_consent]).sort()
    due = who_is_due(members, known.whole(wanted), goal.due)
    apart = done & (before["state"] != ACCEPTED)
    lines = segment.filter(apart).select("row", before["state"].filter(apart).cast(pl.String).alias("state"))
    if due.withdraw.height:
        stay = segment["row"].filter(done & (before["state"] != NO_CONSENT))
        if only is not None:
            others = _segment(rows.filter(~rows.is_in(only.implode())), snapshot, known, names)
            known_of = known.at(others["row"])
            same = settled(others, known_of, goal.due)
            stay = pl.concat([stay, others["row"].filter(same & (known_of["state"] != NO_CONSENT))])
            looked_at = members_of(profiles, goal, exporter, others.filter(~same))
            due = replace(due, withdraw=spared(due.withdraw, looked_at.filter("consents")))
        holders = known.holders(due.withdraw["key"]).join(stay.to_frame("row"), on="row", how="semi")
        due = replace(due, withdraw=spared(due.withdraw, holders))
    if names is not None and only is not None:
        names = names.filter(pl.col("row").is_in(only.implode()))
    return Selected(with_settled(due, int(done.sum()), lines), segment.height, known.listed, names)


def _among(rows: pl.Series, only: pl.Series | None) -> pl.Series:
    return rows if only is None else rows.filter(rows.is_in(only.implode()))


def _segment(rows: pl.Series, snapshot: Snapshot, known: Known, names: pl.DataFrame | None) -> pl.DataFrame:
    """`row`, `updated_seq`, `labels` of members, by ascending row."""
    segment = pl.DataFrame([rows, _changed(rows, snapshot, known)]).with_columns(_NO_LABELS)
    if names is None:
        return segment
    hashed = names.select("row", hash_columns(names, ["names"]).alias("labels"))
    return segment.drop("labels").join(hashed, on="row", how="left", maintain_order="left")


def _changed(rows: pl.Series, snapshot: Snapshot, known: Known) -> pl.Series:
    """`updated_seq` of profiles by ascending row; 0 where it is no later than all that the goal knows."""
    found = pl.repeat(0, rows.len(), dtype=pl.Int64, eager=True).alias("updated_seq")
    since = cast("int | None", known.lines["seq"].min())
    if since is None or rows.is_empty():
        return found
    changed = snapshot.layers.changed(since)
    places = rows.search_sorted(changed["row"]).clip(upper_bound=rows.len() - 1)
    inside = rows.gather(places) == changed["row"]
    return found.scatter(places.filter(inside), changed["updated_seq"].filter(inside))


def members_of(profiles: pl.LazyFrame, goal: ExportGoal, exporter: Exporter, rows: pl.DataFrame) -> pl.DataFrame:
    """Members of a goal's segment as `MEMBERS`, by ascending row.

    Args:
        profiles: `row` and all properties.
        goal: The goal.
        exporter: The vendor's.
        rows: `row`, `updated_seq` (as `MEMBERS`), `labels` of the members, by ascending row.
    """
    linked = [pl.col(prop).alias(f"id {name}") for prop, name in goal.pairs]
    consent = [CONSENTED, REFUSED] if goal.objectives else []
    found = near(profiles, rows, *linked, *consent)
    empty = _without_value(profiles, goal, rows)
    found = found.with_columns(has_value=~pl.col("row").is_in(empty.implode()))
    ids = found.select(pl.col(f"id {name}").alias(name) for _, name in goal.pairs)
    key = key_of(compared(ids, exporter), goal.asked.identifiers)
    return found.select(
        "row", "updated_seq", consents(goal.objectives).alias("consents"), key, "has_value", "labels"
    ).select(*MEMBERS)


def borne_names(profiles: pl.LazyFrame, labels: Mapping[str, str]) -> pl.DataFrame | None:
    """`row`, `names`: those of the labels that each profile bears; None where there are none.

    Args:
        profiles: `row` and all properties.
        labels: Names, each with the expression over profiles by which they bear it.
    """
    if not labels:
        return None
    parts = [sql.segment_rows(profiles, where).select("row", name=pl.lit(name)) for name, where in labels.items()]
    return pl.concat(parts).group_by("row", maintain_order=True).agg(pl.col("name").alias("names")).sort("row")


def _without_value(profiles: pl.LazyFrame, goal: ExportGoal, rows: pl.DataFrame) -> pl.Series:
    """The rows without a value in any mapped property; each property is read for those alone that had none before."""
    left, schema = rows.select("row"), profiles.collect_schema()
    for name in goal.properties:
        if left.is_empty():
            break
        value = pl.col(name)
        held = value.list.len() > 0 if isinstance(schema[name], pl.List) else value.is_not_null()
        left = near(profiles, left, held.fill_null(value=False).alias("held")).filter(~pl.col("held")).select("row")
    return left["row"] if goal.properties else left["row"].clear()
