"""The shapes that vendors come in: fields of lists, one call a person, logins that end, results that come later."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from tests.transport.hurried import Hurried
from tests.vendors.case import TOYS, case_of, exchanging, with_lists
from tests.vendors.stage import load, stage

EVERY = exchanging()
each_vendor = pytest.mark.parametrize("vendor", EVERY)
each_vendor_with_lists = pytest.mark.parametrize("vendor", with_lists(EVERY))


@pytest.fixture
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries cost nothing."""
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)


@each_vendor_with_lists
def test_fields_of_a_list_are_those_of_goals_that_name_it(vendor: str, tmp_path: Path) -> None:
    """Of everybody and of the goal's lists; where no list has fields of its own, all goals see the same."""
    with stage(vendor, tmp_path, people=12) as at:
        conn = at.connected()[1]
        there = conn.discover()
        fields = there.found.discovery.fields
        targets = [each for each in at.discovery.lists if each.target]
        own = {each.id: {field.name for field in fields if each.id in field.lists} for each in targets}
        everybody = {field.name for field in fields if not field.lists}
        seen = {}
        for each in targets:
            goal = at.import_goal(name="Of one", source={"lists": [each.id]}, mappings=[])
            conn.goals.add(**goal)
            seen[each.id] = {*conn.goals.remaining("Of one", there)["name"]} - {at.case.identifier}
            conn.goals.remove("Of one")
        for number, names in seen.items():
            assert names <= everybody | own[number] | {*at.importer.identifiers}
            assert own[number] <= names
        if not any(own.values()):
            assert there.fields["lists"].list.len().sum() == 0
            assert len({frozenset(names) for names in seen.values()}) == 1


def test_fields_of_lists_are_told_apart_by_the_names_of_the_lists(tmp_path: Path) -> None:
    """Of a vendor whose second list has a field of its own."""
    ws = cdpkit.create(tmp_path / "ws")
    ws.properties.add("email", type="email", identifier=True)
    ws.segments.add("all", "true")
    conn = ws.connect("lookup", name="conn", settings={"base_url": "https://lookup.example.com"})
    assert conn.fields.rows() == [("income", "number", []), ("secret income", "number", ["Few"])]
    goal: dict[str, Any] = {"kind": "import_profiles", "segment": "all", "identifiers": {"email": "email"}}
    for name, expected in (("All", ["income"]), ("Few", ["income", "secret income"])):
        conn.goals.add(**goal, name=name, source={"lists": [name]})
        assert conn.goals.remaining(name)["name"].to_list() == expected
        conn.goals.add_remaining(name, prefix="its_")
        assert conn.goals.notices(name) == ()


@each_vendor
@pytest.mark.usefixtures("_hurried")
def test_a_run_that_breaks_off_sends_the_rest_the_next_time(vendor: str, tmp_path: Path) -> None:
    """Whether people go one by one or many in a call: who was accepted is not sent again, and nobody is lost."""
    with stage(vendor, tmp_path) as at:
        ws, conn = at.connected()
        people = [f"p{n}@example.com" for n in range(7)]
        load(ws, *({"customer": each, "email": each, "active": True} for each in people))
        conn.goals.add(**at.export_goal())
        before = at.calls()
        with at.driver() as driver:
            driver.run(at.vendor.discover(at.settings))
        looking = at.calls() - before
        at.fault("500", 2 * looking + 4, times=200)
        first = conn.run()
        at.gate.faults.clear()
        second = conn.run()
        assert second.state == "succeeded"
        accepted = [run.counters.get("accepted", 0) for run in (first, second)]
        assert {*at.people()} == at.members() == {*people}
        assert sum(accepted) == len(people)
        if at.way(len(people)).max_rows == 1 and first.state == "failed":
            assert first.counters["in_segment"] == len(people)


@pytest.mark.parametrize("vendor", [each for each in EVERY if "job_polls" in case_of(each).sandbox])
@pytest.mark.usefixtures("_hurried")
def test_results_that_come_later_are_waited_for(vendor: str, tmp_path: Path) -> None:
    """Both ways: an import or an export whose result is not there at once ends as if it had been."""
    with stage(vendor, tmp_path, people=25, job_polls=3) as at:
        ws, conn = at.connected()
        conn.goals.add(**at.import_goal())
        run = conn.run()
        assert (run.state, run.counters["created"]) == ("succeeded", 25)
        people = [f"p{n}@example.com" for n in range(14)]
        load(ws, *({"customer": each, "email": each, "active": True} for each in people))
        conn.goals.add(**at.export_goal())
        ended = conn.run("Out")
        assert (ended.state, ended.counters["accepted"]) == ("succeeded", 14)
        assert at.members() >= {*people}


@pytest.mark.parametrize("vendor", [*TOYS])
@pytest.mark.usefixtures("_hurried")
def test_a_login_that_ends_in_mid_run_is_made_again(vendor: str, tmp_path: Path) -> None:
    """Whichever call is told that the token is no good: everybody comes and goes, and the token is renewed."""
    with stage(vendor, tmp_path, people=40) as at:
        ws, conn = at.connected()
        conn.goals.add(**at.import_goal())
        conn.goals.add(**at.export_goal())
        people = [f"p{n}@example.com" for n in range(5)]
        load(ws, *({"customer": each, "email": each, "active": True} for each in people))
        conn.run().raise_for_state()
        counted = at.calls()
        conn.run(full=True).raise_for_state()
        for nth in range(1, at.calls() - counted, 3):
            load(ws, *({"customer": each, "email": each, "active": True, "turn": str(nth)} for each in people))
            at.fault("401", nth)
            run = conn.run(full=True)
            assert run.state == "succeeded", run.report()
            assert run.goal("Out").counters["accepted"] == len(people)
            assert at.gate.faults.left() == []
        assert ws.profiles.select(pl.len()).collect().item() == 45
