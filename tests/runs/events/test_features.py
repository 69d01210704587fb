"""The features of timeline events that a script or a notebook uses, by their numbers."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, SourceError, UnknownNameError
from cdpkit.store.tables.events import EVENTS, GONE, HERE
from tests.runs.loads import assert_adds_up

MAIL = {"mail": "email"}
ORDERS = {
    "type": "order",
    "time": "at",
    "id": "number",
    "mappings": [
        {"from": "amount", "to": "total"},
        {"from": "items.sku", "to": "products.sku"},
        {"from": "items.price", "to": "products.price"},
    ],
}
VISIT = b"""<?xml version="1.0" encoding="UTF-8"?>
<plugin><id>visit</id><version>1.0</version><type>timelineeventtype</type>
<name><label locale="en_US">Visit</label></name>
<properties>
  <property id="visit_id" type="text" identifier="true"/>
  <property id="page" type="text"/>
  <property id="seconds" type="number"/>
  <property id="hits" multiple="true"><property id="what" type="text"/><property id="on" type="date"/></property>
</properties></plugin>"""


def order(mail: str, number: str | None, at: str | None, amount: object = None, *skus: str) -> dict[str, object]:
    items = [{"sku": sku, "price": "1.50"} for sku in skus]
    return {"mail": mail, "number": number, "at": at, "amount": amount, "items": items, "plan": "gold"}


ROWS = [
    order("ann@x.de", "1", "2026-01-01T10:00:00", "12.50", "a", "b"),
    order("ann@x.de", "2", "2026-01-02", "7", "c"),
    order("bob@x.de", "1", "2026-01-01T10:00:00", "3"),
]


def timeline(ws: cdpkit.Workspace, kind: str = "order") -> dict[tuple[str, str], dict[str, Any]]:
    """By profile and id what events of a type hold."""
    own = ws.events.filter(pl.col("type") == kind)
    events = ws.profiles.select("profile_id", "email").join(own, on="profile_id").collect()
    return {
        (mail, called): json.loads(held) for mail, called, held in events.select("email", "id", "properties").rows()
    }


def test_f103_events_come_with_the_profiles(ws: cdpkit.Workspace) -> None:
    """One load fills properties and time lines, creates who is missing, and counts both; once, whatever comes again."""
    run = ws.load(ROWS, MAIL, [{"from": "plan"}], events=[ORDERS], goal="shop")
    assert (run.counters["created"], run.counters["events"]) == (2, {"added": 3, "changed": 0, "unchanged": 0})
    assert "3  timeline events added" in run.report()
    assert set(timeline(ws)) == {("ann@x.de", "1"), ("ann@x.de", "2"), ("bob@x.de", "1")}
    assert ws.profile(email="ann@x.de").events["id"].to_list() == ["2", "1"]
    assert_adds_up(run)
    again = ws.load(ROWS, MAIL, [{"from": "plan"}], events=[ORDERS], goal="shop")
    assert again.counters["excluded"] == {"not_changed": 3}
    other = ws.load(ROWS, MAIL, [{"from": "plan"}], events=[ORDERS])
    assert (other.counters["unchanged"], other.counters["events"]["unchanged"]) == (3, 3)
    assert "events" not in ws.load(ROWS, MAIL, [{"from": "plan"}]).report()


def test_f104_there_is_a_type_for_orders(ws: cdpkit.Workspace) -> None:
    """Every workspace has it; it can be neither changed nor removed."""
    assert list(ws.event_types) == ["order"]
    assert "products.sku" in ws.event_types.frame()["property"].to_list()
    for act in (lambda: ws.event_types.remove("order"), lambda: ws.event_types.change("order", {"total": "text"})):
        with pytest.raises(ConfigurationError, match="event type 'order' is built in"):
            act()


def test_f105_a_type_comes_from_an_xml_file(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Its properties are typed, its identifier is the id of events, and it stays in the settings with its label."""
    (tmp_path / "visit.xml").write_bytes(VISIT)
    kind = ws.event_types.add_xml(tmp_path / "visit.xml")
    assert (kind.name, kind.label, kind.identifier) == ("visit", "Visit", "visit_id")
    assert ws.event_types.add_xml(VISIT) == cdpkit.open(ws.path).event_types["visit"] == kind
    rows = [{"mail": "ann@x.de", "visit": "v1", "at": "2026-01-01", "s": "30", "what": "click", "on": "2026-01-01"}]
    pairs = {"visit": "visit_id", "s": "seconds", "what": "hits.what", "on": "hits.on"}
    mappings = [{"from": field, "to": prop} for field, prop in pairs.items()]
    ws.load(rows, MAIL, events=[{"type": "visit", "time": "at", "mappings": mappings}]).raise_for_state()
    read = ws.events.of_type("visit").select("id", "seconds", "hits").collect()
    assert read["hits"].to_list() == [[{"what": "click", "on": ws.events.select("time").collect()["time"][0].date()}]]
    assert read.select("id", "seconds").row(0) == ("v1", 30)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + VISIT[39:], "has a document type or entities, which are not read"),
        (
            b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><plugin><id>&c;</id></plugin>',
            "has a document type or entities",
        ),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><plugin><id>&b;</id></plugin>', "has a document type"),
        (b'<!DOCTYPE plugin SYSTEM "http://127.0.0.1:9/evil.dtd"><plugin/>', "has a document type"),
        (b"<plugin><id>visit</id>", "is no XML in line 1"),
        (b"<plugin><id>visit</id><type>other</type></plugin>", "describes no type of timeline events"),
        (VISIT.replace(b"visit</id>", b"a visit</id>"), "the name of a type of events has letters"),
        (VISIT.replace(b'type="date"', b'type="dates"'), "no property type 'dates'"),
        (VISIT.replace(b'multiple="true"', b'multiple="often"'), "multiple is neither true nor false"),
        (VISIT.replace(b'id="page"', b'id="seconds"'), "has 'seconds' twice"),
        (b"<plugin>" + b" " * 2**20 + b"</plugin>", "bytes; a type of events has 1,048,576 at most"),
        (
            VISIT.replace(
                b'id="what" type="text"/>', b'id="what"><property id="x"><property id="y"/></property></property>'
            ),
            "properties in properties in properties",
        ),
    ],
)
def test_f105_what_is_no_type_or_an_attack_is_refused(ws: cdpkit.Workspace, content: bytes, said: str) -> None:
    """Bombs of entities, references to files and servers, and what does not fit; nothing is added."""
    with pytest.raises((ConfigurationError, UnknownNameError), match=said):
        ws.event_types.add_xml(content)
    assert list(ws.event_types) == ["order"]
    with pytest.raises(SourceError, match="cannot be read"):
        ws.event_types.add_xml("missing.xml")


