"""One JupyterLab and one browser for all tests of a process.

The browser is worked from a thread of its own, and so are the tests that use it: as long as it is open, a loop of
events counts as running in its thread, where none can be started; other tests start some in theirs.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser

from tests.face import programs

Given = TypeVar("Given")
_SECONDS = 300
"""How long a test may use the browser at a time: several times what any needs on a machine that is busy."""


@dataclass(frozen=True)
class Desktop:
    """A browser, and the one thread in which it can be worked."""

    browser: Browser
    thread: ThreadPoolExecutor

    def do(self, what: Callable[[], Given]) -> Given:
        """Do something with it; returns or raises the same. What does not end loses its browser."""
        doing = self.thread.submit(what)
        if wait([doing], _SECONDS).not_done:
            programs.end_browsers()
        return doing.result(programs.SECONDS)

    @contextmanager
    def holding(self, what: AbstractContextManager[Given]) -> Iterator[Given]:
        """Have something of it for as long as this lasts; it begins and ends in the browser's thread."""
        held = self.do(what.__enter__)
        try:
            yield held
        finally:
            self.do(lambda: what.__exit__(None, None, None))


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[programs.Server]:
    """The server; without a browser there is nothing to start it for."""
    programs.chromium()
    with programs.server(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture(scope="session")
def desktop() -> Iterator[Desktop]:
    """The browser in its thread, which ends with it."""
    programs.chromium()
    with ThreadPoolExecutor(1, "browser") as thread:
        opening = programs.browser()
        opened = Desktop(thread.submit(opening.__enter__).result(), thread)
        yield opened
        opened.do(lambda: opening.__exit__(None, None, None))


@pytest.fixture
def chromium(desktop: Desktop) -> Browser:
    """The browser; a test that asks for it is called in the browser's thread, fixtures are not."""
    return desktop.browser


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object:
    """Call tests that use the browser where it can be worked."""
    if "chromium" not in pyfuncitem.fixturenames:
        return None
    desktop: Any = pyfuncitem.funcargs["desktop"]
    given: dict[str, Any] = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    desktop.do(lambda: pyfuncitem.obj(**given))
    return True
