"""The features of the connection to Campaign Monitor that a script or a notebook uses, by their numbers.

F144, F145 and F146, about the login and the client, are in `test_campaign_monitor_login.py`.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.vendors.campaign_monitor_at import (
    ACTIVE,
    DELETED,
    EMAIL,
    UNSUBSCRIBED,
    Office,
    office,
)
from tests.vendors.desk import address
from tests.vendors.stage import load

A, B, C = (address(name) for name in "abc")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as one:
        yield one


def exposed(place: Office) -> None:
    """Let names of segments be sent."""
    file = place.ws.path / "cdpkit.toml"
    file.write_text("expose_segments = true\n" + file.read_text(encoding="utf-8"), encoding="utf-8")


def test_f64_f68_f69_f70_lists_are_picked_and_their_names_are_kept(place: Office) -> None:
    """Somebody on several of them is a row for each, and keeps all their names in a property made for it."""
    place.at.add(A, "VIP", Name="Ann")
    place.at.add(A, "Empty", Name="Ann")
    place.at.add(B, "Empty", Name="Bob")
    counters = place.importing(source={"lists": ["VIP", "Empty"]}, save_lists_to="on_lists")
    assert (counters["received"], counters["created"]) == (3, 2)
    assert sorted(place.profiles()[A]["on_lists"]) == ["Empty", "VIP"]
    assert place.profiles()[B]["on_lists"] == ["Empty"]


def test_f71_f73_f74_f75_people_are_matched_by_address_and_strangers_wait_where_they_are_not_wanted(
    place: Office,
) -> None:
    """One check box a goal, whatever the number of its lists."""
    place.at.add(A, Name="Ann")
    place.at.add(B, Name="Bob")
    load(place.ws, {"customer": "a", "email": A})
    counters = place.importing(create_profiles=False)
    assert (counters["updated"], counters["created"], counters["excluded"]) == (1, 0, {"no_match": 1})


def test_f96_all_fields_of_a_list_are_there_to_be_mapped(place: Office) -> None:
    """Those that everybody has, and its own."""
    names = place.conn.fields["name"].to_list()
    assert {EMAIL, "Name", "State", "ConsentToTrack", "Points", "Favourite quote"} <= set(names)


def test_f147_f149_f150_members_of_a_segment_are_put_on_lists_of_which_one_is_needed(place: Office) -> None:
    """They come onto it when they enter the segment, and go when they leave, where that is asked for."""
    place.load("a", "b")
    load(place.ws, {"customer": "c", "email": C, "active": False})
    counters = place.exporting(target={"lists": ["Empty", "VIP"], "on_leave": True})
    assert (counters["in_segment"], counters["accepted"]) == (2, 2)
    assert place.at.states(A) == place.at.states(B) == {"Empty": ACTIVE, "VIP": ACTIVE}
    place.leave("a")
    assert place.exporting(target={"lists": ["Empty", "VIP"], "on_leave": True})["withdrawn"] == 2
    assert place.at.states(A) == {"Empty": DELETED, "VIP": DELETED}
    place.conn.goals.change("Out", target={})
    (problem,) = place.conn.check()
    assert problem.where == "goal 'Out': target.lists"
    assert "no list is chosen" in problem.what


def test_f148_one_pair_of_property_and_address_serves_both_directions(place: Office) -> None:
    """Nothing else is known of people there, and the check says so."""
    place.load("a")
    place.exporting()
    assert place.importing(identifiers={EMAIL: "email"})["updated"] + len(place.profiles()) == 1
    place.conn.goals.change("Out", identifiers={"customer": "Name"})
    assert any("identifies people by EmailAddress" in problem.what for problem in place.conn.check())


def test_f151_segments_are_written_for_the_targeting_of_campaigns(place: Office) -> None:
    """Each has a segment of its name there, and none is found in another's name; who leaves all is in none."""
    exposed(place)
    place.load("a", "b", "c", note="n")
    place.ws.segments.add("big", "customer in ('a', 'b')")
    place.ws.segments.add("big spenders", "customer = 'a' and note = 'n'")
    goal = {
        "target": {"lists": ["Empty"], "segments_field": "Segments"},
        "mappings": [{"value": "segments", "segments": ["big", "big spenders"], "to": "Segments"}],
    }
    assert place.exporting(**goal)["accepted"] == 3
    assert [place.at.values(each).get("Segments") for each in (A, B, C)] == ["|big|big spenders|", "|big|", None]
    assert _in_segments(place) == {"big": 2, "big spenders": 1}
    load(place.ws, {"customer": "a", "note": "x"})
    place.exporting(**goal)
    assert _in_segments(place) == {"big": 2, "big spenders": 0}
    place.ws.segments.change("big", "customer = 'c'")
    place.exporting(**goal)
    assert [place.at.values(each).get("Segments") for each in (A, B, C)] == [None, None, "|big|"]
    assert _in_segments(place) == {"big": 1, "big spenders": 0}


