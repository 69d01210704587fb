"""What an object of the public surface shows when a person looks at it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cdpkit
from cdpkit.config.goals import read_goal
from cdpkit.problem import Problem
from cdpkit.workspace.connection import CheckList
from tests.runs.sync.place import LIST, Place, place

_ADDRESS = re.compile(r"<.* at 0x|object at 0x")


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A workspace in which there is something of everything."""
    with place(tmp_path_factory.mktemp("reprs")) as made:
        made.load({"customer": "1", "email": "pro1@example.com", "plan": "pro"})
        made.ws.objectives.add("newsletter", description="News, once a month")
        made.ws.processors.add("first_two", first_two)
        made.importing(active=False)
        made.exporting()
        made.conn.run().raise_for_state()
        yield made


def first_two(rows: Any) -> Any:
    """Keep two rows."""
    return rows.head(2)


SHOWN: dict[str, Callable[[Place], object]] = {
    "workspace": lambda at: at.ws,
    "properties": lambda at: at.ws.properties,
    "property": lambda at: at.ws.properties["email"],
    "segments": lambda at: at.ws.segments,
    "segment": lambda at: at.ws.segments["pros"],
    "objectives": lambda at: at.ws.objectives,
    "objective": lambda at: at.ws.objectives["newsletter"],
    "processors": lambda at: at.ws.processors,
    "processor": lambda at: at.ws.processors["split"],
    "own processor": lambda at: at.ws.processors["first_two"],
    "connections": lambda at: at.ws.connections,
    "connection": lambda at: at.conn,
    "file": lambda at: at.conn.file,
    "file as read": lambda at: at.conn.file.read(),
    "settings": lambda at: at.conn.settings,
    "goals": lambda at: at.conn.goals,
    "goal": lambda at: at.conn.goals["Pros"],
    "checks": lambda at: at.conn.check(),
    "preview of a load": lambda at: at.ws.preview_load({"email": ["x@example.com"]}, {"email": "email"}),
    "preview of a sync": lambda at: at.conn.preview(),
    "run": lambda at: at.ws.run(at.ws.runs["run_id"][-1]),
    "goal of a run": lambda at: at.ws.run(at.ws.runs["run_id"][-1]).goals[0],
    "view": lambda at: at.ws.at(at.ws.runs["run_id"][0]),
    "answer": lambda at: at.ws.sql("select count(*) as n from profiles"),
    "event": lambda _: cdpkit.RunEvent("Pros", "send", 1, 2, "profiles"),
}


@pytest.mark.parametrize("what", SHOWN)
def test_an_object_shows_what_it_is(at: Place, what: str) -> None:
    """Never its class with an address in memory, never the secret."""
    shown = repr(SHOWN[what](at))
    assert shown.strip()
    assert not _ADDRESS.search(shown)
    assert (at.ws.path / "key.txt").read_text() not in shown


def test_a_workspace_tells_what_it_holds(at: Place) -> None:
    """Numbers of profiles and settings, the connections by name, the last runs with their state."""
    shown = repr(at.ws)
    assert "1 profile, 4 properties, 1 segment, 1 connection" in shown
    assert "connections: news" in shown
    assert "sync news: succeeded" in shown


def test_a_catalogue_tells_every_line(at: Place) -> None:
    """All of it, aligned; not cut as a frame is when it is printed."""
    assert re.search(r"email +email +identifier, pii", repr(at.ws.properties))
    assert re.search(r"pros +plan = 'pro'", repr(at.ws.segments))
    assert re.search(r"newsletter +yes +News, once a month", repr(at.ws.objectives))
    assert re.search(r"split +Split texts into lists.* +fields, \[separator\]", repr(at.ws.processors))
    assert "first_two" in repr(at.ws.processors)
    assert re.search(r"Pros +export_profiles +yes", repr(at.conn.goals))
    assert re.search(r"news +iterable +yes +Subscribers, Pros", repr(at.ws.connections))


def test_a_processor_tells_its_options(at: Place) -> None:
    """What each takes, what it is where it is left out, and whether it may be."""
    shown = repr(at.ws.processors["normalize_phone"])
    assert re.search(r"fields +required +a list of texts", shown)
    assert "exclude" in shown
    assert repr(at.ws.processors["first_two"]) == "Processor('first_two'): Keep two rows."


def test_a_connection_tells_its_goals(at: Place) -> None:
    """Its vendor, whether it is on, and a line a goal."""
    shown = repr(at.conn)
    assert "Connection('news'), iterable, on" in shown
    assert re.search(r"Subscribers +import_profiles +no", shown)


def test_a_damaged_file_is_told_not_raised(tmp_path: Path) -> None:
    """Looking at a connection never fails; what is wrong with its file is what it shows."""
    ws = cdpkit.create(tmp_path / "w")
    conn = ws.connect("iterable", settings={"api_key": "file:key"}) if (ws.path / "key").write_text("k") else None
    assert conn is not None
    conn.file.path.local.write_text("vendor =", encoding="utf-8")
    assert "is damaged" in repr(conn)
    assert "its file cannot be read" in repr(ws.connections)


def test_a_list_of_checks() -> None:
    """It is equal to a list of its problems, false without any, and says which connection it is about."""
    problem = Problem("settings.api_key", "is missing", "add it")
    none, one = CheckList("news", []), CheckList("news", [problem])
    assert not none
    assert none == []
    assert one == [problem]
    assert repr(none) == "Connection 'news' can run."
    assert repr(one) == "1 problem of connection 'news'\n  settings.api_key: is missing; add it"
    assert one[0:] == (problem,)
    assert len({one, CheckList("other", [problem])}) == 1


def test_the_lists_of_a_vendor_are_a_frame(at: Place) -> None:
    """What is asked of the vendor comes as a frame, which shows itself."""
    assert LIST in repr(at.conn.lists)


def test_goals_and_properties_show_what_makes_them(at: Place) -> None:
    """As a person would write it, to be copied."""
    goal, prop = at.conn.goals["Pros"], at.ws.properties["email"]
    assert repr(goal).startswith("Goal(kind='export_profiles', name='Pros', ")
    assert repr(prop) == "Property('email', type='email', identifier=True, pii=True)"
    written = repr(goal).removeprefix("Goal").replace("(", "dict(", 1)
    assert read_goal(eval(written)) == goal  # noqa: S307 - what the repr itself says
