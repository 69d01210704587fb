"""Reading JSON: one object a line, an array of objects, or objects that go over several lines.

Arrays are cut into lines first, so that there is one reader for all of it and for what vendors send.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from cdpkit.core.field_names import clean_names
from cdpkit.errors import SourceError
from cdpkit.runs.files.alike import ROW, stacked
from cdpkit.runs.files.content import content_of
from cdpkit.runs.files.encoding import text_of, uncertain
from cdpkit.runs.files.given import FileRows, Malformed, Understood, chosen
from cdpkit.runs.files.lines import all_lines, mended, objects
from cdpkit.runs.files.options import Read

_WHY = "no JSON object"
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class _Cut:
    """Objects, one a line, and the lines of the file in which they begin; None where they are as in the file."""

    lines: bytes
    begin: tuple[int, ...] | None = None


def read_json(path: Path, options: Read, wanted: frozenset[str] | None = None) -> FileRows | None:
    """The wanted fields of a file of JSON; None where the file is empty.

    Raises:
        SourceError: It is an array that is not whole; names the line.
    """
    text = text_of(content_of(path), options.encoding)
    cut = _one_a_line(path, text.utf8)
    content, halves = mended(cut.lines)
    if not content.strip():
        return None
    frames: list[pl.DataFrame] = []
    at: list[int] = []
    number = 0
    for part in objects(content):
        if part is None:
            at.append(number)
        else:
            frames.append(part)
        number += 1 if part is None else part.height
    if not frames:
        raise SourceError(f"{path}: no line is a JSON object, such as {{'email': ...}} in double quotes")
    raw = list(dict.fromkeys(name for frame in frames for name in frame.columns if name != ROW))
    named = clean_names(raw)
    taken = dict(zip(raw, named.names, strict=True))
    fields = chosen(named.names, wanted)
    slim = [frame.select(name for name in frame.columns if taken.get(name) in fields) for frame in frames]
    rows = stacked(slim, [frame.height for frame in frames]).rename(taken, strict=False)
    malformed = Malformed(at, _numbers(cut, content, at))
    standing = [*uncertain(text), *named.told()]
    notes = [*standing, *malformed.told(_WHY)]
    if text.broken + halves:
        notes.append(f"{text.broken + halves:,} characters that are no Unicode became U+FFFD")
    settings = {"encoding": text.encoding, **options.given()}
    detected = () if options.encoding else ("encoding",)
    shape = "JSON, one object a line" if cut.begin is None else "JSON, an array or objects over several lines"
    return FileRows(rows, named.names, Understood(shape, settings, detected, tuple(notes), tuple(standing)), malformed)


def _numbers(cut: _Cut, content: bytes, at: list[int]) -> list[int]:
    """The lines of the file at which these records begin."""
    if not at:
        return []
    if cut.begin is not None:
        return [cut.begin[place] for place in at]
    filled = (all_lines(content) != "").arg_true()
    return [int(filled[place]) + 1 for place in at]


def _one_a_line(path: Path, utf8: pa.Buffer) -> _Cut:
    start = utf8[:4096].to_pybytes().lstrip()
    if start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"]", b""):
        return _parted(path, str(utf8, "utf-8"), array=True)
    content = bytes(utf8)
    if start[:1] == b"{" and not _is_whole(content):
        try:
            return _parted(path, content.decode(), array=False)
        except SourceError:
            pass  # lines, of which the first is bad
    return _Cut(content)


def _is_whole(content: bytes) -> bool:
    """Whether the first line is an object by itself."""
    first = re.split(rb"[\r\n]", content.lstrip(), maxsplit=1)[0]
    return next(iter(objects(mended(first)[0])), None) is not None


def _parted(path: Path, text: str, *, array: bool) -> _Cut:
    lines: list[str] = []
    begin: list[int] = []
    line = last = 0
    for start, end in _elements(path, text, array=array):
        line += text.count("\n", last, start)
        last = start
        lines.append(text[start:end].replace("\r", " ").replace("\n", " "))
        begin.append(line + 1)
    return _Cut("\n".join(lines).encode(), tuple(begin))


def _elements(path: Path, text: str, *, array: bool) -> Iterator[tuple[int, int]]:
    """Where the elements of an array, or objects one after the other, begin and end."""
    decode = json.JSONDecoder(parse_int=len, parse_float=len).raw_decode
    at = _after_space(text, text.index("[") + 1 if array else 0)
    while at < len(text) and not (array and text[at] == "]"):
        try:
            _, end = decode(text, at)
        except (ValueError, RecursionError):
            raise _cut_off(path, text, at) from None
        yield at, end
        at = _after_space(text, end)
        if array and at < len(text) and text[at] == ",":
            at = _after_space(text, at + 1)
        elif array and text[at : at + 1] != "]":
            raise _cut_off(path, text, at)
    if array and (at >= len(text) or _after_space(text, at + 1) < len(text)):
        raise _cut_off(path, text, at)


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _cut_off(path: Path, text: str, at: int) -> SourceError:
    line = text.count("\n", 0, at) + 1
    return SourceError(
        f"{path}: the JSON array is damaged or cut off in the element that begins in line {line:,}; fetch the file "
        "again, or mend it there"
    )