def test_f151_segments_that_are_being_worked_on_are_tried_again(tmp_path: Path) -> None:
    """And one that is there already stays as it is."""
    with office(tmp_path, segments_busy=2) as place:
        exposed(place)
        place.load("a")
        target = {"lists": ["Empty"], "segments_field": "Segments"}
        rows = [{"value": "segments", "to": "Segments"}]
        place.exporting(target=target, mappings=rows)
        place.load("b")
        place.exporting(target=target, mappings=rows)
        assert _in_segments(place) == {"active": 2}


def test_f60_names_of_segments_stay_here_unless_they_may_be_exposed(place: Office) -> None:
    """The run says so."""
    place.load("a")
    rows = [{"value": "segments", "to": "Favourite quote"}, {"value": "text", "text": "A", "to": "Name"}]
    place.exporting(mappings=rows)
    assert "Favourite quote" not in place.at.values(A)
    assert "names of segments are not sent" in place.conn.run("Out", full=True).report()


def test_f152_f153_f154_f155_f156_f157_values_of_all_types_fill_fields_by_their_names(place: Office) -> None:
    """Several values of one field stand in one text, with bars between them."""
    exposed(place)
    place.ws.segments.add("second", "customer = 'a'")
    place.ws.properties.add("tags", multi=True)
    place.load("a", tags=["x", "y"], viewed_interactions=["Banner", "Pop-up"])
    counters = place.exporting(
        target={"lists": ["Empty"], "create_fields": True},
        mappings=[
            {"value": "identifier", "to": "Profile"},
            {"value": "segments", "to": "In segments"},
            {"value": "viewed_interactions", "to": "Seen"},
            {"from": "tags", "to": "Tags"},
            {"value": "permission_level", "to": "Level"},
        ],
    )
    assert counters["accepted"] == 1
    values = place.at.values(A)
    assert values["Profile"] == place.profiles()[A]["profile_id"]
    assert values["In segments"] == "active|second"
    assert (values["Seen"], values["Tags"], values["Level"]) == ("Banner|Pop-up", "x|y", "PERSONAL")


def test_f158_f160_mappings_come_and_go(place: Office) -> None:
    """What a goal does not map any more stays at the vendor as it is."""
    place.load("a", note="n")
    place.exporting(mappings=[{"from": "note", "to": "Favourite quote"}, {"from": "note", "to": "Moment"}])
    load(place.ws, {"customer": "a", "note": "changed"})
    place.exporting(mappings=[{"from": "note", "to": "Moment"}])
    assert place.at.values(A)["Favourite quote"] == "n"
    assert place.at.values(A)["Moment"] == "changed"


@pytest.mark.parametrize(
    ("rule", "expected"), [("set", "second"), ("set_if_empty", "first"), ("set_or_clear", "second")]
)
def test_f159_fields_come_back_by_a_merge_rule(place: Office, rule: str, expected: str) -> None:
    """The label of a field, a property, and how both are merged."""
    for text in ("first", "second"):
        place.at.push([A], {"Favourite quote": [text]})
        place.importing(mappings=[{"from": "Favourite quote", "to": "quote", "rule": rule}])
    assert place.profiles()[A]["quote"] == expected


def test_f159_numbers_add_up_and_options_join(place: Office) -> None:
    """Sum and add."""
    place.ws.properties.add("clicks", type="number")
    place.ws.properties.add("interests", multi=True)
    rows = [
        {"from": "Clicks", "to": "clicks", "rule": "sum"},
        {"from": "Interests", "to": "interests", "rule": "add"},
    ]
    for clicks, interests in ((5, ["books"]), (7, ["music", "books"])):
        place.at.push([A], {"Clicks": [clicks], "Interests": [interests]})
        place.importing(mappings=rows)
    found = place.profiles()[A]
    assert (found["clicks"], sorted(found["interests"])) == (12, ["books", "music"])


