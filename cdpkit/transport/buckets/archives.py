"""Archives of texts, unpacked on their way in pieces, whatever whoever made them had in mind.

Nothing is unpacked into a file of a name that an archive gives. What is counted are the bytes that come out, not those
that an archive says.
"""

import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, NoReturn

from cdpkit.errors import RemoteError
from cdpkit.transport.attempt import Failure, Stopped

PIECE = 1 << 20
"""Most bytes of a piece."""

MEMBERS, DIRECTORY = 1000, 1 << 20
"""Most members of a zip, and most bytes of the directory in which they are named."""

RATIO, FREE = 200, 10_000_000
"""So many times as large as it was packed a text may be; up to the other number of bytes nobody asks. Lines of JSON
shrink to a tenth, seldom to a fiftieth."""

PACKED = 4_000_000_000
"""Most bytes of a zip, which is put aside as a whole: what its members are stands at its end."""

_END, _END_SIZE, _COMMENT = b"PK\x05\x06", 22, 65_535
_LOCATOR, _LOCATOR_SIZE, _WIDE, _WIDE_SIZE = b"PK\x06\x07", 20, b"PK\x06\x06", 56
"""Of a directory with wide numbers (zip64)."""
_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!")
_ARCHIVES = (".zip", ".gz", ".gzip", ".tgz", ".tar", ".bz2", ".7z", ".xz", ".rar", ".zst")
_ENCRYPTED = 0x1 | 0x40
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def from_zip(chunks: Iterable[bytes], room: int) -> Iterator[bytes]:
    """The texts of a zip, one after the other, each on lines of its own.

    Args:
        chunks: The zip as it comes.
        room: Most bytes of the disk that it may take while it is put aside.

    Raises:
        Stopped: It is damaged, or not what it should be.
    """
    with tempfile.TemporaryFile() as aside:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > min(PACKED, max(room, 0)):
                _refuse("is larger than may be put aside")
            aside.write(chunk)
        _look_at_end(aside, size)
        try:
            with zipfile.ZipFile(aside) as archive:
                members = [each for each in archive.infolist() if not each.is_dir()]
                for member in members:
                    _look_at(member)
                yield from _bounded(_texts(archive, members), lambda: size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, struct.error) as error:
            _refuse(f"is damaged or cut short ({type(error).__name__})")


def from_gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The text of a gzip, which may have several parts.

    Raises:
        Stopped: It is damaged, or not what it should be.
    """
    came = 0

    def counted() -> Iterator[bytes]:
        nonlocal came
        for chunk in chunks:
            came += len(chunk)
            yield chunk

    try:
        yield from _bounded(_checked(_inflated(counted())), lambda: came)
    except zlib.error as error:
        _refuse(f"is damaged ({type(error).__name__})")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    stream, any_part = zlib.decompressobj(zlib.MAX_WBITS | 16), False
    for chunk in chunks:
        rest = chunk
        while rest:
            if stream.eof:
                stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            any_part = True
            yield stream.decompress(rest, PIECE)
            rest = stream.unused_data or stream.unconsumed_tail
    if not any_part or not stream.eof:
        _refuse("is cut short")


def _look_at_end(aside: IO[bytes], size: int) -> None:
    """Refuse a directory that is too large before anybody reads it."""
    start = max(0, size - _END_SIZE - _COMMENT)
    aside.seek(start)
    tail = aside.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        _refuse("is damaged or cut short (it has no directory)")
    sizes = [struct.unpack("<HI", tail[at + 10 : at + 16])]
    if tail[at - _LOCATOR_SIZE : at].startswith(_LOCATOR):  # then these count, whatever the others say
        aside.seek(max(0, start + at - _LOCATOR_SIZE - _WIDE_SIZE))
        wide = aside.read(_WIDE_SIZE)
        if not wide.startswith(_WIDE):
            _refuse("is damaged (its directory is not where it should be)")
        sizes.append(struct.unpack("<QQ", wide[32:48]))
    if any(members > MEMBERS or directory > DIRECTORY for members, directory in sizes):
        _refuse(f"has more than {MEMBERS} members")
    aside.seek(0)


def _look_at(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if ".." in name.replace("\\", "/").split("/") or name.startswith(("/", "\\")) or name[1:2] == ":" or "\\" in name:
        _refuse("has a member whose name leads out of a folder")
    if member.flag_bits & _ENCRYPTED:
        _refuse("is encrypted")
    if name.lower().endswith(_ARCHIVES):
        _refuse("has an archive in it")
    if member.compress_type not in _METHODS:
        _refuse("is packed in a way that is not understood")


def _texts(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[bytes]:
    last = b"\n"
    for member in members:
        with archive.open(member) as text:
            for nth, piece in enumerate(_checked(_read(text))):
                if nth == 0 and not last.endswith(b"\n"):
                    yield b"\n"
                last = piece
                yield piece


def _read(text: IO[bytes]) -> Iterator[bytes]:
    while piece := text.read(PIECE):
        yield piece


def _checked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces, unless they begin as an archive does."""
    first = True
    for piece in pieces:
        if first and piece:
            first = False
            if piece.startswith(_STARTS):
                _refuse("has an archive in it")
        yield piece


def _bounded(pieces: Iterable[bytes], packed: Callable[[], int]) -> Iterator[bytes]:
    out = 0
    for piece in pieces:
        out += len(piece)
        if out > max(FREE, RATIO * packed()):
            _refuse(f"becomes more than {RATIO} times as large as it is")
        yield piece


def _refuse(what: str) -> NoReturn:
    why = f"the archive {what}"
    mend = f"{why}, so nothing of it is read; let it be made again, and look at who may write into the bucket"
    raise Stopped(Failure(why, lasting=True, error=RemoteError(mend)))
