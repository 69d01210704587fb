"""Lists, and in which state people are on them."""

import polars as pl
import pytest

from cdpkit.sandbox.world.lists import ON, MailingList, Roster
from cdpkit.sandbox.world.population import Population

START = Population(3000, 0)
SOME = pl.int_range(0, 3000, eager=True).to_frame("id")
STATES = {"active": 6000, "unsubscribed": 500, "bounced": 100}


def newsletter() -> MailingList:
    return MailingList(START, 501, "Newsletter", STATES)


def on(one: MailingList, *states: str) -> list[int]:
    return [number for part in one.members(*states) for number in part]


def test_lists_hold_their_share() -> None:
    """Who is on a list is computed for one person as for all of them."""
    one = MailingList(START, 501, "Newsletter", {ON: 6000})
    members = SOME.select(one.was()).to_series()
    assert members.to_list() == [number in one for number in range(3000)]
    assert one.size() == members.sum() == len(on(one))
    assert 1600 < one.size() < 2000
    assert 3000 not in MailingList(START, 502, "All", {ON: 10_000})


@pytest.mark.parametrize("state", STATES)
def test_states_share_out_the_people(state: str) -> None:
    """Everybody is in one state at most, and each state has its share."""
    one = newsletter()
    expected = [number for number in range(3000) if one.state(number) == state]
    assert on(one, state) == expected
    assert one.size(state) == len(expected)
    assert SOME.filter(one.was(state))["id"].to_list() == expected
    assert one.size() == sum(map(one.size, STATES)) == len(on(one))


def test_a_change_of_state_moves_a_person() -> None:
    """Sizes and members follow; the time is that of the change, and stays where nothing changes."""
    one = newsletter()
    active, out = on(one, "active"), [number for number in range(3000) if number not in one]
    one.put(active[0], "unsubscribed", 10.0)
    one.put(active[0], "unsubscribed", 20.0)
    one.put(active[1], None, 11.0)
    one.put(out[0], "active", 12.0)
    one.put(4000, "unconfirmed", 13.0)
    assert one.since == {active[0]: 10.0, active[1]: 11.0, out[0]: 12.0, 4000: 13.0}
    assert sorted(on(one, "active")) == sorted([*active[2:], out[0]])
    assert active[0] in on(one, "unsubscribed")
    assert on(one, "unconfirmed") == [4000]
    for state in (*STATES, "unconfirmed"):
        assert one.size(state) == len(on(one, state))
    assert one.size() == len(on(one))


def test_who_comes_back_is_as_at_the_start() -> None:
    """Nothing is remembered of somebody who went and came back but when that was."""
    one = newsletter()
    first = on(one, "active")[0]
    one.put(first, None, 10.0)
    one.put(first, "active", 11.0)
    assert one.changed == {}
    assert one.since == {first: 11.0}
    assert one.size("active") == newsletter().size("active")


def test_names_are_not_unique_and_new_lists_are_not_known_everywhere_yet() -> None:
    """Two lists may have one name; a list that was made just now takes nobody for a while, and is named at once."""
    now = [100.0]
    roster = Roster(START, lambda: now[0], first=601)
    roster.seed(501, "News", STATES, 5.0, kind="email", facts={"description": "old"})
    made = roster.create("News", usable_after=2.0, kind="email")
    assert [(each.number, each.name) for each in roster] == [(501, "News"), (601, "News")]
    assert roster.usable(601) is None
    assert roster.get(601) is made
    now[0] += 2
    assert roster.usable(601) is made
    assert roster.drop(601)
    assert not roster.drop(601)
    assert roster.create("Next", usable_after=0.0).number == 602


def test_a_person_s_lists() -> None:
    """Those of all kinds or of one, with the state on each; who is forgotten is on none."""
    roster = Roster(START, lambda: 100.0, first=3)
    email = roster.seed(1, "Mail", {}, 0.0, kind="email")
    text = roster.seed(2, "Text", {}, 0.0, kind="sms")
    email.put(9, "active", 1.0)
    text.put(9, "bounced", 1.0)
    assert roster.of(9) == [(email, "active"), (text, "bounced")]
    assert roster.of(9, "sms") == [(text, "bounced")]
    roster.forget(9)
    assert roster.of(9) == []
