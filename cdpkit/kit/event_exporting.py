"""How events go to a vendor: each type in a way of its own, as bodies that are sent in batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from cdpkit.core.events.types import EventType
from cdpkit.core.text import encoded
from cdpkit.kit.declare import Setting
from cdpkit.kit.effects import Effects
from cdpkit.kit.exporting import ExportAsked
from cdpkit.problem import Problem

SENT_EVENT = {
    "row": pl.Int64(),
    "called": pl.String(),
    "type": pl.String(),
    "id": pl.String(),
    "time": pl.Datetime("us", "UTC"),
    "properties": pl.String(),
}
"""An event on its way, beside a text column for each linked identifier: `row` is unique and stands for the event,
`called` is an id of it that no other event has, `properties` a JSON object."""

BODIES = {"body": pl.String(), "reason": pl.String()}
"""An event as it is sent; null where it cannot be, with the reason in a word of the vendor's."""


@dataclass(frozen=True, slots=True)
class EventWay:
    """A way of sending events: one call, with its limits.

    Attributes:
        name: Tells it from the vendor's other ways.
        bodies: `BODIES` of events of one type, as high as the frame of `SENT_EVENT`.
        push: Sends events (`SENT_EVENT` with `body`); returns an `OUTCOME` frame, or None where all were accepted.
        max_rows: Most events of a push.
        max_bytes: Most bytes of a push's body.
        overhead: Bytes that a push's body has beside those of its events and a comma for each.
        repeatable: Whether a push that may have arrived can be made again: the vendor knows events by their ids.
        limit: The vendor's limit on which the call draws; empty for none.
    """

    name: str
    bodies: Callable[[ExportAsked, pl.DataFrame, EventType], pl.DataFrame]
    push: Callable[[ExportAsked, pl.DataFrame], Effects[pl.DataFrame | None]]
    max_rows: int
    max_bytes: int
    overhead: int = 0
    repeatable: bool = True
    limit: str = ""


@dataclass(frozen=True, slots=True)
class EventExporter:
    """How events go to the vendor.

    Attributes:
        options: Of a goal's `target`.
        identifiers: The vendor's identifiers that a goal may link.
        problems: What else is wrong with a goal, beside what does not fit an option's kind.
        way: How events of a type are sent; a killed run goes on in the same way.
    """

    options: tuple[Setting, ...]
    identifiers: tuple[str, ...]
    problems: Callable[[ExportAsked], list[Problem]]
    way: Callable[[ExportAsked, str], EventWay]


def members(**named: pl.Expr) -> pl.Expr:
    """`"name":value` of all that have a value, with commas; dates and moments have to be texts already."""
    texts = [pl.when(value.is_not_null()).then(encoded(value, name)) for name, value in named.items()]
    return pl.concat_str(texts, separator=",", ignore_nulls=True)


def one_object(*parts: pl.Expr) -> pl.Expr:
    """A JSON object of members as texts; those that are null or empty are left out."""
    filled = [pl.when(part != "").then(part) for part in parts]
    return pl.concat_str(pl.lit("{"), pl.concat_str(filled, separator=",", ignore_nulls=True), pl.lit("}"))


def inside(properties: pl.Expr) -> pl.Expr:
    """What stands between the braces of JSON objects."""
    return properties.str.slice(1).str.head(-1)


def refused_for(reasons: Sequence[tuple[str, pl.Expr]]) -> pl.Expr:
    """The first of the reasons whose condition holds; null where none does."""
    return pl.coalesce(
        *(pl.when(holds).then(pl.lit(reason)) for reason, holds in reasons), pl.lit(None, pl.String)
    ).alias("reason")
