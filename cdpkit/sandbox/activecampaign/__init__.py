"""An imitation of ActiveCampaign's API, as far as contacts, lists, custom fields and bulk imports go."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import polars as pl

from cdpkit.sandbox.activecampaign.account import Account
from cdpkit.sandbox.activecampaign.answers import manners
from cdpkit.sandbox.activecampaign.contacts import Contacts
from cdpkit.sandbox.activecampaign.imports import Imports
from cdpkit.sandbox.activecampaign.lists import Lists
from cdpkit.sandbox.activecampaign.mail import Mail
from cdpkit.sandbox.activecampaign.settings import API_TOKEN, Settings
from cdpkit.sandbox.activecampaign.shown import line
from cdpkit.sandbox.activecampaign.values import Values
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.imitation import Imitation, Parts
from cdpkit.sandbox.world.rows import in_order, lines

__all__ = ["IMITATION"]


def _address(base: str) -> dict[str, str]:
    return {"base_url": base, "api_key": API_TOKEN}


def _build(options: Options, settings: Settings) -> Parts:
    account = Account(options, settings)
    imports = Imports(account, options)
    groups = (Contacts(account), Lists(account), Values(account), Mail(account), imports)

    def state() -> dict[str, Any]:
        account.later.settle()
        return {
            "people": len(account.people),
            "lists": [{"id": str(each.number), "name": each.name, "size": each.size("1")} for each in account.roster],
            "imports": len(list(imports.jobs)),
            "automations": imports.automations,
        }

    def everybody(times: bool) -> AsyncIterator[bytes]:
        account.later.settle()

        def shown(ids: pl.Series | Sequence[int]) -> list[str]:
            return [line(account, one, times=times) for one in account.contacts(list(ids))]

        return in_order(lines(account.people, shown, shown), "email")

    endpoints = tuple(each for group in groups for each in group.endpoints())
    return Parts(manners(settings), endpoints, state, everybody)


IMITATION = Imitation("activecampaign", Settings, _address, _build)
