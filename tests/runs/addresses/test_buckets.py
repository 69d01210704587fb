"""Loads from S3: an object, a glob of them, and what is said where there is none."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import CredentialsError, SourceError
from tests.cli.shell import call, json_of
from tests.runs.loads import MAIL, PLAN, held
from tests.transport.buckets.server import KEY, buckets, put


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"mail": ["eve@x.de"], "plan": ["gold"]}).write_parquet(file)
    return file.getvalue()


OBJECTS = {
    "crm/part-10.csv": b"mail;plan\nbob@x.de;lead\n",
    "crm/part-2.csv": b"mail;plan\nann@x.de;gold\n",
    "crm/deep/part-3.csv": b"mail;plan\ncid@x.de;gold\n",
    "crm/": b"",
    "crm/a[1].csv": b"mail;plan\ndan@x.de;lead\n",
    "packed.csv.gz": gzip.compress(b"mail;plan\nann@x.de;gold\n", mtime=0),
    "rows.parquet": parquet(),
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server with a few files."""
    with buckets() as url:
        put(url, OBJECTS)
        put(url, {"web.csv.gz": OBJECTS["packed.csv.gz"]}, ContentEncoding="gzip")
        yield url


@pytest.fixture(autouse=True)
def _environment(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)


@pytest.mark.parametrize(
    ("key", "people"),
    [
        ("crm/part-2.csv", ["ann"]),
        ("crm/*.csv", ["dan", "ann", "bob"]),
        ("crm/part-*.csv", ["ann", "bob"]),
        ("crm/part-?.csv", ["ann"]),
        ("crm/part-[0-9].csv", ["ann"]),
        ("crm/part-[!0-9]0.csv", []),
        ("crm/**/part-*.csv", ["cid", "ann", "bob"]),
        ("**/part-3.csv", ["cid"]),
        ("crm/a[1].csv", ["dan"]),
        ("packed.csv.gz", ["ann"]),
        ("web.csv.gz", ["ann"]),
        ("rows.parquet", ["eve"]),
    ],
)
def test_a_key_or_a_glob_is_loaded(ws: cdpkit.Workspace, key: str, people: list[str]) -> None:
    """As a path would be; what was fetched is gone afterwards."""
    if not people:
        with pytest.raises(SourceError, match="no object"):
            ws.load(f"s3://crm/{key}", MAIL, PLAN)
        return
    ws.load(f"s3://crm/{key}", MAIL, PLAN)
    assert list(held(ws, "email", "plan")) == [f"{name}@x.de" for name in people]
    assert not [path for path in (ws.path / "runs").rglob("*") if path.is_file()]


def test_the_history_tells_which_objects_were_read(ws: cdpkit.Workspace) -> None:
    """Each with its address, its size and what tells it from other versions; a preview is stored as it was."""
    preview = ws.preview_load("s3://crm/crm/part-*.csv", MAIL, PLAN)
    assert "read part-2.csv and 1 more as CSV" in preview.report()
    run = ws.load(preview=preview)
    inputs = run.details["inputs"]
    assert [each["path"] for each in inputs] == ["s3://crm/crm/part-2.csv", "s3://crm/crm/part-10.csv"]
    assert [each["size"] for each in inputs] == [24, 24]
    assert all(each["kind"] == "address" and each["mark"] for each in inputs)


def test_parquet_is_read_from_what_was_fetched(ws: cdpkit.Workspace) -> None:
    """For as long as a preview needs it."""
    preview = ws.preview_load("s3://crm/rows.parquet", MAIL, PLAN)
    assert preview.counters["created"] == 1
    assert ws.load(preview=preview).counters["created"] == 1
    del preview
    assert not [path for path in (ws.path / "runs").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://crm/crm/part-3.csv", r"no object 's3://crm/crm/part-3\.csv'; beside it there are: crm/part-"),
        ("s3://crm/none*.csv", "no object .*; below 'none' the bucket has: nothing"),
        ("s3://crm/crm", r"is a folder; name its objects, such as 's3://crm/crm/\*\.csv'"),
        ("s3://crm/crm/", "is empty|no reader|is a folder"),
        ("s3://other-one/x.csv", "there is no bucket 'other-one'"),
        ("s3://no one/x.csv", "no bucket can be called 'no one'"),
        ("s3:///x.csv", "begins like an address and is none"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(ws: cdpkit.Workspace, address: str, said: str) -> None:
    """The nearest names of the bucket."""
    with pytest.raises(SourceError, match=said):
        ws.load(address, MAIL)


def test_keys_that_are_missing_are_said_to_be(ws: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """With where they are looked for."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(ws.path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CredentialsError, match="no keys to S3 were found"):
        ws.peek("s3://crm/rows.parquet")


def test_commands_take_addresses(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """`peek` needs no workspace."""
    found = json_of(call("peek", "s3://crm/crm/part-2.csv", "--json"))
    assert (found["rows"], found["read"]["separator"]) == (1, ";")
    told = json_of(call("load", "s3://crm/rows.parquet", "--id", "mail=email", "-w", ws.path, "--json"))
    assert told["goals"][0]["counters"]["created"] == 1
    assert json.dumps(told).count("AWS") == 0
    assert list(tmp_path.iterdir()) == [ws.path]
