"""What a run refused and nobody has made good since, a line each, with what a person needs to mend it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.config.settings import Settings
from cdpkit.core import reasons
from cdpkit.core.fates import APPLIED, UNCHANGED
from cdpkit.core.goal import Rule
from cdpkit.core.mending import LINE
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT, REJECTED
from cdpkit.core.properties import MAPPABLE_BUILT_IN, RESERVED, Property
from cdpkit.core.text import to_text
from cdpkit.runs import kinds
from cdpkit.runs.exports.outcome import WITHDRAWN
from cdpkit.runs.goal_run import LOAD, GoalRun
from cdpkit.runs.groups import properties_of
from cdpkit.runs.home import Home
from cdpkit.runs.load import MENDS
from cdpkit.runs.rejects.goal import Refusing
from cdpkit.runs.run import SYNC, UNDO, Run, history, ids_of
from cdpkit.runs.whom import identifiers, linked_properties
from cdpkit.store.tables import REJECTED as TABLE
from cdpkit.store.tables import RUN_ROWS

_HANDLED = (ACCEPTED, REJECTED, IN_DOUBT, WITHDRAWN)
_SETTLED = (APPLIED, UNCHANGED)


def refusing(run: Run, settings: Settings) -> dict[str, Refusing]:
    """By name the goals of a run of which something can have been refused."""
    if MENDS in run.details:
        return {}  # what a correction could not do is still listed where it was refused first
    if run.kind == LOAD:
        return {goal.name: _of_load(run, goal, properties_of(settings, goal.group)) for goal in run.goals}
    if run.kind != SYNC:
        return {}
    asked = {goal["name"]: goal for goal in run.details["goals"]}
    return {goal.name: _of_sync(run, goal, asked[goal.name], properties_of(settings, goal.group)) for goal in run.goals}


def _of_load(run: Run, goal: GoalRun, catalogue: Mapping[str, Property]) -> Refusing:
    rules = {row["target"]: Rule(row["rule"]) for row in run.details["mappings"]}
    linked = tuple(run.details["identifiers"].values())
    return Refusing(
        goal.name, goal.key, exports=False, rules=_there(rules, catalogue), fills={}, linked=linked, group=goal.group
    )


def _of_sync(run: Run, goal: GoalRun, asked: Mapping[str, Any], catalogue: Mapping[str, Property]) -> Refusing:
    exports = kinds.get(goal.kind).direction == "export"
    fills: dict[str, str] = {}
    if exports:
        sent = [row for row in asked["mappings"] if row["value"] == "property"]
        fills = {row["to"]: row["from"] for row in (*asked["identifiers"], *sent)}
        rules = {name: Rule.SET for name in catalogue if name not in RESERVED and not catalogue[name].multi}
    else:
        rules = {row["to"]: Rule(row["rule"]) for row in asked["mappings"]}
        if asked.get("save_lists_to"):
            rules[asked["save_lists_to"]] = Rule(asked["save_lists_rule"])
    linked = linked_properties(run.details["goals"], goal.name)
    return Refusing(goal.name, goal.key, exports, _there(rules, catalogue), fills, linked, goal.group)


def _there(rules: Mapping[str, Rule], catalogue: Mapping[str, Property]) -> dict[str, Rule]:
    own = {name: rule for name, rule in rules.items() if name in catalogue}
    return {name: rule for name, rule in own.items() if name not in RESERVED or name in MAPPABLE_BUILT_IN}


def open_lines(home: Home, run: Run) -> pl.DataFrame:
    """What a run refused, but for what was taken since.

    A value of an import is taken by the load that mends it, until that load is undone. A person whom a vendor refused
    is listed until another run of the goal has an answer about them.

    Returns:
        `line` (the same whenever it is asked), `goal`, `profile_id`, `identifier`, `source_row`, `field`, `property`,
        `value` (of somebody who was refused the one that the property has now), `reason`, `mendable`, `row`.
    """
    settings = home.settings.read()
    goals = refusing(run, settings)
    names, out = {each.key: each for each in goals.values()}, [each.key for each in goals.values() if each.exports]
    lines = home.tables.scan(TABLE).filter(pl.col("run_id") == run.id).drop("run_id").collect()
    lines = lines.sort(pl.all(), nulls_last=True).with_row_index(LINE).with_columns(pl.col(LINE).cast(pl.Int64))
    lines = lines.filter(pl.col("goal").is_in([*names]))
    sent = pl.col("goal").is_in(out)
    if lines.height:
        lines = lines.filter(sent | ~pl.col(LINE).is_in(settled(home, run.id).implode()))
    if out and lines.height:
        handled = _handled_since(home, run.id, out)
        lines = lines.join(handled, on=["goal", "row"], how="anti", maintain_order="left", nulls_equal=True)
    lines = _with_values(home, _with_properties(lines, goals), settings.catalogue(), out)
    whom = identifiers(home, lines, {each.key: each.linked for each in goals.values()})
    named = lines.with_columns(ids_of(run, lines["row"]), whom, mendable=_mendable(goals))
    return named.with_columns(pl.col("goal").replace({key: each.name for key, each in names.items()})).select(
        *(LINE, "goal", "profile_id", "identifier", "source_row", "field", "property", "value", "reason", "mendable"),
        "row",
    )


def settled(home: Home, run_id: str) -> pl.Series:
    """The lines of a run that were mended or dropped by loads which nobody has undone, as Int64."""
    runs = history(home)
    undone = runs.filter(kind=UNDO)["name"]
    mending = runs.filter(pl.col("kind") == LOAD, pl.col("details").str.contains(f'"{MENDS}"', literal=True))
    own = [
        line["run_id"]
        for line in mending.select("run_id", "details").to_dicts()
        if json.loads(line["details"]).get(MENDS) == run_id
    ]
    lines = home.tables.scan(RUN_ROWS).filter(pl.col("run_id").is_in([one for one in own if one not in {*undone}]))
    taken = pl.col("fate").is_in(_SETTLED) | (pl.col("reason") == reasons.DROPPED.code)
    return lines.filter(taken).select(pl.col("source_row").alias(LINE)).collect()[LINE]


def _handled_since(home: Home, run_id: str, keys: Sequence[str]) -> pl.DataFrame:
    """`goal`, `row` of people about whom later runs had an answer; ids of runs sort by time."""
    later = home.tables.scan(RUN_ROWS).filter(
        pl.col("goal").is_in(list(keys)), pl.col("run_id") > run_id, pl.col("fate").is_in(_HANDLED)
    )
    return later.select("goal", "row").unique().collect()


def _with_properties(lines: pl.DataFrame, goals: Mapping[str, Refusing]) -> pl.DataFrame:
    """The property behind the vendor's field, where the table names none."""
    pairs = [(each.key, field, name) for each in goals.values() for field, name in each.fills.items()]
    known = pl.DataFrame(pairs, schema={"goal": pl.String, "field": pl.String, "filled": pl.String}, orient="row")
    both = lines.join(known.unique(["goal", "field"]), on=["goal", "field"], how="left", maintain_order="left")
    return both.with_columns(pl.coalesce("property", "filled").alias("property")).drop("filled")


