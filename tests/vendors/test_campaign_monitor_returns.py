"""Campaign Monitor: who comes back to a list from which people were deleted, and by whom they were."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from cdpkit.runs.exports.journal import Journal
from tests.vendors.campaign_monitor_at import ACTIVE, DELETED, UNSUBSCRIBED, Office, office
from tests.vendors.desk import address
from tests.vendors.stage import load

A, B, C = map(address, "abc")
HANDS = ("nothing", "nothing", DELETED, UNSUBSCRIBED, ACTIVE)
"""What is done to people between two runs, other than by the goal."""
ROUNDS, PEOPLE = 5, 60


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as one:
        yield one


@pytest.mark.parametrize("switch", [False, True])
def test_who_was_deleted_by_other_hands_comes_back_with_the_switch_alone(place: Office, switch: bool) -> None:
    """3: before they were ever sent, before they left, or on a list that they had not left."""
    at, lists = place.at, {"lists": ["VIP", "Empty"], "on_leave": True, "resubscribe_deleted": switch}
    place.load("a", "b", "c")
    at.add(A, "Empty", DELETED)
    before = place.exporting(target=lists)
    assert (before["accepted"], at.states(A)) == (3, {"VIP": ACTIVE, "Empty": ACTIVE if switch else DELETED})
    at.state(B, DELETED, "VIP")
    place.leave("a", "b", "c")
    assert place.exporting(target=lists)["withdrawn"] == 6 - (not switch)
    place.load("a", "b", "c")
    assert place.exporting(target=lists)["accepted"] == 3
    assert at.states(A) == {"VIP": ACTIVE, "Empty": ACTIVE if switch else DELETED}
    assert at.states(B) == {"VIP": ACTIVE if switch else DELETED, "Empty": ACTIVE}
    assert at.states(C) == {"VIP": ACTIVE, "Empty": ACTIVE}


def test_a_leaver_of_two_goals_comes_back_by_either(place: Office) -> None:
    """3: also by the one that did not take the person off the list itself."""
    place.load("a", "b")
    for name in ("One", "Two"):
        place.exporting(name=name, target={"lists": ["VIP"], "on_leave": True})
    place.leave("a", "b")
    assert place.exporting(name="One", target={"lists": ["VIP"], "on_leave": True})["withdrawn"] == 2
    place.conn.goals.remove("One")
    place.load("a", "b")
    assert place.exporting(name="Two", target={"lists": ["VIP"], "on_leave": True})["rejected"] == {}
    assert [place.at.states(each)["VIP"] for each in (A, B)] == [ACTIVE, ACTIVE]


def test_a_leaver_whom_a_run_took_off_that_heard_no_answer_comes_back(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3: the run ends between the deletion and its answer; gone on with, it finds the person deleted, by itself."""
    place.load("a")
    place.exporting(target={"lists": ["VIP"], "on_leave": True})
    place.leave("a")

    def ends(_journal: Journal, _batch: int, _outcome: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "answered", ends)
        with pytest.raises(KeyboardInterrupt):
            place.conn.run("Out")
    assert place.at.states(A) == {"VIP": DELETED}
    assert place.conn.run("Out").counters["withdrawn"] == 1
    place.load("a")
    assert place.conn.run("Out").counters["accepted"] == 1
    assert place.at.states(A) == {"VIP": ACTIVE}


def test_whatever_happens_those_alone_come_back_whom_the_goal_deleted(place: Office) -> None:
    """Of many people, each with another story: who is in the segment, and what other hands do to them in between.

    Whoever is out by other hands stays out, a leaver keeps all other lists, and nobody gets on the suppression list.
    """
    at, fate = place.at, Random(11)
    people = {address(f"p{n}"): f"p{n}" for n in range(PEOPLE)}
    for each in people:
        at.add(each, "Newsletter")
    deleted_by_goal, put_by_goal, seen = set[str](), set[str](), set[str]()
    for turn in range(ROUNDS):
        members = {each for each in people if fate.random() < 0.6}
        for each, state in at_list(place).items():
            hand = fate.choice(HANDS)
            if hand == ACTIVE != state:
                at.add(each, "VIP")
            elif hand not in {"nothing", ACTIVE} and state == ACTIVE:
                at.state(each, hand, "VIP")
        rows = [{"customer": name, "email": each, "active": each in members} for each, name in people.items()]
        load(place.ws, *({**row, "note": f"{turn}"} for row in rows))
        before, suppressed, others = at_list(place), at.suppressed(), other_lists(place)
        target = {"lists": ["VIP"], "on_leave": True, "create_fields": True}
        place.exporting(target=target, mappings=[{"from": "note", "to": "Note"}], guards={"withdrawals": False})
        after = at_list(place)
        assert (at.suppressed(), other_lists(place)) == (suppressed, others)
        for each in people:
            was, member = before.get(each), each in members
            own = each in deleted_by_goal and was == DELETED
            expected = was
            if member and (was in {None, ACTIVE} or own):
                put_by_goal |= {each} if was != ACTIVE else set()
                deleted_by_goal.discard(each)
                expected = ACTIVE
            elif not member and each in put_by_goal:
                put_by_goal.discard(each)
                if was == ACTIVE:
                    deleted_by_goal.add(each)
                    expected = DELETED
            assert (each, after.get(each)) == (each, expected)
            seen.add(f"{was} {'own' if own else ''} {member} {after.get(each)}")
    assert seen >= {"Deleted own True Active", "Deleted  True Deleted", "Unsubscribed  True Unsubscribed"}


def at_list(place: Office) -> dict[str, str]:
    """The states of people on the list of the goal, by address."""
    number = place.at.lists["VIP"]
    return {each: person["lists"][number] for each, person in place.at.people().items() if number in person["lists"]}


def other_lists(place: Office) -> dict[str, dict[str, str]]:
    """The states of people on all other lists."""
    number, there = place.at.lists["VIP"], place.at.people()
    return {each: {k: v for k, v in person["lists"].items() if k != number} for each, person in there.items()}
