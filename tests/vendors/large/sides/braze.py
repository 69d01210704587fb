"""Braze: an audience comes in eleven files; attributes keep the types of their first values."""

from typing import Any

from tests.vendors.large.side import Bad, Person, Side

_TEXTS = "Texts"
_SENT: dict[str, tuple[str, Any]] = {
    "vip": ("true", True),
    "ltv": ("12.5", 12.5),
    "last_purchase": ("2026-01-02", "2026-01-02T00:00:00.000Z"),
    "favourites": ("red", ["red"]),
    "plan": ("gold", "gold"),
    "dob": ("1990-01-31", "1990-01-31"),
    "gender": ("F", "F"),
}
"""For a field of each type what is sent, and what is there then."""


def _write(person: Person, name: str | None, points: str | None, _on: str) -> None:
    person |= {} if name is None else {"first_name": name}
    person |= {} if points is None else {"points": int(points)}
    person |= {"favourite quote": "cdpkit", **{field: there for field, (_, there) in _SENT.items()}}
    person["address"] = {**person.get("address", {}), "city": "Ghent"}
    person["subscription_groups"] = {**person.get("subscription_groups", {}), _TEXTS: "subscribed"}


def _compared(person: Person) -> Person:
    """Custom attributes stand beside standard ones."""
    return {name: value for name, value in person.items() if name != "custom_attributes"}


SIDE = Side(
    settings={"file_users": 4_600},
    list=_TEXTS,
    first="first_name",
    points="points",
    note="note",
    source="favourite quote",
    batch=75,
    pushes=("POST /users/track",),
    bad={
        "odd": Bad("odd;{}@example.com", "invalidEmail"),
        "clash": Bad("clash.{}@example.com", "type_clash", "many"),
        "unidentified": Bad(None, None),
    },
    write=_write,
    target={"create_fields": True},
    compared=_compared,
    more={**{field: text for field, (text, _) in _SENT.items()}, "address.city": "Ghent"},
)
