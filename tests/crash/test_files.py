"""Syncs with files that are killed with -9: each file is read once, and everybody is written once."""

from collections.abc import Callable
from functools import cache

import pytest

from tests.crash.files import Ended, killed, prepare

Kill = Callable[[str, str], Ended]


@pytest.fixture(scope="module")
def kill(tmp_path_factory: pytest.TempPathFactory) -> Kill:
    """Kills a case at a moment, each in a workspace of its own."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "start").mkdir()
    prepare(folder / "start")
    return cache(lambda case, at: killed(case, folder / "start", folder / f"{case}-{at.replace(' ', '-')}", at))


@pytest.mark.parametrize(
    ("case", "at"),
    [
        ("import-folder", "FolderCarrier.send ends 5"),
        ("import-folder", "Tables.commit ends 1"),
        ("export-folder", "FolderCarrier.send ends 1"),
        ("export-folder", "Journal.answered ends 1"),
    ],
)
def test_a_killed_sync_of_files_goes_on_in_another_process(kill: Kill, case: str, at: str) -> None:
    """In the middle of fetching, at the commit, between the file and its record; a script kills at any other moment."""
    assert kill(case, at) == Ended(0, ())
