"""One JupyterLab and one browser for all tests of a process."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.face import lab


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    """The server; without a browser there is nothing to start it for."""
    lab.chromium()
    with lab.server(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with lab.browser() as started:
        yield started
