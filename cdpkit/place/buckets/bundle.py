"""What a new process asks of a workspace first, in one object: the ends of the logs of tables, and their small files.

All of it lies in the bucket by itself too, and none of it ever changes there. So a bundle is never wrong, at most old:
what has come since is fetched, and a log that is not what it was is fetched anew.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from cdpkit.errors import CdpkitError
from cdpkit.place.buckets.objects import Objects, UnreachedError

NAME = ".bundle"
LARGEST, MOST = 1 << 18, 4 << 20
"""Bytes of a file that is not too large for it, and of all that are in it."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A file in a bundle.

    Attributes:
        etag: What the bucket calls its content; empty for a file that is no part of a log.
        content: What it holds.
    """

    etag: str
    content: bytes


Bundle = Mapping[str, Packed]
"""Files by their keys, without what the keys of the workspace begin with."""

Unit = Sequence[tuple[str, Packed]]
"""Files of which each is of use with all the others alone: a log, or one file."""


class Bundled:
    """The bundle of a workspace, as this process has it."""

    def __init__(self, objects: Objects, prefix: str, files: Bundle | None = None) -> None:
        """Nothing is fetched yet.

        Args:
            objects: The bucket.
            prefix: What the keys of the workspace begin with.
            files: What is in it; None for what the bucket says when it is first asked.
        """
        self._objects, self._key = objects, f"{prefix}{NAME}"
        self._files = files
        self._tag: str | None = None

    def files(self) -> Bundle:
        """What was in it when it was first asked, or is since `again`."""
        return self.again() if self._files is None else self._files

    def again(self) -> Bundle:
        """What is in it by now; nothing where there is none, it is not whole, or it is not given out."""
        self._files, self._tag = {}, None
        try:
            got = self._objects.get(self._key)
        except UnreachedError:
            raise
        except CdpkitError:  # it saves calls, and nothing else
            return self._files
        if got is not None:
            self._files, self._tag = _read(got[0]), got[1].etag
        return self._files

    def put(self, units: Iterable[Unit]) -> None:
        """Put another in its place; of units beyond `MOST` bytes it goes without.

        Args:
            units: What is to be in it, what matters most first.

        Raises:
            TakenError: It is not the one that this process knows: somebody else has put or removed it.
        """
        content = _written(units)
        with suppress(CdpkitError):
            self._tag = self._objects.put(self._key, content, new=self._tag is None, over=self._tag)

    def gone(self) -> None:
        """Remove it, before files of which it may have a copy are removed."""
        self._objects.delete([self._key])
        self._tag = None


def _written(units: Iterable[Unit]) -> bytes:
    told, contents, size = [], [], 0
    for unit in units:
        more = sum(len(packed.content) for _, packed in unit)
        if size + more <= MOST:
            size += more
            told += [[name, packed.etag, len(packed.content), _checksum(name, packed)] for name, packed in unit]
            contents += [packed.content for _, packed in unit]
    return b"".join([json.dumps(told).encode(), b"\n", *contents])


def _read(content: bytes) -> Bundle:
    """Its files; nothing where it is not whole."""
    found: dict[str, Packed] = {}
    head, _, rest = content.partition(b"\n")
    with suppress(ValueError, TypeError):
        at = 0
        for name, etag, size, checksum in json.loads(head):
            packed = Packed(etag, rest[at : at + size])
            if _checksum(name, packed) != checksum:
                return {}
            found[name], at = packed, at + size
        return found
    return {}


def _checksum(name: str, packed: Packed) -> str:
    """Of all that is said of a file: one with the name of another would be worse than none."""
    return sha256(b"\n".join([json.dumps([name, packed.etag]).encode(), packed.content])).hexdigest()
