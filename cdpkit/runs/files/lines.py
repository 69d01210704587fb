"""Lines of JSON into frames, whatever mixture of types they hold; a line that is no object is told apart alone."""

import json
import re
from collections.abc import Iterator, Sequence

import polars as pl

from cdpkit.runs.files.alike import ROW
from cdpkit.runs.files.literals import as_written, may_lose_form
from cdpkit.runs.files.ndjson import read_ndjson

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # both halves of a character
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\.",
    re.DOTALL,
)
_NO_NUMBER = re.compile(rb'"(?:[^"\\\r\n]|\\.)*"|-?\b(?P<word>NaN|Infinity)\b')


def mended(content: bytes) -> tuple[bytes, int]:
    """Lines in which half a character is U+FFFD, and NaN null, as programs write it; and how many halves there were."""
    halves = 0

    def whole(found: re.Match[bytes]) -> bytes:
        nonlocal halves
        if found["half"] is None:
            return found[0]
        halves += 1
        return rb"\ufffd"

    if b"\\ud" in content or b"\\uD" in content:
        content = _ESCAPE.sub(whole, content)
    if b"NaN" in content or b"Infinity" in content:
        content = _NO_NUMBER.sub(_as_json, content)
    return content, halves


def _as_json(found: re.Match[bytes]) -> bytes:
    if found["word"] is None:
        return found[0]
    return b"null" if found["word"] == b"NaN" else b'"' + found[0] + b'"'


def objects(content: bytes) -> Iterator[pl.DataFrame | None]:
    """The objects of lines in as few frames as their types allow, in order; None for each line that is no object.

    Empty lines are passed over; objects without fields are rows of the column `ROW`.
    """
    if not content.strip():
        return
    try:
        page = read_ndjson(content)
    except pl.exceptions.PolarsError:
        page = pl.DataFrame()
    if not page.width:  # unreadable as a whole, or objects without fields
        yield from _halves(text_lines(content))
        return
    mixed, odd = perhaps_lists(page), may_lose_form(content)
    lines = text_lines(content) if mixed or odd else pl.Series("text", [], pl.String)
    page = as_written(page, lines) if odd else page
    yield _with_lists(page, mixed, lines) if mixed else page


def text_lines(content: bytes) -> pl.Series:
    """The lines of a text without white space at both ends; empty ones are passed over."""
    lines = all_lines(content)
    return lines.filter(lines != "")


def all_lines(content: bytes) -> pl.Series:
    """All lines of a text without white space at both ends, as they are counted in its file."""
    text = content.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    return pl.Series("text", [text]).str.split("\n").explode().str.strip_chars()


def _halves(lines: pl.Series) -> Iterator[pl.DataFrame | None]:
    """Cut the lines in halves until each part can be read, or is one line that cannot."""
    middle = lines.len() // 2
    for part in (lines[:middle], lines[middle:]):
        if part.is_empty():
            continue
        try:
            page = read_ndjson(part.str.join("\n").item().encode())
        except pl.exceptions.PolarsError:
            if part.len() == 1:
                yield None
            else:
                yield from _halves(part)
            continue
        if not page.width:
            page = pl.select(pl.repeat(None, part.len(), dtype=pl.Null).alias(ROW))
        mixed = perhaps_lists(page)
        page = as_written(page, part)
        yield _with_lists(page, mixed, part) if mixed else page


def perhaps_lists(page: pl.DataFrame) -> list[str]:
    """Text columns with values that look like lists; lists become such where a field also has single values."""
    texts = page.select(pl.col(pl.String).str.starts_with("[").any())
    return [column.name for column in texts if column.item()] if texts.width else []


def _with_lists(page: pl.DataFrame, names: Sequence[str], lines: pl.Series) -> pl.DataFrame:
    """Columns in which some values are lists, as lists; a text that only looks like one stays a text."""
    for name in names:
        bracket = rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:\s*\["
        is_list = lines.str.contains(bracket) & page[name].str.starts_with("[").fill_null(value=False)
        if is_list.any():
            text = pl.col(name)
            single = pl.when(text.is_not_null()).then(pl.concat_list(text))
            try:
                decoded = page.select(pl.when(is_list).then(text).str.json_decode(pl.List(pl.String))).to_series()
            except pl.exceptions.PolarsError:
                continue  # a text after all, and the list is that of an object in it
            page = page.with_columns(pl.when(is_list).then(decoded).otherwise(single).alias(name))
    return page
