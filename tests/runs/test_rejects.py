"""What was refused: whom it was meant for, mended and taken again, each value once."""

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cdpkit
from cdpkit.errors import ConfigurationError


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """Profiles known by `email`, with one value of each kind."""
    made = cdpkit.create(tmp_path / "workspace")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("points", type="number")
    made.properties.add("day", type="date")
    made.properties.add("tags", type="number", multi=True)
    return made


def owners(ws: cdpkit.Workspace) -> list[tuple[object, ...]]:
    """For each rejected value its source row, field, and the e-mail address of the profile that it names."""
    table = ws._home.tables.scan("rejected")
    profiles = ws._home.tables.snapshot().profiles().select("row", "email")
    found = table.join(profiles, on="row", how="left").select("source_row", "field", "email").collect()
    return sorted(found.rows(), key=str)


def test_a_rejected_value_names_the_profile_that_its_row_reached(ws: cdpkit.Workspace) -> None:
    """A created one, one that was there, and none where the row reached nobody."""
    ws.load([{"email": "old@example.com"}], {"email": "email"})
    rows = [
        {"email": "old@example.com", "points": "x"},
        {"email": "new@example.com", "points": "y"},
        {"email": "nobody", "points": "z"},
    ]
    run = ws.load(rows, {"email": "email"}, [{"from": "points"}])
    assert owners(ws) == [(0, "points", "old@example.com"), (1, "points", "new@example.com"), (2, "email", None)]
    assert run.rejected.columns == ["source_row", "field", "property", "value", "reason"]
    assert run.rejected.height == 3
    assert run.conflicts.is_empty()


def test_a_value_that_was_meant_for_several_profiles_names_none(ws: cdpkit.Workspace) -> None:
    """It is listed once, and belongs to nobody alone."""
    ws.properties.add("code", identifier=True)
    both = [{"email": f"{name}@example.com", "code": "same"} for name in "ab"]
    ws.load(both, {"email": "email"}, [{"from": "code"}])
    run = ws.load([{"code": "same", "points": "x"}], {"code": "code"}, [{"from": "points"}], on_multiple_matches="all")
    assert run.counters["rejected"] == {"not_a_whole_number": 1}
    assert owners(ws) == [(0, "points", None)]


def test_what_a_processor_could_not_read_names_its_profile(ws: cdpkit.Workspace) -> None:
    """Though the value never came to the profile."""
    steps = [{"processor": "parse_dates", "fields": ["day"], "formats": ["%d.%m.%Y"]}]
    rows = pl.DataFrame({"email": ["a@example.com", "b@example.com"], "day": ["31.01.2024", "soon"]})
    ws.load(rows, {"email": "email"}, [{"from": "day"}], processors=steps)
    assert owners(ws) == [(1, "day", "b@example.com")]


def test_conflicts_of_an_undo_are_no_rejected_values(ws: cdpkit.Workspace) -> None:
    """Both lie in one table and name profiles; each frame has its own."""
    run = ws.load([{"email": "a@example.com", "points": "x"}], {"email": "email"}, [{"from": "points"}])
    ws.load([{"email": "a@example.com", "points": "1"}], {"email": "email"}, [{"from": "points"}])
    back = ws.undo(run)
    assert back.conflicts.height == 1
    assert back.rejected.is_empty()
    assert ws.run(run.id).rejected.height == 1


def refused(ws: cdpkit.Workspace) -> cdpkit.Run:
    """Three profiles, of which two have values that do not fit."""
    rows = pl.DataFrame(
        {
            "email": ["a@example.com", "b@example.com", "c@example.com"],
            "points": ["1,000", "twelve", "3"],
            "day": ["31.01.2024", None, "2024-02-01"],
        }
    )
    mappings = [{"from": "points", "rule": "sum"}, {"from": "day"}]
    return ws.load(rows, {"email": "email"}, mappings)


def held(ws: cdpkit.Workspace, *names: str) -> dict[str, tuple[object, ...]]:
    """E-mail address -> values."""
    return {mail: tuple(rest) for mail, *rest in ws.profiles.select("email", *names).collect().iter_rows()}


def test_refused_values_stand_in_groups(ws: cdpkit.Workspace) -> None:
    """By goal, reason and field, with whom they were meant for; the run tells of no value of anybody."""
    rejects = refused(ws).rejects
    assert rejects.groups.select("reason", "field", "lines", "profiles", "mendable").rows() == [
        ("not_a_whole_number", "points", 2, 2, 2),
        ("not_a_date", "day", 1, 1, 1),
    ]
    assert rejects.frame["identifier"].to_list() == ["a@example.com", "a@example.com", "b@example.com"]
    assert rejects.count == 3
    assert "not a whole number" in repr(rejects)
    assert "twelve" not in repr(rejects) + rejects._repr_html_()


def test_what_is_mended_arrives_once_and_the_rest_stays_listed(ws: cdpkit.Workspace) -> None:
    """By a mapping of lines; the load says from which run, and a second one has nothing to do."""
    run = refused(ws)
    line = run.rejects.filter(field="points", identifier="a@example.com").frame["line"].item()
    again = run.rejects.mend({line: 1000}).load_again()
    assert again.state == "succeeded"
    assert again.details["mends"] == run.id
    assert again.changes.select("property", "after", "rule", "source_row").rows() == [("points", "1000", "sum", line)]
    assert again.counters["received"] == again.counters["applied"] == 1
    assert f"takes again what run {run.id} had refused" in again.report()
    assert held(ws, "points")["a@example.com"] == (1000,)
    assert line not in run.rejects.frame["line"]
    assert run.rejects.count == 2
    assert run.rejected.height == 3
    with pytest.raises(ConfigurationError, match="nothing is mended"):
        run.rejects.load_again()
    assert again.rejects.mend(pl.col("value")).count == 0
    assert ws.undo(again).rejects.mend({}).count == 0


