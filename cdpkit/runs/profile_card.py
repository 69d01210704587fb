"""All that is known of one profile: its values and what set them, where it is, and what touched it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from cdpkit.core.consent import CONSENTED, REFUSED
from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.properties import BUILT_IN, MAPPABLE_BUILT_IN, PROFILE_ID, UTC
from cdpkit.core.text import to_text
from cdpkit.errors import ConfigurationError
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.groups import groups_of_profile
from cdpkit.runs.home import Home
from cdpkit.runs.parts import worded
from cdpkit.runs.profile_find import find_row
from cdpkit.runs.run import history
from cdpkit.runs.timeline import events_of_profile
from cdpkit.show.face import Faced
from cdpkit.show.frames import first_rows
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told
from cdpkit.store import sql
from cdpkit.store.tables import CHANGES, GOAL_ROWS, RUN_ROWS
from cdpkit.store.tables.goal_rows import newest

_CHANGED = ("run_id", "goal", "property", "before", "after", "rule", "source_row")
_SOURCE = {"run_id": pl.String(), "at": UTC, "what": pl.String(), "goal": pl.String()}
_LISTS = {"connection": pl.String(), "goal": pl.String(), "state": pl.String(), "list": pl.String()}
_SHOWN = 20
_CALLED = {"run_id": "run", "source_row": "row of the source"}
"""What people call columns."""


@dataclass(frozen=True, slots=True, repr=False)
class ProfileCard(Faced, Tells):
    """One profile.

    Values are text without loss, as `changes` have them.

    Attributes:
        id: Its public id.
        values: `property`, `value`, and what set it: `run_id`, `at`, `what` (the kind of the run, and its connection),
            `goal`, `rule` (`create` where it came with the profile), `source_row`; null where nobody knows any more.
        earlier: `at`, `property`, `before`, `after`, `rule`, `run_id`, `what`, `goal`, `source_row`: every change, the
            newest first.
        segments: The names of those that it is in now; one that cannot be computed is left out.
        lists: `connection`, `goal`, `state` (what the vendor made of it at last), `list` (the vendor's id of a list on
            which the goal put it; null where that is none): one line for each goal and list.
        consents: `objective`, `needs_consent`, `consent`: `consented`, `refused` (which wins), or null.
        events: `time`, `type`, `id`, `properties` (a JSON object): its timeline, the newest first.
        runs: `run_id`, `at`, `what`, `goal`, `fate`, `reason`: what each run did with it, the newest first.
        groups: `type`, `group_id`, `property`, `value`: the groups that it belongs to, a line for each value that is
            known of one; a null property where none is.
    """

    id: str
    values: pl.DataFrame = field(repr=False)
    earlier: pl.DataFrame = field(repr=False)
    segments: tuple[str, ...]
    lists: pl.DataFrame = field(repr=False)
    consents: pl.DataFrame = field(repr=False)
    events: pl.DataFrame = field(repr=False)
    runs: pl.DataFrame = field(repr=False)
    groups: pl.DataFrame = field(repr=False)

    def _told(self) -> Told:
        parts: list[str | Lines] = [_lines("Values", self.values)]
        parts += [f"segments: {', '.join(self.segments)}"] if self.segments else []
        more = {"Groups": self.groups} if self.groups.height else {}
        more |= {"Lists": self.lists, "Consents": self.consents, "Timeline": self.events}
        more |= {"Changes": self.earlier, "Runs": self.runs}
        parts += [_lines(name, frame) for name, frame in more.items()]
        return Told(f"Profile {self.id}: {counted(self.values.height, 'value')}", parts)


def profile_card(home: Home, profile_id: str | None, identifier: Mapping[str, object]) -> ProfileCard:
    """All that is known of a profile.

    Raises:
        UnknownNameError: The identifier is no property.
        ConfigurationError: There is no such profile, or there are several.
    """
    snapshot = home.tables.snapshot()
    profiles = catalogued(home, snapshot)
    row = find_row(home, profiles, profile_id, identifier)
    one = profiles.filter(pl.col("row") == row).collect()
    sources = _sources(home)
    changes, fates = (home.tables.scan(name).filter(pl.col("row") == row).collect() for name in (CHANGES, RUN_ROWS))
    changed = _from(changes, sources)
    return ProfileCard(
        one[PROFILE_ID.name][0],
        _values(one, changed),
        changed.filter(pl.col("rule") != CREATED_RULE).select(
            "at", *_CHANGED[2:6], "run_id", "what", "goal", "source_row"
        ),
        _segments(home, one),
        _lists(home, row),
        _consents(home, one),
        events_of_profile(home, snapshot, row),
        _runs(changed, _from(fates, sources)),
        groups_of_profile(home, snapshot, row),
    )


def _lines(name: str, frame: pl.DataFrame) -> Lines:
    more = f", the first {_SHOWN}" if frame.height > _SHOWN else ""
    yes_or_no = pl.when(pl.col(pl.Boolean)).then(pl.lit("yes")).otherwise(pl.lit("no")).name.keep()
    shown = worded(frame.head(_SHOWN)).with_columns(pl.col(pl.String).fill_null("-"))
    shown = shown.with_columns(yes_or_no) if pl.Boolean in shown.dtypes else shown
    shown = shown.rename(lambda column: _CALLED.get(column, column.replace("_", " ")))
    return first_rows(shown, _SHOWN, f"{name}: {frame.height:,}{more}")


def _sources(home: Home) -> pl.DataFrame:
    """`run_id`, `key`, `turn` (by which commits follow each other), `at`, `what`, `goal` of every goal of every run."""
    lines = [
        (run["run_id"], goal["key"], goal["seq"], run["finished_at"] or run["started_at"], what, goal["name"])
        for run in history(home).iter_rows(named=True)
        for what in [" ".join(filter(None, (run["kind"], run["name"])))]
        for goal in json.loads(run["goals"])
    ]
    schema = {"run_id": pl.String(), "key": pl.String(), "turn": pl.Int64(), "at": UTC, "what": pl.String()}
    return pl.DataFrame(lines, schema=schema | {"name": pl.String()}, orient="row")


def _from(lines: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Lines about a profile with where they are from, the newest first."""
    known = sources.rename({"key": "goal"}).unique(["run_id", "goal"])
    joined = lines.join(known, on=["run_id", "goal"], how="left", maintain_order="left")
    goal = pl.coalesce("name", "goal").alias("goal")
    return joined.sort("turn", "run_id", descending=True, nulls_last=True, maintain_order=True).with_columns(goal)


