"""Archives unpacked on their way: honest ones whole, hostile ones refused in bounded time, memory and disk."""

import gzip
import io
import struct
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.sandbox.braze.archives import HOSTILE
from cdpkit.transport.attempt import Stopped
from cdpkit.transport.buckets.archives import PIECE, from_gzip, from_zip

ROOM = 1 << 30
LINES = b'{"external_id":"a"}\n{"external_id":"b"}\n'


def pieces(content: bytes, size: int = 1000) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def zipped(*members: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return held.getvalue()


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_members_come_one_after_the_other_each_on_lines_of_its_own(contents: list[bytes]) -> None:
    """No line of one is glued to the first of the next."""
    texts = [b"t" + each for each in contents]
    whole = b"".join(from_zip(pieces(zipped(*((f"{n}.txt", each) for n, each in enumerate(texts)))), ROOM))
    expected = b""
    for each in texts:
        expected += (b"" if not expected or expected.endswith(b"\n") else b"\n") + each
    assert whole == expected


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 50))
def test_a_gzip_of_several_parts_comes_whole(contents: list[bytes], size: int) -> None:
    """However it is cut on its way."""
    packed = b"".join(gzip.compress(b"t" + each) for each in contents)
    assert b"".join(from_gzip(pieces(packed, size))) == b"".join(b"t" + each for each in contents)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("ratio", "times as large"),
        ("entries", "more than 1000 members"),
        ("names", "leads out of a folder"),
        ("nested", "has an archive in it"),
        ("truncated", "cut short"),
        ("encrypted", "is encrypted"),
        ("crc", "damaged"),
    ],
)
def test_a_hostile_archive_is_refused_with_what_is_wrong(kind: str, said: str) -> None:
    """Before more than a bounded part of it came out, and in pieces of bounded size."""
    came: list[int] = []
    with pytest.raises(Stopped) as stopped:
        came.extend(map(len, from_zip(pieces(HOSTILE[kind](LINES * 50), 1 << 16), ROOM)))
    assert said in stopped.value.failure.why
    assert stopped.value.failure.lasting
    assert max(came, default=0) <= PIECE
    assert sum(came) < 100_000_000


@pytest.mark.parametrize(
    "name",
    ["../out.txt", "a/../../out.txt", "/etc/out.txt", "C:\\out.txt", "C:out.txt", "..\\out.txt", "\\\\host\\out.txt"],
)
def test_a_name_that_leads_out_of_a_folder_is_refused(name: str) -> None:
    """Each form of it, though nothing is unpacked into a file of a name that an archive gives."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        member = zipfile.ZipInfo("x")
        member.filename = name
        archive.writestr(member, LINES)
    with pytest.raises(Stopped) as stopped:
        list(from_zip(pieces(held.getvalue()), ROOM))
    assert "leads out of a folder" in stopped.value.failure.why


def test_a_directory_that_lies_about_its_size_is_not_read() -> None:
    """One with wide numbers counts, also where the usual record says that there are five members."""
    whole = bytearray(HOSTILE["entries"](LINES))
    end = whole.rindex(b"PK\x05\x06")
    whole[end + 8 : end + 16] = struct.pack("<HHI", 5, 5, 300)
    with pytest.raises(Stopped) as stopped:
        list(from_zip(pieces(bytes(whole), 1 << 16), ROOM))
    assert "more than 1000 members" in stopped.value.failure.why


def test_an_honest_directory_with_wide_numbers_is_read() -> None:
    """As some programs write it for files of any size."""
    held = io.BytesIO(zipped(("users.txt", LINES)))
    whole = held.getvalue()
    end = whole.rindex(b"PK\x05\x06")
    _, members, size, at = struct.unpack("<HHII", whole[end + 8 : end + 20])
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, members, members, size, at)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    assert b"".join(from_zip(pieces(whole[:end] + wide + locator + whole[end:]), ROOM)) == LINES


def test_an_archive_under_an_innocent_name_is_refused() -> None:
    """Its first bytes tell."""
    with pytest.raises(Stopped) as stopped:
        list(from_zip(pieces(zipped(("users.txt", zipped(("a.txt", LINES))))), ROOM))
    assert "has an archive in it" in stopped.value.failure.why
    with pytest.raises(Stopped):
        list(from_gzip(pieces(gzip.compress(gzip.compress(LINES)))))


@given(st.integers(0, 10_000), st.booleans())
def test_a_cut_archive_never_gives_a_whole_text_in_silence(at: int, as_zip: bool) -> None:
    """Wherever it is cut, it is an error."""
    packed = zipped(("users.txt", LINES * 20)) if as_zip else gzip.compress(LINES * 20)
    cut = packed[: at % len(packed)]
    with pytest.raises(Stopped):
        list(from_zip(pieces(cut), ROOM) if as_zip else from_gzip(pieces(cut)))


def test_an_archive_takes_no_more_of_the_disk_than_there_is_room() -> None:
    """It is put aside as a whole, for what is in it stands at its end."""
    with pytest.raises(Stopped) as stopped:
        list(from_zip(pieces(zipped(("users.txt", LINES))), 10))
    assert "larger than may be put aside" in stopped.value.failure.why


def test_a_gzip_that_grows_a_thousandfold_is_refused() -> None:
    """Soon."""
    with pytest.raises(Stopped) as stopped:
        list(from_gzip(pieces(gzip.compress(b"t" + b" " * 200_000_000), 1 << 16)))
    assert "times as large" in stopped.value.failure.why
