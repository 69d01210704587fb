"""Lists at the vendor: who enters the segment is put on them, who leaves is taken off, and nobody else is touched."""

import pytest

from tests.runs.sync.place import LIST, Place, address, goal, pros


def test_leavers_are_withdrawn_and_those_who_come_back_are_sent_again(place: Place) -> None:
    """The list follows the segment in both directions; the people themselves stay at the vendor."""
    place.load(*pros(1, 2, 3))
    place.exporting()
    assert place.conn.run().counters["accepted"] == 3
    assert place.members() == address(1, 2, 3)

    place.load(*pros(1, 2, plan="free"))
    left = place.conn.run()
    assert (left.counters["withdrawn"], left.counters["in_segment"], left.counters["sent"]) == (2, 1, 0)
    assert place.members() == address(3)
    assert set(place.people()) == address(1, 2, 3)
    assert place.conn.run().counters["withdrawn"] == 0

    place.load(*pros(1))
    assert place.conn.run().counters["accepted"] == 1
    assert place.members() == address(1, 3)


def test_whoever_was_on_the_list_before_is_never_withdrawn(place: Place) -> None:
    """Only those whom the goal put on the list are taken off it, by the call that touches that list alone."""
    place.put("pro1@example.com", "other@example.com")
    place.put("pro2@example.com", name="VIP")
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    assert place.members() == {*address(1, 2), "other@example.com"}

    place.load(*pros(1, 2, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == {"pro1@example.com", "other@example.com"}
    assert place.members("VIP") == address(2)
    assert place.http.get("/_sandbox/state").json()["channel_unsubscribed"] == []


def test_somebody_who_came_back_is_still_protected_by_having_been_there_before(place: Place) -> None:
    """The goal remembers through leaving and coming back who was on the list without it."""
    place.put("pro1@example.com")
    place.load(*pros(1))
    place.exporting()
    for plan in ("pro", "free", "pro", "free"):
        place.load(*pros(1, plan=plan))
        assert place.conn.run().counters["withdrawn"] == 0
    assert place.members() == address(1)


def test_one_address_in_two_profiles_is_on_the_list_as_long_as_one_of_them_is_a_member(place: Place) -> None:
    """The address is withdrawn when the last of its profiles has left: one call, and then never again."""
    place.load(*({"customer": name, "email": "both@example.com", "plan": "pro"} for name in "ab"))
    place.exporting()
    first = place.conn.run()
    assert (first.counters["in_segment"], first.counters["accepted"]) == (2, 2)

    place.load({"customer": "a", "plan": "free"})
    assert place.conn.run().counters["withdrawn"] == 0
    assert place.members() == {"both@example.com"}

    place.load({"customer": "b", "plan": "free"})
    assert place.conn.run().counters["withdrawn"] == 2
    assert place.members() == set()
    assert place.conn.run().counters["withdrawn"] == 0
    assert place.calls("POST /api/lists/unsubscribe") == 1


@pytest.mark.parametrize(("enter", "leave"), [(True, False), (False, True), (False, False)])
def test_entering_and_leaving_are_two_options(place: Place, *, enter: bool, leave: bool) -> None:
    """Each can be off: then people are sent and put nowhere, or put on the list and left there."""
    place.load(*pros(1))
    place.exporting(target={"lists": [LIST], "on_enter": enter, "on_leave": leave})
    place.conn.run().raise_for_state()
    assert place.members() == (address(1) if enter else set())
    place.put(*address(1))
    place.load(*pros(1, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 0
    assert place.members() == address(1)
    assert place.people()["pro1@example.com"]["plan"] == "pro"


def test_a_changed_address_is_subscribed_and_the_former_one_withdrawn(place: Place) -> None:
    """Whoever has another address now is on the list under that one alone."""
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    place.load({"customer": "c1", "email": "new@example.com"})
    moved = place.conn.run()
    assert (moved.counters["accepted"], moved.counters["withdrawn"]) == (1, 1)
    assert place.members() == {"new@example.com", "pro2@example.com"}
    assert place.conn.run().counters["withdrawn"] == 0


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("broken", ["/api/lists/unsubscribe", "/api/users/bulkUpdate"])
def test_a_former_address_is_withdrawn_later_when_a_call_failed(place: Place, broken: str) -> None:
    """A run that breaks off between the new address and the former one leaves nobody behind on the list."""
    place.load(*pros(1))
    place.exporting()
    place.conn.run().raise_for_state()
    place.load({"customer": "c1", "email": "new@example.com"})
    place.fault(broken, "500", times=6)
    assert place.conn.run().state == "failed"
    place.conn.run().raise_for_state()
    assert place.members() == {"new@example.com"}


@pytest.mark.usefixtures("hurried")
def test_leavers_of_a_failed_run_are_withdrawn_by_the_next_one(place: Place) -> None:
    """Nobody is forgotten on the list because the vendor was down when they left."""
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    place.load(*pros(1, plan="free"))
    place.fault("*", "503", times=6, skip=2)
    failed = place.conn.run()
    assert failed.state == "failed"
    assert "POST /api/lists/unsubscribe" in str(failed.goals[0].message)
    assert failed.counters["withdrawn"] == 0
    assert place.members() == address(1, 2)
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == address(2)


def test_leavers_of_a_list_that_is_gone_count_as_withdrawn(place: Place) -> None:
    """Who leaves the segment after their list was taken out of the goal and deleted is withdrawn all the same."""
    place.add_list("Second")
    place.load(*pros(1))
    name = place.exporting(target={"lists": [LIST, "Second"], "on_leave": True})
    place.conn.run().raise_for_state()
    place.conn.goals.change(name, **goal(place, name, target={"lists": [LIST], "on_leave": True}))
    place.drop_list("Second")
    place.load(*pros(1, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 2
    assert place.members() == set()


def test_a_list_that_is_added_to_a_goal_is_filled(place: Place) -> None:
    """Everybody who is a member enters the new list, and leaves both later."""
    place.add_list("Second")
    place.load(*pros(1, 2))
    name = place.exporting()
    place.conn.run().raise_for_state()
    place.conn.goals.change(name, **goal(place, name, target={"lists": [LIST, "Second"], "on_leave": True}))
    assert place.conn.run().counters["accepted"] == 2
    assert place.members("Second") == address(1, 2)
    place.load(*pros(2, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 2
    assert place.members("Second") == place.members() == address(1)


@pytest.mark.usefixtures("hurried")
def test_a_membership_whose_answer_never_came_is_the_goals_own(place: Place) -> None:
    """Whom the goal put on the list in a call that was carried out but not answered is withdrawn when they leave."""
    place.load(*pros(1))
    place.exporting()
    place.fault("/api/lists/subscribe", "timeout_after_accept", times=6, seconds=0.01)
    assert place.conn.run().state == "failed"
    assert place.members() == address(1)
    place.conn.run().raise_for_state()
    place.load(*pros(1, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == set()


@pytest.mark.usefixtures("hurried")
def test_a_new_member_whose_answer_never_came_is_withdrawn_without_another_run(place: Place) -> None:
    """Whoever leaves before the next run is taken off all the same, and whoever was there before is not."""
    place.put("pro2@example.com")
    place.load(*pros(1, 2))
    place.exporting()
    place.fault("/api/lists/subscribe", "timeout_after_accept", times=6, seconds=0.01)
    assert place.conn.run().state == "failed"
    place.load(*pros(1, 2, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == address(2)


@pytest.mark.usefixtures("hurried")
def test_a_membership_that_could_not_be_withdrawn_stays_the_goals_own(place: Place) -> None:
    """Whoever left while the vendor was down, came back and leaves again is withdrawn."""
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    place.load(*pros(1, plan="free"))
    place.fault("/api/lists/unsubscribe", "503", times=6)
    assert place.conn.run().state == "failed"
    place.load(*pros(1))
    assert place.conn.run().counters["accepted"] == 1
    place.load(*pros(1, plan="free"))
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == address(2)


@pytest.mark.usefixtures("hurried")
def test_whoever_left_the_list_by_themselves_is_not_put_back(place: Place) -> None:
    """A changed profile, and one whose sending failed, is sent without entering the list a second time."""
    place.load(*pros(1))
    place.exporting()
    place.conn.run().raise_for_state()
    body = {"listId": place.lists()[LIST], "subscribers": [{"email": "pro1@example.com"}]}
    place.http.post("/api/lists/unsubscribe", json=body).raise_for_status()
    place.load({"customer": "c1", "points": 1})
    place.fault("/api/users/bulkUpdate", "500", times=6)
    assert place.conn.run().state == "failed"
    assert place.conn.run().counters["accepted"] == 1
    assert place.conn.run(full=True).counters["accepted"] == 1
    assert place.members() == set()
