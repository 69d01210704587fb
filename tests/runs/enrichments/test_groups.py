"""Households from a vendor that is paid for each question: by the ledger, the pause and the cap of all questions."""

from typing import Any

import pytest

from cdpkit.errors import ConfigurationError
from tests.runs.enrichments.place import LINKED, Place

HOMES: dict[str, Any] = {
    "kind": "import_groups",
    "name": "Homes",
    "group": "household",
    "id": "household.id",
    "segment": "all",
    "parameters": LINKED,
    "mappings": [
        {"from": "household.householdDemographics.adultCount", "to": "adults"},
        {"from": "household.householdMembers.personIds", "to": "persons", "rule": "add"},
    ],
}


def test_f203_households_are_asked_about_once_and_paid_once(place: Place) -> None:
    """Two who live together are one question; the goal that stores the link at the profiles pays nothing more."""
    place.ws.properties.add("household_id")
    place.ws.groups.define("household", "household_id")
    one, two = [each for each in place.known if each["oddity"] == "plain"][:2]
    place.load(one, two)
    place.load({**one, "id": "twin"})
    place.conn.goals.add(HOMES)
    place.goal(mappings=[{"from": "household.id", "to": "household_id"}])
    assert place.conn.check() == []
    preview = place.conn.preview()
    assert (place.charged, preview.goals[0].counters["requests"]) == (0, 2)

    run = place.run()
    assert [(goal.name, goal.state) for goal in run.goals] == [("Homes", "succeeded"), ("Enrich", "succeeded")]
    assert (run.goal("Homes").counters["billed"], run.goal("Homes").counters["created"]) == (2, 2)
    assert place.charged == 2
    found = place.ws.sql(
        "select customer, adults, len(persons) from profiles join group_members using (profile_id) "
        "join groups using (type, group_id) order by customer"
    )
    adults = {str(each["id"]): 1 + each["id"] % 4 for each in (one, two)}
    adults["twin"] = adults[str(one["id"])]
    assert found.fetchall() == [(name, adults[name], 1) for name in sorted(adults)]

    assert place.run().goal("Homes").counters["excluded"] == {"not_changed": 3}
    assert place.charged == 2
    undone = place.ws.undo(run)
    assert undone.counters["groups_deleted"] == 2
    assert "asked for 2 documents that are billed; that is not taken back" in undone.report()


def test_a_goal_about_households_says_what_it_lacks(place: Place) -> None:
    """Whom it asks about, by what, and fields that come with the ids."""
    place.ws.groups.define("household", "customer")
    place.conn.goals.add({key: value for key, value in HOMES.items() if key not in ("segment", "parameters")})
    assert [problem.what for problem in place.conn.check()] == [
        "is missing, and Acxiom is asked about given people"
    ] * 2
    wrong = [{"from": "person.basicDemographics.age", "to": "age"}]
    place.conn.goals.replace("Homes", {**HOMES, "mappings": wrong})
    assert [problem.what for problem in place.conn.check()] == [
        "'person.basicDemographics.age' comes with another document than 'household.id'"
    ]
    place.conn.goals.replace("Homes", {**HOMES, "id": "person.id"})
    with pytest.raises(ConfigurationError, match=r"'person\.id' is no id of a group"):
        place.conn.preview()
    assert place.charged == 0
