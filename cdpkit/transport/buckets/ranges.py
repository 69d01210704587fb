"""A large object in ranges: several are on their way at a time, and they are given out in order.

One connection seldom brings what a line can carry, since server and client take turns on it.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Semaphore, Thread
from typing import Any

from cdpkit.transport.attempt import Failure, Stopped
from cdpkit.transport.pool import NAME

PART, SPARE = 32 << 20, 3
"""Bytes of a range, and how many more than one for each call are on their way or wait for their turn, of all calls
together: so much memory they take at most. For ranges of 8 MB a server was seen to work half as long again as for the
whole."""

_PIECE = 1 << 20
_CHANGED, _NOTHING = 412, 416
_UNTOLD = "*"
"""Where a range says how long the whole is: nobody knows."""
_OTHER = "the server gave out another range of the object than it was asked for"


@dataclass(frozen=True, slots=True)
class Begun:
    """An object of which the first range came, or all.

    Attributes:
        answer: What was answered to the call for it.
        size: How long the object is; 0 where nobody says.
    """

    answer: Mapping[str, Any]
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether the answer has all of it: the object is small, or the server knows of no ranges."""
        return "ContentRange" not in self.answer or self.size == self.answer["ContentLength"]


def begun(client: Any, what: Mapping[str, str]) -> Begun:
    """Ask for the first range of an object, so that a small one takes one call.

    Args:
        client: A client of S3, used from any thread.
        what: The object, and what it has to be like.

    Raises:
        botocore's errors: It was refused, or not reached.
    """
    from botocore.exceptions import ClientError

    try:
        answer = client.get_object(**what, Range=f"bytes=0-{PART - 1}")
    except ClientError as error:
        if _status(error) != _NOTHING:
            raise
        answer = client.get_object(**what)  # it is empty, and has no first byte
    whole = answer.get("ContentRange", "").rpartition("/")[2]
    if whole == _UNTOLD:
        answer["Body"].close()
        answer = client.get_object(**what)
    return Begun(answer, int(whole) if whole.isdecimal() else int(answer.get("ContentLength", 0)))


def in_ranges(client: Any, bucket: str, key: str, first: Begun, spare: Semaphore) -> Iterator[bytes]:
    """The content of an object.

    Args:
        client: The client.
        bucket: The bucket.
        key: The object.
        first: Its first range.
        spare: How many ranges may be on their way beside the next one, of all calls.

    Raises:
        Stopped: The object is another one by now.
        botocore's errors: A range was refused, or did not arrive.
    """
    what = {"Bucket": bucket, "Key": key, "IfMatch": first.answer["ETag"]}
    rest = (_Range(client, what, start, min(start + PART, first.size)) for start in range(PART, first.size, PART))
    coming: deque[tuple[_Range, bool]] = deque()  # whether it takes a spare place

    def begin() -> None:
        while not coming or spare.acquire(blocking=False):
            following = None
            try:
                following = next(rest, None)
            finally:
                if following is None and coming:
                    spare.release()
            if following is None:
                return
            coming.append((following, bool(coming)))

    try:
        begin()
        yield from _checked(first.answer["Body"].iter_chunks(_PIECE), min(PART, first.size))
        while coming:
            content = coming[0][0].content()
            if coming.popleft()[1]:
                spare.release()
            begin()
            yield content
    finally:
        for _, is_spare in coming:
            if is_spare:
                spare.release()


def _checked(pieces: Iterator[bytes], wanted: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        yield piece
    if size != wanted:
        raise Stopped(Failure(_OTHER))


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
        if _status(content) == _CHANGED:
            raise Stopped(Failure("the object was written anew while it was fetched"))
        raise content


def _status(error: Exception) -> int:
    told = getattr(error, "response", None) or {}
    return int(told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _whole(content: bytes, size: int) -> bytes:
    if len(content) != size:
        raise Stopped(Failure(_OTHER))
    return content
