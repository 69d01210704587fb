"""Text as UTF-8, in whatever encoding it is written: said by a mark, tried on the whole file, or given.

UTF-8 is tried strictly on all of it; only what cannot be UTF-8 is taken for Windows-1252, and that is said, since no
text can tell which of the old encodings it is in.
"""

import codecs
from dataclasses import dataclass, replace

import pyarrow as pa

from cdpkit.runs.files.content import one_value

BOM = "\ufeff"
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BROKEN = "\ufffd"
_LOOK = 4096


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file.

    Attributes:
        utf8: All of it without marks, as UTF-8.
        encoding: How it was written.
        sure: Whether that is certain.
        broken: How many places were no text in this encoding; each is U+FFFD now.
    """

    utf8: pa.Buffer
    encoding: str
    sure: bool = True
    broken: int = 0


def text_of(content: pa.Buffer, told: str | None = None) -> Text:
    """The text of these bytes.

    Args:
        content: The bytes.
        told: The encoding that the user names.
    """
    marked = next((name for mark, name in _MARKS.items() if content[: len(mark)].to_pybytes() == mark), None)
    if marked == "utf-8" and told in (None, "utf-8", "utf-8-sig"):
        while content[:3].to_pybytes() == codecs.BOM_UTF8:
            content = content[3:]
        told = "utf-8"
    if marked in ("utf-16", "utf-32") and (told is None or told.startswith(marked)):
        return _decoded(content, marked)
    wide = _wide(content) if told is None else None
    if wide is not None:
        return replace(_decoded(content, wide), sure=False)
    if told in (None, "utf-8", "utf-8-sig") and _is_utf8(content):
        return Text(content, "utf-8")
    return _guessed(content) if told is None else _decoded(content, told)


def uncertain(text: Text) -> list[str]:
    """What to write where the encoding was taken for the likeliest one."""
    if text.sure:
        return []
    settled = f"read={{'encoding': {text.encoding!r}}}"
    return [
        f"the encoding is uncertain: read as {text.encoding}; if letters look right write {settled}, else the right one"
    ]


def _guessed(content: pa.Buffer) -> Text:
    """What is neither marked nor UTF-8 throughout."""
    text = bytes(content).decode("utf-8", errors="replace")
    broken = text.count(_BROKEN)
    if sum(map(text.count, set(text) - set(map(chr, range(128))) - {_BROKEN})) >= broken:  # it is UTF-8, cut or soiled
        return Text(pa.py_buffer(text.encode()), "utf-8", broken=broken)
    return replace(_decoded(content, "cp1252"), sure=False)


def _wide(content: pa.Buffer) -> str | None:
    """The encoding of text of two bytes a letter without a mark, of which every second byte is often zero."""
    start = content[:_LOOK].to_pybytes()
    zeros = {name: start[at::2].count(0) for at, name in ((1, "utf-16-le"), (0, "utf-16-be"))}
    most = max(zeros, key=lambda name: zeros[name])
    return most if zeros[most] > len(start) // 5 else None


def _decoded(content: pa.Buffer, encoding: str) -> Text:
    text = bytes(content).decode(encoding, errors="replace").lstrip(BOM)
    return Text(pa.py_buffer(text.encode(errors="replace")), encoding, broken=text.count(_BROKEN))


def _is_utf8(content: pa.Buffer) -> bool:
    try:
        one_value(content).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True
