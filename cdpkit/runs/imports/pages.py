"""Reading the pages that a pull stored: lines of JSON, whatever mixture of types they hold, and lines of text."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import polars as pl

from cdpkit.place import Place
from cdpkit.runs.ndjson import changed_by_floats, read_ndjson


def read_pages(pages: Sequence[Place], fields: Collection[str] | None = None) -> tuple[pl.DataFrame, int]:
    """The rows of all pages together, and how many lines could not be read.

    Args:
        pages: `.ndjson` files are read as one object a line, `.txt` files into a column `line`. Empty lines are
            passed over.
        fields: The only fields that are needed; None for all that there are.
    """
    frames: list[pl.DataFrame] = []
    unreadable = 0
    for page in pages:
        content = page.read()
        if page.name.endswith(".txt"):
            frames.append(_lines(content).rename({"text": "line"}))
            continue
        alike = None if fields is None or not frames else _like(content, frames[0].schema, fields)
        for part in _objects(content) if alike is None else [alike]:
            if part is None:
                unreadable += 1
            else:
                frames.append(part)
    return together(frames), unreadable


def _like(content: bytes, first: pl.Schema, fields: Collection[str]) -> pl.DataFrame | None:
    """A page read with the types of the first one, which takes half the time that finding its own types would.

    None where that could lose anything: another type, an object, a field in which the first page has no value, or a
    numeral that a float would change.
    """
    known = {name: dtype for name, dtype in first.items() if name in fields}
    if any(dtype.is_nested() and not _is_plain_list(dtype) for dtype in known.values()):
        return None
    changed = changed_by_floats(content)
    if changed.others or (changed.integers and _floats_among(known.values())):
        return None
    other = {name: pl.String() for name in fields if known.get(name, pl.Null()) in (pl.Null, pl.List(pl.Null))}
    try:
        page = pl.read_ndjson(content, schema={**known, **other})
    except pl.exceptions.PolarsError:
        return None
    unknown = page.select(pl.any_horizontal(pl.col(other).is_not_null().any())).item() if other else False
    return None if unknown or _perhaps_lists(page) else page.drop(other)


def _is_plain_list(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List) and not _instance(dtype).is_nested()


def _objects(content: bytes) -> Iterator[pl.DataFrame | None]:
    """The objects of a page in as few frames as its types allow; None for each line that is no object."""
    if not content.strip():
        return
    try:
        page = read_ndjson(content)
    except pl.exceptions.PolarsError:
        yield from _halves(_lines(content)["text"])
        return
    mixed = _perhaps_lists(page)
    yield _with_lists(page, mixed, _lines(content)["text"]) if mixed else page


def _lines(content: bytes) -> pl.DataFrame:
    text = content.decode(errors="replace").replace("\r", "\n")
    lines = pl.Series("text", [text]).str.split("\n").explode().str.strip_chars()
    return lines.filter(lines != "").to_frame()


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
        mixed = _perhaps_lists(page)
        yield _with_lists(page, mixed, part) if mixed else page


def _perhaps_lists(page: pl.DataFrame) -> list[str]:
    """Text columns with values that look like lists; lists become such where a field also has single values."""
    texts = page.select(pl.col(pl.String).str.starts_with("[").any())
    return [column.name for column in texts if column.item()] if texts.width else []


def _with_lists(page: pl.DataFrame, names: Sequence[str], lines: pl.Series) -> pl.DataFrame:
    """Columns in which some values are lists, as lists; a text that only looks like one stays a text."""
    for name in names:
        bracket = rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:\s*\["
        is_list = lines.str.contains(bracket)
        if is_list.any():
            text = pl.col(name)
            single = pl.when(text.is_not_null()).then(pl.concat_list(text))
            decoded = pl.when(is_list).then(text).str.json_decode(pl.List(pl.String))
            page = page.with_columns(pl.when(is_list).then(decoded).otherwise(single).alias(name))
    return page


def together(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Frames below each other; a field that is a list in one of them is a list in all, and otherwise what holds both.

    Nothing is lost: where types have nothing in common, values become texts, objects as JSON, whole floats as integers.
    """
    parts = [frame for frame in frames if frame.width]
    if not parts:
        return pl.DataFrame()
    types: dict[str, list[pl.DataType]] = {}
    for frame in parts:
        for name, dtype in frame.schema.items():
            types.setdefault(name, []).append(dtype)
    mixed = {name: found for name, found in types.items() if any(dtype != found[0] for dtype in found)}
    for name, found in mixed.items():
        if _floats_among(found) and any(_beyond_floats(frame[name]) for frame in parts if name in frame.columns):
            found.append(pl.String())
    return pl.concat([_made_alike(frame, mixed) for frame in parts], how="diagonal_relaxed")


def _made_alike(frame: pl.DataFrame, mixed: dict[str, list[pl.DataType]]) -> pl.DataFrame:
    exprs = []
    for name, found in mixed.items():
        if name not in frame.schema:
            continue
        column, dtype = pl.col(name), frame.schema[name]
        known = [kind for kind in found if kind not in (pl.Null, pl.List(pl.Null))]
        lists = any(isinstance(kind, pl.List) for kind in found)
        inner = {kind.inner if isinstance(kind, pl.List) else kind for kind in known}
        as_text = any(isinstance(kind, pl.Struct) for kind in inner) or (len(inner) > 1 and pl.Boolean() in inner)
        if as_text or (pl.String() in inner and _floats_among(found)):
            column, dtype = _text(column, dtype), pl.List(pl.String()) if isinstance(dtype, pl.List) else pl.String()
        if lists and not isinstance(dtype, pl.List):
            column = pl.when(column.is_not_null()).then(pl.concat_list(column))
        exprs.append(column.alias(name))
    return frame.with_columns(exprs)


def _floats_among(found: Iterable[pl.DataType]) -> bool:
    return any((kind.inner if isinstance(kind, pl.List) else kind).is_float() for kind in found)


def _beyond_floats(values: pl.Series) -> bool:
    """Whether some are integers that a float cannot tell apart."""
    single = values.explode() if isinstance(values.dtype, pl.List) else values
    return single.dtype.is_integer() and bool(((single > 2**53) | (single < -(2**53))).any())


def _text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.List):
        return column.list.eval(_text(pl.element(), _instance(dtype)))
    if dtype.is_float():
        whole = column.round() == column
        exact = column.abs() <= 2**53
        return (
            pl.when(whole & exact)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    return column.struct.json_encode() if isinstance(dtype, pl.Struct) else column.cast(pl.String)


def _instance(dtype: pl.List) -> pl.DataType:
    inner = dtype.inner
    instance: pl.DataType = inner() if isinstance(inner, type) else inner
    return instance
