"""What holds for every vendor when a connection runs: the second half of the conformance suite."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from cdpkit.errors import CdpkitError
from cdpkit.runs.progress import RunEvent
from tests.transport.hurried import Hurried
from tests.vendors.anywhere import stage_of
from tests.vendors.case import everywhere, exchanging
from tests.vendors.stage import ANN, BOB, EVA, FOE, Stage, load, stage

AWKWARD = (
    'Ann "Annie" O\'Brien \\ 😀\U0001f468\u200d\U0001f469 李娜 עדי\nsecond line\r\n'
    '\ttab \u2028 </script> {"a": [1]} %00 &amp;'
)

each_vendor = pytest.mark.parametrize("vendor", exchanging())
everywhere_alike = pytest.mark.parametrize("vendor", everywhere())


@each_vendor
def test_importing_twice_is_importing_once(vendor: str, tmp_path: Path) -> None:
    """The second run applies no row, creates nobody and changes nobody; who has no address is left out of both."""
    with stage(vendor, tmp_path, people=60) as at:
        ws, conn = at.connected()
        conn.goals.add(**at.import_goal(save_lists_to="lists"))
        known = len(at.people())
        nameless = {"missing_identifier": 60 - known} if known < 60 else {}
        first = conn.run()
        assert first.state == ("succeeded_with_warnings" if nameless else "succeeded")
        assert (first.counters["created"], first.counters["excluded"]) == (known, nameless)
        profiles = ws.profiles.sort("profile_id").collect()
        second = conn.run()
        assert second.counters["excluded"] == {"not_changed": known, **nameless}
        assert (second.counters["applied"], second.counters["created"], second.counters["updated"]) == (0, 0, 0)
        assert_frame_equal(ws.profiles.sort("profile_id").collect(), profiles)
        assert dict(profiles.select("email", "imported").rows()) == {
            address.lower(): person.get(at.case.people) for address, person in at.people().items()
        }


VALUES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "text": ({}, [AWKWARD, " padded ", "null"]),
    "number": ({"type": "number"}, [2**53 + 1, -(2**63), 2**63 - 1]),
    "decimal": ({"type": "decimal"}, [0.1, 1e300, -2.5]),
    "boolean": ({"type": "boolean"}, [False, True, False]),
    "date": ({"type": "date"}, [date(1940, 2, 29), date(2026, 12, 31), date(1, 1, 1)]),
    "datetime": ({"type": "datetime"}, [datetime(2026, 3, 1, 23, 59, 58, tzinfo=UTC)] * 3),
    "list": ({"multi": True}, [["red", AWKWARD], ["one"], ["b", "a", "c"]]),
}


@everywhere_alike
def test_values_arrive_exactly(vendor: str, tmp_path: Path) -> None:
    """Quotes, line ends, emoji, 64-bit integers, lists and all other kinds are at the vendor as they are here.

    An empty value leaves there what is there, and clears it where that is wanted.
    """
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        kinds = {kind: VALUES[kind] for kind in at.case.fields}
        for kind, (options, _) in kinds.items():
            ws.properties.add(kind, **options)
        addresses = ["o'brien+tag@example.com", "a/b.c_d@example.com", BOB]
        people = [
            {
                "customer": f"c{n}",
                "email": address,
                "active": True,
                **{kind: values[n] for kind, (_, values) in kinds.items()},
            }
            for n, address in enumerate(addresses)
        ]
        load(ws, *people)
        mappings = [{"from": kind, "to": name} for kind, name in at.case.fields.items()]
        conn.goals.add(**at.export_goal(mappings=mappings))
        assert conn.run().counters["accepted"] == 3
        there = at.people()
        for person in people:
            stored = {kind: there[person["email"]][name] for kind, name in at.case.fields.items()}
            assert stored == {kind: at.case.shown(kind, person[kind]) for kind in kinds}

        empty = [{"customer": f"c{n}", "last": "!", **dict.fromkeys(kinds)} for n in range(2)]
        load(ws, *empty)
        assert conn.run().counters["skipped"] == {"no_value": 2, "not_due": 1}
        last = {"value": "text", "text": "!", "to": at.case.people}
        conn.goals.change(
            "Out", **at.export_goal(mappings=[*mappings, last, {"from": "last", "to": at.case.people + "2"}])
        )
        assert conn.run().counters["accepted"] == 3
        assert all(at.people()[address][at.case.people] == "!" for address in addresses)
        for person in people:
            stored = {kind: at.people()[person["email"]][name] for kind, name in at.case.fields.items()}
            assert stored == {kind: at.case.shown(kind, person[kind]) for kind in kinds}

        clearing = [{**each, "send_empty": True} for each in mappings]
        conn.goals.change("Out", **at.export_goal(mappings=[*clearing, {"from": "last", "to": at.case.people}]))
        assert conn.run().counters["accepted"] == 3
        cleared = at.people()[addresses[0]]
        assert {
            name: cleared[name] for name in at.case.fields.values() if cleared.get(name) not in (None, "", [])
        } == {}
        assert at.people()[BOB][at.case.fields["text"]] == "null"


@everywhere_alike
def test_two_profiles_with_one_address_are_both_accounted_for(vendor: str, tmp_path: Path) -> None:
    """They are one person at the vendor, who has the values of the later one; nobody is refused or lost."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        text = at.case.fields["text"]
        ws.properties.add("text")
        load(ws, *({"customer": f"c{n}", "email": BOB, "active": True, "text": f"text {n}"} for n in range(3)))
        load(ws, {"customer": "d", "email": ANN, "active": True, "text": "alone"})
        conn.goals.add(**at.export_goal(mappings=[{"from": "text", "to": text}]))
        run = conn.run()
        assert (run.counters["in_segment"], run.counters["accepted"], run.counters["rejected"]) == (4, 4, {})
        assert {address: person[text] for address, person in at.people().items()} == {BOB: "text 2", ANN: "alone"}
        assert at.members() == {ANN, BOB}


