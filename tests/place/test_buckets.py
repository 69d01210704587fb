"""What a bucket has to keep, and what is said where it does not: conditions, leases, keys, and servers that hang."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, ConflictError, CredentialsError, StoreError, WorkspaceError
from cdpkit.place import place_at
from cdpkit.place.buckets.bucket import Bucket
from cdpkit.place.buckets.leases import LostError
from cdpkit.place.shown import TakenError
from cdpkit.sandbox.buckets import Buckets
from tests.place.leases import until_lost
from tests.transport.buckets.server import between, environment, put


def test_a_server_that_ignores_conditions_is_refused_and_nothing_is_left_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits would be lost there without a word."""

    def careless(environ: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in environ.items() if not key.startswith("HTTP_IF_")}

    with between(careless) as url:
        _at(monkeypatch, environment(url))
        put(url, {"w/cdpkit.toml": b"format = 3\n"}, "careless")
        calls: dict[str, Callable[[str], object]] = {"new": cdpkit.create, "w": cdpkit.open}
        for name, call in calls.items():
            with pytest.raises(WorkspaceError, match=r"127\.0\.0\.1.* does not keep conditional writes"):
                call(f"s3://careless/{name}")
        assert place_at("s3://careless/new").is_free()
        assert [each.name for each in place_at("s3://careless").list()] == ["w"]


