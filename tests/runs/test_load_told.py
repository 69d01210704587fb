"""What a person is told of a load: frames, report, progress, failures."""

from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, RunFailedError, UnknownNameError
from tests.runs.loads import MAIL, PLAN, POINTS, source


def test_the_last_five_created_and_updated(ws: cdpkit.Workspace) -> None:
    """Whole profiles, with their ids; never more than five."""
    ws.load(source(("old@x.de", "a"), ("same@x.de", "b")), MAIL, PLAN)
    rows = source(("old@x.de", "c"), ("same@x.de", "b"), *((f"{n}@x.de", "d") for n in range(7)))
    run = ws.load(rows, MAIL, PLAN)
    assert run.updated["email"].to_list() == ["old@x.de"]
    assert sorted(run.created["email"]) == [f"{n}@x.de" for n in range(2, 7)]
    assert set(run.created["profile_id"]) <= set(ws.profiles.collect()["profile_id"])


def test_what_changed_by_property(ws: cdpkit.Workspace) -> None:
    """The summary of a preview counts what is set, changed and cleared."""
    ws.load(source(("a@x.de", "x", 1), ("b@x.de", None, 1), ("c@x.de", "x", None)), MAIL, [*PLAN, *POINTS])
    mapped = [{"from": "plan", "to": "plan", "rule": "set_or_clear"}, *POINTS]
    rows = source(("a@x.de", "y", 1), ("b@x.de", "z", None), ("c@x.de", None, 2), ("d@x.de", "n", 1))
    assert ws.preview_load(rows, MAIL, mapped).summary.rows() == [
        ("plan", "set_or_clear", 1, 1, 1),
        ("points", "sum", 1, 1, 0),
    ]


def test_the_report_counts_what_was_refused_by_field_and_calls_out_a_field_that_is_broken(
    ws: cdpkit.Workspace,
) -> None:
    """Where a large share of the rows has a value that was refused, the report says which field to look at."""
    rows = source(*((f"p{n}@x.de", f"1.0{n},5", "few" if n % 9 == 1 else n) for n in range(20)))
    ws.properties.add("revenue", "decimal")
    run = ws.load(rows.cast(pl.String), MAIL, [{"from": "plan", "to": "revenue"}, *POINTS])
    assert "20  values rejected: not a decimal number (field 'plan')" in run.report()
    assert "3  values rejected: not a whole number (field 'points')" in run.report()
    assert "warning: 20 of 20 rows have a value in 'plan' that was refused" in run.report()
    assert "rows have a value in 'points'" not in run.report()
    assert run.state == "succeeded_with_warnings"


def test_the_report_is_for_people(ws: cdpkit.Workspace) -> None:
    """It names state, goal and every counter that is not empty, and no value of a person."""
    rows = source(("a@x.de", "x", "1"), (None, "x", "1"), ("b@x.de", "x", "abc"))
    run = ws.load(rows, MAIL, [*PLAN, *POINTS], goal="night")
    report = run.report()
    for part in (
        f"load {run.id}: succeeded with warnings",
        "goal 'night'",
        "3  rows received",
        "1  rows excluded: without an identifier that could be read",
        "1  values rejected: not a whole number",
        "2  profiles created",
    ):
        assert part in report
    assert "x.de" not in report
    assert repr(run) == report
    assert ws.run(run.id).as_dict() == run.as_dict()