@each_vendor
def test_clean_up_touches_only_whom_the_goal_put_there(vendor: str, tmp_path: Path) -> None:
    """Whoever was on the list before, or is there by other hands, stays; whoever comes back is sent again."""
    with stage(vendor, tmp_path) as at:
        at.put(ANN, FOE)
        ws, conn = at.connected()
        load(ws, *({"customer": name, "email": name, "active": True} for name in (ANN, BOB, EVA)))
        conn.goals.add(**at.export_goal())
        assert conn.run().counters["accepted"] == 3
        assert at.members() == {ANN, BOB, EVA, FOE}
        load(ws, *({"customer": name, "active": False} for name in (ANN, BOB)))
        assert conn.run().counters["withdrawn"] == 1
        assert at.members() == {ANN, EVA, FOE}
        assert set(at.people()) == {ANN, BOB, EVA, FOE}
        load(ws, {"customer": BOB, "active": True})
        assert conn.run().counters["accepted"] == 1
        assert at.members() == {ANN, BOB, EVA, FOE}


@each_vendor
def test_whoever_comes_onto_a_list_and_leaves_it_keeps_all_other_lists(vendor: str, tmp_path: Path) -> None:
    """Whatever people are at the vendor: nobody gets on another list, or off one, and nobody is gone."""
    with stage(vendor, tmp_path, people=60) as at, at.driver() as driver:
        before = at.people()
        others = {each: at.case.lists_of(person) - {at.list.id} for each, person in before.items()}
        assert len({frozenset(each) for each in others.values()}) > 1
        addresses = dict(enumerate(before))
        told = driver.run(at.push(addresses, "changed"))
        there = at.people()
        assert {each: at.case.lists_of(person) - {at.list.id} for each, person in there.items()} == others
        taken = {addresses[row] for row, lists in told.select("row", "lists").iter_rows() if lists}
        assert at.members() == taken != set()
        driver.run(at.withdraw(addresses))
        there = at.people()
        assert {each: at.case.lists_of(person) for each, person in there.items()} == others


