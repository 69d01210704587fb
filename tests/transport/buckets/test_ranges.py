"""Large objects of a real server of S3, which come in ranges."""

from pathlib import Path
from typing import Any

import pytest

from cdpkit.errors import UnavailableError
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