def test_f106_details_are_mapped_to_properties_of_the_event(ws: cdpkit.Workspace) -> None:
    """Each is read into its type; one that does not fit is rejected alone and listed, the event stays."""
    run = ws.load([order("ann@x.de", "1", "2026-01-01", "much", "a")], MAIL, events=[ORDERS])
    assert run.rejected.select("field", "property", "value", "reason").rows() == [
        ("amount", "order.total", "much", "not_a_decimal_number")
    ]
    assert timeline(ws)["ann@x.de", "1"] == {"products": [{"sku": "a", "price": 1.5}]}
    assert run.state == "succeeded_with_warnings"


def test_f107_an_event_without_its_time_is_rejected_alone(ws: cdpkit.Workspace) -> None:
    """Its row says so where nothing else of it was taken; times without a zone are those of the workspace."""
    rows = [*ROWS, order("ann@x.de", "3", None, "4"), order("ann@x.de", "4", "soon", "4")]
    run = ws.load(rows, MAIL, events=[ORDERS], goal="shop")
    assert run.counters["rejected"] == {"event_without_time": 1, "not_a_date_and_time": 1}
    assert run.counters["excluded"] == {"all_rejected": 2}
    assert set(timeline(ws)) == {("ann@x.de", "1"), ("ann@x.de", "2"), ("bob@x.de", "1")}
    assert_adds_up(run)


def test_f108_the_id_says_which_event_it_is(ws: cdpkit.Workspace) -> None:
    """The same profile, type, id and time is the same event, and takes its place; without an id, what it holds is."""
    ws.load(ROWS, MAIL, events=[ORDERS])
    run = ws.load([order("ann@x.de", "1", "2026-01-01T10:00:00", "99")], MAIL, events=[ORDERS])
    assert run.counters["events"] == {"added": 0, "changed": 1, "unchanged": 0}
    assert timeline(ws)["ann@x.de", "1"] == {"total": 99.0}
    bare = [order("bob@x.de", None, "2026-01-01", amount) for amount in ("1", "2", "1")]
    for counted in ({"added": 2, "changed": 0, "unchanged": 0}, {"added": 0, "changed": 0, "unchanged": 2}):
        assert ws.load(bare, MAIL, events=[ORDERS]).counters["events"] == counted
    assert len(timeline(ws)) == 5


