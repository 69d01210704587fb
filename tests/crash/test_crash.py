"""A call whose process is killed, repeated after opening again, ends as if nothing had happened."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.crash.kills import Yardstick, kill_at_file, kill_at_moment, killed, prepared, yardstick
from tests.crash.world import CASES, GROUPS

Measure = Callable[[str], Yardstick]


@pytest.fixture(scope="module")
def measure(tmp_path_factory: pytest.TempPathFactory) -> Measure:
    """What each case does undisturbed."""
    folder = tmp_path_factory.mktemp("crash")
    start = prepared(folder / "prepared")
    return cache(lambda case: yardstick(case, start, folder / "work"))


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("case", CASES)
def test_a_process_that_dies_at_a_step_leaves_nothing_lost_and_nothing_doubled(
    measure: Measure, tmp_path: Path, case: str, share: float
) -> None:
    """Whatever step of the store the process dies at, the repeated call makes up for it."""
    undisturbed = measure(case)
    kill = killed(undisturbed, kill_at_moment(round(undisturbed.moments * share)), tmp_path / "work")
    assert kill.differences == ()


def test_groups_are_stored_whole_or_not_at_all(measure: Measure, tmp_path: Path) -> None:
    """They lie in the table of the profiles, and one commit makes them true."""
    undisturbed = measure(GROUPS)
    kill = killed(undisturbed, kill_at_moment(round(undisturbed.moments * 0.6)), tmp_path / "work")
    assert kill.differences == ()


@pytest.mark.parametrize("case", CASES)
def test_a_process_that_dies_while_files_change_leaves_nothing_lost_and_nothing_doubled(
    measure: Measure, tmp_path: Path, case: str
) -> None:
    """Files that are half-written or not committed are invisible, and are swept."""
    undisturbed = measure(case)
    kill = killed(undisturbed, kill_at_file(undisturbed.files // 2), tmp_path / "work")
    assert kill.differences == ()


@pytest.mark.parametrize("case", CASES)
def test_repeating_a_call_that_was_not_disturbed_changes_no_profile(measure: Measure, case: str) -> None:
    """The yardstick itself: after the repetition profiles, changes and import records are the same."""
    undisturbed = measure(case)
    same = ("profiles", "changes", "rejected", "goal_units", "valid")
    assert [undisturbed.twice[name] for name in same] == [undisturbed.once[name] for name in same]
