"""Importing by asking about given people, who are the members of a segment."""

import json
from _thread import interrupt_main
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit import vendors
from cdpkit.config.goals.import_profiles import ImportGoalSettings
from cdpkit.errors import ConfigurationError
from cdpkit.runs.imports.ask import ask_problems
from cdpkit.workspace.connection import Connection
from tests.transport.servers import Asked, Said, serving

INCOMES = {"ann@example.com": 10, "bob@example.com": 20, "cas@example.com": 30, "eva@example.com": 50}
GOAL: dict[str, Any] = {
    "kind": "import_profiles",
    "name": "Incomes",
    "segment": "adults",
    "identifiers": {"email": "email"},
    "mappings": [{"from": "income", "to": "income"}],
}


@dataclass
class Place:
    """A workspace with four customers, of whom three are adults, and a connection to the vendor.

    Attributes:
        ws: The workspace.
        conn: The connection.
        asked: Whom the vendor was asked about, call by call.
        interrupting: Interrupt whoever runs it, at the next call.
    """

    ws: cdpkit.Workspace
    conn: Connection
    asked: list[list[str]] = field(default_factory=list)
    interrupting: bool = False

    def incomes(self) -> dict[str, int | None]:
        return dict(self.ws.profiles.sort("email").select("email", "income").collect().rows())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    ws = cdpkit.create(tmp_path / "workspace")
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("income", type="number")
    ws.properties.add("age", type="number")
    ws.segments.add("adults", "age >= 18")
    people = pl.DataFrame({"email": [*INCOMES, None], "age": [30, 40, 50, 8, 60]})
    known = people.with_columns(pl.Series("customer", ["a", "b", "c", "e", "nobody"]))
    ws.properties.add("customer", identifier=True)
    mappings = [{"from": name, "to": name} for name in ("email", "age")]
    ws.load(known, {"customer": "customer"}, mappings).raise_for_state()
    made: list[Place] = []

    def answer(asked: Asked) -> Said:
        made[0].asked.append(json.loads(asked.body))
        if made[0].interrupting:
            made[0].interrupting = False
            interrupt_main()
        lines = [json.dumps({"email": each, "income": INCOMES[each]}) for each in made[0].asked[-1]]
        return Said(200, "\n".join(lines).encode())

    with serving(answer) as server:
        made.append(Place(ws, ws.connect("lookup", settings={"base_url": server.url})))
        yield made[0]


def test_a_vendor_of_another_package_is_found_by_its_entry_point(place: Place) -> None:
    """By the name of the entry point, beside those that are folders; what is wrong with it is said as of any other."""
    assert {"iterable", "lookup"} <= set(vendors.names())
    assert vendors.get("lookup").title == "Lookup"
    assert place.conn.vendor == "lookup"
    with pytest.raises(ConfigurationError, match=r"no vendor 'look'; there are: lookup, .*iterable, toy"):
        vendors.get("look")


def test_members_with_an_identifier_are_asked_about(place: Place) -> None:
    """In calls of as many as the vendor takes; what it tells is merged like what comes from any vendor."""
    place.conn.goals.add(**GOAL)
    assert place.conn.check() == []
    preview = place.conn.preview()
    assert preview.counters["updated"] == 3
    assert place.asked == [["ann@example.com", "bob@example.com"], ["cas@example.com"]]
    assert place.conn.run(preview=preview).counters["updated"] == 3
    assert len(place.asked) == 2
    assert place.incomes() == {None: None} | INCOMES | {"eva@example.com": None}
    place.ws.segments.change("adults", "age = 30")
    assert place.conn.run().counters["received"] == 1
    assert place.asked[2:] == [["ann@example.com"]]


def test_who_did_not_consent_is_not_asked_about(place: Place) -> None:
    """Where the connection is linked to an objective."""
    place.ws.objectives.add("research")
    frame = pl.DataFrame({"email": ["bob@example.com"], "consent": ["research"]})
    place.ws.load(frame, {"email": "email"}, [{"from": "consent", "to": "consented_objectives"}]).raise_for_state()
    conn = place.ws.connect("lookup", "linked", place.conn.settings, objectives=("research",))
    conn.goals.add(**GOAL)
    assert conn.run().counters["received"] == 1
    assert place.asked == [["bob@example.com"]]


def test_a_killed_run_goes_on_with_the_same_people(place: Place) -> None:
    """Whoever has left or joined the segment meanwhile, nobody is asked about again or beside them."""
    place.conn.goals.add(**GOAL)
    place.interrupting = True
    with pytest.raises(KeyboardInterrupt):
        place.conn.run()
    assert place.conn.runs["state"].to_list() == ["stopped"]
    place.ws.segments.change("adults", "age = 8")
    run = place.conn.run()
    assert (run.state, run.counters["updated"]) == ("succeeded", 3)
    assert place.asked == [["ann@example.com", "bob@example.com"], ["cas@example.com"]]
    assert place.conn.runs["run_id"].to_list() == [run.id]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"segment": None}, "segment: names no segment, and Lookup is asked about given people"),
        ({"segment": "children"}, "no segment 'children'; there are: adults"),
        ({"identifiers": {"income": "customer"}}, "Lookup is not asked by 'income'; it is by: email"),
    ],
)
def test_what_is_wrong_with_whom_is_asked_about(place: Place, changed: dict[str, Any], problem: str) -> None:
    """Each is said with what there is."""
    place.ws.segments.add("children", "age < 6")
    place.conn.goals.add(**{key: value for key, value in (GOAL | changed).items() if value is not None})
    place.ws.segments.remove("children")
    (found,) = place.conn.check()
    assert problem in str(found)


def test_a_setting_may_name_what_the_connection_finds(place: Place) -> None:
    """Such as a panel, a client or a bucket; one that is not there is named with those that are."""
    given = place.conn.settings
    good = place.ws.connect("lookup", "good", {**given, "panel": "First"})
    bad = place.ws.connect("lookup", "bad", {**given, "panel": "Last"})
    for conn in (good, bad):
        conn.goals.add(**GOAL)
    assert good.check() == []
    (problem,) = bad.check()
    told = "settings.panel: no panel 'Last' at Lookup; there are: First (id p-1); choose one of these"
    assert str(problem) == told
    run = bad.run()
    assert (run.state, place.asked) == ("failed", [])
    assert told in run.report()


def test_a_field_of_a_list_is_there_where_its_list_is_named(place: Place) -> None:
    """Where none is named, all fields are."""
    mappings = [{"from": "secret income", "to": "income"}]
    place.conn.goals.add(**GOAL | {"source": {"lists": ["Few"]}, "mappings": mappings})
    assert place.conn.check() == []
    place.conn.goals.change("Incomes", source={"lists": ["1"]})
    (problem,) = place.conn.check()
    assert "secret income" in problem.what
    place.conn.goals.change("Incomes", source=None)
    assert place.conn.check() == []


def test_other_vendors_take_no_segment(place: Place) -> None:
    """Where a vendor's own people are read, a segment would have no meaning."""
    importer = vendors.get("iterable").importer
    assert importer is not None
    goal = ImportGoalSettings.model_validate(GOAL)
    (found,) = ask_problems(place.ws._home, "Iterable", importer, goal)
    assert str(found).startswith("goal 'Incomes': segment: Iterable is not asked about people of a segment")
