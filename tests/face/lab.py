"""Notebooks in a real JupyterLab, that are looked at and clicked in.

JupyterLab is loaded once for each browser: notebooks are opened in the same window, one after the other, each with a
kernel of its own that ends with it. A window in which something has failed is not used again.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import nbformat
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, WebSocket

from tests.face.programs import ROOT, SECONDS, Server

SCREENSHOTS = ROOT / "screenshots"
PICTURES = "CDPKIT_PICTURES"
"""The environment variable that asks for pictures of each step in both themes and at two widths."""
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
_LOCAL = {"127.0.0.1", "localhost", ""}
_DARK = "document.body.dataset.jpThemeLight === 'false'"
_CHANGE_THEME = "theme => void window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
_OPEN = "path => void window.jupyterapp.commands.execute('docmanager:open', {path})"
_RESTS = """
path => {
  const shown = window.jupyterapp.shell.currentWidget?.context;
  return shown?.path === path && shown.isReady && shown.sessionContext.session?.kernel?.status === "idle";
}
"""
_CLOSE = """
path => {
  for (const each of [...window.jupyterapp.shell.widgets("main")]) if (each.context?.path === path) each.dispose();
}
"""
_HEARD = "([view, before]) => Number(view.dataset.sent) > before && Number(view.dataset.heard) > before"
"""A view numbers what it tells the kernel, and knows from what is drawn how much of that was heard."""
_FOCUS = """
(view, at) => {
  const usable = (each) => !each.disabled && each.checkVisibility({visibilityProperty: true});
  const all = view.querySelectorAll("button, input, select, textarea, summary, [tabindex]");
  const one = [...all].filter(usable)[at];
  one?.focus();
  return one !== undefined;
}
"""


@dataclass
class Notebook:
    """A notebook that is open in a browser.

    Attributes:
        page: The page.
        path: Its file.
        left: The addresses of requests that would have left the machine.
        errors: What scripts of the page complained about.
    """

    page: Page
    path: Path
    left: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def cell(self, at: int) -> Any:
        """A cell, as something to look into."""
        return self.page.locator(f"{PANEL} .jp-Cell").nth(at)

    @property
    def form(self) -> Any:
        """The view that is drawn, where there is one."""
        return self.page.locator(f"{PANEL} .cdp")

    def run_all(self) -> None:
        """Run every cell, and wait until the kernel rests."""
        self.until_idle()
        self.page.keyboard.press("Escape")
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        prompts = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
        self.page.wait_for_function(f"{prompts}.every(prompt => /\\[\\d+\\]/.test(prompt.textContent))")

    def run_cell(self, at: int) -> None:
        """Run one cell once more, and wait until its view is there anew."""
        old = self.shown(at).element_handle()
        self.cell(at).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function("old => !old.isConnected", arg=old)
        self.shown(at).wait_for()

    def press_d(self, view: Any) -> int:
        """Press D twice on all in a view that can have the focus, as deletes cells elsewhere; returns on how many."""
        pressed = 0
        while view.evaluate(_FOCUS, pressed):
            self.page.keyboard.type("dd")
            pressed += 1
        return pressed

    def until_idle(self) -> None:
        """Until the kernel is there and rests; the status bar says so, the notebook's own sign says it too early."""
        self.page.get_by_text("| Idle").locator("visible=true").first.wait_for()

    def shown(self, at: int) -> Any:
        """The view that a cell shows."""
        return self.cell(at).locator(".cdp")

    def act(self, what: Callable[[], object], view: Any = None) -> None:
        """Do something in a view, the last one or another, and wait until what the kernel makes of it is drawn."""
        view = view or self.form.last
        before = int(view.get_attribute("data-sent") or 0)
        what()
        self.page.wait_for_function(_HEARD, arg=[view.element_handle(), before])

    def save(self) -> Any:
        """Save the notebook; returns what is in the file."""
        self.page.evaluate("void window.jupyterapp.commands.execute('docmanager:save')")
        self.page.locator(".jp-mod-dirty").first.wait_for(state="detached")
        return json.loads(self.path.read_text("utf-8"))

    def pictures(self, name: str, view: Any = None) -> None:
        """Keep a picture of a view, the last one or another; where asked for, in both themes and at two widths.

        Changing a theme takes a second, and nothing else is found out by it: colours and widths are looked at in
        views that stand alone.
        """
        view = view or self.form.last
        view.evaluate("node => node.closest('.jp-OutputArea').scrollIntoView()")
        if not os.environ.get(PICTURES):
            self.screenshot(name)
            return
        before = self.page.viewport_size
        for width in (1200, 800):
            self.page.set_viewport_size({"width": width, "height": 1000})
            for theme in ("JupyterLab Dark", "JupyterLab Light"):
                self.page.evaluate(_CHANGE_THEME, theme)
                self.page.wait_for_function(f"dark => ({_DARK}) === dark", arg=theme.endswith("Dark"))
                self.page.locator("#jupyterlab-splash").wait_for(state="detached")
                view.evaluate("node => node.closest('.jp-OutputArea').scrollIntoView()")
                self.screenshot(f"{name}-{width}-{theme.split()[1].lower()}")
        if before is not None:
            self.page.set_viewport_size(before)

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the page among those of the tests, which are no part of the source tree."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
        return SCREENSHOTS / f"{name}.png"


