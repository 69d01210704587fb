"""How a connection stands: an arrow for each direction, with what has to be mended, and nobody is asked."""

from pathlib import Path

import pytest

import cdpkit
from cdpkit.errors import UnknownNameError
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.record import Recorder
from cdpkit.runs.run import FAILED, SUCCEEDED, SYNC

SETTINGS = {"api_key": "file:key.txt", "base_url": "http://127.0.0.1:9"}
BOTH = {"identifiers": {"email": "email"}, "mappings": [{"from": "plan", "to": "plan"}]}


@pytest.fixture
def conn(ws: cdpkit.Workspace) -> cdpkit.Connection:
    """A connection with a goal of each direction, to a vendor that cannot be asked."""
    (ws.path / "key.txt").write_text("sk-7", encoding="utf-8")
    ws.segments.add("vips", "plan = 'gold'")
    made = ws.connect("iterable", "news", SETTINGS)
    made.goals.add(kind="import_profiles", name="In", source={"all": True}, **BOTH)
    made.goals.add(kind="export_profiles", name="Out", segment="vips", **BOTH)
    return made


def states(conn: cdpkit.Connection) -> dict[str, str]:
    """The state of each arrow."""
    return {arrow.direction: arrow.state for arrow in conn.status}


def recorded(home: Home, *goals: GoalRun) -> None:
    """A run of the connection that ended like this."""
    recorder = Recorder(home, f"r{len(goals)}", SYNC, "news", {}, list(goals))
    recorder.start()
    recorder.end()


def test_both_arrows_are_ready(conn: cdpkit.Connection) -> None:
    """F33, F34: where each direction has an active goal that fits, and the connection is on."""
    assert states(conn) == {"import": "ready", "export": "ready"}
    assert conn.status.problems == ()
    assert repr(conn.status) == "Connection 'news': import ready, export ready"
    assert "status: import ready, export ready" in repr(conn)


def test_a_direction_without_an_active_goal_is_off(conn: cdpkit.Connection) -> None:
    """F35, F38: it is said what is missing, and how to mend it."""
    conn.goals.activate("Out", active=False)
    assert states(conn) == {"import": "ready", "export": "off"}
    (problem,) = conn.status["export"].problems
    assert str(problem) == (
        "goals: no export goal is active; switch one on with conn.goals.activate('Out'), or add one with "
        "conn.goals.add(...)"
    )
    for name in list(conn.goals):
        conn.goals.remove(name)
    assert states(conn) == {"import": "off", "export": "off"}


def test_a_connection_that_is_off_has_both_arrows_off(conn: cdpkit.Connection) -> None:
    """F15, F18: with all that is missing besides."""
    conn.enable(False)
    conn.goals.activate("In", active=False)
    assert states(conn) == {"import": "off", "export": "off"}
    assert [problem.where for problem in conn.status.problems] == ["enabled", "goals"]
    assert [problem.at for problem in conn.status["export"].problems] == [(("enabled",),)]


def test_what_has_to_be_mended_leads_to_its_place(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """F36, F37: a misfit of a goal makes the arrow of its direction an error, one of the settings makes both."""
    ws.segments.remove("vips")
    assert states(conn) == {"import": "ready", "export": "error"}
    (problem,) = conn.status["export"].problems
    assert problem.at == (("goals", "Out", "segment"),)
    (ws.path / "key.txt").unlink()
    conn.change(objectives=["none"])
    assert states(conn) == {"import": "error", "export": "error"}
    assert {problem.where for problem in conn.status["import"].problems} == {"settings.api_key", "objectives"}
    assert ("settings", "api_key") in {at for problem in conn.status.problems for at in problem.at}
    assert conn.status.as_dict()["import"]["state"] == "error"


def test_a_failed_last_run_is_an_error_until_one_succeeds(conn: cdpkit.Connection) -> None:
    """Of the goal that failed alone, with the reason; a later run of another goal changes nothing in it."""
    bad = GoalRun("Out", FAILED, kind="export_profiles", message="the key was refused")
    recorded(conn._home, GoalRun("In", SUCCEEDED, kind="import_profiles"), bad)
    assert states(conn) == {"import": "ready", "export": "error"}
    (problem,) = conn.status.problems
    assert str(problem) == (
        "goal 'Out': it failed in run r2: the key was refused; mend it, then run the connection again"
    )
    recorded(conn._home, GoalRun("Out", SUCCEEDED, kind="export_profiles"))
    assert states(conn) == {"import": "ready", "export": "ready"}


def test_a_file_that_cannot_be_read_is_an_error(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """Of both arrows; the other connections are told of all the same. One that is not there is refused."""
    ws.connect("iterable", "other", SETTINGS)
    conn.file.path.local.write_text("vendor = 7\n", encoding="utf-8")
    assert states(conn) == {"import": "error", "export": "error"}
    assert "vendor: is no text" in str(conn.status.problems[0])
    frame = ws.connections.frame()
    assert frame.select("name", "import", "export").rows() == [("other", "off", "off"), ("news", "error", "error")]
    assert "its file cannot be read" in repr(ws.connections)
    ws.connections.remove("other")
    with pytest.raises(UnknownNameError):
        cdpkit.Connection(conn._home, "other").status  # noqa: B018


def test_favorites_come_first(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """F1, F9: in the frame and wherever connections are shown, with their arrows."""
    ws.connect("activecampaign", "a", {"base_url": "https://x.api-us1.com", "api_key": "file:key.txt"}, labels=["crm"])
    conn.change(favorite=True, title="The news")
    frame = ws.connections.frame()
    assert frame["name"].to_list() == ["news", "a"]
    assert frame.row(0, named=True)["export"] == "ready"
    first, header, news, other = repr(ws.connections).splitlines()
    assert first == "2 connections"
    assert header.split() == ["name", "title", "vendor", "enabled", "import", "export", "goals", "labels"]
    assert news.split()[:3] == ["news", "The", "news"]
    assert other.split()[-1] == "crm"


def test_a_gallery_is_searched(ws: cdpkit.Workspace) -> None:
    """F2 to F6: every word has to occur, whatever its case; each vendor says its directions and declarations."""
    assert {"activecampaign", "iterable"} <= set(ws.gallery)
    assert list(ws.gallery.search("ITER")) == ["iterable"]
    assert list(ws.gallery.search("iter nobody")) == []
    assert set(ws.gallery.search("")) == set(ws.gallery)
    entry = ws.gallery["iterable"]
    assert (entry.title, entry.directions) == ("Iterable", ("import", "export"))
    assert "api_key" in {setting["name"] for setting in entry.settings if setting["secret"]}
    assert {option["name"] for option in (entry.options or {})["export"]} >= {"lists", "on_enter", "on_leave"}
    assert ws.gallery.frame().columns == ["name", "title", "help", "directions"]
    assert "Iterable: " in repr(entry)
    with pytest.raises(UnknownNameError, match="no vendor 'iterble'; there are: iterable"):
        ws.gallery["iterble"]


def test_a_vendor_that_lacks_something_is_still_listed(
    ws: cdpkit.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F4: with why it cannot be used as it is installed."""
    info = tmp_path / "crm-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: crm\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[cdpkit.vendors]\ncrm = nowhere_at_all:VENDOR\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert "cannot be had from nowhere_at_all" in ws.gallery["crm"].missing
    assert "crm" in ws.gallery.frame()["name"]
    assert "crm: cannot be used" in repr(ws.gallery["crm"])
