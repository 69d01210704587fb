"""ActiveCampaign: nobody is confirmed, and nobody made, whom the goal does not mean, however many go at once."""

from pathlib import Path

import pytest

from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.kit.effects import Http, Reply
from tests.kit.served import answered, calls, drive
from tests.vendors.activecampaign_at import (
    ACTIVE,
    FOUND,
    SETTINGS,
    UNCONFIRMED,
    exporter,
    exporting,
    outgoing,
    shop,
)


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("resubscribe", [False, True])
def test_who_has_not_confirmed_a_list_is_not_made_active_on_it(many: bool, resubscribe: bool, tmp_path: Path) -> None:
    """Neither alone nor by an import; their fields and other lists are written, and the outcome says why."""
    with shop(tmp_path) as one:
        number = one.add("ann@example.com", UNCONFIRMED)
        one.add("bob@example.com", ACTIVE)
        people = ["ann@example.com", "bob@example.com", "eva@example.com"]
        told = one.push(people, {"Note": ["a", "b", "c"]}, many=many, lists=["Empty", "VIP"], resubscribe=resubscribe)
        assert told == {
            0: (ACCEPTED, "unconfirmed", ["4"]),
            1: (ACCEPTED, None, ["6", "4"]),
            2: (ACCEPTED, None, ["6", "4"]),
        }
        assert one.states(*people) == [UNCONFIRMED, ACTIVE, ACTIVE]
        assert one.states(*people, name="VIP") == [ACTIVE] * 3
        assert [one.people()[each]["Note"] for each in people] == ["a", "b", "c"]
        assert number == "1"


def test_an_import_goes_one_by_one_where_nobody_can_be_told_apart() -> None:
    """A filter that there is not lets everybody through: no page of them is read, and each person is looked at."""

    def answer(call: Http) -> Reply:
        state = UNCONFIRMED if dict(call.params).get("email") == "a0@example.com" else ACTIVE
        if call.path.endswith("/exclusions"):
            return answered(200, {"exclusions": []})
        if call.method == "GET":
            one = {"id": "5", "email": dict(call.params).get("email", "somebody@example.com")}
            rows = [{"id": "1", "contact": "5", "list": "6", "status": state}]
            many = "100000" if "status" in dict(call.params) else "1"
            return answered(200, {"contacts": [one], "contactLists": rows, "meta": {"total": many}})
        return answered(200, {"contact": {"id": "5"}, "contactList": {}})

    shopping = exporting(SETTINGS, FOUND, ["Note"], lists=["Empty"])
    people = [{"email": f"a{n}@example.com"} for n in range(10)]
    out = outgoing(shopping, people, {"Note": ["x"] * 10})
    told, seen = drive(exporter().way(shopping, 10).push(shopping, out), answer)
    assert told is not None
    assert told.sort("row").rows() == [
        (0, ACCEPTED, "unconfirmed", []),
        *((n, ACCEPTED, None, ["6"]) for n in range(1, 10)),
    ]
    asked = calls(seen)
    assert sum(dict(call.params).get("status") == UNCONFIRMED for call in asked) == 1
    assert not any(call.path.endswith("bulk_import") for call in asked)


def test_who_is_gone_since_they_were_looked_for_is_not_made_anew() -> None:
    """A goal that may not create changes the contact that it found, or nobody."""

    def answer(call: Http) -> Reply:
        if call.path.endswith("/exclusions"):
            return answered(200, {"exclusions": []})
        if call.method == "GET":
            one = {"id": "5", "email": "ann@example.com"}
            return answered(200, {"contacts": [one], "contactLists": [], "meta": {"total": "1"}})
        assert (call.method, call.path[-11:]) == ("PUT", "/contacts/5")
        return answered(404, {"message": "No Result found for Subscriber with id 5"})

    shopping = exporting(SETTINGS, FOUND, ["Note"], create=False)
    out = outgoing(shopping, [{"email": "ann@example.com"}], {"Note": ["x"]})
    told, _ = drive(exporter().way(shopping, 1).push(shopping, out), answer)
    assert told is not None
    assert told.rows() == [(0, REJECTED, "no_match_at_vendor", [])]


def test_goals_that_may_not_create_take_the_way_that_cannot_up_to_a_full_import() -> None:
    """An import makes whoever is not there by then; one by one nobody is made."""
    for people, create, way in (
        (9, True, "alone"),
        (10, True, "import"),
        (249, False, "alone"),
        (250, False, "import"),
    ):
        assert exporter().way(exporting(SETTINGS, FOUND, create=create), people).name == way
