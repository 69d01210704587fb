"""The properties that an import makes: their types, why they were chosen, and what would have chosen others."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.core.infer import why
from cdpkit.core.properties import PropertyType
from cdpkit.runs.hints import Hints, hints
from cdpkit.runs.imports.prepare import Prepared
from cdpkit.runs.plan import NEW_PROPERTIES

_FIRST = 5
"""How many of the rows that decided on a type are named."""

_AMONG = 1_000_000
"""In so many rows it is looked for what decided."""


def made(prepared: Prepared) -> pl.DataFrame:
    """`NEW_PROPERTIES`: what an import makes, and the numbers of the first rows that decided."""
    source, lines = prepared.source, []
    for prop in prepared.new_properties:
        found = why(_column(prepared, prop.name), prop)
        numbers = source.source_row.gather(found.rows.head(_FIRST)).to_list()
        nearly = None if found.nearly is None or prepared.group else found.nearly.value  # of groups no type changes
        lines.append((prop.name, prop.type.value, prop.multi, found.words, numbers, nearly))
    return pl.DataFrame(lines, schema=NEW_PROPERTIES, orient="row")


def more_types(prepared: Prepared) -> Hints:
    """What would give those that are texts another type; only said of files, whose reader has options for it."""
    if not prepared.understood:
        return Hints()
    texts = [prop.name for prop in prepared.new_properties if prop.type is PropertyType.TEXT and not prop.multi]
    columns = [_column(prepared, name) for name in texts]
    given: Mapping[str, Any] = prepared.understood[0]["read"]
    found = hints([column for column in columns if column.dtype == pl.String], given)
    return Hints({**given, **found.read} if found.read else {}, found.notes)


def _column(prepared: Prepared, name: str) -> pl.Series:
    """The beginning of the field that is stored in a property."""
    field = next(field for field, target in prepared.goal.stored if target == name)
    return prepared.source.rows.columns([field]).to_series().head(_AMONG)
