"""An imitation of Iterable's API, as far as users, lists and exports of users go."""

from collections.abc import AsyncIterator
from typing import Any

import polars as pl

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.imitation import Imitation, Parts
from cdpkit.sandbox.iterable.answers import manners
from cdpkit.sandbox.iterable.asked import Asked
from cdpkit.sandbox.iterable.exports import Exports, UserRows
from cdpkit.sandbox.iterable.jobs import Jobs
from cdpkit.sandbox.iterable.lists import Lists
from cdpkit.sandbox.iterable.population import TIMES
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.iterable.settings import API_KEY, Settings
from cdpkit.sandbox.iterable.users import Users

__all__ = ["IMITATION"]


def _address(base: str) -> dict[str, str]:
    return {"base_url": base, "api_key": API_KEY}


def _build(options: Options, settings: Settings) -> Parts:
    project = Project(options, settings)
    users, lists, exports, jobs = Users(project), Lists(project), Exports(project), Jobs(project)

    def state() -> dict[str, Any]:
        project.settle()
        return {
            "people": project.people,
            "lists": [{**each.shown(), "size": each.size} for each in project.roster],
            "channel_unsubscribed": sorted(project.channel_unsubscribed),
            "managed_fields": sorted(project.managed_fields),
        }

    async def everybody(times: bool) -> AsyncIterator[bytes]:
        project.settle()
        wanted = Asked("user", None, None, frozenset(), frozenset(() if times else TIMES))
        frames = [
            pl.DataFrame({"line": lines}, schema={"line": pl.String})
            async for lines in UserRows(project).lines(wanted, order=None, canonical=True)
        ]
        keys = [pl.col("line").str.extract(f'"{name}":"([^"]*)"').fill_null("") for name in ("email", "userId")]
        whole = pl.concat([*frames, pl.DataFrame(schema={"line": pl.String})]).sort(*keys, maintain_order=True)
        for part in whole.iter_slices(5000):
            yield ("\n".join(part["line"].to_list()) + "\n").encode()

    endpoints = (*users.endpoints(), *lists.endpoints(), *exports.endpoints(), *jobs.endpoints())
    return Parts(manners(settings), endpoints, state, everybody)


IMITATION = Imitation("iterable", Settings, _address, _build)
