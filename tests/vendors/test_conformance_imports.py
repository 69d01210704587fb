"""The features of imports that every vendor has, by their numbers: the part of the conformance suite about rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.workspace.connection import Connection
from tests.vendors.anywhere import stage_of
from tests.vendors.case import everywhere, exchanging, with_lists
from tests.vendors.stage import ANN, BOB, EVA, Stage, load

each_vendor = pytest.mark.parametrize("vendor", everywhere())
each_vendor_with_lists = pytest.mark.parametrize("vendor", with_lists(exchanging()))


def two_lists(at: Stage) -> tuple[str, str]:
    """The names of two lists of the vendor on which people can be put."""
    names = [each.name for each in at.discovery.lists if each.target]
    first, second, *_ = (name for name in names if names.count(name) == 1)
    return first, second


def run_of(conn: Connection, goal: Mapping[str, Any]) -> Mapping[str, Any]:
    """The counters of a goal, run by itself in the place of the one before it."""
    name = goal["name"]
    if name in conn.goals:
        conn.goals.replace(name, **goal)
    else:
        conn.goals.add(**goal)
    run = conn.run(name)
    run.raise_for_state()
    counters: Mapping[str, Any] = run.counters
    return counters


def profiles(ws: cdpkit.Workspace, *names: str) -> dict[str, Any]:
    """By address: the value of one property, or those of several."""
    rows = ws.profiles.select("email", *names).collect().rows()
    return {email: values[0] if len(names) == 1 else values for email, *values in rows}


@each_vendor_with_lists
def test_f61_f62_f63_f64_f65_everybody_or_the_people_of_some_lists_are_imported(vendor: str, tmp_path: Path) -> None:
    """The first step of a goal chooses; lists are picked by name or id, one or several."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        one, other = two_lists(at)
        ids = {each.name: each.id for each in at.discovery.lists}
        at.write({"email": ANN, "text": "a"}, lists=[one])
        at.write({"email": BOB, "text": "b"}, lists=[other])
        assert run_of(conn, at.import_goal(name="One", source={"lists": [one]}))["created"] == 1
        assert [*profiles(ws, "imported")] == [ANN]
        assert run_of(conn, at.import_goal(name="Both", source={"lists": [one, ids[other]]}))["created"] == 1
        at.write({"email": EVA, "text": "e"})
        assert run_of(conn, at.import_goal(name="All"))["created"] == 1
        assert {*profiles(ws, "imported")} == {ANN, BOB, EVA}
        there = conn.lists
        assert {one, other, at.case.list} <= {*there["name"]}


@each_vendor_with_lists
@pytest.mark.parametrize("made", [True, False])
def test_f68_f69_f70_all_list_names_of_a_person_are_saved(vendor: str, made: bool, tmp_path: Path) -> None:
    """In a property that is searched or made on the spot; further lists join in a later run, or replace with a rule."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        if made:
            ws.properties.add("on_lists", multi=True)
        one, other = two_lists(at)
        at.write({"email": ANN, "text": "a"}, {"email": BOB, "text": "b"}, lists=[one])
        at.write({"email": ANN, "text": "a"}, lists=[other])
        goal = at.import_goal(source={"lists": [one, other]}, save_lists_to="on_lists", mappings=[])
        run_of(conn, goal)
        assert ws.properties["on_lists"].multi
        assert ws.profiles.collect().height == 2
        assert {email: {*names} for email, names in profiles(ws, "on_lists").items()} == {ANN: {one, other}, BOB: {one}}
        load(ws, {"customer": "c", "email": EVA, "active": True})
        ws.load([{"e": EVA, "l": "by hand"}], {"e": "email"}, [{"from": "l", "to": "on_lists", "rule": "add"}])
        at.write({"email": EVA, "text": "e"}, lists=[other])
        assert run_of(conn, goal)["updated"] == 1
        assert profiles(ws, "on_lists")[EVA] == ["by hand", other]
        run_of(conn, {**goal, "save_lists_rule": "set_or_clear"})
        assert profiles(ws, "on_lists")[EVA] == [other]
        assert {*profiles(ws, "on_lists")[BOB]} == {one}


@each_vendor
def test_f71_f72_f73_f74_f75_people_are_matched_by_all_identifiers_at_once(vendor: str, tmp_path: Path) -> None:
    """Who lacks one is left out, who matches nobody waits until the goal may create; each is counted by its reason."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        text, number = at.case.fields["text"], at.case.fields["number"]
        at.write(*({"email": email, "text": f"N-{n}", "number": n} for n, email in enumerate((ANN, BOB))))
        at.write({"email": EVA, "number": 3})
        load(ws, {"customer": "N-0", "email": ANN}, {"customer": "N-9", "email": BOB})
        both = {at.case.identifier: "email", text: "customer"}
        goal = at.import_goal(identifiers=both, create_profiles=False, mappings=[{"from": number, "to": "number"}])
        counters = run_of(conn, goal)
        assert counters["excluded"] == {"no_match": 1, "missing_identifier": 1}
        assert (counters["created"], counters["updated"]) == (0, 1)
        by_text = {**goal, "identifiers": {text: "customer"}, "create_profiles": True}
        counters = run_of(conn, by_text)
        assert (counters["created"], counters["excluded"]) == (1, {"missing_identifier": 1})
        by_mail = {**goal, "identifiers": {at.case.identifier: "email"}}
        assert run_of(conn, by_mail)["excluded"] == {"no_match": 1}
        assert run_of(conn, {**by_mail, "create_profiles": True})["created"] == 1