def test_what_does_not_fit_is_said_with_what_to_do(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bucket, another name, no workspace, one that is there, an address in the clear, and a server that is not."""
    with pytest.raises(WorkspaceError, match=r"no bucket 'nobody-has-this' at 127\.0\.0\.1:.*; make it"):
        cdpkit.create("s3://nobody-has-this/w")
    with pytest.raises(WorkspaceError, match="no bucket 'nobody-has-this'"):
        cdpkit.open("s3://nobody-has-this/w")
    with pytest.raises(WorkspaceError, match=f"^{bucket} is no cdpkit workspace: .*make one with cdpkit.create"):
        cdpkit.open(bucket)
    with pytest.raises(ConfigurationError, match=r"names no bucket; write s3://bucket/prefix"):
        cdpkit.open("s3://")
    with pytest.raises(ConfigurationError, match="no bucket can be called 'a b'"):
        cdpkit.open("s3://a b/w")
    (place_at(bucket) / "notes.txt").write([b"x"])
    with pytest.raises(WorkspaceError, match="is not empty and no workspace"):
        cdpkit.create(bucket)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:1 cannot be reached; look at AWS_ENDPOINT_URL"):
        cdpkit.open(bucket)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://s3.example.com")
    with pytest.raises(ConfigurationError, match=r"http address of another machine.*CDPKIT_ALLOW_HTTP=1"):
        cdpkit.open(bucket)
    for name in ("CDPKIT_LEASE_SECONDS", "CDPKIT_S3_TIMEOUT"):
        with monkeypatch.context() as other:
            other.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
            other.setenv(name, "soon")
            with pytest.raises(ConfigurationError, match=f"{name} is a number of seconds"):
                cdpkit.open(bucket)


def test_keys_that_are_wrong_or_missing_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what to look at, and never the key."""
    listening = socket.create_server(("127.0.0.1", 0))
    own = Buckets(listening)
    try:
        unknown = "s-e-c-r-e-t"
        wrong = environment(own.address["endpoint_url"], key="AKIANOBODY", secret=unknown)
        _at(monkeypatch, wrong)
        with pytest.raises(CredentialsError, match=r"does not take these keys \(InvalidAccessKeyId\)") as told:
            cdpkit.create(f"s3://{own.bucket}/w")
        assert unknown not in str(told.value)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        with pytest.raises(CredentialsError, match="no keys to S3 were found: set AWS_ACCESS_KEY_ID"):
            cdpkit.open(f"s3://{own.bucket}/w")
    finally:
        own.close()


def test_a_server_that_hangs_is_given_up_and_an_interrupt_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the seconds; Ctrl-C comes through at once, whatever the time-out is."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        _at(monkeypatch, environment(url) | {"CDPKIT_S3_TIMEOUT": "0.2"})
        with pytest.raises(StoreError, match=r"does not answer within 0\.2 seconds"):
            cdpkit.open("s3://work/hangs")
        monkeypatch.setenv("CDPKIT_S3_TIMEOUT", "60")
        interrupt = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        began = time.monotonic()
        interrupt.start()
        with pytest.raises(KeyboardInterrupt):
            cdpkit.open("s3://work/hangs")
        assert time.monotonic() - began < 10


def test_an_interrupt_while_a_commit_hangs_leaves_the_workspace_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes next commits what was not committed."""
    hangs, reached = threading.Event(), threading.Event()

    def hang(environ: dict[str, Any]) -> dict[str, Any]:
        commits = environ["REQUEST_METHOD"] == "PUT" and "/profiles/_delta_log/" in environ["PATH_INFO"]
        if hangs.is_set() and commits:
            reached.set()
            while hangs.is_set():
                threading.Event().wait(0.05)
            raise OSError
        return environ

    def interrupt() -> None:
        reached.wait(60)
        os.kill(os.getpid(), signal.SIGINT)

    with between(hang) as url:
        _at(monkeypatch, environment(url, lease=30) | {"CDPKIT_S3_TIMEOUT": "60"})
        put(url, {}, "hangs")
        ws = cdpkit.create("s3://hangs/w")
        ws.properties.add("email", identifier=True)
        hangs.set()
        threading.Thread(target=interrupt, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            ws.load(pl.DataFrame({"mail": ["a@example.org"]}), {"mail": "email"}, create_profiles=True, goal="crm")
        assert time.monotonic() - began < 50
        hangs.clear()
        assert ws.profiles.collect().height == 0
        run = ws.load(pl.DataFrame({"mail": ["a@example.org"]}), {"mail": "email"}, create_profiles=True, goal="crm")
        assert (run.state, ws.profiles.collect().height) == ("succeeded", 1)
        assert ws.verify().ok


def test_a_lease_that_is_renewed_is_kept_for_its_holder(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long; and it is free as soon as it is given back."""
    mine = place_at(bucket)
    monkeypatch.setenv("CDPKIT_S3_TIMEOUT", "11")  # another environment, and so as another process has it
    other = place_at(bucket)
    with mine.claim():
        threading.Event().wait(1.5)  # longer than a lease lasts that is not renewed
        with pytest.raises(ConflictError, match="is held by another process"), other.claim():
            pass
    with other.claim():
        pass


def test_who_has_lost_a_lease_commits_and_journals_nothing(bucket: str) -> None:
    """Somebody else may be at work by then."""
    ws = cdpkit.create(bucket)
    place = ws._home.root
    before = ws._home.tables.open("runs").version
    with (place / "locks" / "run").claim():
        (place / "locks" / "run.lock").write([b'{"owner": "somebody else", "seconds": 1}'])
        until_lost(place)
        with pytest.raises(LostError, match=r"the lease run\.lock was lost: .*nothing more is committed"):
            ws._home.tables.open("runs").commit(transactions={"x": 1})
        with (place / "journal").append() as line, pytest.raises(LostError):
            line(b"asked")
    assert ws._home.tables.open("runs").version == before
    ws._home.tables.open("runs").commit(transactions={"x": 1})


def test_an_answer_that_was_lost_on_its_way_is_no_refusal(bucket: str) -> None:
    """A write that was carried out unheard, and then repeated, is ours; another one's is not."""
    objects = _bucket(place_at(bucket)).store.objects
    tag = objects.put("once", b"ours", new=True)
    assert objects.put("once", b"ours", new=True) == tag
    with pytest.raises(TakenError):
        objects.put("once", b"theirs", new=True)


def test_a_journal_goes_on_in_parts_and_is_read_as_one(bucket: str) -> None:
    """So that what is put anew with each line stays small."""
    journal, lines = place_at(bucket) / "runs" / "r" / "journal.ndjson", [bytes([65 + n]) * 100_000 for n in range(9)]
    for part in (lines[:4], lines[4:8], lines[8:]):
        with journal.append() as append:
            for text in part:
                append(text)
    assert journal.read() == b"".join(text + b"\n" for text in lines)
    (place_at(bucket) / "runs").delete()
    assert not journal.exists()


def _at(monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)


def _bucket(place: object) -> Bucket:
    assert isinstance(place, Bucket)
    return place