def _with_values(
    home: Home, lines: pl.DataFrame, catalogue: Mapping[str, Property], exports: Sequence[str]
) -> pl.DataFrame:
    """For people who were refused the value that they have now in the property that was refused."""
    own = lines.filter(pl.col("goal").is_in(list(exports)), pl.col("value").is_null())
    profiles = home.tables.snapshot().profiles()
    stored = profiles.collect_schema()
    names = [name for name in own["property"].drop_nulls().unique() if name in catalogue and name in stored]
    if not names:
        return lines
    held = profiles.filter(pl.col("row").is_in(own["row"].unique().implode())).select("row", *names).collect()
    texts = [held.select("row", to_text(held[name]).alias("now"), property=pl.lit(name)) for name in names]
    joined = lines.join(pl.concat(texts), on=["row", "property"], how="left", maintain_order="left")
    shown = pl.col("goal").is_in(list(exports)) & pl.col("value").is_null()
    return joined.with_columns(pl.when(shown).then("now").otherwise("value").alias("value")).drop("now")


def _mendable(goals: Mapping[str, Refusing]) -> pl.Expr:
    """Whether a correction has somewhere to go; of somebody refused as a whole it is said with the correction."""
    found = pl.lit(value=False)
    for each in goals.values():
        there = pl.col("property").is_in(list(each.rules))
        if each.exports:
            there = there | pl.col("property").is_null()
        found = found | ((pl.col("goal") == each.key) & there.fill_null(value=False) & pl.col("row").is_not_null())
    return found
