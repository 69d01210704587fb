"""What is sent: each kind of value, as the vendor's fields take it."""

import json
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from tests.runs.sync.place import PLAN, Place, pros

ANN = "ann@example.com"


def ann(place: Place, **values: Any) -> None:
    """One customer with these values."""
    place.load({"customer": "ann", "email": ANN, "plan": "pro", **values})


def bodies(place: Place) -> list[dict[str, Any]]:
    """What a run would send, by the fields alone."""
    return [json.loads(body)["dataFields"] for body in place.conn.preview().sends["body"]]


def test_fields_are_sent_in_the_order_of_their_mappings(place: Place) -> None:
    """Text, number, identifiers, permission level, interactions and lists stand where their mapping stands."""
    place.ws.properties.add("tags", multi=True)
    ann(place, points=3, tags=["a", "b"], viewed_interactions=["Banner", "Pop-up"])
    mappings: list[dict[str, Any]] = [
        {"value": "text", "text": "cdpkit", "to": "z"},
        {"from": "points", "to": "y"},
        {"value": "identifier", "from": "customer", "to": "x"},
        {"value": "identifier", "to": "w"},
        {"value": "permission_level", "to": "v"},
        {"value": "viewed_interactions", "to": "u"},
        {"from": "tags", "to": "t"},
        {"from": "tags", "to": "s", "join": "|"},
    ]
    place.exporting(mappings=mappings)
    (profile,) = place.ws.profiles.collect()["profile_id"]
    expected = {
        "z": "cdpkit",
        "y": 3,
        "x": "ann",
        "w": profile,
        "v": "PERSONAL",
        "u": ["Banner", "Pop-up"],
        "t": ["a", "b"],
        "s": "a|b",
    }
    assert list(bodies(place)[0].items()) == list(expected.items())
    place.conn.run().raise_for_state()
    assert {name: place.people()[ANN][name] for name in expected} == expected


def test_names_of_segments_are_sent_where_that_is_allowed(place: Place) -> None:
    """All of them or a selection; with `expose_segments` off none, with a warning; a changed segment makes due."""
    ann(place, points=3)
    place.ws.segments.add("rich", "points > 2")
    place.ws.segments.add("poor", "points < 2")
    place.exporting(
        mappings=[{"value": "segments", "to": "all"}, {"value": "segments", "segments": ["rich", "poor"], "to": "some"}]
    )
    hidden = place.conn.run()
    assert hidden.state == "succeeded_with_warnings"
    assert "expose_segments" in hidden.goals[0].warnings[0]
    assert hidden.goals[0].warnings[0] in hidden.report()
    assert "all" not in place.people()[ANN]
    place.ws._home.settings.edit(lambda document: document.update(expose_segments=True))
    assert bodies(place) == [{"all": ["rich", "pros"], "some": ["rich"]}]
    place.conn.run().raise_for_state()
    assert place.conn.run().counters["sent"] == 0
    place.ws.segments.change("rich", "points > 5")
    assert place.conn.run().counters["sent"] == 1
    assert place.people()[ANN]["all"] == ["pros"]


def test_empty_values_are_left_out_unless_they_are_to_clear(place: Place) -> None:
    """What the vendor has stays where a profile has nothing; `send_empty` clears it."""
    place.ws.properties.add("tags", multi=True)
    place.write({"email": ANN, "firstName": "Ann", "points": 5, "favourites": ["red"], "note": "mine"})
    ann(place, first_name=None, points=None, tags=[], note=" ")
    place.exporting(
        mappings=[
            PLAN,
            {"from": "first_name", "to": "firstName"},
            {"from": "points", "to": "points", "send_empty": True},
            {"from": "tags", "to": "favourites", "send_empty": True},
            {"from": "note", "to": "note"},
        ]
    )
    assert bodies(place) == [{"plan": "pro", "points": None, "favourites": None}]
    place.conn.run().raise_for_state()
    now = place.people()[ANN]
    assert {name: now.get(name) for name in ("firstName", "points", "favourites", "note", "plan")} == {
        "firstName": "Ann",
        "points": None,
        "favourites": None,
        "note": "mine",
        "plan": "pro",
    }


