"""Iterable."""

from datetime import UTC, date, datetime
from typing import Any

from cdpkit.sandbox.iterable.settings import EU_API_KEY
from tests.vendors.case import Case


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S +00:00")


def _day(value: date) -> str:
    return value.isoformat()


def _target(lists: list[str]) -> dict[str, Any]:
    return {"lists": lists, "on_enter": True, "on_leave": True, "create_fields": True}


CASE = Case(
    sandbox={"job_polls": 0, "file_bytes": 1500},
    wrong={"api_key": EU_API_KEY},
    identifier="email",
    people="firstName",
    target=_target,
    list="Empty",
    fields={
        "text": "favourite quote",
        "number": "clicks",
        "decimal": "ratio",
        "boolean": "member",
        "date": "day",
        "datetime": "moment",
        "list": "tags",
    },
    stored={"date": _day, "datetime": _moment},
    refused=("forgotten.1@example.com", "forgottenEmails"),
    address_of=lambda person: person.get("email"),
    lists_of=lambda person: set(map(str, person.get("emailListIds", ()))),
)
