"""The programs that a notebook is looked at with: a JupyterLab and a browser, both ended whatever happens.

Nothing of the user's own settings is read or written, and the browser finds no machine but this one.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import psutil
import pytest
from playwright.sync_api import Browser, sync_playwright

INSTALL = "apt-get install -y --no-install-recommends chromium"
REQUIRED = "CDPKIT_NEEDS_A_BROWSER"
ROOT = Path(__file__).parents[2]
SECONDS = 60
"""How long anything is waited for."""
_ENDS = 10
"""Seconds that a program has to end by itself."""
_OWN = "JUPYTER_RUNTIME_DIR"
"""By this, programs that a server has started are known, also where what started them is gone."""


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

    def end_kernels(self, path: str) -> None:
        """End the kernel of a notebook, given by its path in the folder."""
        for session in json.loads(self._ask("GET", "/api/sessions")):
            if session["path"] == path:
                self._ask("DELETE", f"/api/sessions/{session['id']}")

    def _ask(self, how: str, what: str) -> bytes:
        request = urllib.request.Request(f"{self.url}{what}", method=how)  # noqa: S310 - of this machine
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - likewise
            content: bytes = answer.read()
            return content


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
        _OWN,
        "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
        "XDG_CONFIG_HOME",
    )
    own = {name: str(home / name.lower()) for name in names}
    paths = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
    environment = {**os.environ, **own, "PYTHONPATH": paths, "JUPYTER_PLATFORM_DIRS": "1"}
    _settle(own["JUPYTERLAB_SETTINGS_DIR"])
    log = (home / "server.log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=home)
    try:
        url = f"http://127.0.0.1:{port}"
        _until_it_answers(url, process, home / "server.log")
        yield Server(url, folder, home)
    finally:
        process.terminate()
        _end(_known_by(own[_OWN]))
        log.close()


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api", timeout=5):  # noqa: S310 - of this machine
                return
        except (URLError, OSError):
            time.sleep(0.05)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _known_by(runtime: str) -> list[psutil.Process]:
    """A server and its kernels, and whatever was started in those: none of them without this in its environment."""
    found = list[psutil.Process]()
    for process in psutil.process_iter():
        try:
            if process.environ().get(_OWN) == runtime:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def _end(processes: Iterable[psutil.Process]) -> None:
    """Wait for their end, and bring it about."""
    _, left = psutil.wait_procs(processes, _ENDS)
    for process in left:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, _ENDS)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser that draws nowhere, and for which there are no other machines.

    While it is open, a loop of events counts as running in this thread.
    """
    before = set(psutil.Process().children())
    with sync_playwright() as playwright:
        started = set(psutil.Process().children()) - before
        options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
        opened = playwright.chromium.launch(executable_path=chromium(), args=options, timeout=1000 * SECONDS)
        try:
            yield opened
        finally:
            opened.close()
    _end(started)


def end_browsers() -> None:
    """Kill the browsers of this process: whoever waits for one is told that it is gone."""
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                process.kill()
        except psutil.NoSuchProcess:
            continue


def _settle(folder: str) -> None:
    """The theme, and no word about news."""
    said = {
        "themes": {"theme": "JupyterLab Light"},
        "notification": {"checkForUpdates": False, "fetchNews": "false"},
    }
    settings = Path(folder) / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    for name, content in said.items():
        (settings / f"{name}.jupyterlab-settings").write_text(json.dumps(content), encoding="utf-8")
