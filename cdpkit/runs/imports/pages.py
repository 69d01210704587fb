"""Reading the pages that a pull stored: lines of JSON, whatever mixture of types they hold, and lines of text."""

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from cdpkit.place import Place
from cdpkit.runs.files.alike import floats_among, instance, stacked
from cdpkit.runs.files.lines import mended, objects, perhaps_lists, text_lines
from cdpkit.runs.files.ndjson import changed_by_floats


def read_pages(pages: Sequence[Place], fields: Collection[str] | None = None) -> tuple[pl.DataFrame, int]:
    """The rows of all pages together, and how many lines could not be read.

    Args:
        pages: `.ndjson` files are read as one object a line, `.txt` files into a column `line`. Empty lines are
            passed over.
        fields: The only fields that are needed, a part of an object by its path (`address.city`); None for all that
            there are. An object is there whole where a part of it is needed, and in parts where pages have it so.
    """
    frames: list[pl.DataFrame] = []
    heights: list[int] = []
    unreadable = 0
    for page in pages:
        content = page.read()
        if page.name.endswith(".txt"):
            frames.append(text_lines(content).to_frame("line"))
            heights.append(frames[-1].height)
            continue
        content, _ = mended(content)
        alike = None if fields is None or not frames else _like(content, frames[0].schema, fields)
        for part in objects(content) if alike is None else [alike]:
            if part is None:
                unreadable += 1
            else:
                frames.append(part if fields is None else part.select(_needed(part.columns, fields)))
                heights.append(part.height)
    return stacked(frames, heights), unreadable


def _like(content: bytes, first: pl.Schema, fields: Collection[str]) -> pl.DataFrame | None:
    """A page read with the types of the first one, which takes half the time that finding its own types would.

    None where that could lose anything: no field at all, an object of which a part is needed or a part of one, another
    type, a field in which the first page has no value, or a numeral that a float would change.
    """
    known = {name: dtype for name, dtype in first.items() if name in fields}
    if not known or any(dtype.is_nested() and not _is_plain_list(dtype) for dtype in known.values()):
        return None
    if any(mark in content for mark in _in_other_forms(fields)):
        return None
    changed = changed_by_floats(content)
    if changed.others or (changed.integers and floats_among(known.values())):
        return None
    other = {name: pl.String() for name in fields if known.get(name, pl.Null()) in (pl.Null, pl.List(pl.Null))}
    try:
        page = pl.read_ndjson(content, schema={**known, **other})
    except pl.exceptions.PolarsError:
        return None
    unknown = page.select(pl.any_horizontal(pl.col(other).is_not_null().any())).item() if other else False
    return None if unknown or perhaps_lists(page) else page.drop(other)


def _needed(names: Collection[str], fields: Collection[str]) -> list[str]:
    """The fields of a page that are needed, hold one that is, or are a part of one."""
    whole = {*fields}
    holders = {holder for path in whole for holder in _holders(path)}
    return [name for name in names if name in whole or name in holders or not whole.isdisjoint(_holders(name))]


def _holders(path: str) -> list[str]:
    """The objects in which a part lies: of `a.b.c` they are `a` and `a.b`."""
    return [path[:at] for at, sign in enumerate(path) if sign == "."]


def _in_other_forms(fields: Collection[str]) -> Iterator[bytes]:
    """What is in a page that may have a field in parts, or a part in its object."""
    for path in fields:
        yield f'"{path}.'.encode()
        yield from (f'"{holder}"'.encode() for holder in _holders(path))


def _is_plain_list(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List) and not instance(dtype).is_nested()
