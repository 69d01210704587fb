"""The features of the connection to ActiveCampaign that a script or a notebook uses, by their numbers."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import cdpkit
from cdpkit.errors import ConfigurationError
from tests.vendors.activecampaign_at import ACTIVE, UNSUBSCRIBED, VENDOR, Shop, shop
from tests.vendors.desk import Desk
from tests.vendors.stage import load


class Place(Desk):
    """A workspace with a connection to an account that only this test sees."""

    incoming: Mapping[str, Any] = {
        "source": {"all": True},
        "identifiers": {"email": "email"},
        "mappings": [{"from": "firstName", "to": "first"}],
    }
    outgoing: Mapping[str, Any] = {
        "target": {},
        "identifiers": {"email": "email"},
        "mappings": [{"value": "text", "text": "cdpkit", "to": "Note"}],
    }

    def __init__(self, one: Shop) -> None:
        self.shop = one
        super().__init__(one.stage)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with shop(tmp_path) as one:
        yield Place(one)


def test_f61_f62_f63_all_contacts_or_those_of_lists_that_are_picked(place: Place) -> None:
    """The lists stand in a table to pick from; a goal names them by name or id, or takes everybody."""
    assert place.conn.lists["name"].to_list() == ["Newsletter", "VIP", "Café & thé ☕", "Empty"]
    place.shop.add("a@example.com", ACTIVE, "VIP", firstName="Ann")
    place.shop.add("b@example.com", ACTIVE, "Newsletter", firstName="Bob")
    place.shop.add("c@example.com", firstName="Cas")
    assert place.importing(source={"lists": ["VIP"]})["created"] == 1
    assert place.importing(source={"lists": ["VIP", "3"]})["created"] == 1
    assert place.importing()["created"] == 1


def test_f68_f69_f70_the_names_of_all_lists_are_saved_in_a_property_made_for_it(place: Place) -> None:
    """Of every list on which somebody is active; the property need not be there before."""
    number = place.shop.add("a@example.com", ACTIVE, "VIP")
    place.shop.state(number, "Newsletter", ACTIVE)
    place.shop.state(number, "Empty", UNSUBSCRIBED)
    place.importing(source={"lists": ["VIP"]}, save_lists_to="on_lists")
    assert sorted(place.profiles()["a@example.com"]["on_lists"]) == ["Newsletter", "VIP"]


@pytest.mark.parametrize("by", ["email", "id", "phone", "Customer number"])
def test_f71_contacts_are_linked_by_address_id_telephone_or_a_custom_field(place: Place, by: str) -> None:
    """Any of them may hold what a profile is known by."""
    number = place.shop.add(
        "a@example.com", phone="+3120", firstName="Ann", fieldValues=[{"field": "10", "value": "N-1"}]
    )
    known = {"email": "a@example.com", "id": number, "phone": "+3120", "Customer number": "N-1"}[by]
    place.ws.properties.add("known", identifier=True)
    load(place.ws, {"customer": "a", "known": known})
    counters = place.importing(identifiers={by: "known"}, create_profiles=False)
    assert (counters["updated"], counters["created"]) == (1, 0)


def test_f72_f73_f74_f75_several_identifiers_match_together_and_strangers_wait(place: Place) -> None:
    """Who lacks an identifier, or is nobody's profile where none may be created, is counted by reason."""
    place.shop.add("a@example.com", fieldValues=[{"field": "10", "value": "N-1"}])
    place.shop.add("b@example.com", fieldValues=[{"field": "10", "value": "N-2"}])
    place.shop.add("c@example.com")
    place.ws.properties.add("number", identifier=True)
    load(place.ws, {"customer": "a", "email": "a@example.com", "number": "N-1"})
    both = {"email": "email", "Customer number": "number"}
    counters = place.importing(identifiers=both, create_profiles=False)
    assert counters["excluded"] == {"no_match": 1, "missing_identifier": 1}
    assert place.importing(identifiers={"email": "email"})["created"] == 2


def test_f77_f78_f79_f80_processors_change_rows_before_they_are_matched(place: Place) -> None:
    """In their order, as for every vendor."""
    place.shop.add("a@example.com", firstName=" ann ")
    place.shop.add("b@example.com", firstName="drop me")
    steps = [
        {"processor": "filter", "expression": "firstName <> 'drop me'"},
        {"processor": "trim", "fields": ["firstName"]},
    ]
    counters = place.importing(processors=steps)
    assert counters["created"] == 1
    assert place.profiles()["a@example.com"]["first"] == "ann"


def test_f81_to_f95_each_merge_rule_takes_values_of_custom_fields(place: Place) -> None:
    """Set, set if empty, set or clear, add without doubles, sum."""
    for name in ("points", "total"):
        place.ws.properties.add(name, type="number")
    place.ws.properties.add("colours", multi=True)
    rows = [
        {"from": "Points", "to": "points", "rule": "set"},
        {"from": "Points", "to": "total", "rule": "sum"},
        {"from": "Favourites", "to": "colours", "rule": "add"},
        {"from": "Note", "to": "note", "rule": "set_or_clear"},
        {"from": "firstName", "to": "first", "rule": "set_if_empty"},
    ]
    for values in (("5", "||red||", "x", "Ann"), ("7", "||red||blue||", "", "Other")):
        points, colours, note, first = values
        held = [("1", points), ("6", colours), ("9", note)]
        fields = [{"field": number, "value": value} for number, value in held]
        place.shop.add("a@example.com", firstName=first, fieldValues=fields)
        place.importing(mappings=rows)
    found = place.profiles()["a@example.com"]
    assert {name: found[name] for name in ("points", "total", "colours", "note", "first")} == {
        "points": 7,
        "total": 12,
        "colours": ["red", "blue"],
        "note": None,
        "first": "Ann",
    }


