"""The rows of the feature list about Acxiom, a test each, as far as they are not about real time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdpkit import vendors
from cdpkit.face.views.preview import PreviewDesk
from cdpkit.runs import kinds
from tests.runs.enrichments.place import ADULTS, AGE, Place
from tests.runs.enrichments.place import place as made


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with made(tmp_path, monkeypatch) as found:
        yield found


def plain(place: Place, count: int) -> list[dict[str, Any]]:
    return [each for each in place.known if each["oddity"] == "plain"][:count]


def test_f112_a_connection_is_set_up_with_a_client_key_and_a_client_secret(place: Place) -> None:
    """And is shown in the gallery with both."""
    labels = {each["name"]: each["label"] for each in place.ws.gallery["acxiom"].settings}
    assert (labels["client_id"], labels["client_secret"]) == ("Client key", "Client secret")
    place.goal()
    assert place.conn.check() == []


def test_f113_f122_a_goal_imports_data_of_any_class(place: Place) -> None:
    """Person, household, residency, place, and entity, which forms call a business."""
    (somebody,) = plain(place, 1)
    place.load(somebody)
    fields = {
        "age": "person.basicDemographics.age",
        "adults": "household.householdDemographics.adultCount",
        "years": "residency.residencyDetails.lengthOfResidence",
        "built": "place.property.yearBuilt",
        "entity": "entity.abilitec.consumerLink",
    }
    place.goal(mappings=[{"from": field, "to": name} for name, field in fields.items()])
    run = place.run()
    assert (run.state, run.counters["requests"]) == ("succeeded", 5)
    (row,) = place.ws.profiles.select(*fields).collect().rows()
    number = somebody["id"]
    assert row == (20 + number % 60, 1 + number % 4, 1 + number % 12, 1900 + number % 120, f"00T1US02{number:08d}")


def test_f67_f114_the_profiles_that_are_there_to_ask_about_are_counted(place: Place) -> None:
    """The segment's size, and how many have something to ask by."""
    place.load(*plain(place, 3))
    place.put({"customer": "without"})
    name = place.goal()
    found = place.conn.goals.available(name)
    assert found is not None
    assert (found.in_segment, found.identified, found.available) == (4, 3, 3)


def test_f115_f117_only_profiles_whose_parameters_changed_since_are_asked_about(place: Place) -> None:
    """Others of their properties do not count."""
    one, two = plain(place, 2)
    place.load(one, two)
    place.goal(pause="1 day")
    place.run()
    place.ws.properties.add("note")
    place.put({"customer": str(one["id"]), "note": "called"})
    place.load({**two, "phone": None})
    place.clock.go(days=2)
    run = place.run()
    assert (run.counters["requests"], run.counters["left_out"]) == (1, {"same_question": 1})


@pytest.mark.parametrize(("pause", "days"), [("3 days", 3), ("1 month", 28), ("1 year", 365)])
def test_f119_nobody_is_asked_about_again_before_the_pause_is_over(pause: str, days: int, place: Place) -> None:
    """A number of days, months or years."""
    (somebody,) = plain(place, 1)
    place.load(somebody)
    place.goal(pause=pause)
    place.run()
    place.load({**somebody, "phone": None})
    place.clock.go(days=days, seconds=-1)
    assert place.run().counters["requests"] == 0
    place.clock.go(seconds=1)
    assert place.run().counters["requests"] == 1


def test_f120_what_it_costs_is_told_before_and_after(place: Place) -> None:
    """An estimate in the preview, the documents billed in the report, and a cap and a budget for a run."""
    place.load(*plain(place, 4))
    place.goal(mappings=[AGE, ADULTS], max_requests=6, budget=2.0)
    preview = place.conn.preview()
    assert preview.counters["cost_at_most"] == 2.0
    desk = PreviewDesk(preview)
    desk.work.wait()
    tables = {part["caption"]: part["rows"] for part in desk.drawn()["told"]["parts"] if isinstance(part, dict)}
    costs = next(rows for caption, rows in tables.items() if "calls and costs" in caption)
    assert costs == [["requests", "4"], ["is what that costs at most", "2.00"]]
    assert "calls and costs" in preview._repr_html_()
    run = place.run(preview=preview)
    assert (run.counters["billed"], run.counters["cost"], place.charged) == (4, 2.0, 4)
    assert "4  documents billed" in run.report()
    assert "left for a later run" in run.report()


