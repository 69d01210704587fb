"""The custom attributes of exported users, as columns of their own."""

import json
from collections.abc import Mapping, Sequence

import polars as pl

from cdpkit.kit import nested
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.objects import with_objects
from cdpkit.vendors.braze import fields

HELD = "custom_attributes"
_TEXT = r'"(?:[^"\\]|\\.)*"'
"""A text in JSON."""


def with_attributes(rows: pl.DataFrame, wanted: Sequence[str], discovery: Discovery) -> pl.DataFrame:
    """Users with the custom attributes that are wanted beside what else they have.

    Where the types of two pages differ, pages give the objects of all as JSON texts; the types that discovery found
    then say what is a list.

    Args:
        rows: Users as they were read.
        wanted: Names of custom attributes, and of what lies inside them.
        discovery: What the connection found.
    """
    if HELD in rows.columns and rows.schema[HELD] == pl.String:
        rows = _from_texts(rows, wanted, discovery)
    rows = with_objects(rows, [f"{HELD}.{name}" for name in wanted])
    named = {name: name.removeprefix(f"{HELD}.") for name in rows.columns if name.startswith(f"{HELD}.")}
    taken = [name for name, short in named.items() if short in fields.EXPORTED or short in rows.columns]
    return rows.drop(taken).rename({name: short for name, short in named.items() if name not in taken})


def _from_texts(rows: pl.DataFrame, wanted: Sequence[str], discovery: Discovery) -> pl.DataFrame:
    types = {each.name: each.type for each in discovery.fields}
    arrays = {name: [each for each in nested.above(name) if types.get(each) == fields.OBJECTS] for name in wanted}
    named = dict.fromkeys(
        [*(name for name in wanted if not arrays[name]), *(h for each in arrays.values() for h in each)]
    )
    columns = [_of_kind(_at(rows[HELD], name, types), types.get(name, "")).alias(f"{HELD}.{name}") for name in named]
    return rows.drop(HELD).with_columns(columns)


def _at(texts: pl.Series, name: str, types: Mapping[str, str]) -> pl.Series:
    """What JSON texts have at the place of an attribute."""
    steps = nested.path(name, lambda holder: types.get(holder) == fields.OBJECT)
    return texts.str.json_path_match("$" + "".join(f"[{json.dumps(step, ensure_ascii=False)}]" for step in steps))


def _of_kind(texts: pl.Series, kind: str) -> pl.Series:
    """Texts as values of a type: arrays as lists, whole numbers without places, others as they are."""
    if kind == fields.NUMBER:
        return texts.str.replace(r"^(-?\d+)\.0$", "$1")
    if kind == fields.OBJECTS:
        try:
            return texts.str.json_decode(infer_schema_length=None)
        except pl.exceptions.PolarsError:  # objects that have nothing in common stay texts
            return texts
    if kind != fields.ARRAY:
        return texts
    bare = pl.first().str.replace_all(_TEXT, "").str.slice(1)
    plain = pl.first().str.starts_with("[") & ~bare.str.contains(r"[\[{]")
    lists = pl.when(plain).then(pl.first()).str.json_decode(pl.List(pl.String))
    alone = pl.when(pl.first().is_not_null()).then(pl.concat_list(pl.first()))
    return texts.to_frame().select(pl.coalesce(lists, alone)).to_series()