def test_f161_membership_and_what_people_did_with_mails_come_with_them(tmp_path: Path) -> None:
    """State and lists; how often mails were opened and clicked, and when last, of campaigns of the last days."""
    with office(tmp_path, people=120) as place:
        rows = [{"from": name, "to": name.lower()} for name in ("State", "MailsOpened", "MailsClicked", "LastOpened")]
        place.conn.goals.add(
            kind="import_profiles",
            name="In",
            source={"lists": ["Newsletter"]},
            identifiers={EMAIL: "email"},
            mappings=rows,
        )
        (problem,) = place.conn.check()
        assert problem.where == "goal 'In': source.mail_days"
        place.importing(source={"lists": ["Newsletter"], "mail_days": 3000}, mappings=rows, save_lists_to="on")
        listed = place.at.lists["Newsletter"]
        profiles = place.profiles()
        assert {row["state"] for row in profiles.values()} == {ACTIVE}
        for email in sorted(profiles)[:10]:
            told = place.at.api.get(f"/subscribers/{listed}/history.json", params={"email": email}).json()
            events = [action["Event"] for each in told for action in each["Actions"]]
            assert profiles[email]["mailsopened"] == events.count("Open")
            assert profiles[email]["mailsclicked"] == events.count("Click")
            assert (profiles[email]["lastopened"] is None) == ("Open" not in events)
        place.importing(source={"lists": ["Newsletter"], "mail_days": 1}, mappings=rows)
        assert {row["mailsopened"] for row in place.profiles().values()} == {0}


def test_f161_what_people_did_with_mails_to_the_lists_of_a_goal_is_told_event_by_event(tmp_path: Path) -> None:
    """By the client's clock, after a moment; an event is one however often it is read."""
    with office(tmp_path, people=120) as place:
        goal = {"kind": "export_profiles", "name": "Out", "segment": "active", "target": {"lists": ["Newsletter"]}}
        rows = [{"value": "text", "text": "x", "to": "Favourite quote"}]
        place.conn.goals.add(**goal, identifiers={"email": EMAIL}, mappings=rows)
        events = place.conn.touchpoints(date(2020, 1, 1))
        listed = place.at.lists["Newsletter"]
        counted: dict[str, int] = {"opened": 0, "clicked": 0}
        for email, person in place.at.people().items():
            if listed in person["lists"]:
                told = place.at.api.get(f"/subscribers/{listed}/history.json", params={"email": email}).json()
                for action in (action for each in told for action in each["Actions"]):
                    counted["opened" if action["Event"] == "Open" else "clicked"] += 1
        assert dict(events.group_by("type").len().rows()) == counted
        assert events["id"].is_unique().all()
        middle = events["time"][events.height // 2]
        later = place.conn.touchpoints(middle)
        assert_frame_equal(later, events.filter(pl.col("time") > middle))
        assert events["lists"].explode().unique().to_list() == [listed]


def test_f57_f58_only_those_who_consent_go_and_whoever_takes_it_back_leaves(place: Office) -> None:
    """Taking it back counts as leaving the segment, on the goal's lists alone."""
    place.ws.objectives.add("newsletter")
    place.ws.connections.change("conn", objectives=["newsletter"])
    place.load("a", consented_objectives=["newsletter"])
    place.load("b", consented_objectives=[])
    place.at.add(A, "VIP")
    target = {"lists": ["Empty"], "on_leave": True}
    counters = place.exporting(target=target)
    assert (counters["accepted"], counters["skipped"]) == (1, {"no_consent": 1})
    load(place.ws, {"customer": "a", "consented_objectives": None, "refused_objectives": ["newsletter"]})
    assert place.exporting(target=target)["withdrawn"] == 1
    assert place.at.states(A) == {"Empty": DELETED, "VIP": ACTIVE}


def test_whoever_unsubscribed_is_told_and_stays_away_unless_the_goal_says_otherwise(place: Office) -> None:
    """The vendor's word stands beside each of them."""
    place.at.add(A, "VIP", UNSUBSCRIBED)
    place.load("a", "b")
    counters = place.exporting(target={"lists": ["VIP"]})
    assert (counters["accepted"], counters["rejected"]) == (1, {"unsubscribed": 1})
    assert place.exporting(target={"lists": ["VIP"], "resubscribe": True})["accepted"] == 1
    assert place.at.states(A) == {"VIP": ACTIVE}


def _in_segments(place: Office) -> dict[str, int]:
    """How many people the vendor finds in each of its segments of the list."""
    api, listed = place.at.api, place.at.lists["Empty"]
    rows = api.get(f"/lists/{listed}/segments.json").json()
    return {row["Title"]: api.get(f"/segments/{row['SegmentID']}.json").json()["ActiveSubscribers"] for row in rows}
