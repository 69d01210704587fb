"""The recorder of loads, syncs and undos: one line at the start, one with each commit, one end; and who goes on."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError
from cdpkit.runs.goal_run import LOAD, GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.record import Recorder
from cdpkit.runs.resume import take_over
from cdpkit.runs.run import RUNNING, SYNC, history

DETAILS: Mapping[str, Any] = {"config": 7}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return cdpkit.create(tmp_path / "w")._home


def recorder(home: Home, run: str, kind: str = SYNC, name: str | None = "news", **details: Any) -> Recorder:
    goals = [GoalRun(goal, RUNNING, kind="import_profiles", key=f"news/{goal}") for goal in ("In", "Out")]
    return Recorder(home, run, kind, name, {**DETAILS, **details}, goals if kind == SYNC else goals[:1])


def lines(home: Home, run: str) -> list[tuple[int, str, bool]]:
    """Step, state, and whether it has an end."""
    found = home.tables.scan("runs").filter(pl.col("run_id") == run).sort("step").collect()
    return found.select("step", "state", pl.col("finished_at").is_not_null()).rows()


def test_a_sync_is_running_until_its_end(home: Home) -> None:
    """The line that joins with a goal's commit does not end it; the end comes once."""
    made = recorder(home, "a")
    made.start()
    line = made.goal(GoalRun("In", "succeeded", seq=1, key="news/In"))
    assert (line["step"], line["state"], line["finished_at"]) == (1, "running", None)
    made.put(GoalRun("Out", "succeeded_with_warnings"))
    made.end()
    made.end("again")
    assert lines(home, "a") == [(0, "running", False), (3, "succeeded_with_warnings", True)]


def test_the_commit_of_a_load_is_its_end(home: Home) -> None:
    """Its line has the state in which the only goal ended."""
    made = recorder(home, "a", LOAD)
    made.start()
    line = made.goal(GoalRun("In", "succeeded", seq=1))
    assert (line["step"], line["state"]) == (1, "succeeded")


@pytest.mark.parametrize(
    ("error", "state", "message"),
    [
        (ConfigurationError("mend it"), "failed", "mend it"),
        (ValueError("ada@example.com"), "failed", "ValueError"),
        (KeyboardInterrupt(), "stopped", "interrupted"),
    ],
)
def test_an_error_ends_a_run_and_shows_nobody(home: Home, error: BaseException, state: str, message: str) -> None:
    """Messages are kept of our own errors alone, because others may hold a person's value; goals end likewise."""
    made = recorder(home, "a", LOAD)
    made.start()
    made.fail(error)
    last = cdpkit.open(home.root.local).run("a")
    assert (last.state, last.details["message"], [goal.state for goal in last.goals]) == (state, message, [state])
    assert lines(home, "a") == [(0, "running", False), (1, state, True)]


def test_a_run_that_is_skipped_has_one_line(home: Home) -> None:
    """And its goals are skipped too."""
    recorder(home, "a").skip("another one is at work")
    last = cdpkit.open(home.root.local).run("a")
    assert (last.state, [goal.state for goal in last.goals]) == ("skipped", ["skipped", "skipped"])
    assert lines(home, "a") == [(3, "skipped", True)]


@pytest.mark.parametrize("kind", [LOAD, SYNC])
def test_what_a_killed_process_left_is_gone_on_with(home: Home, kind: str) -> None:
    """Under its id, from where its goals are, as long as the same is asked; the start stays when it was."""
    left = recorder(home, "a", kind)
    left.start()
    with ExitStack() as held:
        taken = take_over(recorder(home, "b", kind), held)
        assert (taken.run, taken.started) == ("a", left.started)
        assert [(goal.name, goal.state) for goal in taken.goals] == [(goal.name, RUNNING) for goal in left.goals]
        assert home.at_work("a")
        with ExitStack() as other:
            assert take_over(recorder(home, "c", kind), other).run == "c", "somebody is at work on it"


@pytest.mark.parametrize(
    ("kind", "name", "details"),
    [(LOAD, "news", {"config": 8}), (SYNC, "news", {"config": 8}), (SYNC, "news", {"asked": 1}), (LOAD, None, {})],
)
def test_what_nobody_goes_on_with_is_closed(home: Home, kind: str, name: str | None, details: dict[str, Any]) -> None:
    """Another configuration, another question, or a load without a name."""
    recorder(home, "a", kind, name).start()
    with ExitStack() as held:
        assert take_over(recorder(home, "b", kind, name, **details), held).run == "b"
    last = cdpkit.open(home.root.local).run("a")
    assert (last.state, last.details["message"]) == ("failed", "the process ended before the run did")


def test_runs_of_other_names_are_left_alone(home: Home) -> None:
    """Another connection, and a load of the same name."""
    recorder(home, "a", SYNC, "other").start()
    recorder(home, "b", LOAD, "news").start()
    with ExitStack() as held:
        assert take_over(recorder(home, "c"), held).run == "c"
    assert history(home)["state"].to_list() == ["stopped", "stopped"]