@contextmanager
def notebook(at: Server, with_: Browser, cells: list[str]) -> Iterator[Notebook]:
    """A new notebook with these cells, open."""
    path = at.folder / f"{uuid4().hex[:8]}.ipynb"
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]
    written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(written, path)  # type: ignore[no-untyped-call]
    with opened(at, with_, path) as one:
        yield one


@contextmanager
def opened(at: Server, with_: Browser, path: Path, *, without_models: bool = False) -> Iterator[Notebook]:
    """A notebook of the server's folder, open; requests that leave the machine fail the test.

    So does what scripts complain about; where the kernel that had the models of the views is gone, not that they are.
    """
    page = _window(at, with_)
    one = Notebook(page, path)
    name = path.relative_to(at.folder).as_posix()
    try:
        with watched(page, one.left, one.errors):
            page.set_viewport_size({"width": 1200, "height": 900})
            page.evaluate(_OPEN, name)
            page.wait_for_function(_RESTS, arg=name)
            yield one
            page.evaluate(_CLOSE, name)
    except BaseException:
        print("\n".join(one.errors))
        _give_up(one)
        raise
    finally:
        at.end_kernels(name)
    assert one.left == [], one.left
    complaints = [each for each in one.errors if not (without_models and "widget model not found" in each)]
    assert complaints == [], complaints


@contextmanager
def watched(page: Page, left: list[str], errors: list[str]) -> Iterator[None]:
    """Note the addresses of what would leave the machine, and what scripts complain about."""

    def asked(request: Request | WebSocket) -> None:
        if (urlsplit(request.url).hostname or "") not in _LOCAL:
            left.append(request.url)

    def failed(error: Error) -> None:
        errors.append(str(error))

    def said(message: ConsoleMessage) -> None:
        if "widget" in message.text.lower() and "error" in message.text.lower():  # a view cannot be drawn
            errors.append(message.text)

    heard: dict[str, Any] = {"request": asked, "websocket": asked, "pageerror": failed, "console": said}
    for event, hear in heard.items():
        page.on(event, hear)  # type: ignore[call-overload]
    try:
        yield
    finally:
        for event, hear in heard.items():
            page.remove_listener(event, hear)


def _window(at: Server, of: Browser) -> Page:
    """The one in which JupyterLab is open; if there is none yet, it is opened."""
    for context in of.contexts:
        for page in context.pages:
            if page.url.startswith(at.url):
                return page
    page = of.new_context().new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(f"{at.url}/lab/workspaces/{uuid4().hex[:8]}")
    page.locator(".jp-Launcher").wait_for()
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    return page


def _give_up(one: Notebook) -> None:
    """Keep a picture of what has failed, and never use its window again."""
    try:
        one.screenshot(f"failed-{one.path.stem}")
    finally:
        one.page.close()
