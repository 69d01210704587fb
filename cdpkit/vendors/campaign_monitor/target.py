"""What is wrong with an export goal, told before anything is sent."""

from collections.abc import Sequence

from cdpkit.kit.discovery import Item
from cdpkit.kit.exporting import ExportAsked
from cdpkit.kit.targets import field_problems, filling, identifier_problems
from cdpkit.problem import Problem, unknown
from cdpkit.vendors.campaign_monitor.api import AT
from cdpkit.vendors.campaign_monitor.client import CONFIRMED
from cdpkit.vendors.campaign_monitor.fields import EMAIL, MANAGED, TEXT, WRITABLE, custom, lists_of
from cdpkit.vendors.campaign_monitor.options import SEGMENTS
from cdpkit.vendors.campaign_monitor.places import fields_of, zones_of
from cdpkit.vendors.campaign_monitor.ready import missing


def target_problems(asked: ExportAsked) -> list[Problem]:
    """What is wrong with an export goal."""
    found = identifier_problems(asked.identifiers, ((EMAIL,),), AT, "which is all that it knows people by")
    if not asked.options["lists"]:
        what = f"no list is chosen, and whoever is at {AT} is on a list"
        found.append(Problem("target.lists", what, "choose one or more; conn.lists has them"))
    lists = [item for item in asked.discovery.lists if item.id in lists_of(asked)]
    found += field_problems(asked.fields, identifying={EMAIL}, managed=MANAGED, at=AT)
    names = [name for name in dict.fromkeys(asked.fields) if name not in {EMAIL, *WRITABLE, *MANAGED}]
    for name in names:
        found += _field_problems(asked, name, lists)
    asking = [item.name for item in lists if item.kind == CONFIRMED]
    if asking and asked.options["on_enter"] and not asked.options["confirmation_mails"]:
        what = f"list {', '.join(map(repr, asking))} asks whoever is new to confirm that: each of them gets a mail"
        found.append(Problem("target.lists", what, "choose other lists, or say target.confirmation_mails = true"))
    zones = zones_of(asked.discovery, lists_of(asked))
    if len(zones) > 1:
        what = f"the lists are of clients in different time zones: {', '.join(zones)}"
        found.append(Problem("target.lists", what, "give the lists of each client a goal of their own"))
    return found + _segment_problems(asked)


def _field_problems(asked: ExportAsked, name: str, lists: Sequence[Item]) -> list[Problem]:
    there = {item.id: fields_of(asked.discovery, item.id) for item in lists}
    lacking = [item for item in lists if name not in there[item.id]]
    if lacking and not (asked.options["create_fields"] or name == asked.options[SEGMENTS]):
        if len(lacking) < len(lists):
            return [missing(name, item, there[item.id]).about(*filling(asked.fields, name)) for item in lacking]
        names = [*WRITABLE, *dict.fromkeys(each for fields in there.values() for each in fields)]
        fix = "let it be made with target.create_fields = true"
        return [unknown("mappings", f"field at {AT}", name, names, fix).about(*filling(asked.fields, name))]
    kinds = {each.type for each in custom(asked, name)}
    if len(kinds) > 1:
        what = f"field {name!r} is {' and '.join(sorted(kinds))} on different lists"
        fix = "give each of these lists a goal of its own"
        return [Problem("mappings", what, fix).about(*filling(asked.fields, name))]
    return []


def _segment_problems(asked: ExportAsked) -> list[Problem]:
    name, where = asked.options[SEGMENTS], f"target.{SEGMENTS}"
    if name is None:
        return []
    if name not in asked.fields:
        fix = f'add {{ value = "segments", to = "{name}" }} to its mappings'
        return [Problem(where, f"no mapping fills the field {name!r} with names of segments", fix)]
    if any(each.type != TEXT for each in custom(asked, name)):
        return [Problem(where, f"field {name!r} is no text, which several names need", "name another field")]
    return []
