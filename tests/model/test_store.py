"""The store against the slow model: random worlds on disk, profile by profile and row fate by row fate."""

from pathlib import Path

import pytest

from tests.model.thousand_worlds import replay


@pytest.mark.parametrize("seed", range(25))
def test_random_worlds_on_disk_are_as_the_model_has_them(tmp_path: Path, seed: int) -> None:
    """Profiles, changes, fates and rejections of every load are the model's, through compactions and new openings."""
    assert replay(seed, tmp_path / "world").mismatches == ()
