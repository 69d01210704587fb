"""The form side of documented features of goals, row by row: what is asked for, and what a click does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cdpkit
from tests.face.clicking import BOTH, Clicking, Form, every_vendor
from tests.face.vendor import Office, office


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> cdpkit.Workspace:
    return every_vendor(cdpkit.create(tmp_path_factory.mktemp("features") / "w"))


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


IMPORTS = {
    "activecampaign": {"all": "switch", "lists": "chosen"},
    "campaign_monitor": {"lists": "chosen"},
    "braze": {"segments": "chosen"},
    "iterable": {"all": "switch", "lists": "chosen"},
}
"""What is imported, F61 to F66."""


@pytest.mark.parametrize("vendor", BOTH)
def test_f61_to_f76_an_import_asks_for_its_source_its_lists_and_how_people_match(
    ws: cdpkit.Workspace, vendor: str
) -> None:
    """The rule for lists only where a property holds them; several identifiers, and whether people are created."""
    form = Form(ws, vendor, "import_profiles")
    asked = form.options("source")
    assert {name: asked[name]["kind"] for name in IMPORTS[vendor]} == IMPORTS[vendor]
    name = next(name for name, kind in IMPORTS[vendor].items() if kind == "chosen")
    form("choose", id=form.goal, key="source", option=name, value=["A", "B"])
    assert form.given()["source"][name] == ["A", "B"]
    assert "save_lists_rule" not in form.items
    form("fill", id=form.goal, key="save_lists_to", value="lists")
    assert form.items["save_lists_rule"]["control"] == "choice"
    form("make_property", name=f"{vendor}_lists", type="text", several=True, identifier=False)
    form("fill", id=form.goal, key="save_lists_to", value=f"{vendor}_lists")
    assert form.items["save_lists_to"]["problem"] == ""
    for number in range(2):
        form.row("identifiers", **{"from": f"id{number}", "to": "email"})
    assert len(form.given()["identifiers"]) >= 2
    form("fill", id=form.goal, key="create_profiles", value=False)
    assert form.given()["create_profiles"] is False


def test_f77_to_f80_processors_are_searched_ordered_and_told_their_options(at: Office) -> None:
    """Those that are built in are there, with help; several stand in the order in which they are applied."""
    click = Clicking(at.desk())
    click("open", id=0)
    click("choices", id=0)
    offered = {each["name"]: each for each in click.said[-1]["processors"]}
    assert {"trim", "split"} <= set(offered)
    assert all(each["help"] for each in offered.values())
    for step in ("trim", "split"):
        click("add_row", id=0, key="processors", values={"processor": step})
    last = _item(click, "processors")["rows"]
    click("set_row", id=0, key="processors", row=last[1]["id"], name="fields", value=["favourites"])
    click("move_row", id=0, key="processors", row=last[1]["id"], to=0)
    goal = click.desk.form.goal(0).given()
    assert goal["processors"] == [{"processor": "split", "fields": ["favourites"]}, "trim"]


def _item(click: Clicking, key: str) -> dict[str, Any]:
    steps = click.shown["goal"]["steps"]
    return next(item for step in steps for item in step["items"] if item["key"] == key)


def test_f81_to_f102_rules_and_fields_are_offered_and_rows_go(at: Office) -> None:
    """Every rule; fields and properties to search in; a row is taken away again; mappings may be left out."""
    click = Clicking(at.desk())
    click("open", id=0)
    click("choices", id=0)
    said = click.said[-1]
    assert [rule for rule, _ in said["rules"]] == ["set", "set_if_empty", "set_or_clear", "add", "sum"]
    assert {"email", "points"} <= {field[0] for field in said["fields"]}
    assert "plan" in {prop[0] for prop in said["properties"]}
    for row in click.rows:
        click("remove_row", id=0, key="mappings", row=row["id"])
    assert click.rows == []
    assert click.shown["tabs"][0]["problems"] == 0


EXPORTS = {
    "activecampaign": {"lists", "resubscribe", "on_leave"},
    "campaign_monitor": {"lists", "on_enter", "segments_field"},
    "braze": {"lists", "changed_attributes_only"},
    "iterable": {"lists", "on_leave"},
}
"""F139 to F141, F147 to F151, F174, F181, F182."""


@pytest.mark.parametrize("vendor", BOTH)
def test_f132_f136_f139_to_f141_f147_to_f151_f171_f172_f178_to_f184_an_export_asks_for_it_all(
    ws: cdpkit.Workspace, vendor: str
) -> None:
    """Segment, processors, identifiers, creation, lists and what becomes of those who leave."""
    form = Form(ws, vendor, "export_profiles")
    assert [item for item in form.items if item != "skip_unchanged_payload"] == [
        *("segment", "processors", "identifiers", "create", "mappings", "target")
    ]
    assert set(form.options("target")) >= EXPORTS[vendor]
    form("fill", id=form.goal, key="segment", value="gold")
    form("choose", id=form.goal, key="target", option="lists", value=["A"])
    assert form.given()["target"]["lists"] == ["A"]
    assert form.given()["segment"] == "gold"
    form("fill", id=form.goal, key="create", value=False)
    assert form.given()["create"] is False


def test_f133_a_goal_says_how_many_people_there_are_for_it(at: Office) -> None:
    """Of the segment, and of those who can be sent; the numbers are those of the goal as it is filled in."""
    people = [{"email": f"{n}@example.com", "plan": "gold" if n < 2 else "free"} for n in range(3)]
    at.ws.load(people, {"email": "email"}, [{"from": "plan", "to": "plan"}])
    click = Clicking(at.desk())
    click("add_goal", kind="export_profiles")
    click("fill", id=click.shown["tab"], key="segment", value="gold")
    assert "2 " in click("count", id=click.shown["tab"])["goal"]["available"]


def test_f137_f138_f152_to_f158_f173_f185_to_f188_each_row_of_an_export_says_what_is_sent(at: Office) -> None:
    """A property, identifiers, segments, a text; the field may be typed, and rows are ordered and taken away."""
    at.conn.goals.add(kind="export_profiles", name="Out", segment="gold", identifiers={"email": "email"})
    click = Clicking(at.desk())
    goal = click.shown["tabs"][1]["id"]
    click("open", id=goal)
    click("choices", id=goal)
    values = {each["name"]: each["needs"] for each in click.said[-1]["values"]}
    assert set(values) == {"property", "identifier", "segments", "viewed_interactions", "permission_level", "text"}
    rows: list[dict[str, Any]] = [
        {"from": "plan", "to": "plan"},
        {"value": "segments", "segments": ["gold"], "to": "segments"},
        {"value": "text", "text": "cdpkit", "to": "typed in"},
        {"value": "permission_level", "to": "level"},
    ]
    for row in rows:
        click("add_row", id=goal, key="mappings", values={})
        click("put_row", id=goal, key="mappings", row=click.rows[-1]["id"], values=row)
    click("move_row", id=goal, key="mappings", row=click.rows[3]["id"], to=0)
    click("remove_row", id=goal, key="mappings", row=click.rows[1]["id"])
    assert click.desk.form.goal(goal).given()["mappings"] == [rows[3], rows[1], rows[2]]


def test_f114_f120_f175_what_is_paid_for_is_said(ws: cdpkit.Workspace) -> None:
    """Where people are asked about, nobody is sent; where values are billed, it stands above them."""
    acxiom = Form(ws, "acxiom", "enrich_profiles")
    assert "asked about" in acxiom.items["segment"]["help"]
    assert "sent" not in acxiom.items["segment"]["help"]
    assert "data points" in Form(ws, "braze", "export_profiles").items["mappings"]["help"]
    assert Form(ws, "iterable", "export_profiles").items["mappings"]["help"] == ""


def test_f196_f197_segments_and_properties_are_made_and_searched_where_they_are_needed(at: Office) -> None:
    """A property that is made while a mapping is filled in is there for all goals."""
    click = Clicking(at.desk())
    click("open", id=0)
    click("make_property", name="shoe", type="number", several=False, identifier=False)
    click("choices", id=0)
    assert ["shoe", "number", False] in click.said[-1]["properties"]
    assert click.said[-1]["segments"] == ["gold"]


SHIPMENT = """<plugin><id>shipment</id><type>timelineeventtype</type><name><label>Shipment</label></name>
<properties><property id="carrier" type="text"/></properties></plugin>"""


def test_f103_to_f109_f111_events_are_imported_type_by_type_with_what_fills_their_properties(at: Office) -> None:
    """Left out by default; time, id and nested properties, problems beside their controls, and a type of one's own."""
    click = Clicking(at.desk())
    click("open", id=0)
    assert "events" not in click.desk.form.goal(0).given()
    click("add_row", id=0, key="events", values={})
    (event,) = _item(click, "events")["rows"]
    assert (event["values"], event.get("problems")) == ({"type": "order"}, None)
    for name, value in {"time": "signupDate", "id": "it_id", "field": "kind", "is": "order"}.items():
        click("set_row", id=0, key="events", row=event["id"], name=name, value=value)
    key = event["pairs"]["key"]
    for number, (field, target) in enumerate({"points": "total", "it_sku": "products.sku"}.items()):
        click("add_row", id=0, key=key, values={})
        for name, value in {"from": field, "to": target}.items():
            click("set_row", id=0, key=key, row=number, name=name, value=value)
    (event,) = _item(click, "events")["rows"]
    assert "it_id" in event["problems"]["id"]
    assert [set(row.get("problems", ())) for row in event["pairs"]["rows"]] == [set(), {"from"}]
    click("add_event_type", xml=SHIPMENT)
    assert click.shown["failed"] == ""
    click("choices", id=0)
    offered = {each["name"]: dict(each["properties"]) for each in click.said[-1]["events"]}
    assert offered["order"]["products.sku"] == "text, several"
    assert list(offered) == ["order", "shipment"]
    click("add_row", id=0, key="events", values={})
    assert [row["values"]["type"] for row in _item(click, "events")["rows"]] == ["order", "shipment"]
    click("remove_row", id=0, key="events", row=_item(click, "events")["rows"][1]["id"])
    assert click.desk.form.goal(0).given()["events"] == [
        {
            "type": "order",
            "time": "signupDate",
            "id": "it_id",
            "where": {"kind": "order"},
            "mappings": [{"from": "points", "to": "total"}, {"from": "it_sku", "to": "products.sku"}],
        }
    ]


