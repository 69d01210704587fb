"""The files of exports: zipped lines of JSON; and, where a test asks for it, archives that are meant to do harm."""

import gzip
import io
import zipfile
from collections.abc import Callable

ENTRIES, RATIO = 100_000, 1000
_LARGE = 200_000_000
_MEMBER, _ENTRY = b"PK\x03\x04", b"PK\x01\x02"


def packed(content: bytes, name: str, *, gzipped: bool) -> bytes:
    """An archive of one member, `<name>.txt`, or a gzip."""
    if gzipped:
        return gzip.compress(content, 1)
    return _zip({f"{name}.txt": content})


def _zip(members: dict[str, bytes], level: int = 1) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def _ratio(content: bytes) -> bytes:
    """One member that is a thousand times as large as it is in the archive: blanks within a line of 200 MB."""
    held = io.BytesIO()
    part = b" " * 1_000_000
    archive = zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
    with archive, archive.open("users.txt", "w") as member:
        member.write(content + b'{"external_id":"')
        for _ in range(_LARGE // len(part)):
            member.write(part)
        member.write(b'"}\n')
    return held.getvalue()


def _entries(_: bytes) -> bytes:
    """A hundred thousand empty members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for number in range(ENTRIES):
            archive.writestr(zipfile.ZipInfo(f"{number}.txt"), b"")
    return held.getvalue()


def _names(content: bytes) -> bytes:
    """Members that would lie outside a folder into which they are unpacked."""
    return _zip({"../../outside.txt": content, "/absolute.txt": content, "C:\\windows.txt": content})


def _nested(content: bytes) -> bytes:
    """An archive within the archive."""
    return _zip({"users.zip": _zip({"users.txt": content})})


def _truncated(content: bytes) -> bytes:
    """An archive without its second half, which has the directory of its members."""
    whole = _zip({"users.txt": content})
    return whole[: len(whole) // 2]


def _spoiled(content: bytes, in_member: int, in_directory: int, bits: int) -> bytes:
    """An archive with bits turned at these places of its member's header and of its entry in the directory."""
    whole = bytearray(_zip({"users.txt": content}))
    whole[whole.index(_MEMBER) + in_member] ^= bits
    whole[whole.rindex(_ENTRY) + in_directory] ^= bits
    return bytes(whole)


def _encrypted(content: bytes) -> bytes:
    """An archive whose member says that it is encrypted."""
    return _spoiled(content, 6, 8, 0x01)


def _crc(content: bytes) -> bytes:
    """An archive whose member has another checksum than it says."""
    return _spoiled(content, 14, 16, 0xFF)


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "ratio": _ratio,
    "entries": _entries,
    "names": _names,
    "nested": _nested,
    "truncated": _truncated,
    "encrypted": _encrypted,
    "crc": _crc,
}
"""Archives that are meant to do harm, by the setting's values."""
