"""Files, which have no server: no calls are counted, and there are no lists."""

from datetime import UTC, date, datetime
from typing import Any

from tests.vendors.case import Case


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _day(value: date) -> str:
    return value.isoformat()


def _target(_lists: list[str]) -> dict[str, Any]:
    return {"file": "out/{time}-{run}.ndjson"}


CASE = Case(
    sandbox={},
    wrong={"address": "s3://"},
    identifier="email",
    people="first_name",
    target=_target,
    list="",
    fields={
        "text": "quote",
        "number": "clicks",
        "decimal": "ratio",
        "boolean": "member",
        "date": "day",
        "datetime": "moment",
        "list": "tags",
    },
    stored={"date": _day, "datetime": _moment},
    refused=("", ""),
    address_of=lambda person: person.get("email"),
    lists_of=lambda _: set(),
    imports_lists=False,
    served=False,
)
