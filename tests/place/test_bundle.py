"""What a new process asks first lies in one object of a bucket: it saves calls, and is not taken on trust."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import cdpkit
from cdpkit.place import place_at
from cdpkit.place.buckets import bundle
from cdpkit.place.buckets.bucket import Bucket
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
    place = place_at(address)
    assert isinstance(place, Bucket)
    return place.store.objects.read(f"{place.store.prefix}{bundle.NAME}") or b""


def test_it_is_passed_over_where_it_is_damaged(bucket: str, ws: cdpkit.Workspace) -> None:
    """It has the logs and small files of tables, all of which is in the bucket besides."""
    place, content = ws._home.root / bundle.NAME, object_of(bucket)
    for table in ("profiles", "runs"):
        assert f"tables/{table}/_delta_log/0".encode() in content
    assert content.count(b"PAR1") >= 4
    assert bundle.NAME not in {each.name for each in ws._home.root.list()}
    objects = ws._home.root
    assert isinstance(objects, Bucket)
    read = bundle.read(objects.store.objects, objects.store.prefix)
    assert {name.split("/")[1] for name in read} >= {"profiles", "runs", "changes", "run_rows"}
    for damaged in (content[:-9], content[:-9] + b"123456789", b"[1]\n", b'[["x", "", 1]]\n', b""):
        place.write([damaged])
        assert bundle.read(objects.store.objects, objects.store.prefix) == {}
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
