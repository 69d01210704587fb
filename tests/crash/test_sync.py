"""A sync whose process is killed goes on in another one, and ends as if nothing had happened."""

import os
from pathlib import Path

import pytest

from cdpkit.core.outcome import ACCEPTED as TAKEN
from tests.crash.state import State
from tests.crash.sync_kills import Way, killed, measure, trial
from tests.crash.sync_state import BETWEEN, JOINING, PLANNING, PULLING, SENDING, store_state
from tests.crash.sync_vendor import PARTIES, parts
from tests.crash.sync_world import CONNECTION, EVENT_CASES, EXPORT, OTHER_CASES, QUICK, SYNC_CASES, prepare_sync

Ends = dict[tuple[Way, ...], tuple[str, ...]]
"""How the attempts of a run end, and where it is then each time."""

MORE_PAGES = Way("HttpCarrier.send begins 11")
COMMITTED, SENT, NEXT_GOAL = Way("Tables.commit ends 1"), Way("Tables.conclude ends 1"), Way("GoalFolder.of begins 2")
ASKED, ACCEPTED, SOME = Way("Journal.asked ends 3"), Way("Journal.answered begins 2"), Way("Journal.answered ends 1")
LEAVERS_ACCEPTED = Way("Journal.answered begins 3")

KILLS: dict[str, Ends] = {
    "sync-import": {(MORE_PAGES,): (PULLING,), (COMMITTED,): (JOINING,)},
    "sync-export": {(ASKED,): (SENDING,), (ACCEPTED,): (SENDING,), (SENT,): (JOINING,)},
    "sync-night": {(SOME,): (SENDING,), (LEAVERS_ACCEPTED,): (SENDING,)},
    "sync-both": {(NEXT_GOAL,): (BETWEEN,), (SOME, SOME): (SENDING, SENDING)},
}
INTERRUPTS: dict[str, Ends] = {
    "sync-import": {(Way("Table.write begins 2", "SIGINT"),): (PLANNING,)},
    "sync-export": {(Way("Journal.answered begins 2", "SIGINT"),): (SENDING,)},
    "sync-night": {(Way("Journal.asked begins 1", "SIGINT"),): (SENDING,)},
    "sync-both": {(Way("HttpCarrier.send ends 6", "SIGINT"),): (PULLING,)},
}


@pytest.mark.parametrize("case", SYNC_CASES)
def test_a_sync_that_is_killed_or_interrupted_goes_on_in_another_process(tmp_path: Path, case: str) -> None:
    """Store, vendor, history and the vendor's count of calls are as of a run that nobody disturbed."""
    prepare_sync(case, tmp_path / case, QUICK)
    undisturbed = measure(case, tmp_path / case, tmp_path / "work", here=True)
    ends = KILLS[case] if os.name == "nt" else KILLS[case] | INTERRUPTS[case]
    kills = {ways: killed(undisturbed, ways, here=True) for ways in ends}
    assert {ways: kill.phases for ways, kill in kills.items()} == ends
    assert [(ways, kill.differences) for ways, kill in kills.items() if kill.differences] == []


@pytest.mark.parametrize("case", OTHER_CASES)
def test_a_killed_sync_with_any_vendor_goes_on_in_another_process(tmp_path: Path, case: str) -> None:
    """Store, vendor and history are as of a run that nobody disturbed; `python -m tests.crash` kills at any moment."""
    prepare_sync(case, tmp_path / "prepared", QUICK)
    undisturbed = measure(case, tmp_path / "prepared", tmp_path / "work", here=True)
    later_pages = Way(PARTIES[parts(case)[1]].pulling)
    way, phase = (later_pages, PULLING) if case.startswith("sync-import") else (SOME, SENDING)
    kill = killed(undisturbed, (way,), here=True)
    assert (kill.phases, kill.differences) == ((phase,), ())


EVENT_KILLS: dict[str, Ends] = {
    "sync-events@iterable": {(Way("Journal.answered begins 30"),): (SENDING,)},
    "sync-events@braze": {(ASKED, SOME): (SENDING, SENDING)},
    "sync-timeline@iterable": {(Way("HttpCarrier.send begins 5"), COMMITTED): (PULLING, JOINING)},
}


@pytest.mark.parametrize("case", EVENT_CASES)
def test_events_of_a_killed_sync_are_there_once_or_in_doubt(tmp_path: Path, case: str) -> None:
    """Iterable, which knows their ids, has each exactly once; Braze at most once, and what it lacks is in doubt."""
    prepare_sync(case, tmp_path / "prepared", QUICK)
    undisturbed = measure(case, tmp_path / "prepared", tmp_path / "work", here=True)
    ends = EVENT_KILLS[case]
    kills = {ways: killed(undisturbed, ways, here=True) for ways in ends}
    assert {ways: kill.phases for ways, kill in kills.items()} == ends
    assert [(ways, kill.differences) for ways, kill in kills.items() if kill.differences] == []


def accepted(state: State) -> list[tuple[object, ...]]:
    """What the goal knows of those whom the vendor took."""
    return [line for line in state["known"] if TAKEN in line]


def test_a_killed_sync_that_another_run_closes_is_failed_and_nobody_is_forgotten(tmp_path: Path) -> None:
    """A run that was asked otherwise does not go on with it, yet knows whom it put on the list."""
    prepare_sync("sync-export", tmp_path / "prepared", QUICK)
    undisturbed = measure("sync-export", tmp_path / "prepared", tmp_path / "work", here=True)
    with trial("sync-export", tmp_path / "prepared", tmp_path / "work") as place:
        place.end(SOME)
        workspace = place.workspace()
        workspace.connection(CONNECTION).run(EXPORT, full=True)
        assert workspace.connection(CONNECTION).runs["state"].to_list() == ["failed", "succeeded_with_warnings"]
        assert accepted(store_state(workspace)) == accepted(undisturbed.once)
        assert place.server.people == undisturbed.server.people
