"""The bytes of a file, unpacked."""

import gzip
import re
import struct
from pathlib import Path

import pyarrow as pa
from pyarrow import compute

from cdpkit.errors import SourceError
from cdpkit.place.foreign import translated
from cdpkit.runs.files.found import packing_of

_STEP = 1 << 24
_WHOLE = "it is damaged or was cut off; fetch it again"
_OTHERS = {
    b"PK\x03\x04": "a zip archive, as Excel files are: give it its right ending, such as .xlsx, or unpack it",
    b"\xd0\xcf\x11\xe0": "an old Excel file: give it its right ending, .xls",
    b"PAR1": "a Parquet file: give it its right ending, .parquet",
    b"\x1f\x8b": "packed with gzip: give it its right ending, with .gz at its end",
    b"\x28\xb5\x2f\xfd": "packed with zstd: give it its right ending, with .zst at its end",
    b"<!doctype": "a web page, perhaps of a login: fetch the file anew",
    b"<html": "a web page, perhaps of a login: fetch the file anew",
    b"<?xml": "XML: export the data as CSV from where it was made",
    b"%PDF": "a PDF: export the data as CSV from where it was made",
    b"SQLite format 3": "a database of SQLite: read the table yourself, and load the frame",
}

_LOOKED_AT = 100


def content_of(path: Path) -> pa.Buffer:
    """The bytes of a file of text; of one that is not packed, as they lie on the disk.

    Raises:
        SourceError: It cannot be opened, is damaged, or is no text at all.
    """
    packing = packing_of(path)
    mend = _WHOLE if packing else "check its name and its permissions"
    with translated(f"{path} cannot be read as {packing or 'a file'}", SourceError, mend=mend):
        content = _unpacked(path, packing)
    start = content[:_LOOKED_AT].to_pybytes()
    plain = start.lstrip().lower()
    for magic, what in _OTHERS.items():
        if start.startswith(magic) or (magic.startswith(b"<") and plain.startswith(magic)):
            raise SourceError(f"{path} is no text but {what}")
    return content


def _unpacked(path: Path, packing: str) -> pa.Buffer:
    if not path.stat().st_size:
        return pa.py_buffer(b"")
    if packing == "gz":
        with gzip.open(path) as file:
            return pa.py_buffer(file.read())
    if packing == "zst":
        with pa.OSFile(str(path)) as raw, pa.CompressedInputStream(raw, "zstd") as file:
            parts = []
            while part := file.read(_STEP):
                parts.append(part)
            return pa.py_buffer(b"".join(parts))
    return pa.memory_map(str(path)).read_buffer()


def one_value(content: pa.Buffer) -> pa.Array:
    """All bytes as the one value of a column, for functions that look at columns; nothing is copied."""
    ends = pa.py_buffer(struct.pack("=qq", 0, content.size))  # an array of Python's numbers would load pandas
    return pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, content])


def has(content: pa.Buffer, part: str) -> bool:
    """Whether the bytes have these among them."""
    return matches(content, re.escape(part))  # which leaps from one candidate to the next


def matches(content: pa.Buffer, pattern: str) -> bool:
    """Whether the bytes match a regular expression somewhere."""
    return bool(content.size) and bool(compute.match_substring_regex(one_value(content), pattern)[0].as_py())
