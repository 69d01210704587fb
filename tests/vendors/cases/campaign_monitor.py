"""Campaign Monitor."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.vendors.case import Case, Person


def _moment(value: datetime) -> str:
    return value.astimezone(ZoneInfo("Australia/Sydney")).isoformat()


def _flag(value: bool) -> str:
    return str(value).lower()


def _barred(values: list[str]) -> str:
    return "|".join(values)


def _lists_of(person: Person) -> set[str]:
    lists: dict[str, str] = person["lists"]
    return {name for name, state in lists.items() if state == "Active"}


def _target(lists: list[str]) -> dict[str, Any]:
    """Fields belong to lists, so that those of invented people are made."""
    return {"lists": lists, "on_enter": True, "on_leave": True, "create_fields": True}


CASE = Case(
    sandbox={"page_rows": 15},
    wrong={"api_key": "deadbeef" * 8},
    identifier="EmailAddress",
    people="Note",
    target=_target,
    list="Empty",
    fields={
        "text": "Favourite quote",
        "number": "Clicks",
        "boolean": "Member",
        "datetime": "Moment",
        "list": "Tags",
    },
    stored={"number": str, "boolean": _flag, "datetime": _moment, "list": _barred},
    refused=("forgotten.1@example.com", "suppressed"),
    address_of=lambda person: person.get("email"),
    lists_of=_lists_of,
    logins=frozenset({"POST /oauth/token"}),
)
