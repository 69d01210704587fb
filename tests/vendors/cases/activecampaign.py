"""ActiveCampaign."""

from datetime import datetime, timedelta, timezone
from typing import Any

from tests.vendors.case import Case, Person


def _moment(value: datetime) -> str:
    return value.astimezone(timezone(timedelta(hours=-6))).isoformat()


def _barred(values: list[str]) -> str:
    return f"||{'||'.join(values)}||"


def _lists_of(person: Person) -> set[str]:
    lists: dict[str, str] = person["lists"]
    return {name for name, state in lists.items() if state == "1"}


def _target(lists: list[str]) -> dict[str, Any]:
    """Whoever was taken off a list has left it for ActiveCampaign, and comes back where that is asked for."""
    return {"lists": lists, "on_enter": True, "on_leave": True, "resubscribe": True}


CASE = Case(
    sandbox={"page_rows": 15, "job_polls": 0, "false_polls": 0},
    wrong={"api_key": "1badcafe" * 8},
    identifier="email",
    people="Address",
    target=_target,
    list="Empty",
    fields={
        "text": "Favourite quote",
        "number": "Clicks",
        "decimal": "Ratio",
        "date": "Day",
        "datetime": "Moment",
        "list": "Interests",
    },
    stored={
        "number": str,
        "decimal": repr,
        "date": lambda value: value.isoformat(),
        "datetime": _moment,
        "list": _barred,
    },
    refused=("forgotten.1@example.com", "excluded"),
    address_of=lambda person: person.get("email"),
    lists_of=_lists_of,
)
