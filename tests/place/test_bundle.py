"""What a new process asks first lies in one object of a bucket: it saves calls, and is not taken on trust."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import cdpkit
from cdpkit.errors import CredentialsError
from cdpkit.place import place_at
from cdpkit.place.buckets import bundle
from cdpkit.place.buckets.bucket import Bucket
from cdpkit.place.buckets.objects import Objects
from cdpkit.place.buckets.store import Store
from tests.runs.loads import MAIL, PLAN, held, source

KNOWN = {"a@example.org": "second plan", "b@example.org": "other plan"}


@contextmanager
def another_process() -> Iterator[None]:
    """Another environment, and so what another process has of a workspace."""
    with pytest.MonkeyPatch.context() as other:
        other.setenv("CDPKIT_S3_TIMEOUT", "11")
        yield


@pytest.fixture
def ws(bucket: str) -> cdpkit.Workspace:
    """A workspace with two people, one of whom was changed."""
    made = cdpkit.create(bucket)
    made.properties.add("email", identifier=True)
    made.properties.add("plan")
    for plan in ("first plan", "second plan"):
        load(made, ("a@example.org", plan), ("b@example.org", "other plan"))
    return made


def load(ws: cdpkit.Workspace, *rows: tuple[str, str]) -> None:
    ws.load(source(*rows), identifiers=MAIL, mappings=PLAN, create_profiles=True).raise_for_state()


def seen(address: str) -> dict[object, object]:
    """What another process sees, that is the first one of its kind."""
    with another_process():
        place = place_at(address)
        assert isinstance(place, Bucket)
        return held(cdpkit.open(address), "email", "plan")


def object_of(address: str) -> bytes:
    """The object; nothing where there is none."""
    return _store(address).objects.read(f"{_store(address).prefix}{bundle.NAME}") or b""


def _store(address: str) -> Store:
    place = place_at(address)
    assert isinstance(place, Bucket)
    return place.store


def files_of(address: str) -> bundle.Bundle:
    """What is in it."""
    return bundle.Bundled(_store(address).objects, _store(address).prefix).files()


def test_it_is_passed_over_where_it_is_damaged(bucket: str, ws: cdpkit.Workspace) -> None:
    """It has the logs and small files of tables, all of which is in the bucket besides."""
    place, content = ws._home.root / bundle.NAME, object_of(bucket)
    for table in ("profiles", "runs"):
        assert f"tables/{table}/_delta_log/0".encode() in content
    assert content.count(b"PAR1") >= 4
    assert bundle.NAME not in {each.name for each in ws._home.root.list()}
    assert {name.split("/")[1] for name in files_of(bucket)} >= {"profiles", "runs", "changes", "run_rows"}
    renamed = content.replace(b"/_delta_log/00000000000000000001.json", b"/_delta_log/00000000000000000002.json", 1)
    assert renamed != content
    for damaged in (content[:-9], content[:-9] + b"123456789", b"[1]\n", b'[["x", "", 1]]\n', b"", renamed):
        place.write([damaged])
        assert files_of(bucket) == {}
    assert seen(bucket) == KNOWN


def test_a_log_is_in_it_as_a_whole_or_not_at_all(
    bucket: str, ws: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little room there is: the end of a log without the checkpoint before it says nothing."""
    for nth in range(3):
        load(ws, ("a@example.org", f"plan {nth}"))
    runs = sum(len(packed.content) for name, packed in files_of(bucket).items() if "/runs/_delta_log/" in name)
    monkeypatch.setattr(bundle, "MOST", runs - 1)
    ws._home.tables.gather()
    logs = {name.split("/")[1] for name in files_of(bucket)}
    assert ("runs" in logs, "goal_units" in logs) == (False, True)
    assert seen(bucket) == {**KNOWN, "a@example.org": "plan 2"}


def test_what_another_process_has_removed_does_not_come_back(bucket: str, ws: cdpkit.Workspace) -> None:
    """Neither by what this one has read of tables, nor by what it was given of those that it has not looked at."""
    with another_process():
        other = cdpkit.open(bucket)
    load(ws, ("a@example.org", "third plan"))
    ws._home.settings.edit(lambda document: document.update(keep_days=0))
    cdpkit.open(bucket).compact()
    there = {each.key for each in _store(bucket).objects.below(f"{_store(bucket).prefix}tables/")}
    other._home.tables.gather()
    kept = {f"{_store(bucket).prefix}{name}" for name in files_of(bucket)}
    assert kept
    assert kept <= there


def test_a_bucket_that_does_not_give_it_out_is_read_without_it(
    bucket: str, ws: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a rule of the bucket is against its name."""
    get = Objects.get

    def refused(self: Objects, key: str) -> object:
        if key.endswith(bundle.NAME):
            raise CredentialsError("AccessDenied")
        return get(self, key)

    del ws
    monkeypatch.setattr(Objects, "get", refused)
    assert seen(bucket) == KNOWN


def test_a_log_that_is_another_one_by_now_is_fetched_anew(bucket: str, ws: cdpkit.Workspace) -> None:
    """As when somebody has put a backup in its place; and what is deleted for good does not stay in the object."""
    old = object_of(bucket)
    load(ws, ("a@example.org", "third plan"))
    for table in ("profiles", "runs"):
        log = ws._home.root / "tables" / table / "_delta_log"
        last = [each for each in log.list() if each.name.endswith(".json")][-1]
        last.write([last.read() + b"\n"])  # says the same, and is another object
    assert seen(bucket)["a@example.org"] == "third plan"
    (ws._home.root / bundle.NAME).write([old])
    ws._home.settings.edit(lambda document: document.update(keep_days=0))
    with another_process():
        cdpkit.open(bucket).compact()
    assert object_of(bucket) == b""
