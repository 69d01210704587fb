"""What a new process asks of a workspace first, in one object: the ends of the logs of tables, and their small files.

All of it lies in the bucket by itself too, and none of it ever changes there. So a bundle is never wrong, at most old:
what has come since is fetched, and a log that is not what it was is fetched anew.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from cdpkit.errors import CdpkitError
from cdpkit.place.buckets.objects import Objects

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


def written(objects: Objects, prefix: str, files: Iterable[tuple[str, Packed]]) -> None:
    """Put a bundle in the place of the one before; of files beyond `MOST` bytes it goes without.

    Args:
        objects: The bucket.
        prefix: What the keys of the workspace begin with.
        files: What is to be in it, what matters most first.
    """
    told, contents, size = [], [], 0
    for name, packed in files:
        if size + len(packed.content) <= MOST:
            size += len(packed.content)
            told.append([name, packed.etag, len(packed.content), sha256(packed.content).hexdigest()])
            contents.append(packed.content)
    with suppress(CdpkitError):  # it saves calls, and nothing else
        objects.put(f"{prefix}{NAME}", b"".join([json.dumps(told).encode(), b"\n", *contents]))


def read(objects: Objects, prefix: str) -> Bundle:
    """What is in the bundle; nothing where there is none, or it is not whole."""
    found: dict[str, Packed] = {}
    content = objects.read(f"{prefix}{NAME}") or b""
    head, _, rest = content.partition(b"\n")
    with suppress(ValueError, TypeError):
        at = 0
        for name, etag, size, checksum in json.loads(head):
            part = rest[at : at + size]
            if sha256(part).hexdigest() != checksum:
                return {}
            found[name], at = Packed(etag, part), at + size
        return found
    return {}


def gone(objects: Objects, prefix: str) -> None:
    """Remove it, before files of which it may have a copy are removed."""
    objects.delete([f"{prefix}{NAME}"])
