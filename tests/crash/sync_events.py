"""Events between a workspace and vendors, for syncs that are killed: what is there, and what the vendor says of it."""

import json
from typing import Any
from urllib.request import Request, urlopen

import polars as pl

import cdpkit
from cdpkit.core.events.part import FOUND
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT
from cdpkit.store.events import events_of
from cdpkit.store.tables.event_exports import EVENT_EXPORTS, newest_events
from cdpkit.store.tables.events import EVENTS

OUT, IN = "Events out", "Events in"
ORDERS, VISITS = 120, 4_000
_BULK = 1_000
EVENT_MAPPINGS: list[dict[str, Any]] = [
    {
        "type": "order",
        "where": {"what": "order"},
        "time": "at",
        "id": "number",
        "mappings": [
            {"from": "total"},
            {"from": "sku", "to": "products.sku"},
            {"from": "price", "to": "products.price"},
        ],
    },
    {
        "type": "visit",
        "where": {"what": "visit"},
        "time": "at",
        "id": "number",
        "mappings": [{"from": "page", "to": "page"}],
    },
]
_TRACKED = [
    {
        "type": "visit",
        "where": {"event": "visit"},
        "time": "createdAt",
        "id": "number",
        "mappings": [{"from": "page", "to": "page"}],
    }
]


def load_events(workspace: cdpkit.Workspace, people: pl.Series, orders: int = ORDERS, visits: int = VISITS) -> None:
    """Put orders and visits on the time lines of people, each with an id of its own."""
    workspace.event_types.add("visit", {"page": "text"})
    made = [_made(people, "order", orders), _made(people, "visit", visits)]
    workspace.load(pl.concat(made), {"email": "email"}, events=EVENT_MAPPINGS).raise_for_state()


def _made(people: pl.Series, what: str, number: int) -> pl.DataFrame:
    nth = pl.int_range(number, eager=True).alias("n")
    return pl.DataFrame([people.gather(nth % people.len()).alias("email"), nth]).select(
        "email",
        pl.lit(what).alias("what"),
        pl.format(f"{what}-{{}}", "n").alias("number"),
        (pl.datetime(2026, 1, 1, time_zone="UTC") + pl.duration(minutes="n")).alias("at"),
        (pl.col("n") % 90 + 1).alias("total"),
        pl.format("s{}", pl.col("n") % 7).alias("sku"),
        (pl.col("n") % 9 + 1).alias("price"),
        pl.format("/{}", pl.col("n") % 40).alias("page"),
    )


def add_goals(workspace: cdpkit.Workspace, connection: str, identifier: str, target: dict[str, Any]) -> None:
    """Let a connection send what `load_events` has put there."""
    workspace.connection(connection).goals.add(
        kind="export_events", name=OUT, segment="active", identifiers={"email": identifier}, target=target
    )


def add_import(workspace: cdpkit.Workspace, connection: str) -> None:
    """Let a connection import what `track` has put there."""
    workspace.event_types.add("visit", {"page": "text"})
    workspace.connection(connection).goals.add(
        kind="import_events",
        name=IN,
        source={"custom_events": True},
        identifiers={"email": "email"},
        events=_TRACKED,
    )


def track(vendor: dict[str, str], people: pl.Series) -> None:
    """Let people do something at Iterable."""
    rows = _made(people, "visit", VISITS)
    events = [
        {
            "email": row["email"],
            "eventName": "visit",
            "id": row["number"],
            "createdAt": int(row["at"].timestamp()),
            "dataFields": {"page": row["page"], "number": row["number"]},
        }
        for row in rows.to_dicts()
    ]
    for start in range(0, len(events), _BULK):
        body = json.dumps({"events": events[start : start + _BULK]}).encode()
        headers = {"Api-Key": vendor["api_key"], "Content-Type": "application/json"}
        request = Request(f"{vendor['base_url']}/api/events/trackBulk", body, headers)  # noqa: S310 - on loopback
        with urlopen(request) as answer:  # noqa: S310
            assert json.load(answer)["failCount"] == 0


def event_state(workspace: cdpkit.Workspace) -> dict[str, list[Any]]:
    """The events that there are, and what goals know of them, without times of runs."""
    tables = workspace._home.tables
    here = events_of(tables, tables.snapshot()).select(*FOUND).collect()
    known = newest_events(tables.scan(EVENT_EXPORTS)).drop("turn", "run_id").collect()
    return {EVENTS: sorted(here.rows(), key=repr), EVENT_EXPORTS: sorted(known.rows(), key=repr)}


def doubt_differences(workspace: cdpkit.Workspace, tracked: dict[str, int], number: int = ORDERS + VISITS) -> list[str]:
    """At a vendor that knows no ids: what of so many events is there twice, or is missing and not in doubt."""
    known = newest_events(workspace._home.tables.scan(EVENT_EXPORTS)).select("id", "state").collect()
    states = dict(known.rows())
    twice = sum(count > 1 for count in tracked.values())
    lost = [name for name, state in states.items() if name not in tracked and state != IN_DOUBT]
    return [
        *([f"{twice} events twice"] if twice else []),
        *([f"{len(lost)} events lost"] if lost else []),
        *([] if len(states) == number else [f"{len(states)} events known"]),
        *([] if {*states.values()} <= {ACCEPTED, IN_DOUBT} else ["an event is refused"]),
    ]
