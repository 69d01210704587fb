"""An imitation of Iterable's API, as far as users, lists, subscriptions, events and exports go."""

from collections.abc import AsyncIterator
from typing import Any

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.imitation import Imitation, Parts
from cdpkit.sandbox.iterable.answers import manners
from cdpkit.sandbox.iterable.asked import Asked
from cdpkit.sandbox.iterable.events import Events, Timeline
from cdpkit.sandbox.iterable.exports import Exports
from cdpkit.sandbox.iterable.identities import Identities
from cdpkit.sandbox.iterable.jobs import ExportJobs
from cdpkit.sandbox.iterable.lists import Lists
from cdpkit.sandbox.iterable.profile import TIMES, list_shown
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.iterable.settings import API_KEY, Settings
from cdpkit.sandbox.iterable.subscriptions import Subscriptions
from cdpkit.sandbox.iterable.users import Users
from cdpkit.sandbox.world.rows import in_order

__all__ = ["IMITATION"]


def _address(base: str) -> dict[str, str]:
    return {"base_url": base, "api_key": API_KEY}


def _build(options: Options, settings: Settings) -> Parts:
    project = Project(options, settings)
    identities, users, lists, subscriptions = (
        Identities(project),
        Users(project),
        Lists(project),
        Subscriptions(project),
    )
    timeline = Timeline()
    exports, jobs, events = Exports(project, timeline), ExportJobs(project, timeline), Events(project, timeline)

    def state() -> dict[str, Any]:
        project.later.settle()
        return {
            "people": len(project.people),
            "lists": [{**list_shown(each), "size": each.size()} for each in project.newest_lists()],
            "channel_unsubscribed": sorted(project.channel_unsubscribed),
            "managed_fields": sorted(project.managed_fields),
            "events": len(timeline.kept),
        }

    def everybody(times: bool) -> AsyncIterator[bytes]:
        project.later.settle()
        wanted = Asked("user", None, None, frozenset(), frozenset(() if times else TIMES))
        return in_order(exports.rows.lines(wanted, order=None, canonical=True), "email", "userId")

    who = (*identities.endpoints(), *subscriptions.endpoints(), *users.endpoints())
    endpoints = (*who, *lists.endpoints(), *exports.endpoints(), *jobs.endpoints(), *events.endpoints())
    return Parts(manners(settings), endpoints, state, everybody, tracked=timeline.tracked)


IMITATION = Imitation("iterable", Settings, _address, _build)
