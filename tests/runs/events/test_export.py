"""Events that go to vendors: each once, whatever breaks in between."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cdpkit.runs.progress import RunEvent
from cdpkit.sandbox.faults import Fault
from cdpkit.workspace.connection import Connection
from tests.runs.sync.place import EMAIL, Place
from tests.runs.sync.place import place as made
from tests.runs.sync.test_damaged import flip
from tests.vendors.stage import load, stage

MAIL = {"mail": "email"}
PAIRS = {"from": "email", "to": "email"}
EVENTS: list[dict[str, Any]] = [
    {
        "type": "order",
        "time": "at",
        "id": "number",
        "where": {"what": "order"},
        "mappings": [
            {"from": "total"},
            {"from": "items.sku", "to": "products.sku"},
            {"from": "items.price", "to": "products.price"},
        ],
    },
    {"type": "visit", "time": "at", "where": {"what": "visit"}, "mappings": [{"from": "page"}]},
]


def line(what: str, nth: int, **more: Any) -> dict[str, Any]:
    items = [{"sku": f"s{nth}", "price": 1.5}] if what == "order" else []
    row = {"mail": f"p{nth % 5}@example.com", "what": what, "number": f"o{nth}", "at": f"2026-01-{nth % 28 + 1:02}"}
    return {**row, "total": 3 + nth, "items": items, "page": f"/{nth}", **more}


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Five people at the vendor and here, with eleven events each sort, and a goal that sends them."""
    with made(tmp_path_factory.mktemp("out")) as at:
        at.ws.event_types.add("visit", {"page": "text"})
        at.write(*({"email": f"p{nth}@example.com"} for nth in range(5)))
        rows = [line(what, nth) for nth in range(11) for what in ("order", "visit")]
        at.ws.load(rows, MAIL, events=EVENTS).raise_for_state()
        at.ws.segments.add("all", "true")
        at.conn.goals.add(kind="export_events", name="Out", segment="all", identifiers=EMAIL)
        yield at


def at_vendor(place: Place, data: str) -> list[dict[str, Any]]:
    """The rows of the vendor's own export."""
    asked = {"dataTypeName": data, "range": "All"}
    return [json.loads(row) for row in place.http.get("/api/export/data.json", params=asked).text.splitlines()]


def counted(place: Place) -> dict[str, int]:
    """How many events the vendor has, all of them different."""
    rows = {data: at_vendor(place, data) for data in ("purchase", "customEvent")}
    assert all(len({row["id"] for row in found}) == len(found) for found in rows.values())
    return {data: len(found) for data, found in rows.items()}


def test_f189_events_of_a_segment_are_sent_once(place: Place) -> None:
    """Orders as purchases with their products, the others as custom events; once, also when others come later."""
    preview = place.conn.preview("Out")
    assert Counter(preview.events["type"]) == {"order": 11, "visit": 11}
    assert preview.goals[0].estimate == {"calls": 12, "seconds": 1}
    assert json.loads(preview.sends["body"][0])["createdAt"]
    assert counted(place) == {"purchase": 0, "customEvent": 0}
    run = place.conn.run("Out")
    assert run.state == "succeeded"
    assert run.goals[0].counters["accepted"] == 22
    assert "22  accepted" in run.report()
    assert sum(map(place.calls, ("POST /api/commerce/trackPurchase", "POST /api/events/trackBulk"))) == 12
    assert counted(place) == {"purchase": 11, "customEvent": 11}
    order = next(row for row in at_vendor(place, "purchase") if row["total"] == 3)
    assert order["createdAt"] == "2026-01-01 00:00:00 +00:00"
    assert order["shoppingCartItems"] == [{"id": "s0", "name": "s0", "sku": "s0", "price": 1.5, "quantity": 1}]
    again = place.conn.run("Out")
    assert again.goals[0].counters["skipped"] == {"sent_before": 22}
    place.ws.load([line("visit", 20)], MAIL, events=EVENTS)
    assert place.conn.run("Out").goals[0].counters["accepted"] == 1
    assert place.ws.sql("select count(*) from event_exports").fetchall() == [(23,)]


def test_f190_all_types_are_sent_or_chosen_ones(place: Place) -> None:
    """A type that is chosen alone leaves the others where they are."""
    place.conn.goals.change("Out", types=["visit"])
    assert place.conn.run("Out").goals[0].counters["events"] == 11
    assert counted(place) == {"purchase": 0, "customEvent": 11}


def test_f191_all_times_are_sent_or_a_period(place: Place) -> None:
    """From a day, up to another one that is not in it, or the last days."""
    place.conn.goals.change("Out", since="2026-01-03", until="2026-01-05")
    assert set(place.conn.preview("Out").events["time"].dt.day()) == {3, 4}
    assert place.conn.run("Out").goals[0].counters["accepted"] == 4
    place.conn.goals.change("Out", since=None, until=None, last_days=1)
    assert place.conn.run("Out").goals[0].counters["events"] == 0


