"""The features of the connection to Iterable that a script or a notebook uses, by their numbers."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit import vendors
from cdpkit.errors import ConfigurationError
from tests.runs.sync.place import LIST, PLAN, Place, address, pros
from tests.runs.sync.place import place as made


def sent(place: Place) -> dict[str, dict[str, Any]]:
    """What a run would send, by address."""
    lines = place.conn.preview().sends.select("email", "body").rows()
    return {email: json.loads(body)["dataFields"] for email, body in lines}


def test_f65_all_subscribers_or_only_those_of_some_lists(place: Place) -> None:
    """`all` imports everybody once; `lists` those on at least one of the lists, with the names of all their lists."""
    place.put("a@example.com", name="VIP", firstName="Ann")
    place.put("a@example.com", "b@example.com", name="Newsletter", firstName="Bob")
    place.put("c@example.com", name="Colleagues", firstName="Cas")
    place.write({"email": "d@example.com", "firstName": "Dan"})
    place.importing(name="All", save_lists_to="on_lists")
    assert place.conn.run("All").counters["created"] == 4
    lists = dict(place.ws.profiles.select("email", "on_lists").collect().rows())
    assert lists["d@example.com"] is None
    assert sorted(lists["a@example.com"]) == ["Newsletter", "VIP"]
    place.importing(name="Some", source={"lists": ["Newsletter", "Colleagues"]}, save_lists_to="some_lists")
    run = place.conn.run("Some")
    assert (run.counters["received"], run.counters["created"]) == (3, 0)
    some = dict(place.ws.profiles.drop_nulls("some_lists").select("email", "some_lists").collect().rows())
    assert {email: set(names) for email, names in some.items()} == {
        "a@example.com": {"Newsletter", "VIP"},
        "b@example.com": {"Newsletter"},
        "c@example.com": {"Colleagues"},
    }


def test_f177_an_api_key_is_all_that_has_to_be_given(tmp_path: Path) -> None:
    """The key is the only setting without default, and it is given as a reference."""
    needed = [setting.name for setting in vendors.get("iterable").settings if setting.required]
    assert needed == ["api_key"]
    ws = cdpkit.create(tmp_path / "workspace")
    (ws.path / "key.txt").write_text("an invented key")
    conn = ws.connect("iterable", settings={"api_key": "file:key.txt"})
    assert (conn.name, conn.settings) == ("iterable", {"api_key": "file:key.txt"})
    with pytest.raises(ConfigurationError, match="reference") as refused:
        ws.connect("iterable", name="other", settings={"api_key": "c0ffee00c0ffee00"})
    assert "c0ffee00" not in str(refused.value)


def test_f178_an_export_sends_a_segment_that_is_found_by_its_name(place: Place) -> None:
    """The segments are listed with their counts; the goal names one of them, and sends its members."""
    place.load(*pros(1, 2), *pros(3, plan="free"))
    place.ws.segments.add("payers", "plan = 'pro'")
    place.ws.segments.add("free riders", "plan = 'free'")
    found = place.ws.segments.frame().filter(pl.col("name").str.contains("free"))
    assert found.select("name", "profiles").rows() == [("free riders", 1)]
    place.exporting(segment="free riders", target={})
    assert set(sent(place)) == address(3)


def test_f179_only_profiles_with_a_value_for_a_selected_property_are_sent(place: Place) -> None:
    """One value is enough; texts, identifiers and segments do not count."""
    place.load(
        {"customer": "a", "email": "a@example.com", "plan": "pro", "points": 1, "shoe": None},
        {"customer": "b", "email": "b@example.com", "plan": "pro", "points": None, "shoe": "41"},
        {"customer": "c", "email": "c@example.com", "plan": "pro", "points": None, "shoe": None},
    )
    place.exporting(
        mappings=[
            {"from": "points", "to": "points"},
            {"from": "shoe", "to": "shoe"},
            {"value": "text", "text": "cdpkit", "to": "source"},
            {"value": "identifier", "from": "customer", "to": "number"},
        ]
    )
    run = place.conn.run()
    assert (run.counters["accepted"], run.counters["skipped"]) == (2, {"no_value": 1})
    assert place.members() == {"a@example.com", "b@example.com"}


def test_f180_processors_change_what_is_sent(place: Place) -> None:
    """Steps work on the fields of the vendor, in order."""
    place.load({"customer": "a", "email": "a@example.com", "plan": "pro", "phone": "0032 (0)9 / 123"})
    place.exporting(
        mappings=[PLAN, {"from": "phone", "to": "phoneHash"}],
        processors=[
            {"processor": "convert_values", "fields": ["plan"], "values": {"pro": "Professional"}},
            {"processor": "hash", "fields": ["phoneHash"]},
        ],
    )
    (fields,) = sent(place).values()
    assert fields["plan"] == "Professional"
    assert len(fields["phoneHash"]) == 64


def test_f181_people_are_added_to_one_or_more_lists(place: Place) -> None:
    """Each of the goal's lists has them afterwards, and no other list."""
    place.load(*pros(1, 2))
    place.exporting(target={"lists": ["VIP", str(place.lists()[LIST])]})
    assert place.conn.preview().sends["lists"].to_list() == [["VIP", LIST]] * 2
    place.conn.run().raise_for_state()
    assert place.members("VIP") == place.members(LIST) == address(1, 2)
    assert place.members("Newsletter") == set()


