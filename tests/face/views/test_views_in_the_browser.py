"""Each view in a real JupyterLab: what is in it is text, it is worked with keys, and leads on."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.face import lab, programs
from tests.face.conftest import Desktop

pytestmark = pytest.mark.usefixtures("chromium")

CELLS = {
    "workspace": """
import tempfile
from pathlib import Path
from tests.face.views import looking
ws = looking.workspace(Path(tempfile.mkdtemp()))
""",
    "preview": "looking.previewed(ws)",
    "run": "looking.loaded(ws)",
    "runs": "ws.runs",
    "profile": "ws.profile(email='old0@example.com')",
    "segments": "ws.segments.add('some', 'points > 0')\nws.segments",
    "properties": "ws.properties",
}


@pytest.fixture(scope="module")
def book(jupyter: programs.Server, desktop: Desktop) -> Iterator[lab.Notebook]:
    """A notebook with a view of each; every test looks at one of its own."""
    with desktop.holding(lab.notebook(jupyter, desktop.browser, [*CELLS.values()])) as opened:
        desktop.do(opened.run_all)
        yield opened


def view(book: lab.Notebook, name: str) -> Any:
    return book.shown([*CELLS].index(name))


def test_a_preview_is_looked_at(book: lab.Notebook) -> None:
    """Numbers, tabs by keys, what rows must be, and a profile now and then; the keys of the notebook delete nothing."""
    form = view(book, "preview")
    form.get_by_role("heading", name="Preview of a load: nothing is stored").wait_for()
    expect(form.get_by_role("row", name="rows received 4")).to_be_visible()
    expect(form.get_by_role("cell", name="<img src=x onerror=alert(1)>").first).to_be_visible()
    assert form.locator("img").count() == 0
    expect(form.get_by_role("table", name="How rows match, by identifier")).to_be_visible()
    book.pictures("preview", form)
    form.get_by_role("button", name="Look at this row").first.click()
    expect(form.get_by_role("complementary")).to_be_focused()
    form.get_by_role("complementary").press("Escape")
    expect(form.get_by_role("complementary")).to_have_count(0)
    tab = form.get_by_role("tab", name="Values that change")
    book.act(lambda: tab.press("End"), form)
    expect(form.get_by_role("tab", name="Rejected")).to_be_focused()
    book.page.keyboard.press("d")
    book.page.keyboard.press("d")
    book.act(lambda: form.get_by_label("reason", exact=True).select_option("not a whole number"), form)
    expect(form.get_by_role("cell", name="many")).to_be_visible()
    assert book.page.locator(".jp-Cell").count() == len(CELLS)
    saved = book.save()
    twin = "".join(saved["cells"][1]["outputs"][0]["data"]["text/html"])
    assert "cdp-static" in twin
    assert "Values that change: 2" in twin


def test_a_run_is_understood_and_taken_back(book: lab.Notebook) -> None:
    """Its times, the card of a profile, and what an undo would leave before it is done."""
    form = view(book, "run")
    expect(form.get_by_role("table", name="How long it took")).to_be_visible()
    book.act(lambda: form.get_by_role("tab", name="Updated last").click(), form)
    form.get_by_role("button", name="Look at this row").first.click()
    expect(form.get_by_role("complementary").get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    assert form.locator("img").count() == 0
    form.get_by_role("button", name="Close").click()
    book.act(lambda: form.get_by_role("button", name="Take back…").click(), form)
    book.pictures("run", form)
    form.get_by_role("button", name="Take back", exact=True).click()
    form.get_by_role("heading", name="Undo").wait_for()


def test_the_history_leads_to_a_run(book: lab.Notebook) -> None:
    """The one that is chosen stands below."""
    form = view(book, "runs")
    book.act(form.get_by_role("button", name="Look at run").first.click, form)
    expect(form.get_by_role("row", name="rows received 4")).to_be_visible()
    book.pictures("runs", form)


def test_a_profile_is_shown_with_what_set_each_value(book: lab.Notebook) -> None:
    """And its runs."""
    form = view(book, "profile")
    expect(form.get_by_role("heading", name="Profile ")).to_be_visible()
    book.act(form.get_by_role("tab", name="All runs").click, form)
    expect(form.get_by_role("cell", name="changed").first).to_be_visible()
    book.pictures("profile", form)


def test_catalogues_are_counted(book: lab.Notebook) -> None:
    """Segments with who is in them, and some of those people beside them; properties with what they hold."""
    form = view(book, "segments")
    expect(form.get_by_role("table", name="Who is in segments now")).to_be_visible()
    form.get_by_role("button", name="some", exact=True).click()
    expect(form.get_by_role("rowheader", name="old1@example.com")).to_be_visible()
    book.pictures("segments", form)
    form = view(book, "properties")
    expect(form.get_by_role("table", name="What properties hold")).to_be_visible()
    book.pictures("properties", form)
