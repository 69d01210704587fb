"""Keys in a view are the view's own: JupyterLab deletes a cell when D is pressed twice outside of it."""

from playwright.sync_api import Browser

from tests.face import lab, programs
from tests.face.views.test_views_in_the_browser import CELLS

FORMS = ["ws.form()", "ws.connect('iterable', 'news').form()", "looking.previewed(ws).view('changes')"]


def test_nothing_is_deleted_by_keys_on_any_control_of_any_view(jupyter: programs.Server, chromium: Browser) -> None:
    """Everything that can be opened is open; the last view of each cell is there afterwards as well."""
    cells = [*CELLS.values(), *FORMS]
    with lab.notebook(jupyter, chromium, cells) as book:
        book.run_all()
        for at in range(1, len(cells)):
            view = book.shown(at)
            view.wait_for()
            for name in ("What if…", "Mend what was refused…", "Take back…", "Filter", "Add connection", "Add goal"):
                button = view.get_by_role("button", name=name, exact=True)
                if button.count() and button.first.is_enabled():
                    button.first.click()
        pressed = [book.press_d(book.shown(at)) for at in range(1, len(cells))]
        assert min(pressed) > 1
        assert book.page.locator(f"{lab.PANEL} .jp-Cell").count() == len(cells)
        assert all(book.shown(at).count() == 1 for at in range(1, len(cells)))
