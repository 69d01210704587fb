"""What users look like at the start: their standard and custom attributes, computed from invented people."""

import re
from collections.abc import Mapping
from typing import Any

from cdpkit.sandbox.world.mixing import mixed_one, salt
from cdpkit.sandbox.world.population import Population

IDENTIFIERS = ("email", "userId", "phone")
"""The columns of invented people by which users are found; the second is the external id."""

COOKIE = "cookie"
"""The label of the aliases that there are at the start."""

TYPES = {
    "points": "Number", "plan": "String", "tier": "String", "vip": "Boolean", "ltv": "Number", "favourites": "Array",
    "address": "Object", "note": "String", "last_purchase": "Date",
}  # fmt: skip
"""The custom attributes at the start, with the types that are locked."""

BLOCKED = "legacy_score"
"""A custom attribute that was put on the blocklist: what is written to it is dropped."""

_COUNTRIES, _LANGUAGES = ("BE", "NL", "DE", "GB", "US", None), ("nl", "en", "de", "fr", None)
_GENDERS, _STATES = ("F", "M", "O", "N", None), ("opted_in", "subscribed", "subscribed", "unsubscribed")
_ZONES = ("Europe/Brussels", "Eastern Time (US & Canada)", "America/New_York", None)
_ALIAS = re.compile(r"c-(\d{7,12})\Z")


def population(count: int, seed: int) -> Population:
    """The people at the start: one in ten has an alias instead of an external id, one in twenty has no e-mail."""
    return Population(count, seed, IDENTIFIERS, {"userId": range(90, 100), "email": range(5)})


def alias_at_start(number: int) -> str:
    """The name of the alias of somebody who had no external id at the start."""
    return f"c-{number:07d}"


def number_of_alias(name: str) -> int | None:
    """Whose alias at the start this can be."""
    found = _ALIAS.match(name)
    return int(found[1]) if found else None


def spelled(phone: str) -> str:
    """A phone number as it is looked up: its digits, behind a plus."""
    return "+" + "".join(character for character in phone if character.isdecimal())


def at_start(row: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The attributes of somebody as they were at the start, by name, without those that are empty.

    Phone numbers keep the form in which they came, which is not always the one that they are looked up by.
    """
    number, draw = row["id"], mixed_one(row["id"], salt(seed, "standard"))
    phone = row["phone"]
    if phone is not None and number % 10 == 0:
        phone = f"+32 47 {phone[5:]}"
    address = {name: row[f"address.{name}"] for name in ("street", "city", "zip") if row[f"address.{name}"]}
    bought = row["lastPurchase"]
    whole = {
        "email": row["email"],
        "phone": phone,
        "first_name": row["firstName"],
        "last_name": row["lastName"],
        "dob": row["birthDate"],
        "home_city": row["address.city"],
        "country": _COUNTRIES[draw % 6],
        "language": _LANGUAGES[draw // 10 % 5],
        "gender": _GENDERS[draw // 100 % 5],
        "time_zone": _ZONES[draw // 1000 % 4],
        "email_subscribe": _STATES[draw // 10_000 % 4],
        "points": row["points"],
        "plan": row["plan"],
        "tier": row["tier"],
        "vip": row["vip"],
        "ltv": row["ltv"],
        "favourites": row["favourites"],
        "address": address or None,
        "note": row["note"],
        "last_purchase": f"{bought[:10]}T00:00:00.000Z" if bought else None,
    }
    return {name: value for name, value in whole.items() if value is not None}
