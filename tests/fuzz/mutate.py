"""Bytes that were whole, damaged in the ways that transfers, editors, programs and attackers damage them."""

import random

TOKENS = (
    b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3",
    b"\\", b"\\ud83d", b"\\u0000", b"{", b"}", b"[", b"]", b":", b"null", b"NaN", b"Infinity", b"-0", b"1e999",
    b"123456789012345678901234567890", b"0.1", b"true", b"{}", b"[[]]", b'{"a":{"b":[1,"x",null]}}', b"=", b"#", b'"""',
    b"\xe2\x80\x8b", b"\xed\xa0\xbd", b" " * 300, b"x" * 5_000, b"[" * 2_000, b'{"a":' * 500,
)  # fmt: skip
"""What is put between bytes."""


def mutated(whole: bytes, draw: random.Random) -> bytes:
    """The same bytes with one to six damages."""
    found = bytearray(whole)
    for _ in range(draw.choice([1, 1, 2, 3, 6])):
        _damage(found, draw)
    return bytes(found)


def _damage(found: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(found) + 1)
    match draw.randrange(7):
        case 0 if found:
            found[min(at, len(found) - 1)] ^= 1 << draw.randrange(8)
        case 1:
            del found[at : at + draw.choice([1, 1, 2, 10, 100])]
        case 2:
            found[at:at] = draw.choice(TOKENS)
        case 3:
            start = draw.randrange(len(found) + 1)
            found[at:at] = found[start : start + draw.randrange(1, 60)]
        case 4:
            del found[at:]
        case 5:
            found[at : at + 1] = draw.randbytes(draw.randrange(1, 5))
        case _:
            old, new = draw.choice(TOKENS[:10]), draw.choice(TOKENS)
            found[:] = found.replace(old, new, draw.choice([1, 2, 50]))
