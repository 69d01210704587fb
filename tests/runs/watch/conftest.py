from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.enrichments.place import Place
from tests.runs.enrichments.place import place as made


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Acxiom with forty people, and a connection without goals."""
    with made(tmp_path, monkeypatch) as found:
        yield found
