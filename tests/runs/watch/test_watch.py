"""A watch: goals that are carried out as soon as somebody changes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from typer.testing import CliRunner

from cdpkit.cli import app
from cdpkit.errors import ConfigurationError, ConflictError
from cdpkit.runs.run import Run
from cdpkit.runs.watch import watch as watching
from tests.runs.enrichments.place import Place

DAY = 1


@pytest.fixture
def plain(place: Place) -> list[dict[str, Any]]:
    """People whom Acxiom finds; a watch has looked, and three of them are there already."""
    found = [each for each in place.known if each["oddity"] == "plain"]
    place.load(*found[:3])
    place.goal(batch=False, real_time=True, pause="10 days")
    assert place.ws.watch(0) == ()
    return found


def asked(runs: tuple[Run, ...]) -> list[tuple[str, int, int]]:
    """State, members and requests of each run."""
    return [(run.state, run.counters["in_segment"], run.counters["requests"]) for run in runs]


def other(person: dict[str, Any], street: str = "1 Other Street") -> dict[str, Any]:
    """Somebody who has moved."""
    return {**person, "streetAddress": street}


def kept(place: Place) -> dict[str, Any]:
    """What the watch keeps of the goal."""
    found: dict[str, Any] = json.loads((place.ws.path / "watch" / "ax.json").read_text())["goals"]["Enrich"]
    return found


def test_f118_whoever_changes_is_asked_about_at_once_and_nobody_else(place: Place, plain: list[dict[str, Any]]) -> None:
    """Those who come and those of whom a parameter changes; no change of another property, and no own write."""
    place.load(*plain[3:5])
    assert asked(place.ws.watch(0)) == [("succeeded", 2, 2)]
    assert place.ws.watch(0) == ()
    place.load(other(plain[1]))
    assert asked(place.ws.watch(0)) == [("succeeded", 1, 1)]
    place.put({"customer": str(plain[2]["id"]), "shoe": "43"})
    assert place.ws.watch(0) == ()
    assert place.charged == 3
    assert {who: age for who, age in place.ages().items() if age} == {
        str(plain[nth]["id"]): 20 + plain[nth]["id"] % 60 for nth in (1, 3, 4)
    }


def test_f116_a_goal_runs_in_batches_in_real_time_or_both(place: Place, plain: list[dict[str, Any]]) -> None:
    """One that is followed alone waits for no run, and can be run by name; one that does neither is refused."""
    with pytest.raises(ConfigurationError, match="in real time alone"):
        place.run()
    assert place.run(goal="Enrich").counters["requests"] == 3
    place.goal(batch=True, real_time=True, pause="10 days")
    place.load(*plain[3:5])
    assert place.run().counters["requests"] == 2
    assert asked(place.ws.watch(0)) == []
    place.goal(batch=True)
    with pytest.raises(ConfigurationError, match="real_time = true"):
        place.ws.watch(0)
    with pytest.raises(ConfigurationError, match="neither batch nor real_time"):
        place.goal(batch=False)


def test_f128_a_watch_follows_goals_that_are_on(place: Place, plain: list[dict[str, Any]]) -> None:
    """What changes while the connection is off is made up for; while the goal is off, it is not."""
    place.conn.enable(False)
    place.load(plain[3])
    with pytest.raises(ConfigurationError):
        place.ws.watch(0)
    place.conn.enable()
    assert asked(place.ws.watch(0)) == [("succeeded", 1, 1)]
    place.goal(active=False, real_time=True)
    with pytest.raises(ConfigurationError):
        place.ws.watch(0)
    place.load(plain[4])
    place.goal(active=True, real_time=True)
    assert place.ws.watch(0) == ()


def test_a_change_inside_the_pause_waits_for_its_end(place: Place, plain: list[dict[str, Any]]) -> None:
    """No run is made for it before that; then it is asked about, once."""
    place.load(plain[3])
    place.ws.watch(0)
    place.load(other(plain[3]))
    assert place.ws.watch(0) == ()
    assert (kept(place)["rows"], len(kept(place)["later"])) == ([], 1)
    place.clock.go(days=11)
    assert asked(place.ws.watch(0)) == [("succeeded", 1, 1)]
    assert (kept(place)["rows"], kept(place)["later"]) == ([], [])


def test_the_cap_holds_for_a_day_and_those_above_it_are_asked_later(place: Place, plain: list[dict[str, Any]]) -> None:
    """Over runs of the watch and those of the connection."""
    place.goal(real_time=True, max_requests=3)
    place.load(*plain[3:5])
    assert asked(place.ws.watch(0)) == [("succeeded", 2, 2)]
    place.load(*plain[5:8])
    run = place.ws.watch(0)[0]
    assert (run.counters["requests"], run.counters["left_out"]) == (1, {"over_cap": 2})
    assert place.run().counters["requests"] == 0
    place.clock.go(days=DAY, seconds=1)
    assert asked(place.ws.watch(0)) == [("succeeded", 2, 2)]
    assert place.charged == 5


def test_nothing_is_lost_while_the_vendor_fails(place: Place, plain: list[dict[str, Any]]) -> None:
    """The run says why; those who are due stay so, and are tried again after a pause that grows."""
    now, ended = [0.0], list[Run]()
    watch = watching.Watch(place.ws._home, lambda _: None, ended.append, Event(), clock=lambda: now[0])
    place.fault("403", times=2)
    place.load(plain[3])
    for moment in (0.0, 0.5, 1.1, 2.0, 3.2):
        now[0] = moment
        watch.look()
    assert [run.state for run in ended] == ["failed", "failed", "succeeded"]
    assert place.charged == 1


def test_what_others_take_back_or_change_counts_too(place: Place, plain: list[dict[str, Any]]) -> None:
    """An undo changes parameters as a load does; a change of a type that leaves the values is none."""
    place.load(plain[3])
    place.ws.watch(0)
    place.load(other(plain[4]))
    place.ws.watch(0)
    place.clock.go(days=11)
    place.load(other(plain[3]))
    place.ws.undo(place.ws.runs.last.id)
    assert [run.counters["left_out"] for run in place.ws.watch(0)] == [{"same_question": 1}]
    place.ws.properties.change("email", type="email")
    assert place.ws.watch(0) == ()


def test_what_is_kept_of_a_goal_follows_its_name(place: Place, plain: list[dict[str, Any]]) -> None:
    """A goal that is renamed misses nothing; one that was removed knows nothing; what is damaged is put aside."""
    place.load(plain[3])
    place.conn.goals.rename("Enrich", "Asked")
    assert asked(place.ws.watch(0)) == [("succeeded", 1, 1)]
    place.conn.goals.remove("Asked")
    place.load(plain[4])
    place.goal(real_time=True)
    assert place.ws.watch(0) == ()
    path = place.ws.path / "watch" / "ax.json"
    path.write_bytes(path.read_bytes().replace(b"rows", b"r0ws"))
    assert place.ws.watch(0) == ()
    assert len(list(path.parent.iterdir())) == 2


def test_one_watch_at_a_time_until_it_is_stopped(place: Place, plain: list[dict[str, Any]]) -> None:
    """A run that has ended may stop it; a second watch is refused meanwhile, here and in the command line."""
    stop, refused = Event(), list[str]()

    def ended(_run: Run) -> None:
        with pytest.raises(ConflictError, match="another watch"):
            place.ws.watch(0)
        done = CliRunner().invoke(app, ["watch", "-w", str(place.ws.path), "--seconds", "0", "--json"])
        refused.append(json.loads(done.stdout)["error"]["message"])
        stop.set()

    place.load(plain[3])
    assert asked(place.ws.watch(stop=stop, ended=ended)) == [("succeeded", 1, 1)]
    assert refused == ["another watch follows this workspace; one is enough"]
    done = CliRunner().invoke(app, ["watch", "-w", str(place.ws.path), "--seconds", "0", "--json"])
    assert (done.exit_code, json.loads(done.stdout)["runs"]) == (0, {})


KILLED = """
import os, sys, threading
import cdpkit
from cdpkit.runs.watch import watch
keep, left = watch.keep, int(sys.argv[2])
def deadly(*given):
    global left
    keep(*given)
    left -= 1
    if not left:
        os.kill(os.getpid(), 9)
watch.keep = deadly
cdpkit.open(sys.argv[1]).watch(0)
"""


@pytest.mark.parametrize("nth", [1, 2])
def test_a_watch_that_is_killed_misses_nothing_and_asks_nothing_twice(
    place: Place, plain: list[dict[str, Any]], nth: int
) -> None:
    """Before the run that it is about to make, and after it."""
    place.goal(real_time=True, pause="10 years")
    place.load(*plain[3:5])
    command = [sys.executable, "-c", KILLED, str(place.ws.path), str(nth)]
    assert subprocess.run(command, check=False, env=os.environ, timeout=120, cwd=Path.cwd()).returncode == -9
    place.load(plain[5])
    place.ws.watch(0)
    assert place.ws.watch(0) == ()
    assert place.charged == 3
    assert sum(age is not None for age in place.ages().values()) == 3
