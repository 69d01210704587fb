"""A workspace of a few plans."""

from pathlib import Path

import pytest

import cdpkit
from tests.workspace.plans import load


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """A workspace of two profiles."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("plan")
    load(made, ann="gold", bob="lead")
    return made
