"""Bulk imports of the imitation: refused as a whole, carried out later, and read by their result."""

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

Start = Callable[..., httpx.Client]


def imported(api: httpx.Client, rows: Sequence[Any], **more: Any) -> httpx.Response:
    return api.post("/import/bulk_import", json={"contacts": rows, "exclude_automations": True, **more})


def people(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"email": f"p{n}@example.com", **more} for n in range(count)]


def info(api: httpx.Client, reply: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/import/info", params={"batchId": reply.json()["batchId"]}).json()
    return found


def states(api: httpx.Client, email: str) -> dict[str, str]:
    told = api.get("/contacts", params={"email": email, "include": "contactLists"}).json()
    return {row["list"]: row["status"] for row in told["contactLists"]}


def test_an_import_goes_through_its_states(begin: Start) -> None:
    """False at first; then waiting, claimed, active and completed, with the ids of those who were taken."""
    api = begin(people=0)
    reply = imported(api, people(3, first_name="Ann", firstName="dropped", fields=[{"id": 8, "value": "Elm"}]))
    assert reply.json()["queued_contacts"] == 3
    seen = [info(api, reply) for _ in range(5)]
    assert [each["status"] for each in seen] == [False, "waiting", "claimed", "active", "completed"]
    assert (seen[-1]["success"], seen[-1]["failure"]) == (["1", "2", "3"], [])
    one = api.get("/contacts/1").json()
    assert (one["contact"]["firstName"], one["fieldValues"][0]["value"]) == ("Ann", "Elm")


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        (
            [{"email": "a@example.com"}, {"first_name": "x"}],
            [{"contact": 2, "failureReason": "Field 'email' not found"}],
        ),
        ([{"email": "a@b"}], [{"contact": 1, "failureReason": "Field 'email' is not a valid email address"}]),
        ([], ["Invalid or unparsable json"]),
        ("x", ["Invalid or unparsable json"]),
        (people(251), ["The import is too large"]),
        (people(200, first_name="x" * 2500), ["The import is too large"]),
    ],
)
def test_one_that_is_wrong_refuses_all(begin: Start, rows: Any, reasons: list[Any]) -> None:
    """Its place counts from one; nobody is made."""
    api = begin(people=0)
    reply = imported(api, rows)
    assert reply.status_code == 400
    assert reply.json()["failureReasons"] == reasons
    assert api.get("/contacts").json()["meta"]["total"] == "0"


@pytest.mark.parametrize("said", ["ids", "count"])
def test_those_who_are_refused_later_are_named_without_a_reason(begin: Start, said: str) -> None:
    """Excluded, left, bounced: neither made nor changed; the excluded are not even queued."""
    api = begin(people=0, job_polls=0, false_polls=0, imported=said)
    info(api, imported(api, [{"email": "left@example.com"}, {"email": "bounced@example.com"}]))
    for contact, state in (("1", 2), ("2", 3)):
        api.post("/contactLists", json={"contactList": {"list": 6, "contact": contact, "status": state}})
    who = ["left@example.com", "bounced@example.com", "forgotten.1@example.com", "good@example.com"]
    reply = imported(api, [{"email": each, "first_name": "New", "subscribe": [{"listid": 6}]} for each in who])
    assert reply.json()["queued_contacts"] == 3
    told = info(api, reply)
    assert {*told["failure"]} == {*who[:3]}
    assert told["success"] == (["3"] if said == "ids" else 1)
    assert [states(api, each) for each in who] == [{"6": "2"}, {"6": "3"}, {}, {"6": "1"}]
    assert api.get("/contacts/1").json()["contact"]["firstName"] == ""


def test_rates_of_imports_are_told_by_a_400(begin: Start) -> None:
    """Twenty a minute with one contact."""
    api = begin(people=0, limits_factor=0.999)
    replies: list[httpx.Response] = []
    while len(replies) < 30 and (not replies or replies[-1].status_code == 200):
        reply = imported(api, [{"email": "a@example.com"}])
        if reply.status_code != 429:
            replies.append(reply)
    assert replies[-1].status_code == 400
    assert "per minute" in replies[-1].text
    assert 15 < len(replies) < 30


def test_an_import_may_end_early_and_automations_are_counted(begin: Start) -> None:
    """Interrupted ones change nothing; automations run unless they are excluded."""
    api = begin(people=0, job_polls=0, false_polls=0, spoiled=1)
    first = imported(api, people(2))
    assert info(api, first)["status"] == "interrupted"
    assert api.get("/contacts").json()["meta"]["total"] == "0"
    second = imported(api, people(2), exclude_automations=False)
    assert info(api, second)["status"] == "completed"
    base = str(api.base_url).replace("/api/3/", "/_sandbox/state")
    assert httpx.get(base, trust_env=False).json()["automations"] == 1
