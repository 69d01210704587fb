"""How people come: by an export job, and the people of lists that no profile names by downloads of these lists."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cdpkit.errors import UnavailableError
from cdpkit.kit.answers import OK, refuse_web_page
from cdpkit.kit.discovery import Item
from cdpkit.kit.effects import Effects
from cdpkit.kit.importing import ImportAsked, Pulled
from cdpkit.kit.lists import chosen, gone, still_there
from cdpkit.kit.staging import LIST_IDS, LISTS
from cdpkit.problem import Problem
from cdpkit.vendors.iterable.api import get, get_lists, refuse
from cdpkit.vendors.iterable.export_job import Progress, followed, started
from cdpkit.vendors.iterable.project import EITHER, HYBRID, IDENTIFIERS, ITS_OWN_ID, project_type

NEEDS = (*IDENTIFIERS, ITS_OWN_ID, "profileUpdatedAt", "emailListIds", "userListIds")
_LIST_TIMEOUT = 1800.0


def source_problems(asked: ImportAsked) -> list[Problem]:
    """What is wrong with the source of an import."""
    options = asked.options
    if bool(options["all"]) == bool(options["lists"]):
        what = "both all and lists are" if options["all"] else "neither all nor lists is"
        return [Problem("source", f"{what} chosen", "choose all = true, or the names or ids of lists")]
    return []


def chosen_lists(asked: ImportAsked) -> tuple[Item, ...]:
    """The lists whose people are wanted; none where everybody is."""
    return () if asked.options["all"] else chosen(asked.options["lists"], asked.discovery.lists)


def pull(asked: ImportAsked, state: Mapping[str, Any] | None) -> Effects[Pulled]:
    """Fetch users as `users`, and the lines of lists that no profile names as `list:` with the id."""
    settings, fields, lists = asked.settings, _only(asked.fields), chosen_lists(asked)
    progress = Progress.of(state)
    progress = yield from started(settings, fields, progress)  # it works at Iterable while the lists are fetched
    for item in lists:
        if not item.target and item.id not in progress.lists:
            progress = yield from _people_of(asked, progress, item)
            yield progress.kept()
    while progress.windows:
        progress = yield from started(settings, fields, progress)
        progress = yield from followed(settings, progress)
        yield progress.kept()
    if lists:
        there = yield from get_lists(settings)
        still_there(lists, there, "Iterable")
    lines = {f"list:{name}": (f"list-{name}.txt",) for name in progress.stored}
    return Pulled({"users": progress.pages(), **lines}, progress.warnings)


def _only(wanted: tuple[str, ...] | None) -> Mapping[str, str]:
    """The part of a job's body that leaves out other fields; objects are asked for whole, as rows may nest them."""
    made = (LISTS, LIST_IDS)
    names = dict.fromkeys(part for name in wanted or () if name not in made for part in (name, name.split(".")[0]))
    if wanted is None or any("," in name for name in names):
        return {}
    return {"onlyFields": ",".join(dict.fromkeys((*NEEDS, *names)))}


def _people_of(asked: ImportAsked, progress: Progress, item: Item) -> Effects[Progress]:
    settings, project = asked.settings, project_type(asked.settings, asked.discovery)
    by_user_id = (("preferUserId", "true"),) if project in (HYBRID, EITHER) else ()
    call = get(settings, "/api/lists/getUsers", "get_users", ("listId", item.id), *by_user_id)
    headers = {**call.headers, "Accept": "text/plain"}
    progress = replace(progress, lists=(*progress.lists, item.id))
    try:
        reply = yield replace(call, headers=headers, timeout=_LIST_TIMEOUT, page=f"list-{item.id}.txt")
    except UnavailableError:
        warning = f"list {item.name!r} could not be fetched: Iterable kept failing; who is on it alone is missing"
        return replace(progress, warnings=(*progress.warnings, warning))
    if reply.status in (400, 404):
        there = yield from get_lists(settings)
        raise gone([item], there, "Iterable")
    if reply.status not in OK:
        refuse(settings, reply)
    refuse_web_page(reply)
    return replace(progress, stored=(*progress.stored, item.id))