def test_an_edited_frame_and_an_expression_are_corrections(ws: cdpkit.Workspace) -> None:
    """Of an expression what fits is taken; of a frame what differs from what was refused."""
    rejects = refused(ws).rejects
    by_rule = rejects.mend(pl.col("value").str.replace(",", "", literal=True))
    assert by_rule.frame["mended"].drop_nulls().to_list() == ["1000"]
    day = pl.when(field="day").then(pl.lit("2024-01-31")).otherwise("value").alias("value")
    both = by_rule.mend(by_rule.frame.with_columns(day).drop("mended"))
    assert both.groups.select("field", "mended").rows() == [("points", 1), ("day", 1)]
    both.load_again()
    assert held(ws, "points", "day")["a@example.com"] == (1000, date(2024, 1, 31))


@pytest.mark.parametrize(
    ("corrections", "message"),
    [
        ({99: "1"}, "1 of the lines are not listed: 99"),
        ({0: "x"}, "line 0: the correction does not fit"),
        ({"line": [0, 0], "value": ["1", "2"]}, "more than once"),
        ({"field": ["points"], "value": ["2"]}, "a frame with the columns 'line' and 'mended'"),
    ],
)
def test_corrections_that_cannot_be_are_refused_by_line(
    ws: cdpkit.Workspace, corrections: object, message: str
) -> None:
    """And without a value of anybody."""
    with pytest.raises(ConfigurationError, match=message):
        refused(ws).rejects.mend(corrections)


def test_values_of_rows_that_reached_nobody_are_not_mended_here(ws: cdpkit.Workspace) -> None:
    """The row was not stored, so that its other values would be missing; it can be dropped."""
    run = ws.load([{"email": "nobody", "points": "1"}], {"email": "email"}, [{"from": "points"}])
    assert run.rejects.frame["mendable"].to_list() == [False]
    with pytest.raises(ConfigurationError, match=r"line 0: .* load it again"):
        run.rejects.mend({0: "a@example.com"})
    dropped = run.rejects.drop().load_again()
    assert dropped.counters["excluded"] == {"dropped": 1}
    assert dropped.state == "succeeded"
    assert run.rejects.count == 0
    ws.undo(dropped)
    assert run.rejects.count == 1


def test_mended_elements_join_the_list_that_their_row_brought(ws: cdpkit.Workspace) -> None:
    """Under `set` too: the other elements were taken already."""
    rows = pl.DataFrame({"email": ["a@example.com"], "tags": [["1", "x", "3", "y"]]})
    run = ws.load(rows, {"email": "email"}, [{"from": "tags"}])
    run.rejects.mend({0: "2", 1: "4"}).load_again()
    assert held(ws, "tags")["a@example.com"] == ([1, 3, 2, 4],)
    assert run.rejects.count == 0


def test_a_line_that_somebody_else_has_mended_is_not_mended_twice(ws: cdpkit.Workspace) -> None:
    """Whoever comes second is told; an undo of the first one lists the line again."""
    run = refused(ws)
    first, second = (run.rejects.filter(field="points", identifier="a@example.com").mend({1: "5"}) for _ in range(2))
    load = first.load_again()
    with pytest.raises(ConfigurationError, match="1 of the lines have been mended or dropped meanwhile"):
        second.load_again()
    assert held(ws, "points")["a@example.com"] == (5,)
    ws.undo(load)
    assert run.rejects.count == 3
    second.load_again()
    assert held(ws, "points")["a@example.com"] == (5,)


def test_a_correction_for_somebody_who_is_gone_stays_listed(ws: cdpkit.Workspace) -> None:
    """The load says that it matched nobody."""
    run = refused(ws)
    mended = run.rejects.filter(field="day").mend({0: "2024-01-31"})
    ws.undo(run)
    again = mended.load_again()
    assert again.counters["excluded"] == {"no_match": 1}
    assert run.rejects.count == 3


VALUES = st.sampled_from(["1", "2", "x", "1,5", "", None])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), VALUES), min_size=1, max_size=8), st.data())
def test_mending_in_any_order_stores_each_value_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str | None]], data: st.DataObject
) -> None:
    """Sums are what they would be had the mended values come with the source, and what is left stays listed."""
    ws = cdpkit.create(tmp_path_factory.mktemp("ws") / "workspace")
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("points", type="number")
    source = pl.DataFrame(
        {"email": [f"{who}@example.com" for who, _ in rows], "points": [value for _, value in rows]},
        schema={"email": pl.String, "points": pl.String},
    )
    run = ws.load(source, {"email": "email"}, [{"from": "points", "rule": "sum"}])
    expected = Counter[str]()
    for who, value in rows:
        expected[f"{who}@example.com"] += int(value) if value in ("1", "2") else 0
    left = dict(run.rejects.frame.select("line", "identifier").iter_rows())
    assert len(left) == sum(value in ("x", "1,5") for _, value in rows) == sum(run.counters["rejected"].values())
    for _ in range(data.draw(st.integers(0, 3))):
        if not left:
            break
        chosen = data.draw(st.lists(st.sampled_from(sorted(left)), unique=True, min_size=1))
        load = run.rejects.mend(dict.fromkeys(chosen, "10")).load_again()
        assert load.counters["received"] == load.counters["applied"] == len(chosen)
        for line in chosen:
            expected[left.pop(line)] += 10
        assert sorted(run.rejects.frame["line"]) == sorted(left)
    assert {mail: points or 0 for mail, (points,) in held(ws, "points").items()} == dict(expected)
