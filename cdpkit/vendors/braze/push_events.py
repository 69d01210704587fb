"""How events go: orders as purchases, all others as custom events, by `/users/track`, which knows no ids.

A call of which no answer came is not made again, since Braze would keep its events twice.
"""

from collections.abc import Callable
from functools import partial

import polars as pl

from cdpkit.core.events.read import typed
from cdpkit.core.events.types import ORDER, EventType
from cdpkit.kit.declare import Setting
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.event_exporting import EventWay, inside, members, one_object, refused_for
from cdpkit.kit.exporting import ExportAsked
from cdpkit.kit.render import render
from cdpkit.kit.sending import body, deliver, outcome
from cdpkit.kit.targets import identifier_problems
from cdpkit.problem import Problem
from cdpkit.vendors.braze import fields
from cdpkit.vendors.braze.api import AT, post
from cdpkit.vendors.braze.push import MOST, ROOM, verdict
from cdpkit.vendors.braze.target import identity

OPTIONS = (
    Setting("product_id", "What purchases are of: Braze counts whole orders under this name", default="order"),
    Setting("currency", "The ISO 4217 code of orders that have none; left out, those are refused"),
)
_LARGEST = 50_000
"""Bytes of an object of a purchase or an event that is dropped without a word beyond."""


def target_problems(asked: ExportAsked) -> list[Problem]:
    """What is wrong with an export of events."""
    ways = tuple((name,) for name in fields.IDENTIFIERS)
    return identifier_problems(asked.identifiers, ways, AT, "one of them, and leave the others out")


def way(asked: ExportAsked, kind: str) -> EventWay:
    """How events of a type are sent."""
    made, array = (_bought, "purchases") if kind == ORDER.name else (_tracked, "events")
    most = min(MOST, int(asked.settings["objects"]))
    overhead = len(f'{{"{array}":[]}}')
    return EventWay(array, made, partial(_track, array), most, ROOM, overhead, repeatable=False, limit="track")


def _who(asked: ExportAsked, events: pl.DataFrame) -> pl.Expr:
    return inside(pl.lit(render(events, identity(asked, create=asked.create))))


def _time(events: pl.DataFrame) -> pl.Expr:
    return pl.lit(events["time"].dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))


def _held() -> pl.Expr:
    """The properties, with the event's own id among them."""
    own = members(event_id=pl.col("id"))
    return pl.concat_str(pl.lit('"properties":'), one_object(own, inside(pl.col("properties"))))


def _tracked(asked: ExportAsked, events: pl.DataFrame, _kind: EventType) -> pl.DataFrame:
    """Custom events, called after their types."""
    whole = one_object(_who(asked, events), members(name=pl.col("type"), time=_time(events)), _held())
    return _bodies(events, whole, [])


def _bought(asked: ExportAsked, events: pl.DataFrame, kind: EventType) -> pl.DataFrame:
    """Purchases, one for each order."""
    orders = typed(events.lazy(), kind).collect().with_columns(events["properties"])
    currency = pl.coalesce("currency", pl.lit(asked.options["currency"], pl.String)).str.strip_chars()
    told = members(
        product_id=pl.lit(asked.options["product_id"]),
        currency=currency,
        price=pl.col("total"),
        time=_time(events),
    )
    whole = one_object(_who(asked, events), told, _held())
    return _bodies(orders, whole, [("noTotal", pl.col("total").is_null()), ("noCurrency", currency.is_null())])


def _bodies(events: pl.DataFrame, whole: pl.Expr, wrong: list[tuple[str, pl.Expr]]) -> pl.DataFrame:
    large = ("tooLarge", pl.col("properties").str.len_bytes() > _LARGEST)
    made = events.with_columns(refused_for([*wrong, large]), whole.alias("body"))
    return made.select(pl.when(pl.col("reason").is_null()).then("body").alias("body"), "reason")


def _track(array: str, asked: ExportAsked, events: pl.DataFrame) -> Effects[pl.DataFrame | None]:
    def ask(part: pl.DataFrame) -> Effects[Reply]:
        content = body(part, f'{{"{array}":[', "]}")
        reply: Reply = yield post(asked.settings, "/users/track", content, "track", repeatable=False)
        return reply

    read: Callable[[Reply, pl.DataFrame], object] = partial(verdict, array)
    refused = yield from deliver(events, ask, read)  # type: ignore[arg-type]
    return outcome(events["row"], refused) if refused.height else None
