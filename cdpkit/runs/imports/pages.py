"""Reading the pages that a pull stored: lines of JSON, whatever mixture of types they hold, and lines of text."""

from collections.abc import Collection, Sequence

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
            there are. Of objects that some page needs, each page has the whole.
    """
    needed = None if fields is None else {name for path in fields for name in (path, path.split(".")[0])}
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
        alike = None if needed is None or not frames else _like(content, frames[0].schema, needed)
        for part in objects(content) if alike is None else [alike]:
            if part is None:
                unreadable += 1
            else:
                frames.append(part if needed is None else part.select(name for name in part.columns if name in needed))
                heights.append(part.height)
    return stacked(frames, heights), unreadable


def _like(content: bytes, first: pl.Schema, fields: Collection[str]) -> pl.DataFrame | None:
    """A page read with the types of the first one, which takes half the time that finding its own types would.

    None where that could lose anything: no field at all, another type, an object, a field in which the first page has
    no value, or a numeral that a float would change.
    """
    known = {name: dtype for name, dtype in first.items() if name in fields}
    if not known or any(dtype.is_nested() and not _is_plain_list(dtype) for dtype in known.values()):
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


def _is_plain_list(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List) and not instance(dtype).is_nested()