def test_f182_lists_are_cleaned_up_on_entering_and_leaving(place: Place) -> None:
    """Whoever enters the segment is subscribed, whoever leaves it is unsubscribed; the preview shows both."""
    place.load(*pros(1, 2))
    place.exporting(target={"lists": [LIST], "on_enter": True, "on_leave": True})
    place.conn.run().raise_for_state()
    place.load(*pros(1, plan="free"), *pros(3))
    preview = place.conn.preview()
    assert preview.sends.select("email", "lists").rows() == [("pro3@example.com", [LIST])]
    assert preview.withdraws.select("email", "list").rows() == [("pro1@example.com", LIST)]
    run = place.conn.run(preview=preview)
    assert (run.counters["accepted"], run.counters["withdrawn"]) == (1, 1)
    assert place.members() == address(2, 3)


def test_f183_clean_up_never_deletes_anybody(place: Place) -> None:
    """Whoever is taken off the list keeps their fields, their other lists and their channel."""
    place.put("pro1@example.com", name="Newsletter", firstName="Ann")
    place.load(*pros(1))
    place.exporting(target={"lists": [LIST], "on_leave": True})
    place.conn.run().raise_for_state()
    before = place.people()["pro1@example.com"]
    place.load(*pros(1, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.people()["pro1@example.com"] == before | {"emailListIds": [place.lists()["Newsletter"]]}
    assert place.http.get("/_sandbox/state").json()["channel_unsubscribed"] == []
    assert [call["method"] for call in place.gate.calls.recent() if call["method"] == "DELETE"] == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("email", {"email": "email"}, {"email": "email", "customer": "userId"}),
        ("userID", {"customer": "userId"}, {"email": "email"}),
        ("hybrid", {"email": "email", "customer": "userId"}, {"plan": "email"}),
    ],
)
def test_f184_identifiers_are_linked(tmp_path: Path, kind: str, good: dict[str, str], bad: dict[str, str]) -> None:
    """A property that is an identifier is linked to the vendor's; what the type of project refuses is a problem."""
    with made(tmp_path, project_type=kind) as place:
        place.load(*pros(1))
        place.exporting(name="Bad", identifiers=bad)
        assert place.conn.check() != []
        place.conn.goals.remove("Bad")
        place.exporting(identifiers=good)
        assert place.conn.check() == []
        assert place.conn.run().counters["accepted"] == 1
        (person,) = (json.loads(line) for line in place.http.get("/_sandbox/people").text.splitlines())
        own = {"email": "pro1@example.com", "customer": "c1"}
        assert {name: person[name] for name in good.values()} == {name: own[prop] for prop, name in good.items()}
        assert person["plan"] == "pro"


