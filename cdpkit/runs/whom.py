"""Whom a line of the history is about, for people: the profile's id, and what it is known by."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.core.properties import PROFILE_ID, Property
from cdpkit.runs.home import Home

WHOM = ("profile_id", "identifier")
"""The columns that name a profile in the frames of a sync."""


def linked_properties(goals: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    """The names that a goal links as identifiers or asks by, of which those that are properties name a profile.

    Args:
        goals: The goals of a run, as its details have them.
        name: The goal.
    """
    own = [goal for goal in goals if goal["name"] == name]
    pairs = [pair for goal in own for key in ("identifiers", "parameters") for pair in goal.get(key) or ()]
    return tuple(dict.fromkeys(pair[end] for pair in pairs for end in ("from", "to")))


def identifiers(home: Home, lines: pl.DataFrame, linked: Mapping[str, Sequence[str]]) -> pl.Series:
    """The values by which profiles are known now, for each line; null where it is about none, or one that is gone.

    Args:
        home: The workspace.
        lines: `goal`, `row`.
        linked: For the keys of goals the names of what they link.
    """
    catalogue, parts = home.settings.read().catalogue(), [lines.select("goal", "row").clear()]
    parts[0] = parts[0].with_columns(identifier=pl.lit(None, pl.String))
    for key, names in linked.items():
        known = [name for name in names if name in catalogue and catalogue[name].identifier]
        rows = lines.filter(goal=key)["row"].drop_nulls().unique()
        if rows.is_empty() or not known:
            continue
        profiles = home.tables.snapshot().profiles().filter(pl.col("row").is_in(rows.implode()))
        texts = [_text(catalogue[name]) for name in known]
        joined = pl.concat_str(texts, separator=", ", ignore_nulls=True)
        found = profiles.select(pl.lit(key).alias("goal"), "row", joined.alias("identifier")).collect()
        parts.append(found.with_columns(pl.when(pl.col("identifier") != "").then("identifier")))
    both = lines.select("goal", "row").join(pl.concat(parts), on=["goal", "row"], how="left", maintain_order="left")
    return both["identifier"]


def persons(home: Home, profiles: pl.LazyFrame, ids: pl.Series) -> pl.Series:
    """What people know each profile by: the first of the identifiers of which it has a value; null where it has none.

    Args:
        home: The workspace.
        profiles: `profile_id` and all properties of the catalogue.
        ids: Public ids; null where there is none.
    """
    catalogue, there = home.settings.read().catalogue(), profiles.collect_schema()
    known = [prop for name, prop in catalogue.items() if prop.identifier and name in there and name != PROFILE_ID.name]
    wanted = ids.drop_nulls().unique()
    if not known or wanted.is_empty():
        return pl.repeat(None, ids.len(), dtype=pl.String, eager=True)
    texts = [pl.when(_text(prop) != "").then(_text(prop)) for prop in known]
    own = profiles.filter(pl.col(PROFILE_ID.name).is_in(wanted.implode()))
    found = own.select(PROFILE_ID.name, person=pl.coalesce(texts)).collect(engine="streaming")
    lines = pl.DataFrame({PROFILE_ID.name: ids.cast(pl.String)})
    return lines.join(found, on=PROFILE_ID.name, how="left", maintain_order="left")["person"]


def _text(prop: Property) -> pl.Expr:
    column = pl.col(prop.name)
    return column.cast(pl.List(pl.String)).list.join(" | ") if prop.multi else column.cast(pl.String)


def public_ids(home: Home, rows: pl.Series, before: int | None) -> pl.Series:
    """The public ids of profiles and groups by their numbers, as `profile_id`; null where nobody can name them.

    Args:
        home: The workspace.
        rows: The numbers.
        before: The version of the profiles in which those are looked up that are gone by now; None for none.
    """
    wanted = rows.unique()
    known = _ids_at(home, wanted, None)
    gone = wanted.filter(~wanted.is_in(known["row"].implode()))
    if gone.len() and before is not None:
        known = pl.concat([known, _ids_at(home, gone, before)])
    return rows.to_frame("row").join(known, on="row", how="left", maintain_order="left")["profile_id"]


def _ids_at(home: Home, rows: pl.Series, version: int | None) -> pl.DataFrame:
    snapshot = home.tables.snapshot(version)
    found = [snapshot.of(group).ids().filter(pl.col("row").is_in(rows.implode())) for group in ("", *snapshot.groups)]
    return pl.concat(pl.collect_all(found))
