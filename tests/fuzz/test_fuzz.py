"""Damaged input ends in errors of the package alone; `python -m tests.fuzz` tries many more."""

from pathlib import Path

import pytest

from tests.fuzz.__main__ import tried
from tests.transport.hurried import Hurried


@pytest.mark.parametrize(("kind", "cases"), [("sources", 40), ("settings", 15), ("answers", 8)])
def test_damaged_input_is_read_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, cases: int
) -> None:
    """Sources, settings and answers of a vendor."""
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)
    endings, failed, _ = tried(kind, cases, 20_000, tmp_path)
    assert failed == []
    assert sum(endings.values()) == cases
