"""How the users of segments come: by an export of each segment into the bucket."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from cdpkit.kit.declare import Setting
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects, Keep
from cdpkit.kit.importing import ImportAsked, Pulled
from cdpkit.kit.kinds import Chosen
from cdpkit.kit.lists import chosen
from cdpkit.problem import Problem
from cdpkit.vendors.braze import fields
from cdpkit.vendors.braze.export_job import Export, followed, started
from cdpkit.vendors.braze.workspace import SEGMENTS

OPTIONS = (
    Setting(
        SEGMENTS.name,
        "The users of these segments of Braze, by name or id",
        Chosen(SEGMENTS.name),
        default=(),
        label="Audience",
    ),
)
NEEDS = ("braze_id", "user_aliases", "custom_attributes")
_MOST_NAMED = 500
"""Custom attributes that an export can be asked for by name (documentation of `/users/export/segment`)."""


def source_problems(asked: ImportAsked) -> list[Problem]:
    """What is wrong with the source of an import."""
    found = []
    if not asked.options[SEGMENTS.name]:
        found.append(Problem("source.segments", "no segment is chosen", "choose one or more segments of Braze"))
    if not asked.settings["bucket"]:
        fix = "set bucket to the one that Braze exports into; there are: "
        there = ", ".join(item.name for item in asked.discovery.items.get("buckets", ())) or "none that the keys see"
        found.append(Problem("settings.bucket", "imports come through a bucket, and none is chosen", fix + there))
    return found


def chosen_segments(asked: ImportAsked) -> tuple[Item, ...]:
    """The segments whose users are wanted."""
    return chosen(asked.options[SEGMENTS.name], asked.discovery.items[SEGMENTS.name], SEGMENTS)


def page_key(segment: Item) -> str:
    """By what the pages of a segment go."""
    return f"users:{segment.id}"


def pull(asked: ImportAsked, state: Mapping[str, Any] | None) -> Effects[Pulled]:
    """Ask for the exports of all segments, then read one after the other."""
    segments, wanted = chosen_segments(asked), _wanted(asked)
    exports = {item.id: Export.of((state or {}).get(item.id)) for item in segments}

    def remember(segment: str, export: Export) -> Keep:
        exports[segment] = export
        return Keep({each: one.plain() for each, one in exports.items()})

    for item in segments:
        exports[item.id] = yield from started(
            asked.settings, item.id, wanted, exports[item.id], partial(remember, item.id)
        )
    for item in segments:
        exports[item.id] = yield from followed(asked.settings, item.id, exports[item.id], partial(remember, item.id))
    return Pulled({page_key(item): exports[item.id].pages for item in segments})


def _wanted(asked: ImportAsked) -> dict[str, Any]:
    """The part of the call that says which fields come; all that there are, unless a goal names some."""
    always = {"braze_id", "user_aliases"}
    if asked.fields is None:
        return {"fields_to_export": sorted(fields.EXPORTED | {"custom_attributes"} | always)}
    named = {*asked.fields} - {fields.ALIAS, *NEEDS}
    custom = sorted({_top(name, asked) for name in named - fields.EXPORTED})
    standard = {*always, *(named & fields.EXPORTED)}
    if len(custom) > _MOST_NAMED:
        return {"fields_to_export": sorted(standard | {"custom_attributes"})}
    return {"fields_to_export": sorted(standard)} | ({"custom_attributes_to_export": custom} if custom else {})


def _top(name: str, asked: ImportAsked) -> str:
    """The custom attribute in which a field lies: `address` of `address.city`, unless it has that very name."""
    there = {each.name for each in asked.discovery.fields if each.type != fields.PART}
    parts = name.split(".")
    holders = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((each for each in holders if each in there), parts[0])