def test_progress_is_told(ws: cdpkit.Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A function is given each event, `True` writes lines to standard error, nothing else writes anything."""
    events: list[cdpkit.RunEvent] = []
    run = ws.load(source(("a@x.de", "x")), MAIL, PLAN, progress=events.append)
    assert {event.run_id for event in events} == {"", run.id}
    assert [event.stage for event in events] == ["read", "match", "merge", "commit"]
    assert [event.done for event in events] == [0, 0, 1, 1]
    assert capsys.readouterr() == ("", "")
    ws.load(source(("a@x.de", "y")), MAIL, PLAN, progress=True)
    assert "commit" in capsys.readouterr().err


def test_a_failed_load_stores_nothing_and_says_so(ws: cdpkit.Workspace) -> None:
    """What an observer raises is raised, the run is in the history as failed, and the next load goes through."""

    def refuse(event: cdpkit.RunEvent) -> None:
        if event.stage == "commit":
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        ws.load(source(("a@x.de", "x")), MAIL, PLAN, goal="night", progress=refuse)
    failed = ws.run(ws.runs["run_id"].item())
    assert failed.state == "failed"
    with pytest.raises(RunFailedError, match=f"run {failed.id} is failed: ValueError"):
        failed.raise_for_state()
    assert ws.profiles.collect().is_empty()
    run = ws.load(source(("a@x.de", "x")), MAIL, PLAN, goal="night")
    run.raise_for_state()
    assert run.counters["created"] == 1


def test_runs_are_found_again(ws: cdpkit.Workspace) -> None:
    """By their id, in the history and in SQL; an unknown one names the latest."""
    run = ws.load(source(("a@x.de", "x", 1), (None, "y", 2)), MAIL, PLAN, goal="night")
    found = cdpkit.open(ws.path).run(run.id)
    assert found.counters == run.counters
    assert found.changes.equals(run.changes)
    assert ws.sql("select name, state from runs").pl().rows() == [("night", "succeeded_with_warnings")]
    assert ws.sql(f"select count(*) n from run_rows where run_id = '{run.id}'").pl().item() == 2
    with pytest.raises(UnknownNameError, match=f"no run 'x'; there are: {run.id}"):
        ws.run("x")


def test_a_load_without_mappings_creates_profiles_from_identifiers_alone(tmp_path: Path) -> None:
    """Also where a row in between has none, and is left out."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    run = ws.load(pl.DataFrame({"email": ["a@x.de", None, "b@x.de"]}), {"email": "email"})
    assert (run.counters["created"], run.counters["excluded"]) == (2, {"missing_identifier": 1})
    assert ws.profiles.select("email").collect()["email"].to_list() == ["a@x.de", "b@x.de"]


def test_what_was_listed_is_not_listed_again(ws: cdpkit.Workspace) -> None:
    """A row that is as it was ends the second night without a warning, although one of its addresses is none."""
    rows = pl.DataFrame({"mail": [["bad", "ann@x.de"]], "plan": ["gold"]})
    first, second = (ws.load(rows, MAIL, PLAN, goal="nightly") for _ in range(2))
    assert (first.rejected.height, second.rejected.height) == (1, 0)
    assert (first.state, second.state) == ("succeeded_with_warnings", "succeeded")


def test_a_field_that_is_not_there_is_told_once(ws: cdpkit.Workspace) -> None:
    """The property that its mapping would make is no second problem."""
    mapping = [{"from": "Tier", "to": "tier", "rule": "set"}]
    with pytest.raises(ConfigurationError) as caught:
        ws.load(pl.DataFrame({"mail": ["ann@x.de"], "tier": ["a"]}), MAIL, mapping)
    assert [problem.what for problem in caught.value.problems] == ["no field 'Tier'; there are: tier, mail"]


def test_a_run_is_found_by_the_beginning_of_its_id(ws: cdpkit.Workspace) -> None:
    """As long as it is the only one that begins like this."""
    runs = [ws.load(pl.DataFrame({"mail": ["ann@x.de"], "plan": [plan]}), MAIL, PLAN) for plan in ("gold", "lead")]
    assert ws.run(runs[0].id[:-2]).id == runs[0].id
    assert ws.undo(runs[1].id[:-2]).name == runs[1].id
    with pytest.raises(ConfigurationError, match=f"runs begin with '{runs[0].id[:2]}'"):
        ws.run(runs[0].id[:2])


@pytest.mark.parametrize("given", [[1e308, 1e308], [[1e308, 2.0], [1e308]]])
def test_a_number_that_a_sum_does_not_hold_is_listed_as_it_is(ws: cdpkit.Workspace, given: list[object]) -> None:
    """Also a float that no text could hold, and of a list the value that was to be added."""
    ws.properties.add("peak", type="decimal")
    rows = pl.DataFrame({"mail": ["ann@x.de", "ann@x.de"], "peak": given})
    run = ws.load(rows, MAIL, [{"from": "peak", "to": "peak", "rule": "sum"}])
    assert run.rejected.select("source_row", "value", "reason").rows() == [(1, "1e+308", "sum_out_of_range")]


@pytest.mark.parametrize("name", ["row", "Row", "layer", "deleted", "updated_seq"])
def test_no_field_is_mapped_to_a_column_of_the_tables(tmp_path: Path, name: str) -> None:
    """Also where no property of that name is listed, and the mapping would make one."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    people = pl.DataFrame({"email": ["ann@example.com"], "n": [1]})
    with pytest.raises(ConfigurationError, match=f"property '{name}' is kept by the workspace; map to another one"):
        ws.load(people, {"email": "email"}, [{"from": "n", "to": name}])
