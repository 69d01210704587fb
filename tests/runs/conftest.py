"""A workspace to load into."""

from pathlib import Path

import pytest

import cdpkit


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """An empty workspace with a few properties."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("code", identifier=True)
    made.properties.add("plan")
    made.properties.add("points", type="number")
    made.properties.add("tags", multi=True)
    return made
