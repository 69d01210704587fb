"""Purchases and custom events of Iterable on the time lines of profiles."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cdpkit.errors import ConfigurationError
from cdpkit.runs.imports.since import last_import
from cdpkit.runs.session import read_connection
from tests.runs.sync.place import EMAIL, Place
from tests.runs.sync.place import place as made

ORDERS: dict[str, Any] = {
    "type": "order",
    "where": {"event": "purchase"},
    "time": "createdAt",
    "id": "id",
    "mappings": [
        {"from": "total", "to": "total"},
        {"from": "coupon", "to": "coupon"},
        {"from": "shoppingCartItems.sku", "to": "products.sku"},
        {"from": "shoppingCartItems.price", "to": "products.price"},
        {"from": "shoppingCartItems.quantity", "to": "products.quantity"},
    ],
}
LONG_AGO = datetime(2024, 5, 1, 10, 0, 1, tzinfo=UTC)
VIEWS = {
    "type": "view",
    "where": {"event": "viewed"},
    "time": "createdAt",
    "mappings": [{"from": "page", "to": "page"}, {"from": "on.device", "to": "device"}],
}


@pytest.fixture(scope="module", params=["email", "hybrid"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A project in which people have bought and looked, and a goal that imports both."""
    with made(tmp_path_factory.mktemp("events"), project_type=request.param) as at:
        at.ws.event_types.add("view", {"page": "text", "device": "text"})
        at.write({"email": "ann@example.com"}, {"email": "bob@example.com"})
        for nth, mail in enumerate(("ann@example.com", "ann@example.com", "bob@example.com")):
            bought(at, mail, f"o{nth}", 10.5 + nth, coupon="MAY" if nth else None)
        tracked(at, "ann@example.com", "viewed", page="/", on={"device": "phone"})
        tracked(at, "ann@example.com", "left", page="/")
        events = [ORDERS, VIEWS]
        source = {"purchases": True, "custom_events": True}
        at.conn.goals.add(kind="import_events", name="Events", source=source, identifiers=EMAIL, events=events)
        yield at


def bought(at: Place, mail: str, called: str, total: float, **more: Any) -> None:
    items = [{"id": "p", "name": "Mug", "sku": f"s-{called}", "price": total, "quantity": 1}]
    order = {"id": called, "createdAt": 1714557600, "total": total, "user": {"email": mail}, "items": items}
    at.http.post("/api/commerce/trackPurchase", json={**order, "dataFields": more}).raise_for_status()


def tracked(at: Place, mail: str, name: str, when: datetime = LONG_AGO, **fields: Any) -> None:
    event = {"email": mail, "eventName": name, "createdAt": int(when.timestamp()), "dataFields": fields}
    assert at.http.post("/api/events/trackBulk", json={"events": [event]}).json()["successCount"] == 1


def stored(at: Place) -> list[tuple[str, str, dict[str, Any]]]:
    """Address, type and content of all events."""
    events = at.ws.profiles.select("profile_id", "email").join(at.ws.events, on="profile_id").collect()
    found = ((mail, kind, json.loads(held)) for mail, kind, held in events.select("email", "type", pl.last()).rows())
    return sorted(found, key=str)


def test_events_of_iterable_are_imported_once(place: Place) -> None:
    """Orders with their products, custom events of the names that are asked for, however often they are exported."""
    preview = place.conn.preview("Events")
    assert sorted(preview.events["type"]) == ["order", "order", "order", "view"]
    assert place.ws.events.collect().is_empty()
    run = place.conn.run("Events")
    assert run.goals[0].counters["events"] == {"added": 4, "changed": 0, "unchanged": 0}
    assert stored(place) == [
        ("ann@example.com", "order", {"total": 10.5, "products": [{"sku": "s-o0", "price": 10.5, "quantity": 1}]}),
        (
            "ann@example.com",
            "order",
            {"total": 11.5, "coupon": "MAY", "products": [{"sku": "s-o1", "price": 11.5, "quantity": 1}]},
        ),
        ("ann@example.com", "view", {"page": "/", "device": "phone"}),
        (
            "bob@example.com",
            "order",
            {"total": 12.5, "coupon": "MAY", "products": [{"sku": "s-o2", "price": 12.5, "quantity": 1}]},
        ),
    ]
    again = place.conn.run("Events")
    assert again.goals[0].counters["excluded"] == {"not_changed": 5}
    bought(place, "bob@example.com", "o9", 1)
    last = place.conn.run("Events")
    assert last.goals[0].counters["events"]["added"] == 1
    place.ws.undo(last)
    assert len(stored(place)) == 4


def test_a_night_asks_for_the_events_since_the_last_one_alone(tmp_path: Path) -> None:
    """With an overlap of days; all of them the first time, when the goal has changed, and where that is asked for."""
    with made(tmp_path) as at:
        at.ws.event_types.add("view", {"page": "text", "device": "text"})
        at.write({"email": "ann@example.com"})
        bought(at, "ann@example.com", "o1", 3)
        tracked(at, "ann@example.com", "viewed", page="/")
        source = {"purchases": True, "custom_events": True, "last_days": 2}
        at.conn.goals.add(kind="import_events", name="New", source=source, identifiers=EMAIL, events=[VIEWS])

        def received(*, full: bool = False) -> int:
            return int(at.conn.run("New", full=full).goals[0].counters["received"])

        assert received() == 2
        tracked(at, "ann@example.com", "viewed", page="/late")
        assert received() == 0
        tracked(at, "ann@example.com", "viewed", when=datetime.now(UTC), page="/new")
        assert received() == 1
        new = at.conn.runs["run_id"][-1]
        assert at.ws.events.collect().height == 2
        assert received(full=True) == 4
        at.conn.goals.change("New", create_profiles=False)
        assert received() == 4
        preview, asked = at.conn.preview("New"), datetime.now(UTC)
        at.conn.run(preview=preview).raise_for_state()
        goal = read_connection(at.ws._home, at.conn.name)[0].goal("New")
        began = last_import(at.ws._home, at.conn.name, goal)
        assert began is not None
        assert began <= asked  # not when the preview was carried out, before which more may have come
        assert received() == 1
        at.conn.goals.forget("New")
        assert received() == 4
        at.ws.undo(new, reimport=True)
        assert received() == 4


def test_a_goal_of_events_says_what_it_lacks(place: Place) -> None:
    """Neither data chosen, a type that is not there, none to import from another vendor."""
    wrong = [{"type": "vew", "time": "createdAt"}]
    place.conn.goals.add(kind="import_events", name="Wrong", identifiers=EMAIL, events=wrong)
    said = "\n".join(map(str, place.conn.check()))
    assert "neither purchases nor custom_events is chosen" in said
    assert "no event type 'vew'; there are: view, order" in said
    with pytest.raises(ConfigurationError, match=r"events.* is empty; give at least one"):
        place.conn.goals.add(kind="import_events", name="None", identifiers=EMAIL, events=[])
    place.conn.goals.remove("Wrong")
