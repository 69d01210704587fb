"""How users are written out: the fields that an export asks for, without those that are empty."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cdpkit.sandbox.braze.account import Account
from cdpkit.sandbox.braze.answers import iso
from cdpkit.sandbox.braze.values import IGNORED, STANDARD

FIELDS = frozenset(
    {
        "apps", "attributed_campaign", "attributed_source", "attributed_adgroup", "attributed_ad", "braze_id",
        "campaigns_received", "canvases_received", "cards_clicked", "country", "created_at", "created_from",
        "custom_attributes", "custom_events", "devices", "dob", "email", "email_subscribe", "external_id",
        "first_name", "gender", "home_city", "language", "last_coordinates", "last_name", "phone", "purchases",
        "push_subscribe", "push_tokens", "random_bucket", "time_zone", "total_revenue", "uninstalled_at",
        "user_aliases",
    }
)  # fmt: skip
"""What an export can be asked for."""

_AS_STORED = (
    "email", "phone", "first_name", "last_name", "home_city", "country", "language", "gender", "time_zone",
    "email_subscribe", "push_subscribe",
)  # fmt: skip
_NOT_CUSTOM = {*STANDARD, *IGNORED, "email", "phone"}
_BUCKETS = 10_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Shown:
    """Writes the users of an account out.

    Args:
        account: Whose.
        plain: Whether days and times have the forms of exports of segments, instead of those of ISO 8601.
    """

    def __init__(self, account: Account, *, plain: bool) -> None:
        self.account = account
        self.plain = plain

    def users(self, numbers: Sequence[int], fields: Collection[str], custom: Collection[str] = ()) -> list[Any]:
        """Users who exist, with these fields, and with these custom attributes where not all are asked for."""
        rows = self.account.rows(numbers)
        return [self._user(number, rows.get(number, {}), fields, custom) for number in numbers]

    def _user(
        self, number: int, row: Mapping[str, Any], fields: Collection[str], custom: Collection[str]
    ) -> dict[str, Any]:
        account = self.account
        now = {"email_subscribe": "subscribed", "push_subscribe": "subscribed", **account.attributes(number, row)}
        touched = account.people.touched.get(number)
        created = touched.created if touched else row["created"]
        whole: dict[str, Any] = {
            "external_id": account.people.key(number, "userId") if touched else row["userId"],
            "braze_id": account.braze_id(number),
            "user_aliases": account.aliases_of(number, row),
            **{name: now.get(name) for name in _AS_STORED},
            "dob": self._day(now.get("dob")),
            "created_at": self._time(created),
            "created_from": "rest_api" if number >= account.people.population.count else "csv_import",
            "last_coordinates": now.get("current_location"),
            "random_bucket": number * 7919 % _BUCKETS,
            "total_revenue": 0.0,
            "custom_events": list(account.events.get(number, {}).values()) or None,
            "purchases": list(account.purchases.get(number, {}).values()) or None,
        }
        shown = {name: value for name, value in whole.items() if name in fields and value is not None}
        if "custom_attributes" in fields or custom:
            chosen = {
                name: value
                for name, value in now.items()
                if name not in _NOT_CUSTOM and ("custom_attributes" in fields or name in custom)
            }
            shown |= {"custom_attributes": chosen} if chosen else {}
        return shown

    def _day(self, stored: str | None) -> str | None:
        return stored if stored is None or self.plain else f"{stored}T00:00:00.000Z"

    def _time(self, seconds: float) -> str:
        if not self.plain:
            return iso(seconds)
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"


def line(user: Mapping[str, Any]) -> str:
    """A user as a line of JSON."""
    return _ENCODER.encode(user)
