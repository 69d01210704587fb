"""A real JupyterLab with a real browser: a server of its own, and notebooks that are looked at and clicked in.

Nothing of the user's own settings is read or written, and a request that leaves the machine is stopped and kept, so
that a test can fail for it.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from uuid import uuid4

import nbformat
import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

INSTALL = "apt-get install -y --no-install-recommends chromium"
REQUIRED = "CDPKIT_NEEDS_A_BROWSER"
ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"
_LOCAL = {"127.0.0.1", "localhost", ""}
_SECONDS = 60
_CHANGE_THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
_HEARD = "([view, before]) => Number(view.dataset.sent) > before && Number(view.dataset.heard) > before"
"""A view numbers what it tells the kernel, and knows from what is drawn how much of that was heard."""
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def chromium() -> str:
    """Where the browser is; without one, tests are skipped, or fail where there has to be one."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (found := shutil.which(name)) is not None:
            return found
    said = f"no browser to look with; install one with: {INSTALL}"
    if os.environ.get(REQUIRED):
        pytest.fail(said)
    pytest.skip(said)


@dataclass(frozen=True)
class Server:
    """A JupyterLab.

    Attributes:
        url: Where it listens.
        folder: What it shows.
        home: Its settings, and those of its kernels.
    """

    url: str
    folder: Path
    home: Path


@contextmanager
def server(home: Path) -> Iterator[Server]:
    """A JupyterLab with settings of its own, ended with its kernels."""
    folder = home / "notebooks"
    folder.mkdir(parents=True)
    port = _free_port()
    options = {"token": "", "disable_check_xsrf": "True"}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"),
        *(
            f"--IdentityProvider.token={options['token']}",
            "--LabApp.news_url=''",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--ServerApp.disable_check_xsrf=True",
        ),
    ]
    names = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
        "XDG_CONFIG_HOME",
    )
    own = {name: str(home / name.lower()) for name in names}
    environment = {**os.environ, **own, "PYTHONPATH": str(ROOT), "JUPYTER_PLATFORM_DIRS": "1"}
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=home)
    try:
        url = f"http://127.0.0.1:{port}"
        _until_it_answers(url, process, home / "server.log")
        yield Server(url, folder, home)
    finally:
        _end(process)
        log.close()


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + _SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api", timeout=5):  # noqa: S310 - of this machine
                return
        except (URLError, OSError):
            time.sleep(0.05)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The server and its kernels, by their numbers."""
    try:
        started = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        started = []
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
    for child in started:
        if child.is_running():
            child.kill()


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser that draws nowhere. While it is open, a loop of events counts as running in this thread."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
        opened = playwright.chromium.launch(executable_path=chromium(), args=options)
        try:
            yield opened
        finally:
            opened.close()


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

    def until_idle(self) -> None:
        """Until the kernel is there and rests; the status bar says so, the notebook's own sign says it too early."""
        self.page.get_by_text("| Idle").first.wait_for()

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
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        self.page.locator(".jp-mod-dirty").first.wait_for(state="detached")
        return json.loads(self.path.read_text("utf-8"))

    def pictures(self, name: str, view: Any = None) -> None:
        """Keep pictures of a view, the last one or another, in both themes and at two widths."""
        view = view or self.form.last
        before = self.page.viewport_size
        for width in (1200, 800):
            self.page.set_viewport_size({"width": width, "height": 1000})
            for theme in ("JupyterLab Dark", "JupyterLab Light"):
                self.page.evaluate(_CHANGE_THEME, theme)
                self.page.wait_for_function(
                    "dark => (document.body.dataset.jpThemeLight === 'false') === dark", arg=theme.endswith("Dark")
                )
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
def notebook(
    at: Server, with_: Browser, cells: list[str], *, dark: bool = False, width: int = 1200, height: int = 900
) -> Iterator[Notebook]:
    """A new notebook with these cells, open in a window of its own."""
    name = f"{uuid4().hex[:8]}.ipynb"
    path = at.folder / name
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]
    written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(written, path)  # type: ignore[no-untyped-call]
    with opened(at, with_, path, dark=dark, width=width, height=height) as one:
        yield one


@contextmanager
def opened(
    at: Server, with_: Browser, path: Path, *, dark: bool = False, width: int = 1200, height: int = 900
) -> Iterator[Notebook]:
    """A notebook of the server's folder, open in a window of its own; requests that leave the machine fail the test."""
    _settings(at, dark=dark)
    context = _context(with_)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.set_default_timeout(1000 * _SECONDS)
    one = Notebook(page, path)

    def only_here(route: Route) -> None:
        if (urlsplit(route.request.url).hostname or "") in _LOCAL:
            route.continue_()
        else:
            one.left.append(route.request.url)
            route.abort()

    page.route("**/*", only_here)
    page.on("pageerror", lambda error: one.errors.append(str(error)))
    page.on("console", lambda said: one.errors.append(said.text) if _of_a_view(said.text) else None)
    try:
        page.goto(f"{at.url}/lab/workspaces/{uuid4().hex[:8]}/tree/{path.relative_to(at.folder).as_posix()}")
        one.until_idle()
        yield one
    except BaseException:
        one.screenshot(f"failed-{path.stem}")
        print("\n".join(one.errors))
        raise
    finally:
        page.close()
    assert one.left == []
    assert one.errors == []


def _context(of: Browser) -> BrowserContext:
    """The one in which notebooks are opened: JupyterLab is loaded and compiled once."""
    return of.contexts[0] if of.contexts else of.new_context()


def _of_a_view(said: str) -> bool:
    """Whether the page complains that a view cannot be drawn."""
    return "widget" in said.lower() and "error" in said.lower()


def _settings(at: Server, *, dark: bool) -> None:
    """Its theme, and no word about news."""
    said = {
        "themes": {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"},
        "notification": {"checkForUpdates": False, "fetchNews": "false"},
    }
    folder = at.home / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in said.items():
        (folder / f"{name}.jupyterlab-settings").write_text(json.dumps(content), encoding="utf-8")
