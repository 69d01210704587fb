"""A large object in ranges: several are on their way at a time, and they are given out in order.

One connection seldom brings what a line can carry, since server and client take turns on it.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from threading import Thread
from typing import Any

from cdpkit.transport.attempt import Failure, Stopped
from cdpkit.transport.pool import NAME

PART, AT_ONCE = 8 << 20, 4
"""Bytes of a range, and how many are on their way or wait for their turn: so much memory an object takes at most."""

_CHANGED = 412


def has_ranges(headers: Mapping[str, str], length: int) -> bool:
    """Whether an object is worth it, and the server gives out ranges."""
    return length > 2 * PART and headers.get("accept-ranges") == "bytes" and bool(headers.get("etag"))


def in_ranges(client: Any, bucket: str, key: str, answer: Mapping[str, Any]) -> Iterator[bytes]:
    """The content of an object, the first range from the answer to a call for all of it.

    Args:
        client: A client of S3, used from any thread.
        bucket: The bucket.
        key: The object.
        answer: What it answered when it was asked for the object; its body is closed after the first range.

    Raises:
        Stopped: The object is another one by now.
        botocore's errors: A range was refused, or did not arrive.
    """
    length = int(answer["ContentLength"])
    what = {"Bucket": bucket, "Key": key, "IfMatch": answer["ETag"]}
    rest = (_Range(client, what, start, min(start + PART, length)) for start in range(PART, length, PART))
    coming = deque(each for _, each in zip(range(AT_ONCE), rest, strict=False))
    yield _whole(answer["Body"].read(PART), PART)
    answer["Body"].close()
    while coming:
        yield coming.popleft().content()
        coming.extend(each for _, each in zip(range(1), rest, strict=False))


class _Range(Thread):
    """A range on its way, from the moment on in which it is made; nobody waits for it when the interpreter ends."""

    def __init__(self, client: Any, what: Mapping[str, str], start: int, end: int) -> None:
        super().__init__(name=f"{NAME}-range", daemon=True)
        self._client, self._what, self._start, self._end = client, what, start, end
        self._content: bytes | Exception = b""
        self.start()

    def run(self) -> None:
        """Fetch it; who waits for it is told what went wrong."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            answer = self._client.get_object(**self._what, Range=f"bytes={self._start}-{self._end - 1}")
            self._content = answer["Body"].read()
        except (BotoCoreError, ClientError, HTTPClientError, OSError) as error:
            self._content = error

    def content(self) -> bytes:
        """What is in it, when it is there."""
        self.join()
        content = self._content
        if isinstance(content, bytes):
            return _whole(content, self._end - self._start)
        told = getattr(content, "response", None) or {}
        if told.get("ResponseMetadata", {}).get("HTTPStatusCode") == _CHANGED:
            raise Stopped(Failure("the object was written anew while it was fetched"))
        raise content


def _whole(content: bytes, size: int) -> bytes:
    if len(content) != size:
        raise Stopped(Failure("the server gave out another range of the object than it was asked for"))
    return content
