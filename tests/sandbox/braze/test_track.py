"""/users/track of the imitation: who is meant, who is made, what is refused, and what no answer tells of."""

from typing import Any

import pytest

from tests.sandbox.braze.conftest import Begin
from tests.sandbox.braze.workspace import Workspace
from tests.sandbox.conftest import Clock

NOBODY = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
BAD_EMAIL = "The value provided for the 'email' field is not a valid email."
ALIAS = {"alias_name": "c-900", "alias_label": "shop"}
NOW = "2026-01-01T00:00:00Z"


def test_refused_objects_are_named_and_the_others_are_taken(shared: Workspace) -> None:
    """By array and index; one can have several errors, and an array of refused ones alone has no count."""
    reply = shared.track(
        attributes=[{"external_id": "t-1", "points": 1}, {"points": 2}, {"external_id": "t-2", "email": "no address"}],
        events=[{"external_id": "t-1"}],
        purchases=[
            {"external_id": "t-1", "product_id": "p", "currency": "EUR", "price": 1, "time": NOW, "quantity": 101}
        ],
    )
    assert reply.status_code == 201
    assert reply.json() == {
        "message": "success",
        "attributes_processed": 1,
        "errors": [
            {"type": NOBODY, "input_array": "attributes", "index": 1},
            {"type": BAD_EMAIL, "input_array": "attributes", "index": 2},
            {"type": "'name' is required", "input_array": "events", "index": 0},
            {"type": "'time' is not valid", "input_array": "events", "index": 0},
            {"type": "'quantity' is not valid", "input_array": "purchases", "index": 0},
        ],
    }
    assert shared.custom("t-1") == {"points": 1}
    assert shared.user("t-2") == {}


def test_a_call_of_refused_objects_alone_is_refused(shared: Workspace) -> None:
    """With the same list of errors."""
    reply = shared.track(attributes=[{"points": 2}])
    assert reply.status_code == 400
    assert reply.json()["message"].startswith("Valid data must be provided")
    assert reply.json()["errors"] == [{"type": NOBODY, "input_array": "attributes", "index": 0}]
    assert shared.track().status_code == 400


def test_there_are_limits_of_objects_and_of_bytes(begin: Begin) -> None:
    """75 objects over all arrays; 4 MB, which a setting makes smaller here."""
    braze = begin(track_bytes=20_000)
    row, event = {"external_id": "a", "points": 1}, {"external_id": "a", "name": "e", "time": NOW}
    assert braze.track(attributes=[row] * 40, events=[event] * 35).json()["events_processed"] == 35
    assert braze.track(attributes=[row] * 40, events=[event] * 36).status_code == 400
    assert braze.track(attributes=[{**row, "note": "x" * 20_000}]).status_code == 413
    assert braze.api.post("/users/track", content=b"[]", headers={"Content-Type": "text/plain"}).status_code == 415


def test_counts_are_of_users_not_of_objects(shared: Workspace) -> None:
    """Two objects of one user count once; both are carried out in their order."""
    reply = shared.track(attributes=[{"external_id": "twice", "points": 1}, {"external_id": "twice", "points": 2}])
    assert reply.json()["attributes_processed"] == 1
    assert shared.custom("twice") == {"points": 2}


@pytest.mark.parametrize(
    ("who", "made"),
    [
        ({"external_id": "new-1"}, True),
        ({"external_id": "new-2", "_update_existing_only": True}, False),
        ({"email": "new-3@example.com"}, True),
        ({"phone": "+3225550100"}, True),
        ({"email": "new-4@example.com", "_update_existing_only": True}, False),
        ({"user_alias": ALIAS}, False),
        ({"user_alias": ALIAS, "_update_existing_only": False}, True),
        ({"braze_id": "0" * 24, "_update_existing_only": False}, False),
    ],
)
def test_who_is_made(begin: Begin, who: dict[str, Any], made: bool) -> None:
    """An alias only where the flag is off expressly, a vendor's id never; the answer is the same for all."""
    braze = begin(people=0)
    assert braze.track(attributes=[{**who, "points": 1}]).json() == {"message": "success", "attributes_processed": 1}
    assert braze.state()["people"] == made
    assert braze.state()["dropped"] == ({} if made else {"user unknown to an update": 1})


def test_unknown_users_can_be_reported_as_older_documents_have_it(begin: Begin) -> None:
    """Only those that an update alone does not find."""
    braze = begin(report_unknown=True)
    rows = [{"external_id": "nobody", "points": 1, "_update_existing_only": True}, {"external_id": "new", "points": 1}]
    told = braze.track(attributes=rows).json()
    assert told["errors"] == [{"type": "external_id is not an existing user", "input_array": "attributes", "index": 0}]


