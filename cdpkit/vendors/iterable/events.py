"""How events come: purchases and custom events, each by an export job, a row an event."""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

import polars as pl

from cdpkit.core.scalars import as_text
from cdpkit.kit.declare import Setting
from cdpkit.kit.effects import Effects
from cdpkit.kit.importing import ImportAsked, Pulled
from cdpkit.kit.kinds import Number, Switch
from cdpkit.kit.staging import flat, text
from cdpkit.problem import Problem
from cdpkit.vendors.iterable.export_job import CLOCK, FIRST, LAST, USERS, Progress, followed, of_data, started
from cdpkit.vendors.iterable.project import IDENTIFIERS
from cdpkit.vendors.iterable.stage import invented, iso

PURCHASES, CUSTOM = "purchase", "customEvent"
EVENT = "event"
"""The field that says what a row is: `purchase`, or the name of the custom event."""

NEEDS = (*IDENTIFIERS, "eventName", "createdAt")
OPTIONS = (
    Setting("purchases", "Purchases; their rows have 'purchase' in the field 'event'", Switch(), default=False),
    Setting("custom_events", "Custom events; the field 'event' of their rows has their names", Switch(), default=False),
    Setting(
        "last_days",
        "Only events since so many days before the last import that went well; left out, all of them each time",
        Number("days", least=1, whole=True),
    ),
)


def _chosen(asked: ImportAsked) -> tuple[str, ...]:
    wanted = {PURCHASES: asked.options["purchases"], CUSTOM: asked.options["custom_events"]}
    return tuple(data for data, chosen in wanted.items() if chosen)


def source_problems(asked: ImportAsked) -> list[Problem]:
    """What is wrong with the source of an import of events."""
    if _chosen(asked):
        return []
    return [Problem("source", "neither purchases nor custom_events is chosen", "choose one or both")]


def pull(asked: ImportAsked, state: Mapping[str, Any] | None) -> Effects[Pulled]:
    """Fetch events, a page a file of a job, as `purchase` and `customEvent`; all fields, which no call names."""
    chosen, window = _chosen(asked), _window(asked)
    progress = Progress.of(state)
    if progress.data == USERS:
        progress = Progress((window,), data=chosen[0])
    for data in chosen[chosen.index(progress.data) :]:
        if data != progress.data:
            progress = progress.onward(data, window)
        while progress.windows:
            progress = yield from started(asked.settings, {}, progress)
            progress = yield from followed(asked.settings, progress)
            yield progress.kept()
    return Pulled({data: of_data(data, progress.pages()) for data in chosen}, progress.warnings)


def _window(asked: ImportAsked) -> tuple[str, str]:
    """The span of time of which events are asked for; what they are stored by has ids, so that it may overlap."""
    days, since = asked.options["last_days"], None
    if days is not None:
        since = asked.since()
    return (FIRST if since is None else (since - timedelta(days=days)).astimezone(UTC).strftime(CLOCK), LAST)


def stage(frames: Mapping[str, pl.DataFrame], asked: ImportAsked) -> pl.DataFrame:
    """One row an event, with `event`; objects in lists stay what they are, other objects are dotted names."""
    staged = _alike([_staged(frames[data], data) for data in _chosen(asked) if data in frames])
    rows = pl.concat(staged, how="diagonal_relaxed") if staged else pl.DataFrame()
    rows = rows.with_columns(text(rows, name).alias(name) for name in (*IDENTIFIERS, EVENT))
    return rows.with_columns(invented(rows["email"]))


def _staged(frame: pl.DataFrame, data: str) -> pl.DataFrame:
    rows = flat(frame)
    named = pl.lit(data) if data == PURCHASES else text(rows, "eventName")
    times = [iso(rows[name]) for name in ("createdAt",) if name in rows.columns]
    return rows.with_columns(named.alias(EVENT), *times)


def _alike(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Frames whose columns of the same name are of the same type; where they are not, they are texts, and JSON."""
    types: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            types.setdefault(name, set()).add(dtype)
    mixed = {name for name, found in types.items() if len(found) > 1}
    return [frame.with_columns(as_text(frame[name]) for name in frame.columns if name in mixed) for frame in frames]
