"""Exports of segments of the imitation: late, in several files, below a prefix, beside files of others."""

import gzip
import json
from typing import Any

import pytest

from tests.sandbox.braze.conftest import Begin
from tests.sandbox.conftest import Clock


def prefix_of(reply: Any) -> str:
    assert reply.status_code == 201, reply.text
    return str(reply.json()["object_prefix"])


def test_all_users_of_a_segment_come_in_files_below_the_prefix(begin: Begin) -> None:
    """In several files of so many users; what others put below the segment's folder is not of them."""
    braze = begin(people=120, file_users=50)
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment))
    keys = braze.listed(segment, prefix)
    users = [user for key in keys for user in braze.users_in(key)]
    assert sorted(len(braze.users_in(key)) for key in keys) == [20, 50, 50]
    known = {(each.get("external_id"), each.get("email")) for each in braze.people()}
    assert {(each.get("external_id"), each.get("email")) for each in users} == known
    others = [key for key in braze.listed(segment) if prefix not in key]
    assert len(others) == 2
    assert sum("/users-" in key for key in others) == 1


def test_missing_keys_mean_empty_and_only_what_is_asked_for_comes(begin: Begin) -> None:
    """Custom attributes come by name, or all; standard ones by field."""
    braze = begin(people=0)
    braze.write(external_id="a", first_name="Ann", tier="gold", points=3, note="x")
    braze.write(external_id="b", last_name="Vos")
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment, "external_id", "first_name", custom_attributes_to_export=["tier", "note"]))
    assert braze.users_in(braze.listed(segment, prefix)[0]) == [
        {"external_id": "a", "first_name": "Ann", "custom_attributes": {"tier": "gold", "note": "x"}},
        {"external_id": "b"},
    ]


def test_files_arrive_by_the_clock(begin: Begin, clock: Clock) -> None:
    """The first after so many seconds, the others one by one; until the last, a second export is refused."""
    braze = begin(people=30, file_users=10, export_seconds=60.0, export_gap=30.0)
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment))
    seen = []
    for seconds in (0, 59, 1, 30, 29, 1):
        clock.now += seconds
        seen.append(len(braze.listed(segment, prefix)))
        again = braze.ask(segment)
        assert (again.status_code == 429) == (seen[-1] < 3)
    assert seen == [0, 0, 1, 2, 2, 3]


def test_files_arrive_by_listings(begin: Begin) -> None:
    """After so many in vain, one more with each; listings of other folders do not count."""
    braze = begin(people=30, file_users=10, export_polls=2)
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment))
    braze.listed("another")
    assert [len(braze.listed(segment, prefix)) for _ in range(6)] == [0, 0, 1, 2, 3, 3]


def test_files_that_are_held_arrive_when_the_sandbox_is_told(begin: Begin) -> None:
    """So many at a time; what then fails ends without a word, and the segment can be exported again."""
    braze = begin(people=30, file_users=10, export_held=True)
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment))
    assert braze.listed(segment, prefix) == []
    braze.told(arrive=2)
    assert len(braze.listed(segment, prefix)) == 2
    assert braze.ask(segment).status_code == 429
    assert braze.told(fail=True).json()["exports"][0]["state"] == "failed"
    assert len(braze.listed(segment, prefix)) == 2
    assert braze.ask(segment).status_code == 201
    assert braze.told(color="red").status_code == 400


def test_an_export_that_fails_leaves_nothing(begin: Begin) -> None:
    """Its answer looks like any other."""
    braze = begin(people=30, export_failures=1)
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment))
    assert braze.listed(segment, prefix) == []
    assert braze.listed(segment, prefix_of(braze.ask(segment))) != []


@pytest.mark.parametrize(("writes", "files"), [(False, 0), (True, 1)])
def test_a_segment_of_nobody_writes_no_file_or_an_empty_one(begin: Begin, writes: bool, files: int) -> None:
    """The vendor does not say which."""
    braze = begin(empty_writes=writes)
    segment = braze.segment("Empty")
    keys = braze.listed(segment, prefix_of(braze.ask(segment)))
    assert [braze.users_in(key) for key in keys] == [[]] * files


def test_files_lie_below_the_date_of_the_day_after_where_told(begin: Begin) -> None:
    """The prefix still ends with the second of the request."""
    braze = begin(next_day=True)
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment))
    assert prefix.endswith("-1780000000")
    assert braze.listed(segment, prefix)[0].startswith(f"segment-export/{segment}/2026-05-29/{prefix}/")


def test_gzip_holds_the_lines_themselves(begin: Begin) -> None:
    """Without an archive around them."""
    braze = begin(people=3)
    segment = braze.segment()
    (key,) = braze.listed(segment, prefix_of(braze.ask(segment, output_format="gzip")))
    assert key.endswith(".gz")
    assert len([json.loads(each) for each in gzip.decompress(braze.read(key)).splitlines()]) == 3


def test_files_are_deleted_after_their_time(begin: Begin, clock: Clock) -> None:
    """So who reads too late finds nothing."""
    braze = begin(people=3, file_seconds=100.0)
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment))
    assert len(braze.listed(segment, prefix)) == 1
    clock.now += 101
    assert braze.listed(segment, prefix) == []


@pytest.mark.parametrize(
    "body",
    [
        {"fields_to_export": ["email"]},
        {"segment_id": "nobody", "fields_to_export": ["email"]},
        {"segment_id": "", "fields_to_export": []},
        {"segment_id": "", "fields_to_export": ["image_url"]},
        {"segment_id": "", "fields_to_export": ["email"], "output_format": "rar"},
        {"segment_id": "", "fields_to_export": ["email"], "custom_attributes_to_export": [f"a{n}" for n in range(501)]},
    ],
)
def test_what_cannot_be_exported_is_refused(begin: Begin, body: dict[str, Any]) -> None:
    """Without a segment, without fields, with fields that are not exported."""
    braze = begin()
    body = {**body, "segment_id": braze.segment()} if body.get("segment_id") == "" else body
    assert braze.api.post("/users/export/segment", json=body).status_code == 400
    assert braze.state()["exports"] == []


def test_a_segment_by_an_attribute_follows_what_is_written(begin: Begin) -> None:
    """One by a share of the people at the start does not take who comes later."""
    braze = begin(people=0)
    braze.write(external_id="a", plan="pro")
    braze.write(external_id="b", plan="free")
    for name, who in (("Plan is pro", ["a"]), ("All users", ["a", "b"]), ("Nearly all", [])):
        segment = braze.segment(name)
        keys = braze.listed(segment, prefix_of(braze.ask(segment)))
        assert [user["external_id"] for key in keys for user in braze.users_in(key)] == who


def test_a_running_export_can_be_cancelled(begin: Begin) -> None:
    """What did not arrive does not come any more."""
    braze = begin(people=3, export_held=True)
    segment = braze.segment()
    prefix = prefix_of(braze.ask(segment))
    assert braze.api.post("/export/segment/cancel", json={"segment_id": segment}).status_code == 201
    braze.told(arrive=5)
    assert braze.listed(segment, prefix) == []
    assert braze.state()["exports"][0]["state"] == "cancelled"