def test_a_bad_event_is_refused_alone_with_its_reason(place: Place) -> None:
    """One that cannot be written, and one of somebody whom the vendor does not know."""
    rows = [line("order", 40, total=None), line("visit", 41, mail="stranger@example.com")]
    place.ws.load(rows, MAIL, events=EVENTS)
    run = place.conn.run("Out")
    assert run.state == "succeeded_with_warnings"
    assert run.goals[0].counters["rejected"] == {"noTotal": 1, "notFoundEmails": 1}
    assert run.goals[0].counters["accepted"] == 22
    assert place.conn.run("Out").goals[0].counters["skipped"] == {"sent_before": 22, "refused_before": 2}
    place.ws.load([line("order", 40)], MAIL, events=EVENTS)
    assert place.conn.run("Out").goals[0].counters["accepted"] == 1


def test_a_goal_that_is_renamed_keeps_what_it_has_sent(place: Place) -> None:
    """No event is sent again under the new name; a goal that is forgotten begins anew, and Iterable keeps each once."""
    place.conn.run()
    place.conn.goals.rename("Out", "Away")
    assert place.conn.run().goals[0].counters["skipped"] == {"sent_before": 22}
    place.conn.goals.remove("Away")
    place.conn.goals.add(kind="export_events", name="Away", segment="all", identifiers=EMAIL)
    assert place.conn.run().goals[0].counters["accepted"] == 22
    assert counted(place) == {"purchase": 11, "customEvent": 11}


def interrupted(conn: Connection, after: int = 1) -> None:
    """Run a connection, and interrupt it when some events were answered."""

    def show(event: RunEvent) -> None:
        if event.stage == "send" and event.done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conn.run(progress=show)
    assert conn.runs["state"][-1] == "stopped"


def test_what_breaks_in_between_is_there_once(place: Place) -> None:
    """Iterable knows events by our ids: an answer that never came, an interrupt, and a goal that changed meanwhile."""
    place.fault("/api/commerce/trackPurchase", "cut", times=3)
    interrupted(place.conn, 3)
    place.conn.goals.change("Out", since="2025-01-01")  # so that the run is not gone on with
    place.fault("/api/events/trackBulk", "cut", times=1)
    last = place.conn.run()
    assert (last.state, last.goals[0].counters["in_doubt"]) == ("succeeded", 0)
    assert counted(place) == {"purchase": 11, "customEvent": 11}
    assert place.conn.run().goals[0].counters["skipped"] == {"sent_before": 22}


def test_an_interrupted_run_goes_on_where_it_was(place: Place) -> None:
    """What was answered is not sent again; under the same id."""
    interrupted(place.conn, 2)
    run = place.conn.run()
    assert place.conn.runs.height == 1
    assert run.goals[0].counters["accepted"] == 22
    assert place.calls("POST /api/commerce/trackPurchase") == 11
    assert counted(place) == {"purchase": 11, "customEvent": 11}


def test_a_damaged_journal_of_events_is_put_aside(place: Place) -> None:
    """A look at the workspace finds it, one run fails by it, and the next one sends what is not known to be there."""
    interrupted(place.conn, 3)
    file = next((place.ws.path / "runs").rglob("journal.ndjson"))
    flip(file)
    assert file.name in repr(place.ws.verify())
    assert place.conn.run().state == "failed"
    assert file.with_name("journal.ndjson.damaged").exists()
    assert place.conn.run().state == "succeeded"
    assert counted(place) == {"purchase": 11, "customEvent": 11}
    assert place.ws.verify()


def test_braze_gets_each_event_at_most_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It knows no ids: what has no answer is in doubt, is listed, and is not sent again by itself."""
    with stage("braze", tmp_path_factory.mktemp("braze"), people=5) as at:
        ws, conn = at.connected()
        load(ws, *({"customer": f"c{nth}", "email": f"p{nth}@example.com"} for nth in range(5)))
        ws.event_types.add("visit", {"page": "text"})
        rows = [line(what, nth) for nth in range(300) for what in ("order", "visit")]
        ws.load(rows, MAIL, events=EVENTS).raise_for_state()
        ws.segments.add("all", "true")
        target = {"currency": "EUR"}
        conn.goals.add(kind="export_events", name="Out", segment="all", identifiers=EMAIL, target=target)
        at.gate.faults.add(Fault("/users/track", "cut", times=1, skip=1))
        first = conn.run()
        assert first.state == "failed"
        doubtful = first.goals[0].counters["in_doubt"]
        assert doubtful
        interrupted(conn)
        last = conn.run()
        assert last.goals[0].counters["in_doubt"] == doubtful
        told = ws.sql(
            "select count(*), sum((state = 'in_doubt')::int) from (from event_exports qualify "
            "row_number() over (partition by key order by turn desc) = 1)"
        ).fetchall()
        assert told == [(600, doubtful)]
        tracked = httpx.get(f"{at.settings['base_url']}/_sandbox/state", trust_env=False).json()["tracked"]
        assert tracked["twice"] == 0
        assert 600 - doubtful <= tracked["once"] <= 600
        assert conn.run(resend_in_doubt=True).goals[0].counters["accepted"] == doubtful
