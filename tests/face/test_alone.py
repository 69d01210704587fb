"""Views in a browser without JupyterLab: what they are to everybody, whatever is in them."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

import cdpkit
from cdpkit.face.web import packed, style
from cdpkit.kit.discovery import Discovery, VendorField
from cdpkit.runs.found import Found
from cdpkit.workspace.discovered import Discovered
from tests.face.alone import Alone, alone
from tests.face.vendor import Office, office
from tests.face.views import looking

EVIL = "<img src=x onerror='window.evil=1'>"
_THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with a goal to send people too, in which nothing is saved."""
    with office(tmp_path_factory.mktemp("set up")) as made:
        made.conn.goals.add(
            kind="export_profiles",
            name="Gold",
            segment="gold",
            identifiers={"email": "email"},
            processors=["trim"],
            mappings=[{"value": "text", "text": "x", "to": "nowhere"}, {"value": "segments", "to": "plan"}],
        )
        made.conn.goals.add(
            kind="import_events",
            name="Purchases",
            source={"purchases": True},
            identifiers={"email": "email"},
            events=[{"type": "order", "time": "createdAt", "mappings": [{"from": "sku", "to": "products.sku"}]}],
        )
        yield made


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> tuple[cdpkit.Workspace, cdpkit.Run, cdpkit.Preview]:
    """A workspace, a run in it, and a preview after that."""
    ws = looking.workspace(tmp_path_factory.mktemp("looked at"))
    return ws, looking.loaded(ws), looking.previewed(ws)


def open_goal(one: Alone, at: int = 0) -> None:
    """Open a goal, and wait until what there is to choose has come."""
    one.page.locator(".cdp-tab .cdp-nav-item").nth(at).click()
    one.page.get_by_text("Add remaining fields").wait_for()
    one.settled()


def serious(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page; what it finds in order is not told in full."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"], "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@_THEMES
@pytest.mark.parametrize("width", [860, 360])
def test_nothing_keeps_anybody_from_using_a_form(set_up: Office, chromium: Browser, dark: bool, width: int) -> None:
    """Names, keyboard, contrasts, as axe looks for them: with lists open and closed, wide and narrow."""
    with alone(chromium, set_up.conn, dark=dark, width=width) as one:
        assert serious(one.page) == []
        open_goal(one)
        one.page.get_by_role("combobox", name="Property of mapping 1").fill("e")
        one.page.locator(".cdp-option").first.wait_for()
        assert serious(one.page) == []
        one.page.keyboard.press("Escape")
        one.page.get_by_role("button", name="Suggest").click()
        open_goal(one, 1)
        assert serious(one.page) == []
        one.page.locator(".cdp-tab .cdp-nav-item").nth(2).click()
        one.page.get_by_role("combobox", name="Property of mapping 1 of event type 1").fill("s")
        one.page.locator(".cdp-option").first.wait_for()
        assert serious(one.page) == []
        assert one.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    with alone(chromium, set_up.ws, dark=dark, width=width) as one:
        one.page.get_by_role("button", name="Add connection").click()
        one.page.get_by_role("button", name="Iterable", exact=False).last.wait_for()
        assert serious(one.page) == []


@_THEMES
@pytest.mark.parametrize("width", [860, 360])
def test_nothing_keeps_anybody_from_using_a_view(
    looked_at: tuple[cdpkit.Workspace, cdpkit.Run, cdpkit.Preview], chromium: Browser, dark: bool, width: int
) -> None:
    """Likewise for what is looked at, with all that can be opened; nothing of the properties is cut off."""
    ws, run, preview = looked_at
    with alone(chromium, run, dark=dark, width=width) as one:
        one.page.get_by_role("button", name="Mend what was refused…").click()
        one.page.get_by_role("button", name="Mend this line").first.click()
        one.page.get_by_label("Correct value").wait_for()
        assert serious(one.page) == []
    with alone(chromium, preview, dark=dark, width=width) as one:
        one.page.get_by_role("button", name="What if…").click()
        one.page.get_by_role("button", name="Work it out").click()
        one.page.get_by_role("heading", name="Two previews").wait_for()
        one.page.get_by_role("button", name="Look at this row").first.wait_for()
        assert serious(one.page) == []
    with alone(chromium, ws.properties, dark=dark, width=width) as one:
        one.settled()
        assert serious(one.page) == []
        assert one.page.evaluate(_CUT_OFF) == 0


_CUT_OFF = "[...document.querySelectorAll('.cdp-told')].filter(each => each.scrollWidth > each.clientWidth).length"


def evil_workspace(at: Office) -> None:
    """HTML wherever a text may be."""
    at.ws.segments.add(EVIL, "plan = 'gold'")
    at.ws.connections.change("news", labels=[EVIL], description=EVIL)
    at.conn.change(title=EVIL)
    at.conn.goals.rename("Subscribers", EVIL)
    at.conn.goals.change(EVIL, mappings=[{"from": EVIL, "to": "x"}, {"from": "tier", "to": "plan"}])
    at.conn.goals.add(
        kind="export_profiles",
        name=f"{EVIL} 2",
        segment=EVIL,
        target={"lists": [EVIL]},
        identifiers={"email": "email"},
        mappings=[{"value": "text", "text": EVIL, "to": EVIL}, {"value": "segments", "segments": [EVIL], "to": "y"}],
    )


