"""Objects of a real server of S3 on this machine, read through the driver."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from cdpkit.errors import ConfigurationError, CredentialsError, UnavailableError
from cdpkit.kit.buckets import Access, GetObject, ListObjects, PutObject, code_of, keys_below
from cdpkit.kit.effects import Call, Effects, Reply
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.buckets import clients
from cdpkit.transport.driver import Driver
from tests.transport.buckets.server import KEY, buckets, put
from tests.transport.servers import Asked, Said, nobody, serving
from tests.transport.virtual import VirtualClock

LIMIT = "objects"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server with a bucket of three small objects."""
    with buckets() as url:
        put(url, {"many/1.json": b"{}", "many/2.json": b"{}", "ä b?.csv": b"mail\nann@x.de\n"})
        yield url


def access(endpoint: str) -> Access:
    return Access(SecretStr("a"), SecretStr(KEY), region="us-east-1", endpoint=endpoint)


def run(tmp_path: Path, effects: Effects[Any], **more: Any) -> Any:
    limits = {LIMIT: Limit(1000, 1.0)}
    with Driver(
        "https://x.example", limits, folder=Folder(tmp_path), vendor="S3", random=lambda: 0.0, **more
    ) as driver:
        return driver.run(effects)


def once(call: Call) -> Effects[Reply]:
    reply: Reply = yield call
    return reply


def get(endpoint: str, key: str, bucket: str = "crm", page: str | None = None) -> GetObject:
    return GetObject(limit=LIMIT, bucket=bucket, key=key, access=access(endpoint), page=page)


def test_an_object_is_held_or_stored(tmp_path: Path, endpoint: str) -> None:
    """As answers over HTTP are; its headers tell of it."""
    reply = run(tmp_path, once(get(endpoint, "ä b?.csv")))
    assert (reply.status, reply.body) == (200, b"mail\nann@x.de\n")
    assert reply.headers["etag"]
    reply = run(tmp_path, once(get(endpoint, "ä b?.csv", page="0/x.csv")))
    assert (reply.body, (tmp_path / "0" / "x.csv").read_bytes()) == (b"", b"mail\nann@x.de\n")


