"""Damaged files of every format: they are read, lines are left out, or one error says so; nothing else gets out."""

import random
from pathlib import Path

import pytest

from tests.runs.files.damage import damaged, files, outcome


@pytest.mark.parametrize("name", sorted(files()))
def test_damage_ends_in_a_source_error_or_in_lines_left_out(tmp_path: Path, name: str) -> None:
    """Whichever bytes are wrong; every row is accounted for."""
    chance = random.Random(name)
    whole = files()[name]
    assert outcome(tmp_path / name, whole) == "read"
    for _ in range(60):
        assert outcome(tmp_path / name, damaged(whole, chance)) in {
            "read",
            "left out",
            "SourceError",
            "ConfigurationError",
        }
