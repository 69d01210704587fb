"""A frame to leaf through, in a real JupyterLab."""

import asyncio

from playwright.sync_api import Browser

from tests.face import lab, programs
from tests.face.conftest import Desktop

CELL = """
import polars as pl
from cdpkit.runs.frame_view import FrameView
frame = pl.DataFrame({"row": range(100_000), "name": ["<img src=x onerror=alert(1)>"] * 100_000})
FrameView("changes", lambda: frame)
"""


def test_a_frame_is_leafed_through(jupyter: programs.Server, chromium: Browser) -> None:
    """Only what is in sight is there; it is sorted and filtered in the kernel, and HTML in it is text."""
    with lab.notebook(jupyter, chromium, [CELL]) as book:
        book.run_all()
        book.form.get_by_text("100,000 rows").wait_for()
        cells = book.form.locator("tbody td")
        assert cells.nth(1).inner_text() == "<img src=x onerror=alert(1)>"
        assert cells.count() < 200
        book.form.get_by_role("button", name="row", exact=True).click()
        book.form.get_by_role("button", name="row", exact=True).click()
        book.form.get_by_role("cell", name="99999", exact=True).wait_for()
        book.screenshot("frame")


def test_what_leaves_the_machine_is_stopped_and_noted(chromium: Browser) -> None:
    """By name or by number: there is nobody at the other end, and each address is kept for the test to fail."""
    left = list[str]()
    fetched = "address => fetch(address).then(() => 'came', error => error.name)"
    context = chromium.new_context()
    page = context.new_page()
    with lab.watched(page, left, []):
        for address in (addresses := ["http://192.0.2.1/a", "https://example.com/b"]):
            assert page.evaluate(fetched, address) == "TypeError"
    context.close()
    assert left == addresses


def test_other_tests_can_do_what_they_like_while_a_browser_is_open(desktop: Desktop) -> None:
    """They may start a loop of events; only those that are given the browser are called in its thread."""
    assert desktop.do(desktop.browser.is_connected)
    assert asyncio.run(asyncio.sleep(0, "slept")) == "slept"
    assert desktop.do(lambda: desktop.browser.version)
