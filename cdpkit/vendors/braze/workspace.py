"""What a workspace of Braze has: segments, custom attributes, subscription groups; and what its key may do."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from cdpkit.errors import ConfigurationError, CredentialsError
from cdpkit.kit import answers, nested, pages
from cdpkit.kit.answers import said
from cdpkit.kit.buckets import keys_below
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.discovery import LISTS, Discovery, Item, Thing, VendorField
from cdpkit.kit.effects import Effects, Http, Reply, Together, all_of
from cdpkit.problem import Problem
from cdpkit.vendors.braze import places
from cdpkit.vendors.braze.api import DENIED, DONE, FORBIDDEN, get, lacking, post, read, refuse
from cdpkit.vendors.braze.fields import ARRAY, NUMBER, OBJECT, OBJECTS, PART, STANDARD, custom

SEGMENTS = Thing("segments", "segment", "segments")
NUMBERS = Thing("numbers", "custom attribute for numbers", "custom attributes for numbers")
ARRAYS = Thing("arrays", "custom attribute for arrays", "custom attributes for arrays")
GROUP = "subscription group"

GROUPS = Setting(
    "subscription_groups",
    "Subscription groups as name = id, with commas between them; no call of Braze lists them",
)

PARTS = Setting(
    "parts_of_objects",
    "Fields inside objects that imports read, such as address.city, with commas between them; no call lists them",
)


def _probes(settings: Settings) -> dict[str, Http]:
    """For each permission a call that needs it and does nothing: those that write or begin something say nothing."""
    return {
        "users.track": post(settings, "/users/track", {}, "track", repeatable=True),
        "users.export.segment": post(settings, "/users/export/segment", {}, "export", repeatable=True),
        "campaigns.list": get(settings, "/campaigns/list"),
        "campaigns.details": get(settings, "/campaigns/details", ("campaign_id", "none")),
        "segments.list": get(settings, "/segments/list"),
        "segments.details": get(settings, "/segments/details", ("segment_id", "none")),
        "custom_attributes.get": get(settings, "/custom_attributes", limit="catalogue"),
    }


def check(settings: Settings) -> Effects[None]:
    """Whether the key is taken and may do all that is needed, and whether its bucket is shown.

    Raises:
        CredentialsError: It is not taken, or lacks permissions, which are named.
    """
    if wrong := [*places.problems(settings), *group_problems(settings)]:
        raise ConfigurationError("", wrong)
    probes = _probes(settings)
    replies = all_of((yield Together(tuple(probes.values()))))
    for reply in replies:
        answers.refuse_web_page(reply)
        if reply.status == DENIED:
            refuse(reply)
    without = [name for name, reply in zip(probes, replies, strict=True) if reply.status == FORBIDDEN]
    if without:
        raise CredentialsError("", [lacking(f"what needs the permission {name}") for name in without])
    for name, reply in zip(probes, replies, strict=True):
        if name.endswith((".list", "attributes.get")):
            read(reply)
    if settings["bucket"]:
        found = yield from keys_below(places.listing(settings, "segment-export/none/"))
        if isinstance(found, Reply):
            raise CredentialsError("", [places.refused(settings, found)])


def discover(settings: Settings) -> Effects[Discovery]:
    """Segments, custom attributes, subscription groups and buckets."""
    segments = yield from _segments(settings)
    first = get(settings, "/custom_attributes", limit="catalogue")
    replies = yield from pages.gather(first, _linked, ok=DONE, refuse=refuse)
    fields = custom([row for reply in replies for row in _rows(reply, "attributes")])
    there = yield from places.buckets(settings)
    items = {
        SEGMENTS.name: segments,
        LISTS.name: groups(settings),
        places.BUCKETS.name: there,
        NUMBERS.name: tuple(Item(each.name, each.name) for each in fields if each.type == NUMBER),
        ARRAYS.name: tuple(Item(each.name, each.name) for each in fields if each.type == ARRAY),
    }
    return Discovery((*STANDARD, *fields, *_parts(settings, fields)), items)


def _parts(settings: Settings, there: Sequence[VendorField]) -> tuple[VendorField, ...]:
    """The fields inside objects that the settings name."""
    objects, taken = {each.name for each in there if each.type in (OBJECT, OBJECTS)}, {each.name for each in there}
    named = dict.fromkeys(part.strip() for part in (settings[PARTS.name] or "").split(","))
    return tuple(
        VendorField(name, PART, several=any(each.type == OBJECTS and each.name in nested.above(name) for each in there))
        for name in named
        if name not in taken and objects & {*nested.above(name)}
    )


def _segments(settings: Settings) -> Effects[tuple[Item, ...]]:
    """The segments, a hundred a page; the last page is empty."""
    more = pages.by_number("page", lambda reply: bool(said(reply).get("segments")), first=0)
    replies = yield from pages.gather(get(settings, "/segments/list", ("page", "0")), more, ok=DONE, refuse=refuse)
    rows = (row for reply in replies for row in _rows(reply, "segments"))
    found = {str(row.get("id")): str(row.get("name")) for row in rows}
    return tuple(Item(number, name, "segment", target=False) for number, name in found.items())


def _rows(reply: Reply, name: str) -> list[dict[str, Any]]:
    return [row for row in answers.part(read(reply), name, list, reply) if isinstance(row, dict)]


def _linked(call: Http, reply: Reply) -> Http | None:
    """The next page, whose cursor stands in the header `Link` (RFC 5988)."""
    for link in reply.headers.get("link", "").split(","):
        address, _, rest = link.partition(">")
        if 'rel="next"' in rest and "cursor=" in address:
            cursor = unquote(address.partition("cursor=")[2].partition("&")[0])
            return pages.with_param(call, "cursor", cursor)
    return None


def groups(settings: Settings) -> tuple[Item, ...]:
    """The subscription groups that the settings name."""
    return tuple(Item(number, name, GROUP) for name, number in _pairs(settings) if number)


def group_problems(settings: Settings) -> list[Problem]:
    """What is wrong with the setting that names them."""
    pairs = _pairs(settings)
    ids = [number for _, number in pairs]
    if all(ids) and len({*ids}) == len(ids):
        return []
    what = "a subscription group has no id" if not all(ids) else "two subscription groups have the same id"
    return [Problem("settings.subscription_groups", what, "write name = id, with commas between groups")]


def _pairs(settings: Settings) -> Sequence[tuple[str, str]]:
    parts = [part.strip() for part in (settings["subscription_groups"] or "").split(",") if part.strip()]
    split = [part.rpartition("=") for part in parts]
    return [(name.strip() or number.strip(), number.strip()) for name, _, number in split]


def contradictions(settings: Settings, _: Discovery) -> list[Problem]:
    """What is wrong with settings that belong together."""
    return [*places.problems(settings), *group_problems(settings)]