def test_f106_f110_all_event_properties_are_mapped_in_one_go_and_stored(at: Office) -> None:
    """A goal of events alone; what is stored is what was filled in, and its code says the same."""
    click = Clicking(at.desk())
    click("add_goal", kind="import_events")
    goal = click.shown["tab"]
    assert "is missing" in _item(click, "events")["problem"]
    click("choose", id=goal, key="source", option="purchases", value=True)
    click("add_row", id=goal, key="identifiers", values={"from": "email", "to": "email"})
    click("add_row", id=goal, key="events", values={})
    click("set_row", id=goal, key="events", row=0, name="time", value="createdAt")
    click("add_row", id=goal, key="events 0", values={"from": "*", "to": "*"})
    click("choices", id=goal)
    assert "createdAt" in {name for name, _ in click.said[-1]["fields"]}
    assert click.shown["tabs"][1]["problems"] == 0
    click("save")
    assert (click.shown["failed"], click.shown["unsaved"]) == ("", [])
    stored = list(at.conn.goals.values())[1].given()
    assert stored["events"] == [{"type": "order", "time": "createdAt", "mappings": [{"from": "*", "to": "*"}]}]
    click("code")
    assert repr(stored["events"][0]) in click.said[-1]["text"]
    assert at.conn.run("Import events").state == "succeeded"


