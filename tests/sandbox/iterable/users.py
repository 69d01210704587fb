"""Users of an imitation of Iterable, and calls about them."""

from typing import Any

import httpx
import polars as pl

from cdpkit.sandbox.world.people import people

PEOPLE = people(pl.int_range(0, 300, eager=True), 0)
EMAILS = PEOPLE["email"].to_list()
BULK = "/api/users/bulkUpdate"


def user(api: httpx.Client, email: str) -> Any:
    found = api.get("/api/users/getByEmail", params={"email": email}).json()
    return found["user"]["dataFields"] if found else None


def bulk(api: httpx.Client, *users: dict[str, Any], **more: Any) -> httpx.Response:
    return api.post(BULK, json={"users": users, **more})
