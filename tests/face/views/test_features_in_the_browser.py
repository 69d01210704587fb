"""The form side of documented features of which only the browser knows: what is searched, folded and led to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.face.alone import alone
from tests.face.vendor import Office, office


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def test_f3_f4_vendors_and_connections_are_searched_for(at: Office, chromium: Browser) -> None:
    """By name or by what they do; where none is missing, nobody is asked whether those are to be shown too."""
    with alone(chromium, at.ws) as one:
        one.page.get_by_role("button", name="Add connection").click()
        cards = one.page.locator(".cdp-cards .cdp-card")
        expect(cards).to_have_count(len(at.ws.gallery))
        one.page.get_by_label("Search the vendors").fill("paid")
        expect(cards).to_have_count(1)
        expect(cards).to_contain_text("Acxiom")
        one.page.get_by_label("Search the vendors").fill("nothing of this name")
        expect(one.page.get_by_text("No vendor of this name.")).to_be_visible()
        one.page.get_by_label("Search the connections").fill("iterable")
        expect(one.page.get_by_role("rowheader", name="news")).to_be_visible()


SHIPMENT = b"""<plugin><id>shipment</id><type>timelineeventtype</type><name><label>Shipment</label></name>
<properties><property id="carrier" type="text"/></properties></plugin>"""


def test_f103_to_f111_events_are_mapped_by_clicking(at: Office, chromium: Browser) -> None:
    """A type with its time and properties, which keys put in order, and a further one from the XML of a plug-in."""
    with alone(chromium, at.conn) as one:
        page = one.page
        page.locator(".cdp-tab .cdp-nav-item").first.click()
        page.get_by_role("button", name="Import timeline events").click()
        page.get_by_role("combobox", name="Date and time of event type 1").fill("signupDate")
        page.keyboard.press("Enter")
        for number, (field, target) in enumerate({"points": "total", "tier": "coupon"}.items(), 1):
            page.get_by_role("group", name="Properties of event type 1").get_by_text("Add mapping").click()
            page.get_by_role("combobox", name=f"Field of mapping {number} of event type 1").fill(field)
            page.keyboard.press("Enter")
            page.get_by_role("combobox", name=f"Property of mapping {number} of event type 1").fill(target)
            page.get_by_role("option", name=target).first.click()
        page.get_by_label("Type from a plug-in").set_input_files(
            {"name": "shipment.xml", "mimeType": "text/xml", "buffer": SHIPMENT}
        )
        expect(page.get_by_role("combobox", name="Type of event type 1").locator("option")).to_have_count(2)
        page.get_by_role("button", name="Add a timeline event type").click()
        second = page.get_by_role("combobox", name="Type of event type 2")
        expect(second).to_have_value("shipment")
        page.get_by_role("combobox", name="Field of mapping 2 of event type 1").focus()
        page.keyboard.press("Alt+ArrowUp")
        expect(page.get_by_role("combobox", name="Field of mapping 1 of event type 1")).to_have_value("tier")
        expect(second).to_have_value("shipment")
        page.get_by_role("button", name="Remove event type 2").click()
        expect(second).to_have_count(0)
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("button", name="Saved", exact=True).wait_for()
    assert at.conn.goals["Subscribers"].given()["events"] == [
        {
            "type": "order",
            "time": "signupDate",
            "mappings": [{"from": "tier", "to": "coupon"}, {"from": "points", "to": "total"}],
        }
    ]


def test_f8_f19_f23_f31_f59_f195_parts_of_a_form_lead_to_each_other(at: Office, chromium: Browser) -> None:
    """What is folded opens, the notice stands where objectives are chosen, and the last step leads to the run."""
    at.ws.objectives.add("ads")
    with alone(chromium, at.conn) as one:
        page = one.page
        expect(page.get_by_label("Description")).to_be_hidden()
        page.get_by_text("Labels and description").click()
        expect(page.get_by_label("Description")).to_be_visible()
        expect(page.get_by_text("goes to Iterable, a third party")).to_be_visible()
        page.get_by_label("Objectives").select_option("ads")
        expect(page.get_by_role("button", name="Take ads away from objectives")).to_be_visible()
        page.get_by_role("button", name="Add goal").click()
        page.get_by_role("button", name="Export data to Iterable").click()
        expect(page.get_by_text("kind by kind: import profiles, then export profiles")).to_be_visible()
        expect(page.get_by_role("heading", name="Step 6: Run the connection")).to_be_visible()
        page.get_by_role("button", name="Go to set up and run").click()
        expect(page.get_by_role("heading", name="Data exchange")).to_be_visible()