def test_f109_nested_properties_come_from_lists_and_from_rows(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Objects in lists of JSON and Parquet; and rows with the same id, which are one event."""
    flat = [
        {"mail": "ann@x.de", "number": "9", "at": "2026-01-01", "sku": sku, "price": price}
        for sku, price in (("a", "1"), ("b", ""), ("c", "2.5"))
    ]
    pairs = {"number": "order_id", "sku": "products.sku", "price": "products.price"}
    mapping = {"type": "order", "time": "at", "mappings": [{"from": f, "to": t} for f, t in pairs.items()]}
    pl.DataFrame(flat[:2]).write_csv(tmp_path / "two.csv")
    ws.load(tmp_path / "two.csv", MAIL, events=[mapping], goal="lines")
    run = ws.load(flat, MAIL, events=[mapping], goal="lines")
    assert (run.counters["excluded"], run.counters["events"]["changed"]) == ({"not_changed": 2}, 1)
    assert timeline(ws)["ann@x.de", "9"]["products"] == [
        {"sku": "a", "price": 1.0},
        {"sku": "b"},
        {"sku": "c", "price": 2.5},
    ]
    (tmp_path / "orders.ndjson").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    pl.DataFrame(ROWS).write_parquet(tmp_path / "orders.parquet")
    for nth, name in enumerate(("orders.ndjson", "orders.parquet")):
        assert ws.load(tmp_path / name, MAIL, events=[ORDERS]).counters["events"]["unchanged"] == 3 * nth
    assert timeline(ws)["ann@x.de", "1"]["products"] == [{"sku": "a", "price": 1.5}, {"sku": "b", "price": 1.5}]


def test_f110_all_properties_of_a_type_are_mapped_at_once(ws: cdpkit.Workspace) -> None:
    """To the fields that are called like them, those inside lists among them; what is called otherwise stays out."""
    row = {"mail": "ann@x.de", "at": "2026-01-01", "orderId": "7", "Total": "5", "items": [{"SKU": "a", "x": "1"}]}
    preview = ws.preview_load([row], MAIL, events=[{"type": "order", "time": "at", "mappings": "*"}])
    assert json.loads(preview.events["properties"][0]) == {"order_id": "7", "total": 5.0, "products": [{"sku": "a"}]}


def test_f111_one_goal_takes_several_types(ws: cdpkit.Workspace) -> None:
    """Each row may be an event of each of them."""
    ws.event_types.add("call", {"minutes": "number"})
    rows = [{**ROWS[0], "called": "2026-03-01", "minutes": "4"}, {**ROWS[1], "called": None, "minutes": None}]
    call = {"type": "call", "time": "called", "mappings": [{"from": "minutes"}]}
    run = ws.load(rows, MAIL, events=[ORDERS, call])
    assert run.counters["events"]["added"] == 3
    assert list(timeline(ws, "call").values()) == [{"minutes": 4}]
    assert ws.sql("select type, count(*) from events group by type order by type").fetchall() == [
        ("call", 1),
        ("order", 2),
    ]


def test_f201_types_of_events_are_a_catalogue(ws: cdpkit.Workspace) -> None:
    """Added, changed, removed and shown as properties and segments are; events outlive their type."""
    ws.event_types.add("call", {"minutes": "number"}, label="Phone call")
    ws.load([{"mail": "ann@x.de", "at": "2026-01-01"}], MAIL, events=[{"type": "call", "time": "at"}])
    ws.event_types.change("call", {"minutes": "number", "by": "text"})
    assert ws.event_types.define("call", {"by": "text"}, "Call").label == "Call"
    with pytest.raises(ConfigurationError, match="there is an event type 'call' already"):
        ws.event_types.add("call", {"minutes": "text"})
    with pytest.raises(ConfigurationError, match="there is an event type 'Call' already"):
        ws.event_types.add("Call")
    ws.event_types.remove("call")
    assert ws.event_types.frame()["type"].unique().to_list() == ["order"]
    assert ws.events.collect()["type"].to_list() == ["call"]
    with pytest.raises(UnknownNameError, match="no event type 'call'; there are: order"):
        ws.event_types["call"]


def test_what_does_not_fit_is_named_before_anything_is_stored(ws: cdpkit.Workspace) -> None:
    """Types, properties and fields that do not exist, with those that do."""
    wrong: list[dict[str, Any]] = [
        {"type": "ordr", "time": "at"},
        {"type": "order", "time": "when", "mappings": [{"from": "amount", "to": "totl"}]},
    ]
    with pytest.raises(ConfigurationError) as raised:
        ws.load(ROWS, MAIL, events=wrong)
    for said in ("no event type 'ordr'; there are: order", "no field 'when'; there are:", "no property of event type"):
        assert said in str(raised.value)
    with pytest.raises(ConfigurationError, match="events are a list such as"):
        ws.load(ROWS, MAIL, events=[{"type": "order"}])
    assert ws.events.collect().is_empty()


def test_a_preview_shows_events_and_stores_none(ws: cdpkit.Workspace) -> None:
    """By their rows, those that are new and those that change; the run of it stores just these."""
    ws.load(ROWS[:1], MAIL, events=[ORDERS])
    changed = [{**ROWS[0], "amount": "1"}, *ROWS[1:]]
    preview = ws.preview_load(changed, MAIL, events=[ORDERS])
    assert preview.events.select("source_row", "id", "fate").rows() == [
        (0, "1", "changed"),
        (1, "2", "added"),
        (2, "1", "added"),
    ]
    assert preview.events["profile_id"].null_count() == 1
    assert ws.events.collect().height == 1
    assert ws.load(preview=preview).counters["events"] == preview.counters["events"]
    assert ws.events.collect().height == 3


def test_undo_takes_events_back_and_time_travel_sees_them(ws: cdpkit.Workspace) -> None:
    """What was overwritten returns, what others changed since stays and is listed, also a profile with their events."""
    first = ws.load(ROWS, MAIL, events=[ORDERS])
    second = ws.load([{**ROWS[0], "amount": "1"}], MAIL, events=[ORDERS])
    assert timeline(ws)["ann@x.de", "1"]["total"] == 1.0
    assert ws.undo(second).counters["events_taken_back"] == 1
    assert timeline(ws)["ann@x.de", "1"]["total"] == 12.5
    ws.load([{**ROWS[2], "amount": "8"}, order("bob@x.de", "5", "2026-02-01", "3")], MAIL, events=[ORDERS])
    undone = ws.undo(first)
    assert undone.conflicts["property"].to_list() == [None, None, "order"]
    assert timeline(ws) == {("bob@x.de", "1"): {"total": 8.0}, ("bob@x.de", "5"): {"total": 3.0}}
    for view, totals in ((ws.at(first), {12.5, 7.0, 3.0}), (ws.at(second), {1.0, 7.0, 3.0})):
        assert set(view.events.of_type("order").collect()["total"]) == totals
        assert view.sql("select count(*) from events").fetchall() == [(3,)]


def test_compaction_puts_former_events_apart_and_undo_still_brings_them_back(ws: cdpkit.Workspace) -> None:
    """As of profiles, what was there at a commit is seen afterwards too; what is there is read from fewer lines."""

    def amounts(of: Any) -> list[float]:
        return [json.loads(held)["total"] for held in of.events.collect()["properties"]]

    runs = [ws.load([order("ann@x.de", "1", "2026-01-05", n)], MAIL, events=[ORDERS]) for n in (1, 2, 3)]
    ws.compact()
    lines = ws._home.tables.scan(EVENTS, where=HERE).collect()
    assert (lines.height, ws._home.tables.scan(EVENTS, where=GONE).collect().height) == (1, 0)
    assert [amounts(ws.at(run.id)) for run in runs] == [[1], [2], [3]]
    assert amounts(ws) == [3]
    ws.undo(runs[2].id)
    assert amounts(ws) == [2]
    ws.compact()
    assert [amounts(ws.at(run.id)) for run in runs] == [[1], [2], [3]]
    assert "order" in ws.undo(runs[0].id).conflicts["property"].to_list()
    ws.undo(runs[1].id)
    assert amounts(ws) == [1]


def test_files_of_events_are_put_together_although_no_profile_changes(
    ws: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night of events alone leaves no patches, but files; a workspace of many nights still has few."""
    monkeypatch.setattr("cdpkit.store.small_files.MOST_FILES", 1)
    for number in range(4):
        ws.load([order("ann@x.de", str(number), "2026-01-05", 1)], MAIL, events=[ORDERS])
    assert len(ws._home.tables.open(EVENTS).files()) < 4
    assert ws.events.collect().height == 4
