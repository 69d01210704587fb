"""People on their way to a vendor, rendered as runs render them."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.kit.exporting import ExportAsked, Exporter, Outgoing, SentField
from cdpkit.kit.render import render

Values = Sequence[Any] | pl.Series


def outgoing(
    exporter: Exporter,
    asked: ExportAsked,
    ids: pl.DataFrame,
    values: Mapping[str, Values],
    *,
    count: int = 0,
    back: Sequence[str] = (),
) -> Outgoing:
    """People with values, who enter all lists of a goal that puts people on lists.

    Args:
        exporter: The vendor's.
        asked: What the goal asks.
        ids: `row`, and a column for each linked identifier.
        values: Of each mapped field, in the order of `ids`.
        count: How many people decide the way; 0 for those that there are.
        back: The ids of lists to which they come back, as the goal took them off.
    """
    columns = {name: pl.Series(name, each) for name, each in values.items()}
    fields = pl.DataFrame([exporter.convert(each, name, asked).alias(name) for name, each in columns.items()])
    sent = [SentField(name, "\x00" + name, fields.schema[name]) for name in fields.columns]
    holder = ids.hstack(fields.rename({name: "\x00" + name for name in fields.columns})) if fields.width else ids
    body = render(holder, exporter.way(asked, count or ids.height).members(asked, sent))
    lists = [item.id for item in exporter.lists(asked)] if asked.options["on_enter"] else []
    enter = pl.Series("enter", [lists] * ids.height, pl.List(pl.String))
    again = pl.Series("back", [[*back]] * ids.height, pl.List(pl.String))
    return Outgoing(ids.with_columns(body.alias("body"), enter, again), fields, bool(lists))
