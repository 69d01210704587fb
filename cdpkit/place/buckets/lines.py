"""An object to which lines are appended, which no store of objects can: it is put anew, and goes on in parts."""

from cdpkit.place.buckets.objects import Object, Objects

_FULL = 1 << 18
"""Bytes from which on lines go into a next part, so that what is put anew stays small."""

_MORE, _PART = "cdpkit-more", "~"
"""What is said of an object that has more parts, and what stands between its key and the number of one."""


def joined(objects: Objects, key: str, content: bytes, found: Object) -> bytes:
    """What an object holds, with the parts that it may have."""
    if _MORE not in found.metadata:
        return content
    parts = (objects.read(each.key) or b"" for each in objects.below(f"{key}{_PART}"))
    return b"".join([content, *parts])


class Lines:
    """Appends lines to an object."""

    def __init__(self, objects: Objects, key: str) -> None:
        """Go on with what is there; a last line without an end is dropped."""
        self._objects, self._key = objects, key
        got = objects.get(key)
        self._first, self._number = b"", 0
        self._parted = got is not None and _MORE in got[1].metadata
        if got is not None:
            whole = got[0]
            self._first = whole[: whole.rfind(b"\n") + 1]
        if self._parted:
            self._number = len(objects.below(f"{key}{_PART}"))
        self._part = b"" if self._parted else self._first
        self._number += self._parted

    def append(self, text: bytes) -> None:
        """Append a line; it is in the bucket when this returns."""
        if len(self._part) > _FULL:
            if not self._parted:
                self._objects.put(self._key, self._first, metadata={_MORE: "1"})
                self._parted = True
            self._number, self._part = self._number + 1, b""
        self._part += text + b"\n"
        if self._parted:
            self._objects.put(f"{self._key}{_PART}{self._number:08}", self._part)
        else:
            self._first = self._part
            self._objects.put(self._key, self._part)
