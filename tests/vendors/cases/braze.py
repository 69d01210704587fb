"""Braze."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from cdpkit.sandbox.braze.codes import uuid
from cdpkit.sandbox.braze.settings import API_KEY
from cdpkit.sandbox.gate import Options
from tests.vendors.case import Case, Person


def groups(seed: int) -> dict[str, str]:
    """The subscription groups with their ids, of which no call of Braze gives a list."""
    return {name: uuid(n, seed, "group") for n, name in enumerate(("Newsletter", "Offers", "Texts"), 1)}


GROUPS = groups(Options().seed)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _day(value: date) -> str:
    return f"{value.isoformat()}T00:00:00.000Z"


def connection(addresses: Mapping[str, Mapping[str, str]], seed: int) -> Mapping[str, Any]:
    """The settings that the bucket and the subscription groups need."""
    s3 = addresses["s3"]
    return {
        "s3_access_key_id": s3["access_key_id"],
        "s3_secret_access_key": s3["secret_access_key"],
        "s3_region": s3["region"],
        "s3_endpoint": s3["endpoint_url"],
        "subscription_groups": ", ".join(f"{name} = {number}" for name, number in groups(seed).items()),
        "export_settle": 0.05,
        "export_minutes": 3.0,
    }


def _lists_of(person: Person) -> set[str]:
    states: Mapping[str, str] = person.get("subscription_groups", {})
    return {GROUPS[name] for name, state in states.items() if state == "subscribed"}


def _target(lists: list[str]) -> dict[str, Any]:
    return {"lists": lists, "on_enter": True, "on_leave": True, "resubscribe": True, "create_fields": True}


CASE = Case(
    sandbox={"file_users": 12},
    wrong={"api_key": API_KEY.replace("5", "6")},
    identifier="email",
    people="first_name",
    target=_target,
    list="Texts",
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
    refused=("a;b@example.com", "invalidEmail"),
    address_of=lambda person: person.get("email"),
    lists_of=_lists_of,
    connection=connection,
    everyone={"segments": ("All users",)},
    imports_lists=False,
    flat=lambda person: {**person, **person.get("custom_attributes", {})},
)
