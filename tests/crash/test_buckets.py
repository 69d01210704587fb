"""A workspace in a bucket of a real server: killed at the worst moments, and written to by two processes at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import cdpkit
from tests.crash.buckets import BUCKET, Ended, child, compared, copied, environment, killed
from tests.crash.state import state
from tests.crash.world import prepare
from tests.transport.buckets.weed import needs_weed, seaweed

pytestmark = needs_weed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a source is; in the environment's bucket there is a workspace to load it into."""
    made = tmp_path_factory.mktemp("buckets")
    with seaweed(made / "weed") as told, environment(told):
        prepare(made, f"s3://{BUCKET}/start", crumbs=False)
        yield made


@pytest.fixture(scope="module")
def whole(folder: Path) -> Ended:
    """A load that nobody disturbs."""
    return killed("load", folder, "start", "whole", 0)


@pytest.mark.parametrize("after", [False, True])
def test_a_load_that_is_killed_at_its_commit_ends_as_an_undisturbed_one(
    folder: Path, whole: Ended, *, after: bool
) -> None:
    """Its lease runs out; who comes next makes up for what was committed, or works it out again."""
    _, commit, *_ = whole.entries  # the first one adds a column
    ended = killed("load", folder, "start", f"killed-{after}", commit - (not after))
    assert ended.moments == 0
    assert compared(ended.found, whole.found) == []


def test_of_two_processes_that_load_the_same_each_row_counts_once(folder: Path, whole: Ended) -> None:
    """Whoever is second sees what the first has committed, and adds nothing twice."""
    copied("start", "two")
    address = f"s3://{BUCKET}/two"
    with child(address, "load", folder, 0) as one, child(address, "load", folder, 0) as other:
        for each in (one, other):
            each.communicate(timeout=120)
    assert (one.returncode, other.returncode) == (0, 0)
    ws = cdpkit.open(address)
    assert ws.verify().ok
    assert compared(state(ws), whole.found) == []
