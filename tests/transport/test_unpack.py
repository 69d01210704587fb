"""Packed bodies, unpacked piece by piece."""

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.transport.attempt import Stopped
from cdpkit.transport.unpack import PIECE, unpacked

TEXT = b"people " * 1000
PACKED = gzip.compress(TEXT, mtime=0)


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=3), st.integers(1, 400))
def test_what_was_packed_comes_out_as_it_was(parts: list[bytes], size: int) -> None:
    """However it is cut on its way, and also where it was packed in several parts."""
    packed = b"".join(map(gzip.compress, parts))
    assert b"".join(unpacked(pieces(packed, size), "gzip")) == b"".join(parts)
    assert b"".join(unpacked(pieces(zlib.compress(parts[0]), size), "Deflate")) == parts[0]


@pytest.mark.parametrize("encoding", ["", "identity", "br", "aws-chunked"])
def test_other_encodings_are_left_as_they_are(encoding: str) -> None:
    """Nobody asked for them, so some are no packing at all."""
    assert list(unpacked([b"a", b"b"], encoding)) == [b"a", b"b"]


def test_a_body_without_a_header_is_unpacked_too() -> None:
    """Some servers call that deflate."""
    headless = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = headless.compress(TEXT) + headless.flush()
    assert b"".join(unpacked([packed], "deflate")) == TEXT


def test_no_body_is_no_fault() -> None:
    """Answers without one carry the header as well."""
    assert b"".join(unpacked([], "gzip")) == b""


def test_what_follows_the_end_is_no_part_of_the_body() -> None:
    """Padding, for example."""
    assert b"".join(unpacked([gzip.compress(TEXT) + bytes(10), bytes(10)], "gzip")) == TEXT


@pytest.mark.parametrize("packed", [PACKED[:-3], PACKED[:20] + b"xxxx", b"<html>"], ids=["cut", "damaged", "none"])
def test_what_ends_too_early_or_is_damaged_is_no_answer(packed: bytes) -> None:
    """The call is made again where that is safe."""
    with pytest.raises(Stopped, match="broke off before the whole answer was there"):
        b"".join(unpacked([packed], "gzip"))


def test_pieces_have_a_bounded_size() -> None:
    """A hundred thousand bytes that become a hundred million come one after the other."""
    packed = gzip.compress(bytes(100 * PIECE))
    sizes = [len(piece) for piece in unpacked([packed], "gzip")]
    assert sum(sizes) == 100 * PIECE
    assert max(sizes) <= PIECE
