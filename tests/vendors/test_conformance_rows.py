"""What holds for every vendor when rows of mappings are filled in: the part of the conformance suite about fields."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cdpkit.config.goals import read_goal
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.touchpoints import EVENTS
from cdpkit.runs import kinds
from cdpkit.workspace.connection import Connection
from tests.vendors.case import exchanging
from tests.vendors.stage import Stage, stage

each_vendor = pytest.mark.parametrize("vendor", exchanging())


def rows_of(conn: Connection, goal: str) -> list[tuple[str, str]]:
    """From and to, in order."""
    settings: Any = conn.goals[goal]
    return [(row.source, row.target) for row in settings.mappings]


def goals(at: Stage) -> Connection:
    """A connection with an import and an export goal that run."""
    conn = at.connected()[1]
    conn.goals.add(**at.import_goal())
    conn.goals.add(**at.export_goal())
    return conn


@each_vendor
def test_f96_f97_f98_remaining_fields_are_added_to_an_import_at_once(vendor: str, tmp_path: Path) -> None:
    """Each field has a row afterwards but for identifiers and wholes; the goal runs, and a second time adds nothing."""
    with stage(vendor, tmp_path, people=12) as at:
        conn = goals(at)
        there = conn.discover()
        left = conn.goals.remaining("In", there)["name"].to_list()
        assert at.case.people not in left
        assert at.case.identifier not in left
        wanted = {field.name for field in there.found.discovery.fields if not field.in_parts}
        extra = wanted - {*left, at.case.people, at.case.identifier}
        for name in extra:  # the vendor itself has something against these
            goal = at.import_goal(name="Extra", mappings=[{"from": name, "to": "extra"}])
            conn.goals.add(**goal)
            assert any("'Extra'" in problem.where for problem in conn.check())
            conn.goals.remove("Extra")
        assert len(extra) < len(left)
        assert {*left} <= wanted | {*at.importer.identifiers}
        calls = at.calls()
        made: Any = conn.goals.add_remaining("In", "set_if_empty", "its_", discovered=there)
        assert at.calls() == calls
        assert [row.source for row in made.mappings] == [at.case.people, *left]
        assert {(row.target[:4], row.rule) for row in made.mappings[1:]} <= {("its_", "set_if_empty")}
        assert made == conn.goals["In"]
        assert conn.goals.remaining("In", there).is_empty()
        assert conn.goals.add_remaining("In", discovered=there) == made
        assert conn.check() == []
        run = conn.run("In")
        assert (run.counters["created"], run.counters["rejected"]) == (12, {})


@each_vendor
def test_f98_f185_detected_fields_are_mapped_by_an_export_at_once(vendor: str, tmp_path: Path) -> None:
    """Each that a property is named after, with and without the prefix that an import gave it; the goal runs."""
    with stage(vendor, tmp_path, people=12) as at:
        conn = goals(at)
        there = conn.discover()
        conn.goals.add_remaining("In", prefix="its_", discovered=there)
        conn.run("In").raise_for_state()
        fillable = conn.goals.remaining("Out", there)["name"].to_list()
        assert not {*fillable} & {at.case.identifier, at.case.fields["text"]}
        with pytest.raises(ConfigurationError, match="leave the rule out"):
            conn.goals.add_remaining("Out", "sum", discovered=there)
        conn.goals.add_remaining("Out", prefix="its_", discovered=there)
        added = rows_of(conn, "Out")[1:]
        sources = dict(rows_of(conn, "In"))
        assert added == [(sources[field], field) for field in fillable if sources[field].startswith("its_")]
        assert conn.check() == []


@each_vendor
def test_f99_an_empty_row_has_the_prefix_where_the_property_goes(vendor: str, tmp_path: Path) -> None:
    """On the right of an import, on the left of an export."""
    with stage(vendor, tmp_path) as at:
        conn = goals(at)
        assert conn.goals.empty_row("In", "its_") == {"from": "", "to": "its_", "rule": "set"}
        assert conn.goals.empty_row("In") == {"from": "", "to": "", "rule": "set"}
        assert conn.goals.empty_row("Out", "its_") == {"value": "property", "from": "its_", "to": ""}


@each_vendor
def test_f100_a_property_that_exists_is_told_by_row_and_is_no_error(vendor: str, tmp_path: Path) -> None:
    """The import is checked without a problem all the same."""
    with stage(vendor, tmp_path) as at:
        conn = goals(at)
        assert conn.goals.notices("In") == ()
        rows = [{"from": at.case.people, "to": "fresh"}, {"from": at.case.people, "to": "active"}]
        conn.goals.change("In", mappings=rows)
        (told,) = conn.goals.notices("In")
        assert told.where == "mappings no. 2"
        assert "existing property 'active' (boolean)" in told.what
        assert conn.goals.notices("Out") == ()
        assert conn.check() == []


@each_vendor
def test_fields_and_properties_that_are_written_alike_are_suggested(vendor: str, tmp_path: Path) -> None:
    """Both ways, only where types fit, and never what the goal has already."""
    with stage(vendor, tmp_path) as at:
        ws, conn = at.connected()
        text, number = at.case.fields["text"], at.case.fields["number"]
        alike = text.replace(" ", "_").upper()
        ws.properties.add(alike)
        ws.properties.add(f"my_{number.lower()}", type="number")
        ws.properties.add(f"{number.lower()}_by", type="boolean")
        conn.goals.add(**at.import_goal())
        conn.goals.add(**at.export_goal(mappings=[{"value": "text", "text": "x", "to": at.case.people}]))
        there = conn.discover()
        if text not in there.fields["name"]:
            at.put("ann@example.com")  # where fields are there once somebody has a value
            there = conn.discover()
        for goal in ("In", "Out"):
            found = conn.goals.suggestions(goal, there)
            first = found.filter(field=text).row(0, named=True)
            assert first["property"] == alike
            assert first["score"] > 0.9
            assert found["score"].is_between(0.65, 1).all()
            assert found["score"].is_sorted(descending=True)
        conn.goals.change("In", mappings=[{"from": text, "to": alike}])
        left = conn.goals.suggestions("In", there)
        assert left.filter((pl.col("field") == text) | (pl.col("property") == alike)).is_empty()
        with pytest.raises(UnknownNameError, match="no goal 'Inn'"):
            conn.goals.suggestions("Inn", there)


@each_vendor
def test_rows_are_functions_of_a_goal_for_forms(vendor: str, tmp_path: Path) -> None:
    """A goal that is not stored yet, or half filled in, is asked the same, and nothing is written."""
    with stage(vendor, tmp_path) as at:
        ws, conn = at.connected()
        found, catalogue = conn.discover().found, dict(ws.properties)
        half = read_goal(at.import_goal(source={}, mappings=[]))
        rows = kinds.get("import_profiles").rows
        assert rows is not None
        fields = rows.fields(found, half)
        assert at.case.people in {field.name for field in fields}
        added = rows.remaining(half, fields)
        assert added
        assert len(conn.goals) == 0
        assert dict(ws.properties) == catalogue


@each_vendor
def test_fields_say_which_lists_have_them(vendor: str, tmp_path: Path) -> None:
    """By the names of the lists; one question to the vendor answers for fields and lists."""
    with stage(vendor, tmp_path) as at:
        conn = at.connected()[1]
        before = at.calls()
        there = conn.discover()
        asked = at.calls() - before
        assert at.case.people in there.fields["name"]
        assert at.case.list in there.lists["name"]
        assert {*there.fields.explode("lists")["lists"].drop_nulls()} <= {*there.lists["name"]}
        assert there.lists.equals(there.items("lists"))
        assert at.calls() - before == asked
        with pytest.raises(UnknownNameError, match="no kind of thing 'tables'"):
            there.items("tables")
        assert conn.fields.equals(there.fields)
        assert at.calls() - before == 2 * asked


@each_vendor
def test_f142_a_vendor_tells_of_its_mails_or_says_that_it_does_not(vendor: str, tmp_path: Path) -> None:
    """In one form for all of them, for the lists of export goals."""
    with stage(vendor, tmp_path, people=9) as at:
        conn = at.connected()[1]
        conn.goals.add(**at.export_goal())
        if at.vendor.touchpoints is None:
            with pytest.raises(ConfigurationError, match=f"{at.vendor.title} does not tell who opened"):
                conn.touchpoints(date(2000, 1, 1))
        else:
            assert conn.touchpoints(date(2000, 1, 1)).schema == pl.Schema(EVENTS)