def test_f130_f131_the_whole_address_and_a_key_are_all_that_has_to_be_given(tmp_path: Path) -> None:
    """The key is a reference; the help says where both stand."""
    needed = {setting.name: setting.help for setting in VENDOR.settings if setting.required}
    assert [*needed] == ["base_url", "api_key"]
    assert "Settings > Developer" in needed["base_url"]
    ws = cdpkit.create(tmp_path / "workspace")
    (ws.path / "key.txt").write_text("an invented key")
    given = {"base_url": "https://shop.api-us1.com", "api_key": "file:key.txt"}
    conn = ws.connect("activecampaign", settings=given)
    assert conn.settings == given
    with pytest.raises(ConfigurationError, match="reference"):
        ws.connect("activecampaign", name="other", settings=given | {"api_key": "0badcafe"})


def test_f132_f133_a_segment_is_chosen_and_a_preview_says_how_many_go(place: Place) -> None:
    """Available are those with what is needed; fewer may be taken."""
    place.load("a", "b")
    load(place.ws, {"customer": "c", "active": True})
    place.conn.goals.add(
        kind="export_profiles",
        name="Out",
        segment="active",
        target={},
        identifiers={"email": "email"},
        mappings=[{"value": "text", "text": "x", "to": "Note"}],
    )
    assert "3" in place.conn.preview().report()
    counters = place.conn.run().counters
    assert (counters["in_segment"], counters["available"], counters["accepted"]) == (3, 2, 2)


def test_f134_f135_contacts_are_linked_and_made_where_there_is_an_address(place: Place) -> None:
    """Whoever is not found by the one identifier is made with the address, and without one is told."""
    place.ws.properties.add("number", identifier=True)
    place.shop.add("a@example.com", fieldValues=[{"field": "10", "value": "N-1"}])
    load(
        place.ws,
        {"customer": "a", "email": None, "number": "N-1", "active": True},
        {"customer": "b", "email": "b@example.com", "number": "N-2", "active": True},
        {"customer": "c", "email": None, "number": "N-3", "active": True},
    )
    links = {"number": "Customer number", "email": "email"}
    counters = place.exporting(identifiers=links, mappings=[{"from": "customer", "to": "Note"}])
    assert counters["rejected"] == {"no_email_address": 1}
    assert {email: person.get("Note") for email, person in place.shop.people().items()} == {
        "a@example.com": "a",
        "b@example.com": "b",
    }


def test_f136_f137_f138_each_kind_of_value_can_be_sent(place: Place) -> None:
    """Property, identifier, segments where they are shown, viewed interactions, permission level and a text."""
    place.ws.properties.add("colours", multi=True)
    load(
        place.ws,
        {
            "customer": "a",
            "email": "a@example.com",
            "active": True,
            "colours": ["red", "blue"],
            "viewed_interactions": ["Banner", "Pop-up"],
        },
    )
    place.ws._home.settings.edit(lambda document: document.update(expose_segments=True))
    rows = [
        {"from": "colours", "to": "Favourites"},
        {"value": "identifier", "from": "customer", "to": "Customer number"},
        {"value": "segments", "to": "Interests"},
        {"value": "viewed_interactions", "to": "Favourite quote"},
        {"value": "permission_level", "to": "Address"},
        {"value": "text", "text": "cdpkit", "to": "lastName"},
    ]
    place.exporting(mappings=rows)
    found = place.shop.people()["a@example.com"]
    assert {name: found[name] for name in [row["to"] for row in rows]} == {
        "Favourites": "||red||blue||",
        "Customer number": "a",
        "Interests": "||active||",
        "Favourite quote": "Banner|Pop-up",
        "Address": "PERSONAL",
        "lastName": "cdpkit",
    }


def test_f139_f140_f141_lists_are_joined_kept_and_left_as_the_goal_says(place: Place) -> None:
    """By contacts who were there and by new ones; who left comes back with a switch, who leaves the segment goes."""
    place.shop.add("a@example.com")
    place.shop.add("b@example.com", UNSUBSCRIBED)
    place.load("a", "b", "c")
    who = [f"{name}@example.com" for name in "abc"]
    lists = {"lists": ["Empty", "VIP"]}
    assert place.exporting(target=lists)["accepted"] == 3
    assert place.shop.states(*who) == [ACTIVE, UNSUBSCRIBED, ACTIVE]
    assert place.shop.states(*who, name="VIP") == [ACTIVE] * 3
    place.exporting(target={**lists, "resubscribe": True}, name="Back")
    assert place.shop.states(*who) == [ACTIVE] * 3
    load(place.ws, *({"customer": name, "active": False} for name in "ac"))
    place.conn.goals.change("Out", target={**lists, "on_leave": True})
    place.conn.run("Out").raise_for_state()
    assert place.shop.states(*who) == [UNSUBSCRIBED, ACTIVE, UNSUBSCRIBED]
