"""Large objects of a real server of S3, which come in ranges."""

from io import BytesIO
from pathlib import Path
from threading import Semaphore
from typing import Any

import pytest
from botocore.response import StreamingBody

from cdpkit.errors import UnavailableError
from cdpkit.transport.attempt import Stopped
from cdpkit.transport.buckets import ranges
from tests.transport.buckets.server import between, put
from tests.transport.buckets.test_objects import get, once, run
from tests.transport.virtual import VirtualClock

PART = 1 << 16
LARGE = bytes(range(256)) * 4 * 1024
"""A megabyte."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges are of 64 kB."""
    monkeypatch.setattr(ranges, "PART", PART)


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1, len(LARGE) - 1])
def test_a_large_object_comes_in_ranges_and_is_what_was_put(tmp_path: Path, size: int) -> None:
    """Whatever the last one is like; a small one comes in one call, and an empty one, without a range, in two."""
    asked: list[str] = []

    def look(environ: dict[str, Any]) -> dict[str, Any]:
        if environ["REQUEST_METHOD"] == "GET":
            asked.append(environ.get("HTTP_RANGE", ""))
        return environ

    with between(look) as url:
        put(url, {"large.bin": LARGE[:size]}, "ranges")
        reply = run(tmp_path, once(get(url, "large.bin", "ranges", page="0/large.bin")))
    assert reply.status == 200
    assert (tmp_path / "0" / "large.bin").read_bytes() == LARGE[:size]
    ranges_ = [f"bytes={start}-{min(start + PART, size) - 1}" for start in range(PART, size, PART)]
    assert sorted(asked) == sorted([f"bytes=0-{PART - 1}", *ranges_, *([""] if size == 0 else [])])


def test_an_object_that_is_written_anew_meanwhile_is_never_a_mixture(tmp_path: Path) -> None:
    """What was fetched of it is thrown away, and it is fetched again from its beginning."""
    others = [f'"{number}"' for number in range(3)]

    def look(environ: dict[str, Any]) -> dict[str, Any]:
        if "HTTP_IF_MATCH" in environ and others:
            environ["HTTP_IF_MATCH"] = others.pop()
        return environ

    with between(look) as url:
        put(url, {"large.bin": LARGE}, "anew")
        call = get(url, "large.bin", "anew", page="0/large.bin")
        assert run(tmp_path, once(call), clock=VirtualClock()).status == 200
    assert (tmp_path / "0" / "large.bin").read_bytes() == LARGE


def test_a_range_that_is_not_what_was_asked_for_fails_the_call(tmp_path: Path) -> None:
    """Nothing of the object is stored."""

    def look(environ: dict[str, Any]) -> dict[str, Any]:
        if environ.get("HTTP_RANGE", "").startswith(f"bytes={2 * PART}-"):
            environ["HTTP_RANGE"] = f"bytes={2 * PART}-{2 * PART + 9}"
        return environ

    with between(look) as url:
        put(url, {"large.bin": LARGE}, "wrong")
        call = get(url, "large.bin", "wrong", page="0/large.bin")
        with pytest.raises(UnavailableError, match="another range of the object"):
            run(tmp_path, once(call), clock=VirtualClock())
    assert list((tmp_path / "0").iterdir()) == []


class Server:
    """Gives out ranges, and says of each what it was told to say of the whole."""

    def __init__(self, whole: str, most: int = PART) -> None:
        self.whole, self.most = whole, most

    def get_object(self, Range: str = "", **_: object) -> dict[str, Any]:  # noqa: N803 - so botocore calls it
        start, end = (int(number) for number in Range[6:].split("-")) if Range else (0, len(LARGE))
        content = LARGE[start : min(end + 1, start + self.most)] if Range else LARGE
        told = {"ContentRange": f"bytes {start}-{end}/{self.whole}"} if Range else {}
        body = StreamingBody(BytesIO(content), len(content))
        return {"Body": body, "ContentLength": len(content), "ETag": "x", **told}


def content_of(server: Server, spare: Semaphore) -> bytes:
    first = ranges.begun(server, {})
    if first.is_whole:
        return bytes(first.answer["Body"].read())
    return b"".join(ranges.in_ranges(server, "b", "k", first, spare))


def test_a_range_is_never_taken_for_the_whole() -> None:
    """Where a server does not say how long the whole is, or gives out less than it was asked for."""
    spare = Semaphore(1)
    assert content_of(Server("*"), spare) == LARGE
    with pytest.raises(Stopped, match="another range"):
        content_of(Server(str(PART), most=9), spare)
    assert content_of(Server(str(len(LARGE))), Semaphore(0)) == LARGE


def test_places_are_given_back_however_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody wants the rest, or the machine has no thread left."""
    spare, server = Semaphore(3), Server(str(len(LARGE)))
    part = ranges.in_ranges(server, "b", "k", ranges.begun(server, {}), spare)
    next(part)
    assert not spare.acquire(blocking=False)
    del part
    start = iter([None])

    def few(_: object) -> None:
        if next(start, 1):
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(ranges._Range, "start", few)
    with pytest.raises(RuntimeError):
        content_of(server, spare)
    assert [spare.acquire(blocking=False) for _ in range(4)] == [True, True, True, False]
