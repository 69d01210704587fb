"""The fields of a Braze user: standard ones, and custom attributes whose types their first values fixed."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cdpkit.core.properties import PropertyType
from cdpkit.kit.discovery import VendorField

EXTERNAL_ID, BRAZE_ID, EMAIL, PHONE, ALIAS = "external_id", "braze_id", "email", "phone", "user_alias"
IDENTIFIERS = (EXTERNAL_ID, EMAIL, PHONE, ALIAS, BRAZE_ID)
"""By which users are known; the alias is the name of the one whose label the connection says."""

STATES = ("opted_in", "subscribed", "unsubscribed")
CONSENT = ("email_subscribe", "push_subscribe")
_T = PropertyType
_READ_AND_WRITTEN: Mapping[str, tuple[str, PropertyType]] = {
    EMAIL: ("email", _T.TEXT),
    PHONE: ("phone", _T.TEXT),
    **dict.fromkeys(("first_name", "last_name", "home_city", "country", "language"), ("text", _T.TEXT)),
    "time_zone": ("time zone", _T.TEXT),
    "gender": ("gender", _T.TEXT),
    "dob": ("date", _T.DATE),
    **dict.fromkeys(CONSENT, ("subscription state", _T.TEXT)),
}
_READ: Mapping[str, tuple[str, PropertyType]] = {
    **dict.fromkeys((EXTERNAL_ID, BRAZE_ID), ("text", _T.TEXT)),
    "created_at": ("moment", _T.DATETIME),
    "created_from": ("text", _T.TEXT),
    "random_bucket": ("number", _T.NUMBER),
    "total_revenue": ("decimal", _T.DECIMAL),
    **dict.fromkeys(
        ("attributed_campaign", "attributed_source", "attributed_adgroup", "attributed_ad"), ("text", _T.TEXT)
    ),
    "uninstalled_at": ("moment", _T.DATETIME),
}
_WRITTEN: Mapping[str, tuple[str, PropertyType]] = {
    **dict.fromkeys(
        ("date_of_first_session", "date_of_last_session", "marked_email_as_spam_at"), ("moment", _T.DATETIME)
    ),
    **dict.fromkeys(("email_open_tracking_disabled", "email_click_tracking_disabled"), ("boolean", _T.BOOLEAN)),
    "image_url": ("text", _T.TEXT),
}
EXPORTED = frozenset(_READ_AND_WRITTEN) | frozenset(_READ)
"""What an export of Braze's can be asked for, beside custom attributes and aliases."""
WRITABLE = frozenset(_READ_AND_WRITTEN) | frozenset(_WRITTEN)
MANAGED = dict.fromkeys(
    (
        *(name for name in _READ if name not in (EXTERNAL_ID, BRAZE_ID)),
        "user_aliases",
        "push_tokens",
        "apps",
        "devices",
    ),
    "map to a custom attribute of your own instead",
)
_CHOICES = {**dict.fromkeys(CONSENT, STATES), "gender": ("M", "F", "O", "N", "P")}
STANDARD = tuple(
    VendorField(name, kind, holds=holds, choices=_CHOICES.get(name, ()))
    for name, (kind, holds) in {**_READ, **_READ_AND_WRITTEN}.items()
)
TYPES = {
    **{name: kind for name, (kind, _) in {**_READ_AND_WRITTEN, **_WRITTEN}.items()},
    "current_location": "place",
}
"""The types of the standard attributes that can be written; a name in another case would make a custom attribute."""

BLOCKED, OBJECT, OBJECTS, ARRAY, NUMBER = "Blocklisted", "Object", "Object Array", "Array", "Number"
PART = "part of an object"
_HOLDS = {"Boolean": _T.BOOLEAN, NUMBER: _T.DECIMAL, "Date": _T.DATETIME}
_DETECTED = re.compile(r"\s*\(.*\)\s*$")


def custom(rows: Iterable[Mapping[str, Any]]) -> tuple[VendorField, ...]:
    """The custom attributes as fields; one of the name of a standard one could not be told from it."""
    found = {}
    for row in rows:
        name, kind = str(row.get("name") or ""), _DETECTED.sub("", str(row.get("data_type") or "")) or "String"
        if not name or name in EXPORTED or name in TYPES:
            continue
        state = BLOCKED if str(row.get("status")).lower() == BLOCKED.lower() else ""
        several = kind in (ARRAY, OBJECTS)
        holds = _HOLDS.get(kind, _T.TEXT)
        found[name] = VendorField(name, state or kind, id=name, holds=holds, several=several)
    return tuple(found.values())
