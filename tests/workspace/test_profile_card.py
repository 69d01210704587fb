"""A profile's card: what is known of one person, and what set it."""

from typing import Any

import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, UnknownNameError
from tests.runs.sync.conftest import place  # noqa: F401 - a fixture
from tests.runs.sync.place import LIST, Place, pros

PLAN = [{"from": "plan"}, {"from": "tags", "rule": "add"}, {"from": "consented_objectives"}]


@pytest.fixture
def full(ws: cdpkit.Workspace) -> cdpkit.Workspace:
    """A workspace in which a person was created, and changed twice."""
    ws.properties.add("tags", multi=True)
    ws.segments.add("gold", "plan = 'gold'")
    ws.segments.add("tagged", "tags[1] = 'x'")
    ws.objectives.add("news")
    ws.objectives.add("ads")
    rows = {"email": ["cid@x.de"], "plan": ["free"], "tags": [["x"]], "consented_objectives": [["news", "ads"]]}
    ws.load(rows, {"email": "email"}, PLAN, goal="crm")
    ws.load({"email": ["CID@x.de"], "plan": ["lead"]}, {"email": "email"}, [{"from": "plan"}])
    rows = {"email": ["dan@x.de", "cid@x.de"], "plan": ["free", "gold"], "refused_objectives": [[], ["ads"]]}
    ws.load(rows, {"email": "email"}, [{"from": "plan"}, {"from": "refused_objectives"}])
    return ws


def lines(frame: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a frame."""
    return list(frame.select(columns).rows())


def test_a_value_tells_what_set_it(full: cdpkit.Workspace) -> None:
    """B11: the run, the rule and the source row of its last change; else those of the profile's creation."""
    first, _, last = full.runs["run_id"].to_list()[-3:]
    card = full.profile(email=" CID@X.de")
    found = {name: rest for name, *rest in lines(card.values, "property", "value", "run_id", "rule", "source_row")}
    assert found["plan"] == ["gold", last, "set", 1]
    assert found["tags"] == ['["x"]', first, "create", 0]
    assert found["email"] == ["cid@x.de", first, "create", 0]
    assert found["refused_objectives"] == ['["ads"]', last, "set", 1]
    assert card.values.filter(property="plan")["what"].to_list() == ["load"]
    assert card.values.filter(property="tags")["what"].to_list() == ["load crm"]


def test_earlier_values_runs_segments_and_consents_are_told(full: cdpkit.Workspace) -> None:
    """The newest first; a refusal wins over a consent."""
    card = full.profile(email="cid@x.de")
    assert lines(card.earlier.filter(property="plan"), "before", "after") == [("lead", "gold"), ("free", "lead")]
    assert lines(card.runs, "fate", "reason") == [
        ("changed", "plan, refused_objectives"),
        ("changed", "plan"),
        ("created", None),
    ]
    assert set(card.segments) == {"gold", "tagged"}
    assert lines(card.consents, "objective", "consent") == [("news", "consented"), ("ads", "refused")]
    full.undo(full.runs.last.id)
    card = full.profile(email="cid@x.de")
    assert card.earlier["rule"][0] == "undo"
    assert card.values.filter(property="plan")["value"].to_list() == ["lead"]
    assert "refused_objectives" not in card.values["property"]


def test_a_profile_is_found_by_its_id_or_one_identifier(full: cdpkit.Workspace) -> None:
    """What is asked for wrongly is refused with what to do, and no value is in the message."""
    card = full.profile(email="cid@x.de")
    assert full.profile(card.id).values.equals(card.values)
    full.properties.change("plan", identifier=True)
    full.load({"email": ["eve@x.de"], "plan": ["gold"]}, {"email": "email"}, [{"from": "plan"}])
    refused: list[tuple[Any, type[Exception], str]] = [
        (full.profile, ConfigurationError, "named by its id or by one identifier"),
        (lambda: full.profile(email="nobody@x.de"), ConfigurationError, "no profile has this value of 'email'"),
        (lambda: full.profile(email="nobody"), ConfigurationError, "this is no value of 'email', which is email"),
        (lambda: full.profile(tags="x"), ConfigurationError, "property 'tags' is no identifier; there are: "),
        (lambda: full.profile(mail="x"), UnknownNameError, "no identifying property 'mail'; there are: email"),
        (lambda: full.profile(plan="gold"), ConfigurationError, rf"profiles have this value of 'plan'.*{card.id}"),
        (lambda: full.profile(card.id, email="cid@x.de"), ConfigurationError, "named by its id or by one identifier"),
    ]
    for call, error, message in refused:
        with pytest.raises(error, match=message) as caught:
            call()
        assert "nobody" not in str(caught.value)


def test_a_card_shows_lists_and_what_exports_did(place: Place) -> None:  # noqa: F811
    """The list on which a goal put the person, what the vendor made of it, and the run that did."""
    place.load(*pros(1))
    place.exporting()
    run = place.conn.run()
    card = place.ws.profile(email="pro1@example.com")
    assert lines(card.lists, "connection", "goal", "state", "list") == [
        ("news", "Pros", "accepted", str(place.lists()[LIST]))
    ]
    assert lines(card.runs.head(1), "run_id", "what", "goal", "fate") == [(run.id, "sync news", "Pros", "accepted")]
    shown = repr(card)
    assert shown.startswith(f"Profile {card.id}: ")
    assert "Lists: 1" in shown
