"""Each view in a real JupyterLab: what is in it is text, it is worked with keys, and leads on."""

from playwright.sync_api import Browser, expect

from tests.face import lab

WORKSPACE = """
import tempfile
from pathlib import Path
from tests.face.views import looking
ws = looking.workspace(Path(tempfile.mkdtemp()))
"""


def shown(cell: str) -> list[str]:
    """A notebook that shows something of a workspace."""
    return [WORKSPACE, cell]


def test_a_preview_is_looked_at(jupyter: lab.Server, chromium: Browser) -> None:
    """Numbers, tabs by keys, what rows must be, and a profile now and then; the keys of the notebook delete nothing."""
    with lab.notebook(jupyter, chromium, shown("looking.previewed(ws)")) as book:
        book.run_all()
        form = book.form
        form.get_by_role("heading", name="Preview of a load: nothing is stored").wait_for()
        expect(form.get_by_role("row", name="rows received 4")).to_be_visible()
        expect(form.get_by_role("cell", name="<img src=x onerror=alert(1)>").first).to_be_visible()
        assert form.locator("img").count() == 0
        form.get_by_role("button", name="Look at this row").first.click()
        expect(form.get_by_role("complementary")).to_be_focused()
        form.get_by_role("complementary").press("Escape")
        expect(form.get_by_role("complementary")).to_have_count(0)
        tab = form.get_by_role("tab", name="Values that change")
        book.act(lambda: tab.press("End"))
        expect(form.get_by_role("tab", name="Rejected")).to_be_focused()
        book.page.keyboard.press("d")
        book.page.keyboard.press("d")
        book.act(lambda: form.get_by_label("reason", exact=True).select_option("not a whole number"))
        expect(form.get_by_role("cell", name="many")).to_be_visible()
        assert book.page.locator(".jp-Cell").count() == 2
        saved = book.save()
        outputs = saved["cells"][1]["outputs"]
        assert "cdp-static" in "".join(outputs[0]["data"]["text/html"])
        book.screenshot("preview")


def test_a_run_is_understood_and_taken_back(jupyter: lab.Server, chromium: Browser) -> None:
    """Its times, the card of a profile, and what an undo would leave before it is done."""
    with lab.notebook(jupyter, chromium, shown("looking.loaded(ws)"), dark=True, width=800) as book:
        book.run_all()
        form = book.form
        expect(form.get_by_role("table", name="How long it took")).to_be_visible()
        book.act(lambda: form.get_by_role("tab", name="Updated last").click())
        form.get_by_role("button", name="Look at this row").first.click()
        expect(form.get_by_role("complementary").get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
        assert form.locator("img").count() == 0
        form.get_by_role("button", name="Close").click()
        book.act(lambda: form.get_by_role("button", name="Take back…").click())
        form.get_by_role("button", name="Take back", exact=True).click()
        form.get_by_role("heading", name="Undo").wait_for()
        book.screenshot("run-taken-back")


def test_the_history_leads_to_a_run(jupyter: lab.Server, chromium: Browser) -> None:
    """The one that is chosen stands below."""
    with lab.notebook(jupyter, chromium, shown("looking.loaded(ws)\nws.runs")) as book:
        book.run_all()
        book.act(book.form.get_by_role("button", name="Look at run").first.click)
        expect(book.form.get_by_role("row", name="rows received 4")).to_be_visible()
        book.screenshot("runs")


def test_a_profile_is_shown_with_what_set_each_value(jupyter: lab.Server, chromium: Browser) -> None:
    """And its runs."""
    with lab.notebook(jupyter, chromium, shown("looking.loaded(ws)\nws.profile(email='old0@example.com')")) as book:
        book.run_all()
        expect(book.form.get_by_role("heading", name="Profile ")).to_be_visible()
        book.act(book.form.get_by_role("tab", name="All runs").click)
        expect(book.form.get_by_role("cell", name="changed").first).to_be_visible()
        book.screenshot("profile")


def test_catalogues_are_counted(jupyter: lab.Server, chromium: Browser) -> None:
    """Segments with who is in them, and some of those people beside them."""
    cell = "ws.segments.add('some', 'points > 0')\nws.segments"
    with lab.notebook(jupyter, chromium, shown(cell)) as book:
        book.run_all()
        expect(book.form.get_by_role("table", name="Who is in segments now")).to_be_visible()
        book.form.get_by_role("button", name="some", exact=True).click()
        expect(book.form.get_by_role("rowheader", name="old1@example.com")).to_be_visible()
        book.screenshot("segments")
