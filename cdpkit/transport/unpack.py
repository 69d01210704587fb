"""Bodies that were packed for the way, unpacked in pieces of bounded size however far they were packed."""

import zlib
from collections.abc import Iterable, Iterator

from cdpkit.transport.attempt import BROKEN_OFF, Stopped

PACKED = frozenset({"gzip", "x-gzip", "deflate"})

PIECE = 1 << 20
"""Most bytes of a piece: a body packed a thousandfold takes no more memory than another."""

_ANY_HEADER = zlib.MAX_WBITS | 32
_GZIP, _ZLIB = 0x1F, 8
"""A gzip header begins with the one; the lower half of the first byte of a zlib header is the other."""


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The body as it was before it was packed.

    Args:
        chunks: The body as it comes.
        encoding: The `Content-Encoding`; of another kind than gzip and deflate, the body is left as it is.

    Raises:
        Stopped: It ends too early, or is damaged.
    """
    if encoding.strip().lower() not in PACKED:
        yield from chunks
        return
    stream = None
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if stream is None or (stream.eof and rest[0] == _GZIP):
                    stream = _begun(rest)
                if stream.eof:
                    break  # what follows the end is no part of it
                yield stream.decompress(rest, PIECE)
                rest = stream.unused_data or stream.unconsumed_tail
        if stream is not None:
            yield stream.flush()
    except zlib.error:
        raise Stopped(BROKEN_OFF) from None
    if stream is not None and not stream.eof:
        raise Stopped(BROKEN_OFF)


def _begun(packed: bytes) -> "zlib._Decompress":
    headed = packed[0] == _GZIP or packed[0] & 0x0F == _ZLIB
    return zlib.decompressobj(_ANY_HEADER if headed else -zlib.MAX_WBITS)