def first_letters(rows: pl.LazyFrame) -> pl.LazyFrame:
    """A text's first letter, upper case."""
    texts = pl.selectors.string() - pl.selectors.by_name("email", "EmailAddress", require_all=False)
    return rows.with_columns(texts.str.slice(0, 1).str.to_uppercase())


@each_vendor
def test_f77_f78_f79_f80_processors_filter_and_change_rows_before_matching(vendor: str, tmp_path: Path) -> None:
    """In their order: built in, SQL, a Python function; each row that one takes out is counted under its name."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        text, number = at.case.fields["text"], at.case.fields["number"]
        ws.processors.add("first letters", first_letters)
        people = [(ANN, " ann ", 1), (BOB, "bob", 2), (EVA, "eva", 3)]
        at.write(*({"email": email, "text": name, "number": n} for email, name, n in people))
        steps = [
            {"processor": "trim", "fields": [text]},
            {"processor": "filter", "expression": f"\"{text}\" <> 'bob'", "name": "no Bob"},
            {"processor": "sql", "text": f'select * exclude ("{number}"), 10 * try_cast("{number}" as bigint) as tens '
             f"from rows where lower(\"{text}\") <> 'eva'", "name": "tens"},
            "first letters",
        ]  # fmt: skip
        rows = [{"from": text, "to": "letter"}, {"from": "tens", "to": "tens"}]
        counters = run_of(conn, at.import_goal(processors=steps, mappings=rows))
        assert counters["excluded"] == {"processor:no Bob": 1, "processor:tens": 1}
        assert (counters["received"], counters["added"], counters["created"]) == (3, 0, 1)
        assert profiles(ws, "letter", "tens") == {ANN: ["A", 10]}


@each_vendor
def test_f81_to_f95_each_merge_rule_holds_for_values_of_the_vendor(vendor: str, tmp_path: Path) -> None:
    """Set, set if empty, set or clear, add without doubles, sum from nothing on; what is no number is not added."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        for name in ("last", "total", "counted"):
            ws.properties.add(name, type="number")
        load(ws, {"customer": "c", "email": ANN, "kept": "old", "cleared": "old", "words": "many"})
        number, text, empty = at.case.fields["number"], at.case.fields["text"], at.case.people
        joined = at.case.shown("list", ["a", "b"]) == "a|b"  # into one text, as lists come back then too
        several = None if joined else at.case.fields["list"]
        rows = [
            {"from": number, "to": "last", "rule": "set"},
            {"from": number, "to": "total", "rule": "sum"},
            {"from": number, "to": "words", "rule": "sum"},
            {"from": text, "to": "counted", "rule": "sum"},
            {"from": text, "to": "first_text", "rule": "set_if_empty"},
            {"from": empty, "to": "kept", "rule": "set"},
            {"from": empty, "to": "cleared", "rule": "set_or_clear"},
            {"from": text if several is None else several, "to": "added", "rule": "add"},
        ]
        rejected = []
        for whole, word, colours in ((5, "x", ["red"]), (7, "y", ["red", "blue"])):
            at.write({"email": ANN, "number": whole, "text": word, **({"list": colours} if several else {})})
            rejected.append(run_of(conn, at.import_goal(mappings=rows))["rejected"])
        held = ws.profiles.collect().row(0, named=True)
        assert (held["last"], held["total"]) == (7, 12)
        assert (held["words"], held["counted"]) == ("many", None)
        assert [sum(each.values()) for each in rejected] == [1, 1]
        assert (held["first_text"], held["kept"], held["cleared"]) == ("x", "old", None)
        assert held["added"] == (["x", "y"] if several is None else ["red", "blue"])


@each_vendor
def test_f82_f83_f84_f85_rows_are_added_removed_and_changed(vendor: str, tmp_path: Path) -> None:
    """One by one, with a property that there is or a new one, and a rule of its own; the order stays."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        at.write({"email": ANN, "text": "a", "number": 4})
        conn.goals.add(**at.import_goal(mappings=[]))
        ws.properties.add("mine")

        def rows(given: Sequence[Mapping[str, str]]) -> list[tuple[str, str, str]]:
            goal: Any = conn.goals.change("In", mappings=[*given])
            assert conn.check() == []
            return [(row.source, row.target, row.rule.value) for row in goal.mappings]

        one = {"from": at.case.fields["text"], "to": "mine"}
        two = {"from": at.case.fields["number"], "to": "brand_new", "rule": "sum"}
        assert rows([one]) == [(one["from"], "mine", "set")]
        assert rows([two, one]) == [(two["from"], "brand_new", "sum"), (one["from"], "mine", "set")]
        conn.run().raise_for_state()
        assert profiles(ws, "mine", "brand_new") == {ANN: ["a", 4]}
        assert rows([two]) == [(two["from"], "brand_new", "sum")]


@each_vendor
def test_f101_f102_fields_need_no_rows_and_people_may_be_matched_alone(vendor: str, tmp_path: Path) -> None:
    """An import that maps nothing creates people with their identifiers; one that maps one field leaves the rest."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        at.write({"email": ANN, "text": "a", "number": 4})
        assert run_of(conn, at.import_goal(mappings=[]))["created"] == 1
        before = {*ws.profiles.collect_schema().names()}
        run_of(conn, at.import_goal(name="Text", mappings=[{"from": at.case.fields["text"], "to": "text"}]))
        assert {*ws.profiles.collect_schema().names()} - before == {"text"}
        assert profiles(ws, "text") == {ANN: "a"}
