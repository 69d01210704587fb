"""HTML in a value, a name or a reason is text, in every view and in every twin."""

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

import cdpkit
from cdpkit.face import bundle, views, web
from tests.face.views.looking import HOSTILE, Looking, loaded, previewed, rows, workspace
from tests.show.page import Page

GOAL = f"goal {HOSTILE}"


def named(ws: cdpkit.Workspace) -> cdpkit.Run:
    """A run of a goal whose name has tags in it."""
    return ws.load(rows(), {"email": "email"}, [{"from": "plan", "to": "plan"}], goal=GOAL)


SHOWN: dict[str, Callable[[cdpkit.Workspace], object]] = {
    "preview": previewed,
    "run": named,
    "rejects": lambda ws: loaded(ws).rejects,
    "runs": lambda ws: (named(ws), ws.runs)[1],
    "profile": lambda ws: (loaded(ws), ws.profile(email="old0@example.com"))[1],
    "segments": lambda ws: (ws.segments.add(HOSTILE, "points > 0"), ws.segments)[1],
    "segment": lambda ws: ws.segments.add(HOSTILE, "points > 0"),
    "objectives": lambda ws: (ws.objectives.add("news", description=HOSTILE), ws.objectives)[1],
    "properties": lambda ws: (loaded(ws), ws.properties)[1],
    "frames": lambda ws: previewed(ws).view("changes"),
}


@pytest.mark.parametrize("what", SHOWN)
def test_twins_have_no_tag_that_came_with_a_value(tmp_path: Path, what: str) -> None:
    """It can be read as it was written."""
    thing = SHOWN[what](workspace(tmp_path))
    page = Page(bundle(thing)["text/html"])
    assert page.open == []
    assert "img" not in page.tags
    assert HOSTILE in page.text


@pytest.mark.parametrize("what", SHOWN)
def test_views_hand_text_to_the_browser(tmp_path: Path, what: str) -> None:
    """As it is: what stands in the page is made by code that knows text alone."""
    thing = SHOWN[what](workspace(tmp_path))
    looking = Looking(views.view_of(thing).desk(thing))
    looking.desk.work.wait()
    if {"table", "rows"} & {*looking.last}:
        looking.rows("rejects" if what == "rejects" else "rows")
    shown = str([looking.last, looking.said])
    assert "&lt;" not in shown
    assert HOSTILE in shown or what == "runs"


def test_what_runs_in_the_browser_makes_no_page_of_a_text() -> None:
    """Nothing in it reads HTML."""
    reads_html = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
    )
    scripts = [each for each in files(web).iterdir() if each.name.endswith(".js")]
    assert scripts
    assert [each.name for each in scripts if reads_html.search(each.read_text("utf-8"))] == []