def test_a_value_that_does_not_fit_a_field_is_refused_before_it_is_sent(place: Place) -> None:
    """The profile is listed with the field; the vendor never sees it, and everybody else is sent."""
    place.ws.properties.add("shoe")
    place.load(
        {"customer": "a", "email": "a@example.com", "plan": "pro", "shoe": "forty"},
        {"customer": "b", "email": "b@example.com", "plan": "pro", "shoe": "41"},
    )
    place.exporting(mappings=[{"from": "shoe", "to": "points"}])
    preview = place.conn.preview()
    run = place.conn.run(preview=preview)
    assert run.counters["rejected"] == preview.counters["rejected"] == {"type_clash": 1}
    assert run.rejected.select("field", "reason").rows() == [("points", "type_clash")]
    assert set(place.people()) == {"b@example.com"}
    assert place.people()["b@example.com"]["points"] == 41


def test_a_clash_that_only_the_vendor_knows_refuses_only_those_who_clash(place: Place) -> None:
    """A field whose type was fixed at the vendor since it was asked refuses those with another type, by its name."""
    place.ws.properties.add("seen")
    place.load(
        {"customer": "a", "email": "a@example.com", "plan": "pro", "seen": "2026-01-02"},
        {"customer": "b", "email": "b@example.com", "plan": "pro", "seen": "never"},
        {"customer": "c", "email": "c@example.com", "plan": "pro", "seen": "2026-01-03"},
    )
    place.exporting(mappings=[{"from": "seen", "to": "lastSeen"}])
    run = place.conn.run()
    assert run.counters["rejected"] == {"RequestFieldsTypesMismatched: lastSeen expects date": 1}
    assert place.members() == {"a@example.com", "c@example.com"}


def test_a_person_too_large_for_any_request_is_refused(place: Place) -> None:
    """Nobody else is held up by a body beyond what the vendor takes."""
    place.ws.properties.add("essays", multi=True)
    essays = [f"{number} " + "x" * 30_000 for number in range(140)]
    place.load(
        {"customer": "a", "email": "a@example.com", "plan": "pro", "essays": essays},
        {"customer": "b", "email": "b@example.com", "plan": "pro", "essays": ["short"]},
    )
    place.exporting(mappings=[{"from": "essays", "to": "essays"}])
    preview = place.conn.preview()
    run = place.conn.run()
    assert run.counters == preview.counters
    assert run.counters["rejected"] == {"too_large": 1}
    assert (run.counters["accepted"], run.counters["sent"]) == (1, 1)
    assert set(place.people()) == {"b@example.com"}
    assert run.rejected["reason"].to_list() == preview.rejected["reason"].to_list() == ["too_large"]


def first_two(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.head(2)


@pytest.mark.parametrize(
    ("steps", "sent", "reason"),
    [
        ([{"processor": "filter", "expression": "upper != 'PRO2'"}], ["PRO1", "PRO3"], "processor:filter"),
        (["first_two"], ["PRO1", "PRO2"], "processor:first_two"),
    ],
)
def test_processors_work_on_the_rows_that_are_to_be_sent(
    place: Place, steps: Sequence[Any], sent: list[str], reason: str
) -> None:
    """Steps change values and leave people out, who are counted by the step; the preview is the same."""
    place.ws.processors.add("first_two", first_two)
    place.load(*({**person, "note": f"pro{number}"} for number, person in enumerate(pros(1, 2, 3), 1)))
    place.exporting(
        mappings=[{"from": "note", "to": "upper"}],
        processors=[{"processor": "change_case", "fields": ["upper"], "case": "upper"}, *steps],
    )
    preview = place.conn.preview()
    assert [json.loads(body)["dataFields"]["upper"] for body in preview.sends["body"]] == sent
    run = place.conn.run()
    assert run.counters == preview.counters
    assert run.counters["skipped"] == {reason: 1}
    assert sorted(person["upper"] for person in place.people().values()) == sent
    assert run.excluded["reason"].to_list() == [reason]
