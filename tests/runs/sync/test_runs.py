"""Runs of a connection: one at a time, in order, recorded as they were, and taken back."""

import subprocess
import sys
from typing import Any

import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, RunFailedError, UnknownNameError
from tests.runs.sync.place import LIST, PLAN, Place, address, at_stage, goal, pros

ANN, BOB = "ann@example.com", "bob@example.com"
SECOND = """
import sys, cdpkit
run = cdpkit.open(sys.argv[1]).connection("news").run()
print(run.state, run.details["message"])
"""


def test_goals_run_by_kind_and_a_failing_one_does_not_stop_the_next(place: Place) -> None:
    """Imports come first, then exports, in the user's order; each goal has its own state, and the run is failed."""
    place.write({"email": ANN, "firstName": "Ann"})
    place.load(*pros(1))
    place.exporting(name="E1")
    place.importing(name="I1", source={"lists": ["Nowhere"]})
    place.importing(name="I2")
    place.ws.segments.add("nobody", "false")
    place.exporting(name="E2", target={}, segment="nobody")
    place.ws.segments.remove("nobody")
    place.importing(name="Off", active=False)
    run = place.conn.run()
    assert [(one.name, one.state) for one in run.goals] == [
        ("I1", "failed"),
        ("I2", "succeeded"),
        ("E1", "succeeded"),
        ("E2", "failed"),
    ]
    assert run.state == "failed"
    assert place.ws.run(run.id).state == "failed"
    assert [bool(one.message) for one in run.goals] == [True, False, False, True]
    assert run.seq is not None
    assert place.members() == address(1)
    with pytest.raises(RunFailedError, match="no list 'Nowhere'"):
        run.raise_for_state()


def test_a_connection_that_is_off_runs_only_by_force(place: Place) -> None:
    """The refusal names how to switch it on; nothing is recorded by it."""
    place.load(*pros(1))
    place.exporting()
    place.conn.enable(False)
    with pytest.raises(ConfigurationError, match=r"conn\.enable\(\), or run with force=True"):
        place.conn.run()
    assert place.conn.runs.is_empty()
    assert [problem.where for problem in place.conn.check()] == ["enabled"]
    assert place.conn.run(force=True).state == "succeeded"
    place.load(*pros(2))
    preview = place.conn.preview()
    assert place.conn.run(preview=preview, force=True).counters["accepted"] == 1


def test_what_cannot_be_run_is_misuse(place: Place) -> None:
    """No goal, no active goal, and an unknown goal are refused before anything is recorded."""
    with pytest.raises(ConfigurationError, match="no active goal"):
        place.conn.run()
    place.exporting(active=False)
    with pytest.raises(ConfigurationError, match="no active goal"):
        place.conn.preview()
    with pytest.raises(UnknownNameError, match=r"no goal 'Proos'; there are: Pros;"):
        place.conn.run("Proos")
    assert place.conn.runs.is_empty()


def test_a_run_of_another_process_meanwhile_is_recorded_as_skipped(place: Place) -> None:
    """While one run of a connection is at work, one that comes in another process does nothing and says so."""
    place.load(*pros(1))
    place.exporting()
    said: list[str] = []

    def elsewhere() -> None:
        command = [sys.executable, "-c", SECOND, str(place.ws.path)]
        said.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    run = place.conn.run(progress=at_stage("send", elsewhere))
    assert said[0].strip() == "skipped another run of this connection is at work"
    assert run.state == "succeeded"
    assert sorted(place.conn.runs["state"]) == ["skipped", "succeeded"]
    assert place.calls("POST /api/users/bulkUpdate") == 1


def test_other_connections_do_not_wait(place: Place) -> None:
    """Two connections of a workspace may run at the same time; both commit."""
    place.write({"email": ANN, "firstName": "Ann"})
    place.importing()
    other = place.ws.connect("iterable", name="other", settings=dict(place.conn.settings))
    other.goals.add(**goal(place, "Subscribers"))
    runs: list[Any] = []
    first = place.conn.run(progress=at_stage("match", lambda: runs.append(other.run())))
    assert (runs[0].state, runs[0].counters["created"]) == ("succeeded", 1)
    assert (first.state, first.counters["created"], first.counters["unchanged"]) == ("succeeded", 0, 1)


def test_an_error_that_is_none_of_ours_is_raised_and_recorded(place: Place) -> None:
    """Here one of an observer of the user's; the run has failed, and the error's text is not in the history."""

    def broken() -> None:
        raise ZeroDivisionError(ANN)

    place.load(*pros(1))
    place.exporting()
    with pytest.raises(ZeroDivisionError):
        place.conn.run(progress=at_stage("select", broken))
    line = place.conn.runs.row(-1, named=True)
    assert line["state"] == "failed"
    assert "ZeroDivisionError" in line["details"]
    assert ANN not in line["details"] + line["goals"]


