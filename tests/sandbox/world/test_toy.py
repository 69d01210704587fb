"""An imitation of another vendor, on what all imitations are made of."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from tests.plain import NO_TLS
from tests.sandbox.conftest import Clock
from tests.sandbox.world.toy import TOY


@pytest.fixture
def start(clock: Clock) -> Iterator[Callable[..., httpx.Client]]:
    """Start the CRM with 50 people on the clock of the test; settings and options by keyword."""
    with ExitStack() as open_ones:

        def begin(visibility: float = 0.0, **settings: Any) -> httpx.Client:
            options = Options(people=50, limits_factor=1000.0, visibility=visibility, clock=clock)
            address = open_ones.enter_context(running(TOY, options=options, **settings)).addresses["toy"]
            one = httpx.Client(base_url=address["base_url"], timeout=20, trust_env=False, verify=NO_TLS)
            return login(open_ones.enter_context(one), address)

        yield begin


def login(one: httpx.Client, address: dict[str, str]) -> httpx.Client:
    form = {name: address[name] for name in ("client_id", "client_secret")}
    answer = one.post("/oauth/token", data={**form, "grant_type": "client_credentials"})
    one.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return one


def everybody(crm: httpx.Client) -> list[dict[str, Any]]:
    return [json.loads(line) for line in crm.get("/_sandbox/people").text.splitlines()]


def test_a_login_is_needed_and_ends(start: Callable[..., httpx.Client], clock: Clock) -> None:
    """Wrong credentials get no token, and a token is good for a while."""
    crm = start(token_seconds=60.0)
    assert crm.get("/lists").json()["lists"] == [{"id": "1", "name": "Readers"}, {"id": "2", "name": "Empty"}]
    clock.now += 60
    assert (crm.get("/lists").status_code, crm.get("/lists").json()) == (401, {"error": "token expired"})
    wrong = crm.post("/oauth/token", data={"grant_type": "client_credentials", "client_id": "toy"})
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})


def test_pages_follow_a_cursor(start: Callable[..., httpx.Client]) -> None:
    """All people come once, though some come meanwhile, and are what the sandbox's own look at them shows."""
    crm = start(page_size=7)
    found: list[dict[str, Any]] = []
    after: str | None = "0"
    while after is not None:
        page = crm.get("/people", params={"after": after}).json()
        found, after = found + page["people"], page["next"]
        crm.put("/people/new@example.com", json={})
    assert len(found) == 51
    assert sorted(found, key=lambda person: str(person["email"])) == everybody(crm)


def test_people_are_written_one_by_one(start: Callable[..., httpx.Client]) -> None:
    """A new field gets the type of its first value; who was forgotten and what does not fit is refused."""
    crm = start()
    there = everybody(crm)[0]["email"]
    new: list[tuple[str, dict[str, Any]]] = [("new@example.com", {"size": 4}), (there, {"size": 5})]
    wrong: list[tuple[str, dict[str, Any]]] = [("forgotten.1@example.com", {}), (there, {"size": "x"})]
    statuses = [crm.put(f"/people/{email}", json=fields).status_code for email, fields in new + wrong]
    assert statuses == [201, 200, 422, 422]
    assert crm.get("/fields").json()["fields"]["size"] == "number"
    sizes = {person["email"]: person["size"] for person in everybody(crm) if "size" in person}
    assert sizes == {"new@example.com": 4, there: 5}


def test_lists_take_and_lose_people(start: Callable[..., httpx.Client]) -> None:
    """Somebody is on a list once; a list or person that there is not is told."""
    crm = start()
    one = f"/lists/2/people/{everybody(crm)[0]['email']}"
    assert [crm.put(one).status_code, crm.put(one).status_code] == [204, 204]
    assert crm.get("/_sandbox/state").json()["lists"][1]["size"] == 1
    assert [crm.delete(one).status_code, crm.delete(one).status_code] == [204, 204]
    assert crm.get("/_sandbox/state").json()["lists"][1]["size"] == 0
    assert [crm.put(path).status_code for path in (one.replace("2", "9", 1), "/lists/2/people/x@y.io")] == [404, 404]


def test_writes_are_read_back_later(start: Callable[..., httpx.Client], clock: Clock) -> None:
    """What was written just now is not there yet, also where it was written twice."""
    crm = start(visibility=5.0)
    for _ in range(2):
        assert crm.put("/people/new@example.com", json={"points": 3}).status_code == 201
    assert crm.get("/_sandbox/state").json()["people"] == 50
    clock.now += 5
    assert crm.get("/_sandbox/state").json()["people"] == 51
