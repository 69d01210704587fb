"""What events hold, read back from JSON into columns."""

import polars as pl

from cdpkit.core.events.types import EventProperty, EventType
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.text import typed_text

_AS_TEXT = (PropertyType.DATE, PropertyType.DATETIME)


def typed(events: pl.LazyFrame, kind: EventType) -> pl.LazyFrame:
    """Events of one type with a column for each of its properties in the place of `properties`.

    Args:
        events: With `properties` as JSON objects.
        kind: The type; one without properties leaves them out.
    """
    if not kind.properties:
        return events.drop("properties")
    written = pl.Struct({prop.name: _written(prop) for prop in kind.properties})
    held = pl.col("properties").str.json_decode(written)
    taken = set(events.collect_schema().names()) - {"properties"}
    columns = [
        _read(held.struct.field(prop.name), prop).alias(f"{prop.name}_" if prop.name in taken else prop.name)
        for prop in kind.properties
    ]
    return events.select(pl.exclude("properties"), *columns)


def _written(prop: EventProperty) -> pl.DataType:
    """The type that JSON has of it: moments and days are texts."""
    if prop.properties:
        one: pl.DataType = pl.Struct({each.name: _written(each) for each in prop.properties})
    else:
        one = pl.String() if prop.type in _AS_TEXT else Property(prop.name, prop.type).element
    return pl.List(one) if prop.multiple else one


def _read(value: pl.Expr, prop: EventProperty) -> pl.Expr:
    if prop.properties:
        inner = pl.element() if prop.multiple else value
        made = pl.struct(_read(inner.struct.field(each.name), each).alias(each.name) for each in prop.properties)
        whole = pl.when(inner.is_not_null()).then(made)
        return value.list.eval(whole) if prop.multiple else whole
    if prop.type not in _AS_TEXT:
        return value
    return value.list.eval(typed_text(pl.element(), prop.type)) if prop.multiple else typed_text(value, prop.type)