def test_the_history_of_a_goal_is_under_its_own_name(place: Place) -> None:
    """Rows, changes and rejections of several goals of one run are told apart, and the last five profiles are shown."""
    place.write(*({"email": f"p{n}@example.com", "firstName": f"P{n}", "note": "x"} for n in range(7)))
    place.ws.properties.add("note", type="number")
    place.importing(name="Names")
    place.importing(name="Notes", mappings=[{"from": "note", "to": "note"}])
    run = place.conn.run()
    assert run.state == "succeeded_with_warnings"
    assert run.rejected["goal"].unique().to_list() == ["Notes"]
    assert run.rejected.select("field", "property", "value", "reason").row(0)[:3] == ("note", "note", "x")
    assert run.created.height == 5
    assert run.created["first_name"].is_in([f"P{n}" for n in range(7)]).all()
    assert place.ws.sql("select goal, count(*) from run_rows group by 1 order by 1").fetchall() == [
        ("news/Names", 7),
        ("news/Notes", 7),
    ]
    assert [one.counters["received"] for one in run.goals] == [7, 7]
    again = place.conn.run()
    assert again.counters["excluded"] == {"not_changed": 14}


def test_a_sync_is_taken_back(place: Place) -> None:
    """What its import goals stored is undone; the rows stay seen, unless they are to be imported again."""
    place.write({"email": ANN, "firstName": "Ann"}, {"email": "pro1@example.com", "firstName": "Bob"})
    place.load(*pros(1))
    before = place.store()[1]
    place.importing(name="First")
    place.importing(name="Second", mappings=[{"from": "firstName", "to": "plan", "rule": "set"}])
    run = place.conn.run()
    assert (run.counters["created"], run.counters["updated"]) == (1, 3)
    back = place.ws.undo(run.id)
    assert back.state == "succeeded"
    after = [{name: value for name, value in row.items() if value is not None} for row in place.store()[1]]
    times = ("updated_at", "updated_seq")
    assert [{k: v for k, v in row.items() if k not in times} for row in after] == [
        {k: v for k, v in row.items() if k not in times and v is not None} for row in before
    ]
    assert place.conn.run().counters["excluded"] == {"not_changed": 4}


def test_a_sync_is_taken_back_and_imported_again(place: Place) -> None:
    """With `reimport` the next run applies the rows again."""
    place.write({"email": ANN, "firstName": "Ann"})
    place.importing()
    run = place.conn.run()
    place.ws.undo(run.id, reimport=True)
    assert place.store()[1] == []
    assert place.conn.run().counters["created"] == 1


def test_a_sync_that_only_exported_is_not_taken_back(place: Place) -> None:
    """Nothing can be fetched back from a vendor; the refusal says that."""
    place.load(*pros(1))
    place.exporting()
    run = place.conn.run()
    with pytest.raises(ConfigurationError, match="export"):
        place.ws.undo(run.id)


def test_what_was_exported_is_named_as_not_undone(place: Place) -> None:
    """Taking back a run that imported and exported says which goals' people stay at the vendor."""
    place.write({"email": ANN, "firstName": "Ann"})
    place.load(*pros(1))
    place.importing()
    place.exporting(target={"lists": [LIST]}, mappings=[PLAN])
    run = place.conn.run()
    back = place.ws.undo(run.id)
    assert "Pros" in back.report()
    assert place.members() == address(1)


def test_a_workspace_that_is_opened_elsewhere_knows_the_same(place: Place) -> None:
    """Connections, goals, what goals know and the history are the folder's."""
    place.load(*pros(1))
    place.exporting()
    run = place.conn.run()
    other = cdpkit.open(place.ws.path)
    assert list(other.connections) == ["news"]
    assert other.run(run.id).counters == run.counters
    assert other.connection("news").run().counters["skipped"] == {"not_due": 1}
    assert BOB not in repr(other.connections)


def test_frames_of_a_sync_name_goal_profile_and_identifier(place: Place) -> None:
    """Whoever was handled, refused or left out can be looked up; a sync leaves no conflicts."""
    place.load(*pros(1), {"customer": "c9", "email": "forgotten.7@example.com", "plan": "pro"})
    name = place.exporting()
    run = place.conn.run()
    ids = dict(place.ws.profiles.select("email", "profile_id").collect().iter_rows())
    rows = run.rows.select("goal", "profile_id", "identifier", "fate").sort("identifier").rows()
    assert rows == [
        (name, ids["forgotten.7@example.com"], "forgotten.7@example.com", "rejected"),
        (name, ids["pro1@example.com"], "pro1@example.com", "accepted"),
    ]
    assert run.rejected["identifier"].to_list() == ["forgotten.7@example.com"]
    assert run.conflicts.is_empty()


def test_a_sync_that_could_not_begin_says_so_of_each_goal(place: Place) -> None:
    """No goal stands in the report without a word."""
    place.exporting()
    (place.ws.path / "key.txt").write_text("another key")
    run = place.conn.run()
    assert run.state == "failed"
    assert [goal.message for goal in run.goals] == ["did not end, because the run did not"]