def test_f185_detected_fields_are_listed_and_mapped_at_once(place: Place) -> None:
    """The fields can be searched with their types, and all those of a kind mapped in one go."""
    place.write({"email": "a@example.com", "shoeSize": 41, "shoeColour": "red"})
    found = place.conn.fields.filter(pl.col("name").str.starts_with("shoe")).sort("name")
    assert found.select("name", "type").rows() == [("shoeColour", "string"), ("shoeSize", "long")]
    rows = [{"from": name, "to": name} for name in found["name"]]
    place.importing(mappings=rows)
    place.conn.run().raise_for_state()
    profile = place.ws.profiles.collect().row(0, named=True)
    assert (profile["shoeColour"], profile["shoeSize"]) == ("red", 41)
    place.ws.segments.add("all", "true")
    place.exporting(segment="all", mappings=rows)
    assert sent(place) == {"a@example.com": {"shoeColour": "red", "shoeSize": 41}}


def test_f186_a_field_that_does_not_exist_yet_can_be_named(place: Place) -> None:
    """The vendor makes it with the type of its first value."""
    place.load({"customer": "a", "email": "a@example.com", "plan": "pro", "points": 3})
    place.exporting(mappings=[{"from": "points", "to": "Loyalty points (new)"}])
    assert place.conn.check() == []
    place.conn.run().raise_for_state()
    assert place.people()["a@example.com"]["Loyalty points (new)"] == 3
    assert ("Loyalty points (new)", "long") in place.conn.fields.select("name", "type").rows()


def test_f187_the_order_of_the_mappings_is_the_order_of_the_fields(place: Place) -> None:
    """Both ways round."""
    place.load({"customer": "a", "email": "a@example.com", "plan": "pro", "points": 3})
    rows = [PLAN, {"from": "points", "to": "points"}, {"value": "text", "text": "x", "to": "source"}]
    place.exporting(mappings=rows)
    assert [list(fields) for fields in sent(place).values()] == [["plan", "points", "source"]]
    place.conn.goals.remove("Pros")
    place.exporting(mappings=rows[::-1])
    assert [list(fields) for fields in sent(place).values()] == [["source", "points", "plan"]]


def test_f188_each_kind_of_value_can_be_sent(place: Place) -> None:
    """Property, identifier, segments (all or some), viewed interactions, permission level, text."""
    place.ws._home.settings.edit(lambda document: document.update(expose_segments=True))
    place.load({"customer": "a", "email": "a@example.com", "plan": "pro", "viewed_interactions": ["Pop-up"]})
    place.ws.segments.add("all", "true")
    place.exporting(
        mappings=[
            {"value": "property", "from": "plan", "to": "plan"},
            {"value": "identifier", "from": "customer", "to": "number"},
            {"value": "segments", "to": "segments"},
            {"value": "segments", "segments": ["pros"], "to": "some", "join": "|"},
            {"value": "viewed_interactions", "to": "seen"},
            {"value": "permission_level", "to": "level"},
            {"value": "text", "text": "cdpkit", "to": "source"},
        ]
    )
    expected = {
        "plan": "pro",
        "number": "a",
        "segments": ["all", "pros"],
        "some": "pros",
        "seen": ["Pop-up"],
        "level": "PERSONAL",
        "source": "cdpkit",
    }
    assert sent(place) == {"a@example.com": expected}
    place.conn.run().raise_for_state()
    person = place.people()["a@example.com"]
    assert {name: person[name] for name in expected} == expected


def test_f194_goals_are_switched_on_and_off(place: Place) -> None:
    """An inactive goal of either kind is kept and not run, unless it is asked for by name."""
    place.write({"email": "a@example.com", "firstName": "Ann"})
    place.load(*pros(1))
    place.importing()
    place.exporting()
    place.conn.goals.activate("Subscribers", active=False)
    assert [goal.name for goal in place.conn.run().goals] == ["Pros"]
    place.conn.goals.activate("Pros", active=False)
    place.conn.goals.activate("Subscribers")
    assert [goal.name for goal in place.conn.run().goals] == ["Subscribers"]
    assert {name: goal.active for name, goal in place.conn.goals.items()} == {"Subscribers": True, "Pros": False}
    assert [goal.name for goal in place.conn.run("Pros").goals] == ["Pros"]
