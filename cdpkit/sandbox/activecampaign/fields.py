"""The custom fields of an account: those from the start, with the columns of the invented people that fill them."""

import json
from dataclasses import dataclass, field
from typing import Any

from cdpkit.sandbox.activecampaign.answers import in_zone, shown_time

_CREATED = 1_690_000_000.0
MULTIPLE = ("checkbox", "listbox")


@dataclass(slots=True)
class Field:
    """A custom field.

    Attributes:
        number: Its id.
        title: Its name, not used by another one.
        kind: Its type.
        column: The column of the invented people that fills it; empty for none.
        options: Its options by id: value.
        lists: The ids of the lists on whose forms it is shown; 0 for all.
    """

    number: int
    title: str
    kind: str
    column: str = ""
    options: dict[int, str] = field(default_factory=dict)
    lists: list[int] = field(default_factory=lambda: [0])

    @property
    def perstag(self) -> str:
        """The name by which mails mention it."""
        return "".join(char if char.isalnum() else "_" for char in self.title).upper()

    def shown(self) -> dict[str, Any]:
        """The field as `GET /fields` has it."""
        return {
            "id": str(self.number),
            "title": self.title,
            "type": self.kind,
            "perstag": self.perstag,
            "descript": None,
            "defval": None,
            "isrequired": "0",
            "visible": "1",
            "ordernum": str(self.number),
            "service": "",
            "options": [str(each) for each in self.options],
            "relations": [str(self.number * 100 + place) for place, _ in enumerate(self.lists)],
            "cdate": shown_time(_CREATED),
            "udate": shown_time(_CREATED),
        }

    def options_shown(self) -> list[dict[str, Any]]:
        """Its options as they are loaded beside it."""
        return [
            {"id": str(each), "field": str(self.number), "value": value, "label": value, "orderid": "1"}
            for each, value in self.options.items()
        ]

    def relations_shown(self) -> list[dict[str, Any]]:
        """Its relations to lists as they are loaded beside it."""
        return [
            {"id": str(self.number * 100 + place), "field": str(self.number), "relid": str(each), "dorder": "0"}
            for place, each in enumerate(self.lists)
        ]

    def stored(self, value: object) -> str:
        """A value as it is stored: always a text, moments in the account's zone."""
        text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
        return in_zone(text) if self.kind == "datetime" and text else text

    def of_person(self, value: Any) -> str:
        """What an invented person's column becomes."""
        if isinstance(value, list):
            return f"||{'||'.join(value)}||" if value else ""
        if self.kind == "datetime" and value is not None:
            return in_zone(str(value)[:19].replace(" ", "T") + "+00:00")
        return "" if value is None else str(value)


def seeded() -> dict[int, Field]:
    """The fields that an account has at the start, by id."""
    colours = dict(enumerate(("red", "blue", "green", "💚", 'say "hi"'), 31))
    found = (
        Field(1, "Points", "number", "points"),
        Field(2, "Plan", "dropdown", "plan", dict(enumerate(("free", "basic", "pro", "enterprise"), 11))),
        Field(3, "Tier", "radio", "tier", dict(enumerate(("bronze", "silver", "gold"), 21))),
        Field(4, "Birth date", "date", "birthDate"),
        Field(5, "Last purchase", "datetime", "lastPurchase"),
        Field(6, "Favourites", "listbox", "favourites", colours),
        Field(7, "City", "text", "address.city"),
        Field(8, "Address", "textarea", "address.street"),
        Field(9, "Note", "textarea", "note"),
        Field(10, "Customer number", "text", "userId"),
        Field(11, "Favourite quote", "textarea"),
        Field(12, "Clicks", "number"),
        Field(13, "Ratio", "number"),
        Field(14, "Day", "date"),
        Field(15, "Moment", "datetime"),
        Field(16, "Interests", "checkbox"),
        Field(17, "Hidden", "hidden"),
        Field(18, "Untyped", ""),
        Field(19, "Address2", "textarea"),
    )
    return {each.number: each for each in found}