def test_an_object_is_written_whole_a_large_one_in_parts(
    tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there as one when all parts are; of one that a server refuses nothing is."""
    monkeypatch.setattr(clients, "WHOLE", 5 << 20)
    place = access(endpoint)
    for body, parts in ((b"small", ""), (b"x" * (11 << 20), "-3")):
        call = PutObject(limit=LIMIT, bucket="crm", key="out/people.csv", body=body, access=place)
        assert run(tmp_path, once(call)).status == 200
        (listed,) = run(tmp_path, keys_below(ListObjects(limit=LIMIT, bucket="crm", prefix="out/", access=place)))
        assert (listed["size"], listed["etag"][32:]) == (len(body), parts)
        assert listed["modified"] > "2020"
    read = GetObject(limit=LIMIT, bucket="crm", key="out/people.csv", etag=listed["etag"], access=place, page="x")
    assert run(tmp_path, once(read)).status == 200
    assert (tmp_path / "x").stat().st_size == 11 << 20
    assert run(tmp_path, once(replace(read, etag="another"))).status == 412
    nowhere = run(tmp_path, once(PutObject(limit=LIMIT, bucket="nowhere", key="x", body=b"x", access=place)))
    assert (nowhere.status, code_of(nowhere)) == (404, "NoSuchBucket")


def test_all_objects_are_listed(tmp_path: Path, endpoint: str) -> None:
    """Below a prefix, with their sizes."""
    listed = run(tmp_path, keys_below(ListObjects(limit=LIMIT, bucket="crm", prefix="many/", access=access(endpoint))))
    assert [(each["key"], each["size"]) for each in listed] == [("many/1.json", 2), ("many/2.json", 2)]


def test_a_list_goes_on_where_an_answer_ended(tmp_path: Path) -> None:
    """Until the last answer, which says that there are no more."""

    def answer(asked: Asked) -> Said:
        more = "" if "continuation-token=next" in asked.path else "<NextContinuationToken>next</NextContinuationToken>"
        body = (
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}"
            f"<Contents><Key>{asked.number}</Key><Size>1</Size><ETag>&quot;e&quot;</ETag></Contents></ListBucketResult>"
        )
        return Said(body=body.encode(), headers={"content-type": "application/xml"})

    with serving(answer) as server:
        listed = run(tmp_path, keys_below(ListObjects(limit=LIMIT, bucket="crm", access=access(server.url))))
    assert [each["key"] for each in listed] == ["1", "2"]


@pytest.mark.parametrize(
    ("bucket", "key", "status", "code"),
    [
        ("crm", "none", 404, "NoSuchKey"),
        ("nobody-has-it", "none", 404, "NoSuchBucket"),
        ("No_Bucket/..", "none", 400, "InvalidBucketName"),
    ],
)
def test_a_refusal_is_an_answer(tmp_path: Path, endpoint: str, bucket: str, key: str, status: int, code: str) -> None:
    """With S3's word for it."""
    reply = run(tmp_path, once(get(endpoint, key, bucket)))
    assert (reply.status, code_of(reply)) == (status, code)


def test_a_server_that_is_busy_is_asked_again(tmp_path: Path) -> None:
    """With pauses, by the driver and not by boto3; one that stays so is named with the variables that lead there."""
    slow = Said(503, b"<Error><Code>SlowDown</Code></Error>", {"content-type": "application/xml"})
    with serving(lambda asked: slow if asked.number < 3 else Said(body=b"x")) as server:
        assert run(tmp_path, once(get(server.url, "k")), clock=VirtualClock()).body == b"x"
        assert len(server.asked) == 3
    with serving(lambda _: slow) as server:
        with pytest.raises(UnavailableError, match="S3 did not carry out GET s3://crm/k, tried 6 times"):
            run(tmp_path, once(get(server.url, "k")), clock=VirtualClock())
        assert len(server.asked) == 6


def test_an_object_that_breaks_off_is_fetched_again(tmp_path: Path) -> None:
    """From its beginning; no half of it is stored."""
    with serving(lambda asked: Said(body=b"x" * 100, cut=10 if asked.number == 1 else None)) as server:
        run(tmp_path, once(get(server.url, "k", page="k")), clock=VirtualClock())
    assert (tmp_path / "k").read_bytes() == b"x" * 100


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    """By its place, with the variable that leads there."""
    with nobody() as url, pytest.raises(UnavailableError, match=r"at 127\.0\.0\.1:\d+ .* Check AWS_ENDPOINT_URL"):
        run(tmp_path, once(get(url, "k")), clock=VirtualClock())


def test_without_keys_it_is_said_where_they_are_looked_for(
    tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of the environment, in boto3's own order; a profile that is none is another problem."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    call = GetObject(limit=LIMIT, bucket="crm", key="many/1.json")
    with pytest.raises(CredentialsError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"):
        run(tmp_path, once(call))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(ConfigurationError, match=r"do not fit \(ProfileNotFound\); look at AWS_PROFILE"):
        run(tmp_path, once(call))
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    assert run(tmp_path, once(call)).body == b"{}"


def test_an_address_of_another_machine_is_encrypted(tmp_path: Path) -> None:
    """Unless it is allowed not to be."""
    call = get("http://s3.example", "k")
    with pytest.raises(ConfigurationError, match=r"\(AWS_ENDPOINT_URL\) is an http address of another machine"):
        run(tmp_path, once(call))


def test_no_call_shows_a_key(endpoint: str) -> None:
    """Neither its own nor an object's."""
    call = GetObject(limit=LIMIT, bucket="crm", key="ann@x.de.csv", access=access(endpoint))
    assert "ann" not in f"{call!r}{call.what}"
    assert "SecretStr" not in repr(call)


def test_calls_leave_nothing_in_the_log(tmp_path: Path, endpoint: str, caplog: pytest.LogCaptureFixture) -> None:
    """At the finest level: no id of a key, no signature, no key of an object, no body; what others log with it is."""
    place = Access(SecretStr("AKIAOFNOBODY"), SecretStr(KEY), region="us-east-1", endpoint=endpoint)
    put(endpoint, {"ann@x.de.json": b"{}"}, bucket="people")
    caplog.set_level(logging.DEBUG)
    call = GetObject(limit=LIMIT, bucket="people", key="ann@x.de.json", access=place)
    assert run(tmp_path, once(call)).status == 200
    listed = run(tmp_path, keys_below(ListObjects(limit=LIMIT, bucket="people", prefix="ann", access=place)))
    assert len(listed) == 1
    logging.getLogger("botocore.endpoint").debug("somebody else's")
    told = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]  # the server's own
    assert [each for each in ("AKIAOFNOBODY", "ignature", "ann", "{}") if each in "".join(told)] == []
    assert "somebody else's" in told