def test_an_external_id_comes_with_an_address_but_not_with_an_alias(shared: Workspace) -> None:
    """The external id says who is meant; the address is an attribute, in lower case."""
    shared.write(external_id="both", email="Both@Example.com")
    assert shared.user("both")["email"] == "both@example.com"
    reply = shared.track(attributes=[{"external_id": "both", "user_alias": ALIAS}])
    assert reply.status_code == 400


def test_an_address_means_the_identified_user_who_was_updated_last(begin: Begin, clock: Clock) -> None:
    """Not somebody who has no external id, however new."""
    braze = begin(people=0)
    for who in ({"external_id": "a"}, {"external_id": "b"}, {"user_alias": ALIAS, "_update_existing_only": False}):
        clock.now += 1
        braze.track(attributes=[{**who, "email": "ann@example.com"}])
    braze.track(attributes=[{"email": "ann@example.com", "tier": "gold"}])
    assert braze.custom("b") == {"tier": "gold"}
    assert braze.custom("a") == {}
    assert len(braze.export(email_address="ann@example.com")["users"]) == 3


def test_a_phone_keeps_its_form_and_is_found_by_its_digits(shared: Workspace) -> None:
    """With a plus and blanks as it came."""
    shared.write(external_id="phone", phone="+32 2 555 01 23")
    (found,) = shared.export(phone="+3225550123")["users"]
    assert (found["external_id"], found["phone"]) == ("phone", "+32 2 555 01 23")


def test_an_address_can_be_taken_but_not_an_external_id(shared: Workspace) -> None:
    """Nobody is found by it any more."""
    shared.write(external_id="takes", email="takes@example.com")
    shared.write(external_id="takes", email=None)
    assert "email" not in shared.user("takes")
    assert shared.export(email_address="takes@example.com")["users"] == []


def test_events_and_purchases_are_counted(shared: Workspace) -> None:
    """First, last and how often; the future is now. They are the same each time they are sent."""
    event = {"external_id": "buyer", "name": "opened", "time": "2025-03-01T10:00:00Z", "properties": {"a": 1}}
    bought = {"external_id": "buyer", "product_id": "shoe", "currency": "EUR", "price": 9.5, "quantity": 2}
    for _ in range(2):
        reply = shared.track(events=[event], purchases=[{**bought, "time": "2025-03-02T10:00:00Z"}])
        assert reply.json() == {"events_processed": 1, "purchases_processed": 1, "message": "success"}
    shared.track(events=[{**event, "time": "2999-01-01T00:00:00Z"}])
    found = shared.user("buyer", "custom_events", "purchases")
    (opened,) = found["custom_events"]
    assert (opened["first"], opened["count"], opened["last"] < "2999") == ("2025-03-01T10:00:00.000Z", 3, True)
    assert found["purchases"][0]["count"] == 4
    bad = [{**event, "properties": {name: 1}} for name in ("time", "event_name", "$a", "")]
    assert len(shared.track(events=bad).json()["errors"]) == 4


def test_in_maintenance_a_call_is_accepted_and_carried_out(begin: Begin) -> None:
    """With 202; who sends it again increments twice."""
    braze = begin(queued=1)
    reply = braze.track(attributes=[{"external_id": "a", "visits": {"inc": 1}}])
    assert (reply.status_code, reply.json()) == (202, {"message": "queued"})
    assert braze.custom("a") == {"visits": 1}


def test_the_state_of_subscription_is_written_to_all_who_have_the_address(begin: Begin) -> None:
    """Whoever was meant."""
    braze = begin(people=0)
    for who in ("a", "b"):
        braze.write(external_id=who, email="ann@example.com")
    braze.write(external_id="a", email_subscribe="unsubscribed")
    assert braze.user("b", "email_subscribe") == {"email_subscribe": "unsubscribed"}
    braze.write(external_id="a", email_subscribe="Subscribed")
    assert braze.user("a", "email_subscribe") == {"email_subscribe": "unsubscribed"}


def test_data_points_are_billed_for_what_is_written(begin: Begin) -> None:
    """Changed or not: one for an attribute, an array, a null, a key of an object, a value that is added, an event."""
    braze = begin(people=0)
    for given, points in (
        ({"points": 1, "tier": None}, 2),
        ({"points": 1}, 1),
        ({"tags": ["a", "b", "c"]}, 1),
        ({"tags": {"add": ["d", "e"]}}, 2),
        ({"address": {"city": "Ghent", "geo": {"x": 1, "y": 2}}}, 3),
        ({"email_subscribe": "opted_in"}, 0),
        ({"points": "not of its type"}, 0),
    ):
        before = braze.state()["data_points"]
        braze.track(attributes=[{"external_id": "a", **given}])
        assert braze.state()["data_points"] - before == points, given
