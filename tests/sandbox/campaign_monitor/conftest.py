"""Imitations of Campaign Monitor in a thread, and clients for them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from tests.plain import NO_TLS
from tests.sandbox.conftest import Clock

VERSION = "/api/v3.3"


@dataclass(frozen=True)
class Account:
    """An imitation, with a client for what lies below `/api/v3.3` that has the key of the account."""

    http: httpx.Client
    address: dict[str, str]
    clock: Clock

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(f"{VERSION}{path}", params=query)

    def post(self, path: str, content: Any, **query: Any) -> httpx.Response:
        return self.http.post(f"{VERSION}{path}", json=content, params=query)

    def put(self, path: str, content: Any = None, **query: Any) -> httpx.Response:
        return self.http.put(f"{VERSION}{path}", json=content, params=query)

    def delete(self, path: str, **query: Any) -> httpx.Response:
        return self.http.delete(f"{VERSION}{path}", params=query)

    def client(self, place: int = 0) -> str:
        """The id of a client."""
        found: str = self.get("/clients.json").json()[place]["ClientID"]
        return found

    def list(self, name: str, client: int = 0) -> str:
        """The id of a list."""
        lists = self.get(f"/clients/{self.client(client)}/lists.json").json()
        found: str = next(each["ListID"] for each in lists if each["Name"] == name)
        return found

    def imported(self, one: str, *rows: Any, **more: Any) -> httpx.Response:
        """An import of rows, whose consent is unchanged unless they say so."""
        said = [{"ConsentToTrack": "Unchanged", **row} if isinstance(row, dict) else row for row in rows]
        return self.post(f"/subscribers/{one}/import.json", {"Subscribers": said, "Resubscribe": False, **more})

    def person(self, one: str, email: str) -> dict[str, Any]:
        """Somebody on a list, with values by key: a list of those that there are."""
        found: dict[str, Any] = self.get(
            f"/subscribers/{one}.json", email=email, includetrackingpreference="true"
        ).json()
        values: dict[str, list[str]] = {}
        for each in found.pop("CustomFields", []):
            values.setdefault(each["Key"], []).append(each["Value"])
        return {**found, "values": values}

    def state(self, one: str, email: str) -> str:
        """The state of somebody on a list."""
        found: str = self.person(one, email)["State"]
        return found


Begin = Callable[..., Account]


@pytest.fixture
def begin(clock: Clock) -> Iterator[Begin]:
    """Start an imitation of one's own, on the clock of the test; settings and options by keyword."""
    with ExitStack() as open_ones:

        def start(people: int = 30, limits_factor: float = 1000.0, visibility: float = 0.0, **given: Any) -> Account:
            options = Options(people=people, limits_factor=limits_factor, visibility=visibility, clock=clock)
            site = open_ones.enter_context(running("campaign_monitor", options=options, **given))
            address = site.addresses["campaign_monitor"]
            base, key = address["base_url"], (address["api_key"], "x")
            http = open_ones.enter_context(
                httpx.Client(base_url=base, auth=key, timeout=20, trust_env=False, verify=NO_TLS)
            )
            return Account(http, address, clock)

        yield start
