"""Runs of a connection of a workspace in a bucket: pages, plans and journals lie there, and one run is at work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import cdpkit
from cdpkit.place.buckets.leases import LostError
from tests.place.leases import until_lost
from tests.runs.sync.place import Place, address, at_stage, place, pros


@pytest.fixture
def there(bucket: str, tmp_path: Path) -> Iterator[Place]:
    """A vendor with people, and a workspace in a bucket."""
    with place(tmp_path, people=40, at=bucket) as made:
        yield made


def test_people_come_in_go_out_and_leave(there: Place) -> None:
    """A preview is carried out as it is; who leaves the segment is taken off; an undo takes the import back."""
    there.importing(create_profiles=True, mappings=[{"from": "firstName", "to": "plan"}])
    there.exporting()
    there.load(*pros(1, 2, 3))
    preview = there.conn.preview()
    assert preview.sends.height == 3
    run = there.conn.run(preview=preview)
    assert (run.state, run.counters["created"], run.counters["accepted"]) == ("succeeded", 40, 3)
    assert there.members() == address(1, 2, 3)
    there.load(*pros(3, plan="free"))
    again = there.conn.run()
    assert (again.counters["withdrawn"], again.counters["created"]) == (1, 0)
    assert there.members() == address(1, 2)
    assert there.ws.undo(run).counters["profiles_deleted"] == 40
    assert there.ws.verify().ok
    exchanged = there.ws.sql("select * from exchange").pl()
    assert exchanged.height == 1


def test_what_a_stopped_run_has_fetched_is_not_fetched_again(there: Place) -> None:
    """Its pages are in the bucket: another process goes on with them."""
    there.importing(create_profiles=True)

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        there.conn.run(progress=at_stage("merge", stop))
    calls = there.calls("export/start")
    with pytest.MonkeyPatch.context() as other:
        other.setenv("CDPKIT_S3_TIMEOUT", "11")  # another environment, and so as another process has it
        ws = cdpkit.open(there.ws.address)
        run = ws.connection("news").run()
    assert (run.state, run.counters["created"]) == ("succeeded", 40)
    assert there.calls("export/start") == calls
    assert there.ws.runs.height == 1


def test_while_one_runs_another_is_skipped(there: Place) -> None:
    """A lease tells it so, as soon as it is seen to be renewed."""
    there.importing(create_profiles=True)
    with pytest.MonkeyPatch.context() as other:
        other.setenv("CDPKIT_S3_TIMEOUT", "11")
        ws = cdpkit.open(there.ws.address)
    states = []

    def meanwhile() -> None:
        states.append(ws.connection("news").run().state)

    run = there.conn.run(progress=at_stage("merge", meanwhile))
    assert (run.state, states) == ("succeeded", ["skipped"])


def test_a_run_that_has_lost_its_lease_stops_before_it_commits_or_sends(there: Place) -> None:
    """Another process may have taken over; the next run goes on where it was."""
    there.importing(create_profiles=True)
    there.exporting()
    there.load(*pros(1))
    place = there.ws._home.root

    def lose() -> None:
        (place / "locks" / "connection-news.lock").write([b'{"owner": "somebody else", "seconds": 0.3}'])
        until_lost(place)

    with pytest.raises(LostError, match=r"the lease connection-news\.lock was lost"):
        there.conn.run(progress=at_stage("merge", lose))
    assert there.ws.profiles.select("email").collect().height == 1
    assert there.members() == set()
    run = there.conn.run()
    assert (run.state, run.counters["created"], there.members()) == ("succeeded", 40, address(1))
    assert there.ws.runs.filter(kind="sync").height == 1
