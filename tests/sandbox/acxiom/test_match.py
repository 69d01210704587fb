"""Acxiom's imitation: tokens, questions, cascades and what they cost."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import Site, running

PEOPLE = 80


class At:
    """The imitation, as somebody who has a token sees it."""

    def __init__(self, site: Site) -> None:
        self.address = site.addresses["acxiom"]
        self.root = self.address["base_url"].removesuffix("/v1")
        self.http = httpx.Client(trust_env=False)
        self.http.headers["Authorization"] = f"Bearer {self.login().json()['access_token']}"
        lines = self.http.get(f"{self.root}/_sandbox/people").text.splitlines()
        self.people: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def login(self, **changed: str) -> httpx.Response:
        names = ("client_id", "client_secret")
        form = {"grant_type": "client_credentials", **{name: self.address[name] for name in names}, **changed}
        return self.http.post(self.address["token_url"], data=form)

    def batch(self, *questions: Any) -> httpx.Response:
        return self.http.post(f"{self.address['base_url']}/batch/match", json=list(questions))

    def odd(self, oddity: str) -> dict[str, Any]:
        return next(each for each in self.people if each["oddity"] == oddity)

    def ledger(self) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"{self.root}/_sandbox/ledger").json()
        return found


def question(kind: str, **given: str) -> str:
    return f"/{kind}/match?{urlencode(given)}"


def home(person: dict[str, Any]) -> dict[str, str]:
    return {name: person[name] for name in ("firstName", "lastName", "streetAddress", "zipCode")}


@pytest.fixture
def at() -> Iterator[At]:
    with running("acxiom", options=Options(people=PEOPLE, limits_factor=1000)) as site:
        yield At(site)


def test_a_token_is_given_for_the_clients_credentials_alone(at: At) -> None:
    """In the body or as Basic; without one, nothing is answered."""
    assert at.login(client_secret="wrong").status_code == 401  # noqa: S106
    assert at.login(grant_type="password").json() == {"error": "unsupported_grant_type"}
    pair = (at.address["client_id"], at.address["client_secret"])
    basic = at.http.post(at.address["token_url"], data={"grant_type": "client_credentials"}, auth=pair)
    assert basic.json()["expires_in"] == 3600
    del at.http.headers["Authorization"]
    assert at.batch("/people/match?email=a@example.com").status_code == 401


def test_the_cascade_tells_the_best_step_and_strict_passes_over_the_others(at: At) -> None:
    """Name, street and zip come first, name and zip last."""
    plain, moved = at.odd("plain"), at.odd("moved")
    asked = [
        question("people", **home(plain)),
        question("people", email=plain["email"]),
        question("people", phone=plain["phone"]),
        question("people", **home(moved)),
        question("people", **home(moved), matchLevel="strict"),
    ]
    told = at.batch(*asked).json()
    steps = [each["document"].get("person", {}).get("matchMetadata", {}).get("matchConfidence") for each in told]
    assert steps == ["1", "6", "7", "8", None]
    assert told[-1]["document"]["error"]["code"] == "600-0030"


def test_each_item_has_a_code_of_its_own_in_a_batch_that_is_good(at: At) -> None:
    """What is wrong with a parameter, a fault behind, an opt-out and a miss."""
    at.http.post(f"{at.root}/_sandbox/switches", json={"busy": 1})
    asked = [
        question("people", email=at.odd("plain")["email"]),
        question("people", zipCode="1", lastName="X"),
        question("people", email=at.odd("opted_out")["email"]),
        question("people", email="nobody.1@example.com"),
        question("v1/people", email="a@example.com"),
        question("pets", email="a@example.com"),
        question("people", name="A B", lastName="B"),
        question("people", bundle="id"),
    ]
    told = at.batch(*asked)
    assert told.status_code == 200
    assert [(each["code"], each["document"]["error"]["code"][-4:]) for each in told.json()] == [
        (400, "0070"),
        (400, "0043"),
        (404, "0117"),
        (404, "0030"),
        (400, "0033"),
        (400, "0032"),
        (400, "0045"),
        (400, "0040"),
    ]
    assert at.ledger()["documents"] == 1  # the miss


def test_groups_are_charged_a_document_each(at: At) -> None:
    """Of several candidates as many as are asked for; a group may hold one."""
    several, one = at.odd("several"), at.odd("group_of_one")
    asked = [
        question("people", email=several["email"], limit="3"),
        question("people", email=several["email"]),
        question("household", email=one["email"]),
    ]
    first, second, third = (each["document"] for each in at.batch(*asked).json())
    assert len(first["group"]["people"]) == 2
    assert second["person"]["matchMetadata"]["distinctMatch"] is False
    assert [*third["group"]["households"][0]] == ["household"]
    ledger = at.ledger()
    assert (ledger["calls"], ledger["items"], ledger["documents"]) == (1, 3, 4)
    assert [each["documents"] for each in ledger["charges"]] == [2, 1, 1]


def test_bundles_that_are_named_are_all_that_comes(at: At) -> None:
    """Without `matchMetadata` among them there is no confidence; false and absent are the same."""
    (told,) = at.batch(question("people", email=at.odd("plain")["email"], bundle="basicDemographics,nonsense")).json()
    assert [*told["document"]["person"]] == ["basicDemographics"]


def test_batches_can_be_too_large_short_and_long(at: At) -> None:
    """And what is no list of texts is refused as a whole."""
    asked = [question("people", email=each["email"]) for each in at.people[:2]]
    assert at.batch(*asked * 501).json()["error"]["code"] == "600-0060"
    assert at.batch().json()["error"]["code"] == at.batch(1).json()["error"]["code"] == "600-0041"
    at.http.post(f"{at.root}/_sandbox/switches", json={"short": 1})
    assert [len(at.batch(*asked).json()) for _ in range(2)] == [1, 2]
    at.http.post(f"{at.root}/_sandbox/switches", json={"long": 1})
    assert len(at.batch(*asked).json()) == 3


@pytest.mark.parametrize("no_match", ["derived", "portrait"])
def test_a_miss_may_look_like_a_document(no_match: str) -> None:
    """An id that is kept nowhere, or statistics without one; neither tells how sure it is."""
    with running("acxiom", options=Options(people=5, limits_factor=1000), no_match=no_match) as site:
        (told,) = At(site).batch(question("people", email="nobody.1@example.com")).json()
    person = told["document"]["person"]
    assert told["code"] == 200
    assert "matchMetadata" not in person
    assert person.get("id", "")[6:8] == ("ZZ" if no_match == "derived" else "")


def test_an_expired_token_is_told_by_one_of_two_statuses_and_a_web_page_by_neither() -> None:
    """403 may be the one or the other."""
    options = Options(people=5, limits_factor=1000)
    with running("acxiom", options=options, expired="403", token_seconds=0.0) as site:
        at = At(site)
        told = at.batch(question("people", email="a@example.com"))
        assert (told.status_code, told.json()["error"]["code"]) == (403, "000-0403")
        at.http.post(f"{at.root}/_sandbox/faults", json={"endpoint": "*", "kind": "403"})
        told = at.batch(question("people", email="a@example.com"))
        assert (told.status_code, told.headers["content-type"][:9]) == (403, "text/html")