@each_vendor
def test_somebody_who_is_still_there_under_another_profile_is_not_withdrawn(vendor: str, tmp_path: Path) -> None:
    """One address in two profiles is withdrawn when the second of them has left."""
    with stage(vendor, tmp_path) as at:
        ws, conn = at.connected()
        load(ws, *({"customer": name, "email": BOB, "active": True} for name in "ab"))
        conn.goals.add(**at.export_goal())
        conn.run().raise_for_state()
        for customer, members in (("a", {BOB}), ("b", set[str]())):
            load(ws, {"customer": customer, "active": False})
            assert conn.run().state == "succeeded"
            assert at.members() == members


DISTURBANCES: dict[str, Callable[[Stage], object]] = {
    "nothing": lambda _: None,
    "a wrong key": lambda at: at.given(**at.case.wrong),
    "no right to look": lambda at: at.fault("403", 0),
    "a login page while people come": lambda at: at.fault("html", 4),
    "a key that is taken back while people go": lambda at: at.fault("401", 6, times=60),
    "a vendor that is down": lambda at: at.fault("500", 3, times=60),
}


@each_vendor
def test_no_secret_and_no_person_is_told(
    vendor: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong: not in messages, reports, reprs, problems, events, the history or the log."""
    caplog.set_level(logging.DEBUG)
    with stage(vendor, tmp_path) as at:
        ws, conn = at.connected()
        refused = at.case.refused[0]
        monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)
        ws.properties.add("note")
        people = [(ANN, "Ann Adams"), (BOB, "Bob Baker"), (refused, "Eva Evans"), (FOE, "no number")]
        conn.goals.add(**at.import_goal(mappings=[{"from": at.case.people, "to": "note"}]))
        mappings = [{"from": "note", "to": at.case.fields["text"]}]
        number = [{"from": "note", "to": at.case.fields["number"]}]
        conn.goals.add(**at.export_goal(mappings=mappings))
        conn.goals.add(**at.export_goal(name="Clash", mappings=number))
        at.put(*(f"{name}@example.net" for name in ("cas", "dan")))
        told: list[str] = []
        states: list[str] = []

        def note(event: RunEvent) -> None:
            told.append(f"{event!r} {event.text}")

        for turn, (what, disturb) in enumerate(DISTURBANCES.items()):
            load(ws, *({"customer": a, "email": a, "active": True, "note": f"{note} {turn}"} for a, note in people))
            disturb(at)
            told += [str(problem) for problem in conn.check()] if turn < 2 else []
            try:
                told += [repr(preview := conn.preview()), preview.report()] if turn == 0 else []
                run = conn.run(progress=note)
            except CdpkitError as error:
                told += [str(error), repr(error), what]
            states.append(run.state)
            told += [repr(run), run.report(), json.dumps(run.details), repr(run.goals)]
            told += [repr(run.rejected["reason"].to_list()), repr(run.excluded["reason"].to_list())]
            at.gate.faults.clear()
            at.given()
        history = ws.runs
        told += history["goals"].to_list() + history["details"].to_list()
        told += [repr(conn), repr(ws), repr(ws.connections), repr(conn.settings), repr(at.settings), repr(at.discovery)]
        told += [repr(at.outgoing(dict(enumerate([ANN])), "Ann Adams")), repr(at.driver())]
        told += [record.getMessage() for record in caplog.records]
    whole = "\n".join(told)
    assert states == ["succeeded_with_warnings", *["failed"] * 5]
    assert len(whole) > 10_000
    secrets = [*at.secrets, *(address for address, _ in people), "example.net", "Adams", "Baker", "Evans", "no number"]
    assert [secret for secret in secrets if secret in whole] == []