def test_f121_parameters_are_mapped_to_properties(place: Place) -> None:
    """By whatever is linked; what cannot be asked by, or not together, is told."""
    place.goal(parameters={"email": "email", "first": "shoeSize"})
    assert "no parameter 'shoeSize'" in str(place.conn.check())
    place.ws.properties.add("whole")
    place.goal(parameters={"whole": "name", "last": "lastName", "zip": "zipCode"})
    assert "'name' cannot be asked by together with 'lastName'" in str(place.conn.check())
    place.load(*plain(place, 1))
    place.goal(parameters={"phone": "phone"})
    assert place.conn.check() == []
    assert place.run().counters["outcomes"] == {"matched": 1}
    place.goal(parameters={"phone": "phone"}, mappings=[{"from": "place.property.yearBuilt", "to": "built"}])
    assert "nobody can be found by them for fields of places" in str(place.conn.check())


def test_f123_only_classes_and_fields_of_the_account_are_offered(place: Place) -> None:
    """As its settings say, since Acxiom has no call that tells."""
    place.goal()
    assert "household.householdDemographics.adultCount" in place.conn.goals.remaining("Enrich")["name"].to_list()
    more = {"documents": "person", "licensed": "basicDemographics", "more_fields": "person.pets.dogs"}
    place.conn.change(settings=more)
    names = place.conn.goals.remaining("Enrich")["name"].to_list()
    assert {name.split(".")[1] for name in names} == {"id", "householdId", "basicDemographics", "matchMetadata", "pets"}
    place.conn.change(settings={"documents": "person, pet"})
    assert "'pet' is of no class of documents" in str(place.conn.check())


def test_f124_answers_are_merged_by_rules(place: Place) -> None:
    """Set, set if empty, add and sum; an answer that is not changed adds nothing twice."""
    (somebody,) = plain(place, 1)
    place.ws.properties.add("age", type="number")
    place.ws.properties.add("sports", multi=True)
    place.ws.properties.add("spent", type="number")
    place.load(somebody, age=99, sports=["golf", "chess"], spent=5)
    place.goal(
        mappings=[
            AGE | {"rule": "set_if_empty"},
            {"from": "person.interests.sports", "to": "sports", "rule": "add"},
            {"from": "person.spending.yearly", "to": "spent", "rule": "sum"},
            {"from": "person.basicDemographics.gender", "to": "gender", "rule": "set"},
        ]
    )
    for _ in range(2):
        place.run()
        (row,) = place.ws.profiles.select("age", "sports", "spent", "gender").collect().rows()
        number = somebody["id"]
        assert row == (99, ["golf", "chess", "tennis"], 1005 + number, ("Female", "Male")[number % 2])


def test_f125_strict_passes_over_the_weaker_steps(place: Place) -> None:
    """Name and zip alone are no match then."""
    place.load(place.odd("moved"))
    place.goal(source={"match_level": "strict"})
    assert place.run().counters["outcomes"] == {"nobody": 1}
    place.clock.go(days=400)
    place.goal(source={"match_level": "default"})
    assert place.run().counters["outcomes"] == {"matched": 1}


def test_f126_matches_below_the_least_confidence_are_not_imported(place: Place) -> None:
    """Eight takes the best alone."""
    place.load(place.odd("moved"), *plain(place, 1))
    place.goal(source={"min_confidence": 8})
    assert place.run().counters["outcomes"] == {"matched": 1, "below_confidence": 1}


def test_f127_a_connection_has_several_goals(place: Place) -> None:
    """Each asks for its own classes; the pause of a class is shared."""
    place.load(*plain(place, 2))
    place.goal()
    place.goal(name="Homes", mappings=[ADULTS])
    run = place.run()
    assert [goal.counters["requests"] for goal in run.goals] == [2, 2]
    assert place.run().counters["requests"] == 0


def test_f129_data_goes_from_acxiom_alone(place: Place) -> None:
    """The status has one arrow, and goals that ask are all that can be had."""
    place.goal()
    assert [arrow.direction for arrow in place.conn.status.arrows] == ["import"]
    can = [name for name in kinds.names() if kinds.get(name).part(vendors.get("acxiom")) is not None]
    assert can == ["enrich_profiles", "import_groups"]
    export = {"kind": "export_profiles", "name": "Out", "segment": "all", "identifiers": {"email": "email"}}
    place.conn.goals.add(export)
    assert "nothing can be exported to Acxiom" in str(place.conn.check())