def _values(one: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """What is not empty, each with the change that brought it about, else the run that created the profile."""
    kept = {prop.name for prop in BUILT_IN} - {*MAPPABLE_BUILT_IN}
    names = [name for name in one.columns if name not in kept and name != "row"]
    texts = pl.DataFrame(
        {"property": names, "value": [to_text(one[name])[0] for name in names]},
        schema={"property": pl.String(), "value": pl.String()},
    ).filter(pl.col("value").is_not_null() & (pl.col("value") != "[]"))
    source = ["run_id", "at", "what", "goal", "rule", "source_row"]
    last = changed.filter(pl.col("rule") != CREATED_RULE).unique("property", keep="first").select("property", *source)
    born = changed.filter(rule=CREATED_RULE).head(1).select(source)
    with_last = texts.join(last, on="property", how="left", maintain_order="left")
    if born.is_empty():
        return with_last
    first = born.row(0, named=True)
    unset = pl.col("run_id").is_null()
    filled = [
        pl.when(unset).then(pl.lit(first[name], with_last.schema[name])).otherwise(name).alias(name) for name in source
    ]
    return with_last.with_columns(filled)


def _segments(home: Home, one: pl.DataFrame) -> tuple[str, ...]:
    found = []
    for name, where in home.settings.read().segments.items():
        try:
            if sql.segment_rows(one.lazy(), where, limits=home.limits()).height:
                found.append(name)
        except ConfigurationError:
            continue
    return tuple(found)


def _lists(home: Home, row: int) -> pl.DataFrame:
    table, parts = home.tables.open(GOAL_ROWS), [pl.DataFrame(schema=_LISTS)]
    for key in sorted({str(file.partition) for file in table.files()}):
        known = home.tables.scan(GOAL_ROWS, where=key).filter(pl.col("row") == row)
        connection, _, goal = key.partition("/")
        lines = newest(known).select("state", "lists").collect()
        on = lines.select(
            pl.lit(connection).alias("connection"),
            pl.lit(goal).alias("goal"),
            "state",
            pl.when(pl.col("lists").list.len() > 0).then("lists").alias("list"),
        )
        parts.append(on.explode("list").select(pl.col(name).cast(dtype) for name, dtype in _LISTS.items()))
    return pl.concat(parts)


def _consents(home: Home, one: pl.DataFrame) -> pl.DataFrame:
    given, refused = ({*one[name].explode().drop_nulls().str.strip_chars()} for name in (CONSENTED, REFUSED))
    lines = [
        (name, objective.needs_consent, "refused" if name in refused else "consented" if name in given else None)
        for name, objective in home.settings.read().objectives.items()
    ]
    schema = {"objective": pl.String(), "needs_consent": pl.Boolean(), "consent": pl.String()}
    return pl.DataFrame(lines, schema=schema, orient="row")


def _runs(changed: pl.DataFrame, fates: pl.DataFrame) -> pl.DataFrame:
    """What each run did with the profile: a line for each fate, and one where it changed values."""
    columns = ["run_id", "turn", "at", "what", "goal"]
    made = changed.group_by(columns, maintain_order=True).agg(
        fate=pl.when((pl.col("rule") == CREATED_RULE).any()).then(pl.lit("created")).otherwise(pl.lit("changed")),
        reason=pl.when((pl.col("rule") != CREATED_RULE).any()).then(
            pl.col("property").drop_nulls().unique().sort().str.join(", ")
        ),
    )
    both = pl.concat([made, fates.select(*columns, "fate", "reason")])
    return both.sort("at", "turn", descending=True, nulls_last=True, maintain_order=True).drop("turn")
