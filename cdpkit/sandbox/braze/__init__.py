"""An imitation of Braze's API, as far as users, segments, their exports into a bucket, and subscriptions go."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from cdpkit.errors import ConfigurationError
from cdpkit.sandbox.braze.account import Account
from cdpkit.sandbox.braze.answers import manners
from cdpkit.sandbox.braze.catalogue import Catalogue
from cdpkit.sandbox.braze.exports import Exports
from cdpkit.sandbox.braze.groups import Groups
from cdpkit.sandbox.braze.segments import Segments
from cdpkit.sandbox.braze.settings import API_KEY, Settings
from cdpkit.sandbox.braze.shown import FIELDS, Shown, line
from cdpkit.sandbox.braze.switches import switches
from cdpkit.sandbox.braze.track import Track
from cdpkit.sandbox.braze.users import Users
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.imitation import Imitation, Parts
from cdpkit.sandbox.world.rows import in_order, lines

__all__ = ["IMITATION"]

_OF_THE_CLOCK = {"created_at"}


def _address(base: str) -> dict[str, str]:
    return {"base_url": base, "api_key": API_KEY}


def _build(options: Options, settings: Settings) -> Parts:
    if options.buckets is None:
        raise ConfigurationError("exports of segments need a server of buckets")
    account = Account(options, settings)
    segments, groups = Segments(account), Groups(account)
    exports = Exports(account, segments, options.buckets)
    parts = (Track(account, groups), exports, segments, Catalogue(account), Users(account), groups)
    shown = Shown(account, plain=True)
    buckets = options.buckets

    def state() -> dict[str, Any]:
        account.later.settle()
        exports.settle()
        return {
            "people": len(account.people),
            "lists": [{"id": name, "name": each.name} for name, each in segments.all.items()],
            "subscription_groups": groups.listed(),
            "custom_attributes": account.types,
            "data_points": account.data_points,
            "tracked": {"once": len(account.tracked), "twice": sum(n > 1 for n in account.tracked.values())},
            "dropped": dict(sorted(account.dropped.items())),
            "overlaps": account.overlaps,
            "exports": [each.shown() for each in exports.all],
            "bucket_calls": dict(sorted(buckets.calls.items())),
            "settings": asdict(settings),
        }

    def everybody(times: bool) -> AsyncIterator[bytes]:
        account.later.settle()
        wanted = FIELDS if times else FIELDS - _OF_THE_CLOCK

        def written(ids: pl.Series | Sequence[int]) -> list[str]:
            numbers = list(ids)
            users = shown.users(numbers, wanted)
            return [line({**user, **groups.shown(number)}) for number, user in zip(numbers, users, strict=True)]

        return in_order(lines(account.people, written, written), "email", "external_id", "braze_id")

    endpoints = tuple(call.endpoint(account.windows) for part in parts for call in part.declared())

    def tracked() -> dict[str, int]:
        found = Counter[str]()
        for name, count in account.tracked.items():
            found[name.split("/", 2)[2]] += count
        return found

    return Parts(manners(account.windows), endpoints, state, everybody, switches(exports), tracked)


IMITATION = Imitation("braze", Settings, _address, _build, into_bucket=True)
