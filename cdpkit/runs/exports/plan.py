"""The plan of an export: who is sent, who is left out and why, and who is taken off which list.

It is kept on disk before anything is sent, so that a killed run goes on with the very same plan.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.due import Due
from cdpkit.core.membership import NO_LISTS, completed, found_on
from cdpkit.core.properties import Property
from cdpkit.core.repeated import repeated
from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Effects
from cdpkit.kit.exporting import ExportAsked, Exporter, Price, Way
from cdpkit.kit.importing import ImportAsked
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.exports import kept_plan
from cdpkit.runs.exports.changed import HASHES
from cdpkit.runs.exports.goal import ExportGoal, exporter_of
from cdpkit.runs.exports.keepers import leave_to_others, not_by_others
from cdpkit.runs.exports.people import compared, identifiers_in
from cdpkit.runs.exports.render import Renderer
from cdpkit.runs.exports.select import select
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.ids import now
from cdpkit.runs.imports.extract import extract, importer_of
from cdpkit.runs.session import Session
from cdpkit.store.snapshot import Snapshot

_FRAMES = ("send", "skipped", "in_doubt", "left", "noted", "withdraw")
_ON, _OFF = "\x00on", "\x00off"
"""On which lists people are, and which they have left, on the way."""
_STAYS = "stays"
"""A frame too; plans of earlier versions do not have it."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What an export does.

    Attributes:
        goal: The goal.
        snapshot: The profiles that are sent.
        due: Who is sent, left out, and withdrawn; `due.send` also has `wave` (people with the same identifiers go one
            after the other), `found` (as `found_on`), and `names` where segments are sent.
        way: How so many people are pushed; a killed run goes on in the same way.
        in_segment: How many profiles the segment has.
        today: The date that processors take for the current one.
        planned: Properties that goals before this one are going to add.
        listed: How many profiles the goal has put on lists where they still are; 0 for a plan that a killed run has
            kept, which was let through.
        price: What the vendor bills for fields.
    """

    goal: ExportGoal
    snapshot: Snapshot
    due: Due
    way: Way
    in_segment: int
    today: date
    planned: tuple[Property, ...] = ()
    listed: int = 0
    price: Price | None = None

    def renderer(self, session: Session) -> Renderer:
        """Renders the people of the plan."""
        profiles = catalogued(session.home, self.snapshot, self.planned)
        return Renderer(
            session.home,
            self.goal,
            exporter_of(session.vendor),
            self.way,
            profiles,
            self.today,
        )


def plan_export(
    session: Session,
    goal: ExportGoal,
    folder: GoalFolder,
    snapshot: Snapshot,
    planned: tuple[Property, ...] = (),
    people: tuple[int, ...] | None = None,
) -> ExportPlan:
    """Work out an export, or read what a killed attempt of the same run worked out.

    Args:
        session: The connection.
        goal: The goal.
        folder: Where the plan is kept.
        snapshot: The profiles.
        planned: Properties that goals before this one are going to add.
        people: The rows of the profiles alone that are considered; None for all.

    Raises:
        ConfigurationError: The segment cannot be computed.
        CdpkitError: The vendor had to be asked, and cannot be reached or refuses.
    """
    kept = kept_plan.read(folder, goal.due.config)
    if kept is not None:
        return _read(session, goal, folder, kept)
    home, exporter = session.home, exporter_of(session.vendor)
    profiles = catalogued(home, snapshot, planned)
    only = None if people is None else pl.Series("row", people, dtype=pl.Int64)
    selected = select(home, snapshot, profiles, goal, exporter, only)
    due, names = leave_to_others(selected.due, goal.others, profiles, exporter), selected.names
    due = _at_vendor(session, goal, folder, due)
    send = due.send
    if names is not None:
        send = send.join(names, on="row", how="left", maintain_order="left")
    way = exporter.way(goal.asked, send.height)
    apart = not way.together and repeated(send["key"]) is not None
    nth = pl.int_range(pl.len(), dtype=pl.UInt32).over("key") if apart else pl.lit(0)
    send = send.with_columns(nth.cast(pl.UInt32).alias("wave")).sort("wave", "row")
    due = replace(due, send=send)
    return ExportPlan(
        goal, snapshot, due, way, selected.in_segment, now().date(), planned, selected.listed, exporter.price
    )


def keep_plan(plan: ExportPlan, folder: GoalFolder) -> None:
    """Keep a plan on disk, before anything of it is sent."""
    facts = {
        "config": plan.goal.due.config,
        "way": plan.way.name,
        "repeatable": plan.way.repeatable,
        "version": plan.snapshot.version,
        "seq": plan.snapshot.seq,
        "in_segment": plan.in_segment,
        "not_due": plan.due.not_due,
        "available": plan.due.available,
        "today": plan.today.isoformat(),
    }
    kept_plan.keep(folder, {name: getattr(plan.due, name) for name in (*_FRAMES, _STAYS)}, facts)


def _read(session: Session, goal: ExportGoal, folder: GoalFolder, kept: dict[str, Any]) -> ExportPlan:
    names = [*_FRAMES, *([_STAYS] if (folder.path / f"{_STAYS}.parquet").exists() else [])]
    frames = kept_plan.read_frames(folder, kept, names)
    frames |= {name: completed(frames[name]) for name in ("send", "left", "noted")}
    if "fields" not in frames["send"].columns:  # of a version that remembered none
        frames["send"] = frames["send"].with_columns(pl.lit(None, HASHES).alias("fields"))
    due = Due(not_due=int(kept["not_due"]), available=int(kept["available"]), **frames)
    exporter = exporter_of(session.vendor)
    way = exporter.way(goal.asked, due.send.height)
    if kept.get("way", way.name) != way.name:
        raise ConfigurationError(f"{session.vendor.title} takes these people in another way now; start a new run")
    snapshot = session.home.tables.snapshot(int(kept["version"]))
    today, members = date.fromisoformat(str(kept["today"])), int(kept["in_segment"])
    return ExportPlan(goal, snapshot, due, way, members, today, price=exporter.price)


def _at_vendor(session: Session, goal: ExportGoal, folder: GoalFolder, due: Due) -> Due:
    """Look at who is at the vendor, where that decides something.

    A goal that may not create leaves out whom the vendor does not know. A goal that withdraws has to know who was on
    its lists before, because those are not its own to withdraw.
    """
    nowhere = NO_LISTS.alias("found")
    entering = goal.due.on_leave and bool((due.send["enter"].list.len() > 0).any())
    exporter = exporter_of(session.vendor)
    if exporter.look is not None:
        return replace(due, send=_asked_about(session, goal, due.send, exporter.look))
    if due.send.is_empty() or (goal.asked.create and not entering):
        return replace(due, send=due.send.with_columns(nowhere))
    importer = importer_of(session)
    if importer.everyone is None:
        raise ConfigurationError(
            f"{session.vendor.title} does not tell who is there, which this goal has to know; let it create people, "
            "and take nobody off a list"
        )
    wanted = (*session.discovery.identifiers(importer.identifiers), *importer.needs)
    asked = ImportAsked(session.settings, importer.everyone, session.discovery, tuple(dict.fromkeys(wanted)))
    staged = extract(session, asked, folder.below("known"))
    found = _known_people(staged.rows, goal, exporter)
    send = _looked_up(due.send, found, goal.asked.identifiers)
    skipped = due.skipped
    if not goal.asked.create:
        absent = send.filter(~pl.col("there")).select("row", reason=pl.lit(reasons.NO_MATCH_AT_VENDOR.code))
        send, skipped = send.filter("there"), pl.concat([skipped, absent]).sort("row")
    found_there = found_on(pl.col("on")).alias("found") if goal.due.on_leave else nowhere
    send = not_by_others(send.with_columns(found_there), goal.others, session.home)
    return replace(due, send=send.drop("there", "on"), skipped=skipped)


def _asked_about(
    session: Session,
    goal: ExportGoal,
    send: pl.DataFrame,
    look: Callable[[ExportAsked, pl.DataFrame], Effects[pl.DataFrame]],
) -> pl.DataFrame:
    """People with the lists on which they are (`found`), and not to enter those that they have left."""
    entering = send.filter(pl.col("enter").list.len() > 0)
    if entering.is_empty():
        return send.with_columns(NO_LISTS.alias("found"))
    people = identifiers_in(entering.select("row", "key", "enter"), goal.asked.identifiers)
    told = session.driver.run(look(goal.asked, people))
    lines = send.join(told.rename({"on": _ON, "off": _OFF}), on="row", how="left", maintain_order="left")
    enters = pl.col("enter").list.set_difference(pl.col(_OFF).fill_null(NO_LISTS))
    found = found_on(pl.col(_ON)) if goal.due.on_leave else NO_LISTS
    lines = lines.with_columns(found.alias("found"), enters.alias("enter")).drop(_ON, _OFF)
    return not_by_others(lines, goal.others, session.home)


def _known_people(rows: pl.DataFrame, goal: ExportGoal, exporter: Exporter) -> pl.DataFrame:
    ids = [name for name in goal.asked.identifiers if name in rows.columns]
    return compared(rows.select(ids), exporter).with_columns(rows["list_ids"].alias("on"))


def _looked_up(send: pl.DataFrame, found: pl.DataFrame, identifiers: tuple[str, ...]) -> pl.DataFrame:
    """`there` (somebody at the vendor has one of the person's identifiers) and `on` (the ids of that one's lists)."""
    lines = identifiers_in(send.with_columns(pl.col("key").alias("kept")), identifiers).rename({"kept": "key"})
    there, on = pl.lit(value=False), pl.lit(None, pl.List(pl.String))
    for name in identifiers:
        known = found.select(pl.col(name), pl.col("on").alias(f"on {name}")).drop_nulls(name).unique(name)
        lines = lines.join(
            known.with_columns(pl.lit(value=True).alias(f"there {name}")), on=name, how="left", maintain_order="left"
        )
        there = there | pl.col(f"there {name}").fill_null(value=False)
        on = pl.coalesce(on, pl.col(f"on {name}"))
    return lines.select(*send.columns, there.alias("there"), on.alias("on"))