def test_html_is_shown_as_text(at: Office, chromium: Browser) -> None:
    """In every name, value, problem and list; also in code, in the history, and in what has failed."""
    evil_workspace(at)
    with alone(chromium, at.conn) as one:
        one.page.get_by_role("button", name="Check").click()
        one.settled()
        for goal in (0, 1):
            open_goal(one, goal)
            one.page.get_by_role("button", name="Copy as code").click()
            one.page.get_by_label("Code", exact=True).wait_for()
        one.page.get_by_role("combobox", name="Segment", exact=True).fill("<")
        one.page.get_by_role("option", name=EVIL).wait_for()
        assert one.page.locator("img").count() == 0
        assert one.page.evaluate("window.evil") is None
        assert EVIL in one.page.locator("body").inner_text()
    with alone(chromium, at.ws) as one:
        one.page.get_by_text(EVIL).first.wait_for()
        assert one.page.locator("img").count() == 0


def test_html_is_text_in_the_static_twins_too(at: Office) -> None:
    """Nothing that could run, and what was written can be read."""
    evil_workspace(at)
    for thing in (at.conn, at.ws, at.conn.goals, at.ws.connections, at.ws.segments):
        html: str = thing._repr_html_()
        assert "<img" not in html
        assert "&lt;img" in html


def test_a_form_of_many_rows_is_light(at: Office, chromium: Browser) -> None:
    """60 rows of 500 fields: less than 100 kB go to the browser, its code among them; a keystroke is answered there."""
    rows = [{"from": f"field{at:03}", "to": f"property_{at:03}"} for at in range(60)]
    at.conn.goals.change("Subscribers", mappings=rows)
    with alone(chromium, at.conn) as one:
        fields = tuple(VendorField(f"field{number:03}", "string") for number in range(500))
        desk: Any = one.desk
        found = at.conn.discover().found
        with desk.changing():
            desk.found = Discovered(
                "news", Found(found.vendor, found.settings, Discovery(fields, found.discovery.items))
            )
            desk.forget_problems()
        began = time.perf_counter()
        open_goal(one)
        one.page.locator(".cdp-of-imports .cdp-row").nth(59).wait_for()
        shown = time.perf_counter() - began
        box = one.page.get_by_role("combobox", name="Field of mapping 30")
        box.focus()
        taken = one.page.evaluate(_KEYSTROKE)
        assert one.page.locator(".cdp-option").count() == 10
        print(json.dumps({"shown": round(shown, 3), "keystroke ms": round(taken, 1), "bytes": one.sent}))
        assert one.page.locator("*").count() < 5000
    code = len(packed("connection").encode()) + len(style("connection").encode())
    assert one.sent + code < 100_000


_KEYSTROKE = """
() => {
  const box = document.activeElement;
  box.value = "field49";
  const began = performance.now();
  box.dispatchEvent(new Event("input", {bubbles: true}));
  document.body.offsetHeight;
  return performance.now() - began;
}
"""


def test_rows_are_put_in_order_by_keys_and_by_dragging(at: Office, chromium: Browser) -> None:
    """The focus stays where it was, and the file has the new order."""
    with alone(chromium, at.conn) as one:
        open_goal(one)
        second = one.page.get_by_role("combobox", name="Field of mapping 2")
        second.focus()
        one.page.keyboard.press("Alt+ArrowUp")
        one.page.wait_for_function("document.querySelector('.cdp-rows.cdp-of-imports input').value === 'tier'")
        assert one.page.evaluate("document.activeElement.value") == "tier"
        handle = one.page.get_by_role("button", name=re.compile("Move mapping 1"))
        below = one.page.get_by_role("combobox", name="Field of mapping 2").bounding_box()
        start = handle.bounding_box()
        assert start is not None
        assert below is not None
        one.page.mouse.move(start["x"] + 5, start["y"] + 5)
        one.page.mouse.down()
        one.page.mouse.move(start["x"] + 5, below["y"] + below["height"] + 8, steps=4)
        one.page.mouse.up()
        one.page.wait_for_function("document.querySelector('.cdp-rows.cdp-of-imports input').value === 'firstName'")
        assert one.desk.drawn()["unsaved"] == []


def test_a_stop_is_shown_while_something_is_at_work(tmp_path: Path, chromium: Browser) -> None:
    """With its stages; it ends the run, and afterwards there is none."""
    with office(tmp_path, latency=0.2) as at, alone(chromium, at.conn) as one:
        one.page.get_by_role("button", name="Run now").click()
        stop = one.page.get_by_role("button", name="Stop", exact=True)
        stop.wait_for()
        one.page.locator(".cdp-stage-name").first.wait_for()
        stop.click()
        one.settled()
        one.page.get_by_role("button", name="Go on with the run").wait_for()
        assert stop.count() == 0
        assert cdpkit.open(at.ws.path).runs.last.state == "stopped"
