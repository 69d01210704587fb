"""An imitation of Campaign Monitor's API, as far as clients, lists, subscribers, segments and reports go."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import polars as pl

from cdpkit.sandbox.campaign_monitor.account import Account
from cdpkit.sandbox.campaign_monitor.clients import Clients
from cdpkit.sandbox.campaign_monitor.customfields import CustomFields
from cdpkit.sandbox.campaign_monitor.imports import Imports
from cdpkit.sandbox.campaign_monitor.lists import Lists
from cdpkit.sandbox.campaign_monitor.oauth import OAuth
from cdpkit.sandbox.campaign_monitor.reports import Reports
from cdpkit.sandbox.campaign_monitor.rights import Rights
from cdpkit.sandbox.campaign_monitor.segments import Segments
from cdpkit.sandbox.campaign_monitor.settings import API_KEY, CLIENT_ID, CLIENT_SECRET, Settings
from cdpkit.sandbox.campaign_monitor.shown import Orders, everybody_of
from cdpkit.sandbox.campaign_monitor.start import CLIENTS, STATES
from cdpkit.sandbox.campaign_monitor.subscribers import Subscribers
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.imitation import Imitation, Parts
from cdpkit.sandbox.world.rows import in_order, lines

__all__ = ["IMITATION"]


def _address(base: str) -> dict[str, str]:
    return {
        "base_url": base,
        "oauth_url": f"{base}/oauth",
        "token_url": f"{base}/oauth/token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "api_key": API_KEY,
    }


def _build(options: Options, settings: Settings) -> Parts:
    account = Account(options, settings)
    rights = Rights(settings, options.clock)
    orders = Orders(account)
    segments = Segments(orders, rights)
    groups = (
        OAuth(rights),
        Clients(account, rights),
        Lists(orders, rights),
        CustomFields(account, rights, segments.lost),
        segments,
        Reports(account, rights),
        Imports(account, rights),
        Subscribers(account, rights, options),
    )

    def state() -> dict[str, Any]:
        account.later.settle()
        lists = [
            {
                "id": account.id_of(each.number, "list"),
                "client": account.id_of(int(each.kind), "client"),
                "name": each.name,
                "size": each.size("Active"),
                "states": {name: each.size(name) for name in STATES},
            }
            for each in account.roster
        ]
        suppressed = {account.id_of(each.number, "client"): len(account.suppressed[each.number]) for each in CLIENTS}
        return {"people": len(account.people), "lists": lists, "suppressed": suppressed}

    def everybody(times: bool) -> AsyncIterator[bytes]:
        account.later.settle()

        def shown(ids: pl.Series | Sequence[int]) -> list[str]:
            return everybody_of(account, list(ids), times=times)

        return in_order(lines(account.people, shown, shown), "email")

    endpoints = tuple(each for group in groups for each in group.endpoints())
    return Parts(rights.manners(), endpoints, state, everybody)


IMITATION = Imitation("campaign_monitor", Settings, _address, _build)
