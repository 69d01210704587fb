"""Fixtures of the tests that run a connection whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.sync.place import Place
from tests.runs.sync.place import place as made
from tests.transport.hurried import Hurried


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A vendor where nobody is yet, an empty workspace, and a connection between them."""
    with made(tmp_path) as found:
        yield found


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of connections go by a clock that is a hundred times as fast, so that pauses cost nothing."""
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)
