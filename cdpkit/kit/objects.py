"""Objects, and arrays of them, in what was pulled: whole as JSON texts, and in parts as columns."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.kit.nested import above
from cdpkit.kit.staging import flat

_TEXTS = pl.List(pl.String)


def with_objects(frame: pl.DataFrame, wanted: Iterable[str]) -> pl.DataFrame:
    """Objects as columns with dotted names, and what is wanted beside them.

    An object is the JSON text of all that it holds, an array of objects the list of such texts; what is null in one is
    left out. A field below an array of objects is the list of the values that its objects have.

    Args:
        frame: Rows as they were read: objects are structs or dotted names already, or JSON texts where rows differ.
        wanted: The names that are asked for; others stay as `flat` makes them.
    """
    frame = flat(frame)
    below: dict[str, list[str]] = {}
    for name in frame.columns:
        for holder in above(name):
            below.setdefault(holder, []).append(name)
    made = [_whole(frame, name, below.get(name, ())) for name in dict.fromkeys(wanted)]
    made += [_part(frame, name) for name in dict.fromkeys(wanted)]
    return frame.with_columns(column for column in made if column is not None)


def _whole(frame: pl.DataFrame, name: str, parts: Sequence[str]) -> pl.Series | None:
    """An object, or an array of them; None where it is neither, or where rows differ and it is of texts already."""
    if name not in frame.columns:
        inside = {tuple(part[len(name) + 1 :].split(".")): part for part in parts}
        return frame.select(_object(inside, frame.schema).alias(name)).to_series() if inside else None
    return _texts(frame[name]) if _is_objects(frame.schema[name]) else None


def _part(frame: pl.DataFrame, name: str) -> pl.Series | None:
    """The values of a field below an array of objects; None where it is below none."""
    holder = next((each for each in reversed(above(name)) if each in frame.columns), None)
    if holder is None:
        return None
    column, path = frame[holder], name[len(holder) + 1 :].split(".")
    found = _inside(column, path) if _is_objects(column.dtype) else _matched(column, path)
    if found is None:
        return None
    some = pl.when(pl.col("found").list.len() > 0).then("found")
    if name in frame.columns:  # elsewhere it is one object
        own = frame[name]
        single = own if isinstance(own.dtype, pl.List) else own.reshape((own.len(), 1)).arr.to_list()
        several = pl.DataFrame([single.cast(_TEXTS).list.drop_nulls().alias("own"), found.cast(_TEXTS).alias("found")])
        return several.select(pl.when(pl.col("own").list.len() > 0).then("own").otherwise(some).alias(name)).to_series()
    return found.alias("found").to_frame().select(some.alias(name)).to_series()


def _inside(objects: pl.Series, path: Sequence[str]) -> pl.Series | None:
    """The values at a path below arrays of objects, without nulls."""
    values = objects
    for step in path:
        inner = _inner(values.dtype)
        if not isinstance(inner, pl.Struct) or step not in {field.name for field in inner.fields}:
            return None
        values = values.list.eval(pl.element().struct.field(step)).list.drop_nulls()
        while isinstance(_inner(values.dtype), pl.List):
            values = values.list.eval(pl.element().explode()).list.drop_nulls()
    return _texts(values) if _is_objects(values.dtype) else values


def _matched(texts: pl.Series, path: Sequence[str]) -> pl.Series | None:
    """The values at a path in JSON texts, as texts; what is no JSON has none."""
    steps = "$" + "".join(f"[{json.dumps(step, ensure_ascii=False)}]" for step in path)
    if texts.dtype == pl.String:
        texts = texts.reshape((texts.len(), 1)).arr.to_list()
    if texts.dtype != _TEXTS:
        return None
    return texts.list.eval(pl.element().str.json_path_match(steps)).list.drop_nulls()


def _texts(objects: pl.Series) -> pl.Series:
    """Arrays of objects as lists of JSON texts."""
    return objects.list.eval(_json(pl.element(), _inner(objects.dtype)))


def _is_objects(dtype: Any) -> bool:
    return isinstance(_inner(dtype), pl.Struct)


def _inner(dtype: Any) -> Any:
    return dtype.inner if isinstance(dtype, pl.List) else None


def _object(columns: Mapping[tuple[str, ...], str], types: Mapping[str, Any]) -> pl.Expr:
    """The JSON text of an object whose members are columns, by their paths; null where all are."""
    groups: dict[str, dict[tuple[str, ...], str]] = {}
    for path, column in columns.items():
        groups.setdefault(path[0], {})[path[1:]] = column
    members = {}
    for key, inside in groups.items():
        own = inside.pop((), None)
        forms = [] if own is None else [_json(pl.col(own), types[own])]
        members[key] = pl.coalesce([*forms, *([_object(inside, types)] if inside else [])])
    joined = _members(members)
    return pl.when(joined != "").then(pl.concat_str(pl.lit("{"), joined, pl.lit("}")))


def _members(values: Mapping[str, pl.Expr]) -> pl.Expr:
    """`"name":value` of all that are not null, with commas."""
    named = [pl.concat_str(pl.lit(json.dumps(name, ensure_ascii=False) + ":"), value) for name, value in values.items()]
    return pl.concat_str(named, separator=",", ignore_nulls=True) if named else pl.lit("")


def _json(value: pl.Expr, dtype: Any) -> pl.Expr:
    """A value as JSON; null where it is null."""
    if isinstance(dtype, pl.Struct):
        inside = {field.name: _json(value.struct.field(field.name), field.dtype) for field in dtype.fields}
        text = pl.concat_str(pl.lit("{"), _members(inside), pl.lit("}"))
    elif isinstance(dtype, pl.List):
        each = value.list.eval(_json(pl.element(), dtype.inner).fill_null("null"))
        text = pl.concat_str(pl.lit("["), each.list.join(","), pl.lit("]"))
    else:  # only structs can be encoded, so that a value is wrapped in one and its wrapping is cut off
        text = pl.struct(value.alias("")).struct.json_encode().str.slice(len('{"":')).str.head(-1)
    return pl.when(value.is_not_null()).then(text)
