"""How events go: orders one a call as purchases, all others in bulk; Iterable knows both by our own ids."""

from functools import partial

import polars as pl

from cdpkit.core.events.read import typed
from cdpkit.core.events.types import ORDER, EventType
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.event_exporting import EventWay, inside, members, one_object, refused_for
from cdpkit.kit.exporting import ExportAsked
from cdpkit.kit.kinds import Switch
from cdpkit.kit.render import render
from cdpkit.kit.sending import Verdict, body, by_index, by_value, deliver, outcome, rejected
from cdpkit.problem import Problem
from cdpkit.vendors.iterable.api import code, post, read, refuse
from cdpkit.vendors.iterable.fields import identity, linked
from cdpkit.vendors.iterable.refusals import verdict

_PREFIX, _SUFFIX = '{"events":[', "]}"
_ABOUT_ONE = frozenset({400, 404, 409, 413})
_OK = 200
_OWN = ("total",)
_ITEM = ("id", "name", "sku", "price", "quantity", "category", "variant")
OPTIONS = (Setting("create_fields", "Let Iterable make fields of events that it has not", Switch(), default=True),)


def target_problems(_asked: ExportAsked) -> list[Problem]:
    """What is wrong with an export of events beside its options and identifiers: nothing."""
    return []


def way(_asked: ExportAsked, kind: str) -> EventWay:
    """How events of a type are sent."""
    return _PURCHASES if kind == ORDER.name else _EVENTS


def _at(events: pl.DataFrame) -> pl.Expr:
    """Unix seconds, which Iterable's own clients send."""
    return pl.concat_str(pl.lit('"createdAt":'), pl.lit(events["time"].dt.epoch("s").cast(pl.String)))


def _tracked(asked: ExportAsked, events: pl.DataFrame, _kind: EventType) -> pl.DataFrame:
    """Custom events, called after their types."""
    who = inside(pl.lit(render(events, linked(asked))))
    fields = "true" if asked.options["create_fields"] else "false"
    named = members(eventName=pl.col("type"), id=pl.col("called"))
    held = pl.concat_str(pl.lit('"dataFields":'), "properties", pl.lit(f',"createNewFields":{fields}'))
    return events.select(
        one_object(who, named, _at(events), held).alias("body"), pl.lit(None, pl.String).alias("reason")
    )


def _bought(asked: ExportAsked, events: pl.DataFrame, kind: EventType) -> pl.DataFrame:
    """Purchases; an order without a total, or with a product without price or name, is none."""
    orders = typed(events.lazy(), kind).collect()
    items = _items(orders)
    user = pl.concat_str(pl.lit('"user":'), pl.lit(render(events, identity(asked))))
    rest = {prop.name: pl.col(prop.name) for prop in kind.properties if prop.name not in (*_OWN, "products")}
    data = pl.concat_str(pl.lit('"dataFields":'), one_object(members(**rest)))
    bought = pl.concat_str(pl.lit('"items":['), items["items"].fill_null(""), pl.lit("]"))
    own = members(id=pl.col("called"), total=pl.col("total"))
    whole = one_object(own, _at(events), user, bought, data)
    why = refused_for(
        [
            ("noTotal", pl.col("total").is_null()),
            ("noPrice", pl.lit(items["priceless"])),
            ("noName", pl.lit(items["nameless"])),
        ]
    )
    return orders.with_columns(why).select(pl.when(pl.col("reason").is_null()).then(whole).alias("body"), "reason")


def _items(orders: pl.DataFrame) -> pl.DataFrame:
    """`items` (JSON objects with commas), `priceless`, `nameless`: of each order its products."""
    lines = orders.select("products").with_row_index("at").explode("products").filter(pl.col("products").is_not_null())
    each = lines.unnest("products")
    called = pl.coalesce("id", "sku", "name")
    made = each.select(
        "at",
        one_object(
            members(
                id=called,
                name=pl.coalesce("name", "sku", "id"),
                sku=pl.col("sku"),
                price=pl.col("price"),
                quantity=pl.col("quantity").fill_null(1),
                categories=pl.when(pl.col("category").is_not_null()).then(pl.concat_list("category")),
            ),
            pl.when(pl.col("variant").is_not_null()).then(
                pl.concat_str(pl.lit('"dataFields":'), one_object(members(variant=pl.col("variant"))))
            ),
        ).alias("item"),
        pl.col("price").is_null().alias("priceless"),
        called.is_null().alias("nameless"),
    )
    found = made.group_by("at", maintain_order=True).agg(
        pl.col("item").str.join(",").alias("items"), pl.col("priceless").any(), pl.col("nameless").any()
    )
    rows = orders.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("at"))
    beside = rows.join(found, on="at", how="left", maintain_order="left")
    return beside.with_columns(pl.col("priceless", "nameless").fill_null(value=False))


def _track(asked: ExportAsked, events: pl.DataFrame) -> Effects[pl.DataFrame | None]:
    """Send custom events; those of people who are not there, or whose names are not allowed, are refused."""
    rows = events.with_row_index("at")
    refused = yield from deliver(rows, partial(_bulk, asked.settings), partial(_told, asked.settings))
    return outcome(rows["row"], refused) if refused.height else None


def _bulk(settings: Settings, part: pl.DataFrame) -> Effects[Reply]:
    reply: Reply = yield post(settings, "/api/events/trackBulk", "track_bulk", body(part, _PREFIX, _SUFFIX))
    return reply


def _told(settings: Settings, reply: Reply, part: pl.DataFrame) -> Verdict:
    """What an answer says; events that were taken are sent again beside blocked ones, which their ids make harmless."""
    blocked = read(reply, settings).get("disallowedEventNames") if reply.status == _OK else None
    if isinstance(blocked, list) and blocked:
        named = pl.DataFrame({"value": [str(name) for name in blocked], "reason": "disallowedEventName"})
        reasons = by_value(part["type"], named)
        others = part.filter(reasons.is_null())
        return Verdict(rejected(part, reasons).refused, (others,) if others.height < part.height else ())
    return verdict(settings, pl.DataFrame(), reply, part)


def _purchase(asked: ExportAsked, events: pl.DataFrame) -> Effects[pl.DataFrame | None]:
    """Send one order; Iterable has no call for several."""
    settings = asked.settings
    reply: Reply = yield post(settings, "/api/commerce/trackPurchase", "track_purchase", events["body"][0].encode())
    if reply.status == _OK:
        return None
    if reply.status not in _ABOUT_ONE:
        refuse(settings, reply)
    return outcome(events["row"], rejected(events, by_index(events, {0: code(reply)})).refused)


_EVENTS = EventWay("events", _tracked, _track, 1000, 3_900_000, len(_PREFIX + _SUFFIX), limit="track_bulk")
_PURCHASES = EventWay("purchases", _bought, _purchase, max_rows=1, max_bytes=3_900_000, limit="track_purchase")
