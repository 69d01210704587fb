"""Processors on the way to any vendor: the part of the conformance suite about what is done before sending."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.vendors.anywhere import stage_of
from tests.vendors.case import everywhere
from tests.vendors.stage import ANN, BOB, EVA, load

each_vendor = pytest.mark.parametrize("vendor", everywhere())


def in_brackets(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Each mapped text in brackets, without Bob."""
    texts = pl.selectors.string() - pl.selectors.by_name("email", "EmailAddress", require_all=False)
    return rows.filter(~pl.any_horizontal(texts == "bob")).with_columns(texts.str.replace("^(.*)$", "[${1}]"))


@each_vendor
def test_f180_processors_filter_and_change_rows_before_they_are_sent(vendor: str, tmp_path: Path) -> None:
    """In their order: built in, a Python function, SQL; who is taken out is counted, and sent once no step minds."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        ws.processors.add("in brackets", in_brackets)
        text, number = at.case.fields["text"], at.case.fields["number"]
        people = {ANN: "ann", BOB: "bob", EVA: "eva"}
        ws.properties.add("points", type="number")
        load(
            ws, *({"customer": a, "email": a, "active": True, "note": f" {n} ", "points": 2} for a, n in people.items())
        )
        steps: list[Any] = [
            {"processor": "trim", "fields": [text]},
            {"processor": "filter", "expression": f"{at.case.identifier} like '%@%'"},
            "in brackets",
            {"processor": "sql", "name": "no Eva", "text": f'select * replace ("{number}" * 10 as "{number}") '
             f"from rows where \"{text}\" <> '[eva]'"},
        ]  # fmt: skip
        mappings = [{"from": "note", "to": text}, {"from": "points", "to": number}]
        conn.goals.add(**at.export_goal(mappings=mappings, processors=steps))
        assert conn.check() == []
        run = conn.run()
        counters = run.counters
        assert run.state == "succeeded", run.report()
        assert counters["skipped"] == {"processor:in brackets": 1, "processor:no Eva": 1}
        assert (counters["in_segment"], counters["accepted"]) == (3, 1)
        there = at.people()
        assert {*there} == {ANN}
        assert there[ANN][text] == "[ann]"
        assert there[ANN][number] == at.case.shown("number", 20)
        conn.goals.change("Out", processors=steps[:1])
        assert conn.run().counters["accepted"] == 3
        assert {address: person[text] for address, person in at.people().items()} == people


@each_vendor
@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("in bracket", "in brackets"),
        ({"processor": "sql", "text": "select 1 as one from rows"}, "_source_row"),
        ({"processor": "sql", "text": "select * from read_csv('/etc/passwd')"}, "disabled by configuration"),
        ({"processor": "filter", "expression": "nowhere = 1"}, "nowhere"),
        ("returns nothing", "pl.LazyFrame"),
        ("forgets", "_source_row"),
    ],
)
def test_a_step_that_cannot_run_fails_its_goal_with_what_to_mend(
    vendor: str, step: Any, said: str, tmp_path: Path
) -> None:
    """In both directions alike, and before anything is stored or sent."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        ws.processors.add("in brackets", in_brackets)
        ws.processors.add("returns nothing", lambda _: None)
        ws.processors.add("forgets", lambda rows: rows.drop("_source_row"))
        at.put(BOB)
        load(ws, {"customer": "a", "email": ANN, "active": True})
        conn.goals.add(**at.import_goal(processors=[step]))
        conn.goals.add(**at.export_goal(processors=[step]))
        before, seq = at.people(), ws.profiles.collect().height
        run = conn.run()
        assert run.state == "failed"
        assert [goal.state for goal in run.goals] == ["failed"] * 2
        assert all(said in str(goal.message) for goal in run.goals)
        assert (at.people(), ws.profiles.collect().height) == (before, seq)


def boom(_: pl.LazyFrame) -> pl.LazyFrame:
    raise ZeroDivisionError(f"{ANN} by nothing")


@each_vendor
def test_what_a_function_raises_fails_its_goal_alone_and_tells_no_value(vendor: str, tmp_path: Path) -> None:
    """Its own words may hold values of rows; the step and the kind of error are told."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        ws.processors.add("boom", boom)
        at.put(BOB)
        load(ws, {"customer": "a", "email": ANN, "active": True})
        conn.goals.add(**at.import_goal(processors=["boom"]))
        conn.goals.add(**at.export_goal())
        run = conn.run()
        assert [goal.state for goal in run.goals] == ["failed", "succeeded"]
        reason = str(run.goals[0].message)
        assert "boom" in reason
        assert "ZeroDivisionError" in reason
        assert ANN not in run.report()


@each_vendor
def test_a_step_cannot_change_who_somebody_is_at_the_vendor(vendor: str, tmp_path: Path) -> None:
    """It may look at identifiers; who was sent under another one could never be taken off a list again."""
    with stage_of(vendor, tmp_path) as at:
        ws, conn = at.connected()
        load(ws, {"customer": "a", "email": ANN, "active": True})
        step = {"processor": "fixed_value", "field": at.case.identifier, "value": EVA}
        conn.goals.add(**at.export_goal(processors=[step]))
        run = conn.run()
        assert f"a processor changed the identifier {at.case.identifier!r}" in str(run.goals[0].message)
        assert at.people() == {}