def test_f189_to_f191_events_are_exported_of_all_types_or_some_and_of_a_period(ws: cdpkit.Workspace) -> None:
    """All of them and of all time, where nothing is chosen; bounds that are no dates are told beside them."""
    form = Form(ws, "iterable", "export_events")
    assert (form.items["types"]["value"], form.items["since"]["control"]) == ([], "period")
    assert form.items["since"]["value"] == {"since": None, "until": None, "last_days": None}
    assert "types" not in form.given()
    form("fill", id=form.goal, key="types", value=["order"])
    form("fill", id=form.goal, key="since", value="yesterday")
    assert "is no date or time" in form.items["since"]["problem"]
    form("fill", id=form.goal, key="since", value="2026-01-01")
    form("fill", id=form.goal, key="last_days", value=7)
    assert "last_days beside since" in str(form.shown["goal"])
    form("fill", id=form.goal, key="since", value=None)
    given = form.given()
    assert (given["types"], given["last_days"], given.get("since")) == (["order"], 7, None)
    form("fill", id=form.goal, key="types", value=["nothing of this name"])
    assert "no event type" in form.items["types"]["problem"]


def test_f60_names_of_segments_are_only_sent_where_they_may_be(at: Office) -> None:
    """It stands beside the row that names them, until somebody lets them be sent."""
    at.conn.goals.add(
        kind="export_profiles",
        name="Out",
        segment="gold",
        identifiers={"email": "email"},
        mappings=[{"value": "segments", "to": "tier"}],
    )
    click = Clicking(at.desk())
    goal = click.shown["tabs"][1]["id"]
    click("open", id=goal)
    assert (click.shown["exposed"], at.ws.segments.exposed) == (False, False)
    assert "expose_segments is off" in click.rows[0]["notice"]
    click("expose_segments", on=True)
    assert (click.shown["exposed"], at.ws.segments.exposed) == (True, True)
    assert "notice" not in click.rows[0]


def test_a_goal_of_groups_asks_for_their_type_and_makes_their_properties(at: Office) -> None:
    """The types are offered; a property that is made beside a mapping is one of the groups."""
    at.ws.properties.add("home")
    at.ws.groups.define("household", link="home")
    at.ws.connect("files", "crm", {"address": "crm"})
    form = Form(at.ws, "crm", "import_groups")
    assert (form.items["group"]["control"], form.items["id"]["control"]) == ("group", "field")
    form("fill", id=form.goal, key="group", value="household")
    form("make_property", name="rooms", type="number", several=False, identifier=False, goal=form.goal)
    form("choices", id=form.goal)
    assert form.said[-1]["groups"] == ["household"]
    assert ["rooms", "number", False] in form.said[-1]["properties"]
    assert "rooms" not in at.ws.properties
