"""How people of a list are put in order, and written out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit.sandbox.campaign_monitor.account import Account, Subscriber
from cdpkit.sandbox.campaign_monitor.answers import Paging, flagged
from cdpkit.sandbox.campaign_monitor.fields import MANY, Field
from cdpkit.sandbox.campaign_monitor.start import ACTIVE
from cdpkit.sandbox.world.lists import MailingList

ORDERS = ("email", "name", "date")
_KEPT = 8


@dataclass(slots=True)
class Orders:
    """Who is on a list in some state, in order; kept as long as nobody writes, since one reading asks page by page."""

    account: Account
    _kept: dict[tuple[Any, ...], list[int]] = field(default_factory=dict, repr=False)
    _version: int = -1

    def of(self, one: MailingList, state: str, asked: Paging, since: float | None = None) -> list[int]:
        """The people of a list in a state, perhaps only those who are in it since some time."""
        if self._version != self.account.version or len(self._kept) > _KEPT:
            self._kept.clear()
            self._version = self.account.version
        name = (one.number, state, asked.order, asked.descending, since)
        if name not in self._kept:
            self._kept[name] = self._ordered(one, state, asked, since)
        return self._kept[name]

    def _ordered(self, one: MailingList, state: str, asked: Paging, since: float | None) -> list[int]:
        account = self.account
        ids = pl.concat([pl.Series("id", [], pl.Int64), *one.members(state)])
        frame = account.frame(ids, ("created",))
        moved = pl.DataFrame({"id": list(one.since), "at": list(one.since.values())}).cast(
            {"id": pl.Int64, "at": pl.Float64}
        )
        frame = frame.join(moved, "id", how="left").with_columns(
            pl.coalesce("at", pl.col("created").cast(pl.Float64)).floor().alias("date")
        )
        if since is not None:
            inclusive = account.settings.date_filter == "inclusive"
            frame = frame.filter(pl.col("date") >= since if inclusive else pl.col("date") > since)
        if asked.order == "name":
            named = {each.number: each.name for each in account.subscribers(one, frame["id"].to_list())}
            names = pl.DataFrame({"id": list(named), "name": list(named.values())})
            frame = frame.join(names.cast({"id": pl.Int64, "name": pl.String}), "id")
        return frame.sort(asked.order, "email", descending=[asked.descending, False])["id"].to_list()


def row_of(account: Account, one: MailingList, person: Subscriber, asked: Mapping[str, str]) -> dict[str, Any]:
    """Somebody as a page of a list has it."""
    row: dict[str, Any] = {
        "EmailAddress": person.email,
        "Name": person.name,
        "Date": account.time(one, person.date),
        "ListJoinedDate": account.time(one, person.joined),
        "State": person.state,
        "CustomFields": list(_values(account, one, person)),
        "ReadsEmailWith": ("", "Gmail", "Apple Mail")[person.number % 3] if person.state == ACTIVE else "",
    }
    if person.mobile:
        row["MobileNumber"] = person.mobile
        if flagged(asked, "includesmspreference"):
            row["ConsentToSendSms"] = person.sms
    if flagged(asked, "includetrackingpreference"):
        row["ConsentToTrack"] = person.consent
    return row


def _values(account: Account, one: MailingList, person: Subscriber) -> list[dict[str, str]]:
    """The values of somebody: one entry an option that is chosen."""
    found: list[dict[str, str]] = []
    for each in account.fields[one.number]:
        values = person.values.get(each.number, ())
        if not values and account.settings.empty_values == "blank":
            values = ("",)
        key = each.key if account.settings.keys == "bracketed" else each.key.strip("[]")
        found += [{"Key": key, "Value": value} for value in values]
    return found


def line(account: Account, email: str, subscriptions: Sequence[tuple[MailingList, Subscriber]], *, times: bool) -> str:
    """Somebody as a line that can be compared.

    The names of custom fields have the value of the first list that has one; `lists` has the states, and
    `subscriptions` all that each list by itself knows.
    """
    whole: dict[str, Any] = {"email": email, "lists": {}}
    flat: dict[str, Any] = {}
    each_list: dict[str, Any] = {}
    for one, person in subscriptions:
        name = account.id_of(one.number, "list")
        values = {
            each.name: _plain(each, person) for each in account.fields[one.number] if each.number in person.values
        }
        whole["lists"][name] = person.state
        own = {"Name": person.name, "ConsentToTrack": person.consent, "MobileNumber": person.mobile, **values}
        each_list[name] = {member: value for member, value in own.items() if value not in ("", [])}
        if times:
            each_list[name] |= {"Date": account.time(one, person.date), "Joined": account.time(one, person.joined)}
        flat = {**each_list[name], **flat}
    return json.dumps({**flat, **whole, "subscriptions": each_list}, ensure_ascii=False, separators=(",", ":"))


def _plain(field: Field, person: Subscriber) -> Any:
    values = person.values[field.number]
    return list(values) if field.kind == MANY else values[0]


def everybody_of(account: Account, numbers: Sequence[int], *, times: bool) -> list[str]:
    """People as lines that can be compared; whoever is on no list is nobody."""
    found: dict[int, list[tuple[MailingList, Subscriber]]] = {}
    for one in account.roster:
        there = [number for number in numbers if one.state(number) is not None]
        for person in account.subscribers(one, there):
            found.setdefault(person.number, []).append((one, person))
    return [line(account, on[0][1].email, on, times=times) for on in found.values()]
