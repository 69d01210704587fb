"""Credentials of the imitation: keys, and tokens that an application is given by a person."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from cdpkit.sandbox.campaign_monitor.settings import CLIENT_API_KEY
from tests.plain import NO_TLS
from tests.sandbox.campaign_monitor.conftest import Account, Begin

BACK = "http://127.0.0.1:9/back"


def asked(at: Account, **changed: str) -> httpx.Response:
    """What a browser is answered that opens the address to allow access."""
    query = {
        "type": "web_server",
        "client_id": at.address["client_id"],
        "redirect_uri": BACK,
        "scope": "ManageLists,ImportSubscribers",
        "state": "a state/+",
    }
    return httpx.get(at.address["oauth_url"], params={**query, **changed}, trust_env=False, verify=NO_TLS)


def told(reply: httpx.Response) -> dict[str, str]:
    """What a browser brings back to the application."""
    assert reply.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}


def exchanged(at: Account, **given: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": at.address["client_id"],
        "client_secret": at.address["client_secret"],
        "redirect_uri": BACK,
    }
    return httpx.post(at.address["token_url"], data={**form, **given}, trust_env=False, verify=NO_TLS)


def tokens(at: Account, **changed: str) -> dict[str, Any]:
    found: dict[str, Any] = exchanged(at, code=told(asked(at, **changed))["code"]).json()
    return found


def refreshed(at: Account, token: str) -> httpx.Response:
    data = {"grant_type": "refresh_token", "refresh_token": token}
    return httpx.post(at.address["token_url"], data=data, trust_env=False, verify=NO_TLS)


def code_of(at: Account, authorization: str | None, path: str = "/clients.json") -> int:
    """The code of the refusal of a call with this header; 0 for one that is let through."""
    headers = {} if authorization is None else {"Authorization": authorization}
    reply = httpx.get(f"{at.address['base_url']}/api/v3.3{path}", headers=headers, trust_env=False, verify=NO_TLS)
    return 0 if reply.status_code == 200 else int(reply.json()["Code"])


def test_a_key_is_looked_at_before_the_path(begin: Begin) -> None:
    """No key and a wrong one are told alike, on whatever path; only then a path that there is not is told."""
    at = begin()
    assert [code_of(at, each) for each in (None, "Basic d3Jvbmc6eA==", "Basic ???", "Bearer wrong", "Nonsense x")] == [
        100,
        100,
        50,
        120,
        50,
    ]
    assert (code_of(at, None, "/nowhere.json"), code_of(at, "Bearer wrong", "/nowhere.json")) == (100, 120)
    assert at.get("/nowhere.json").status_code == 404
    assert at.get("/clients").status_code == 404


def test_the_key_of_a_client_reaches_that_client_alone(begin: Begin) -> None:
    """What belongs to another one is refused as if it were not there."""
    at = begin()
    other = at.list("Newsletter", client=1)
    at.http.auth = (CLIENT_API_KEY, "")
    assert len(at.get("/clients.json").json()) == 1
    assert at.get(f"/lists/{at.list('Newsletter')}/active.json").status_code == 200
    reply = at.get(f"/lists/{other}/active.json")
    assert (reply.status_code, reply.json()["Code"]) == (401, 102)


def test_a_person_lets_an_application_in(begin: Begin) -> None:
    """A code comes back with the state that was passed, is good once, and gives a token for fourteen days."""
    at = begin()
    brought = told(asked(at))
    assert brought["state"] == "a state/+"
    given = exchanged(at, code=brought["code"]).json()
    assert {*given} == {"access_token", "expires_in", "refresh_token"}
    assert given["expires_in"] == 14 * 86_400
    assert code_of(at, f"Bearer {given['access_token']}") == 0
    again = exchanged(at, code=brought["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_belongs_to_its_application_and_its_way_back(begin: Begin) -> None:
    """Another secret, another address or a later moment is refused."""
    at = begin()
    wrong = [{"client_secret": "x"}, {"redirect_uri": "http://127.0.0.1:9/other"}]
    replies = [exchanged(at, code=told(asked(at))["code"], **each) for each in wrong]
    assert [reply.json()["error"] for reply in replies] == ["invalid_client", "invalid_grant"]
    late = told(asked(at))["code"]
    at.clock.now += 700
    assert exchanged(at, code=late).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_id": "1"}, 400, "unknown_client"),
        ({"redirect_uri": "https://example.com/"}, 400, "invalid_redirect_uri"),
        ({"scope": "ManageLists,Everything"}, 302, "unknown_scope"),
        ({"scope": ""}, 302, "invalid_request"),
        ({"type": "user_agent"}, 302, "invalid_request"),
    ],
)
def test_questions_that_cannot_be_answered(begin: Begin, changed: dict[str, str], status: int, error: str) -> None:
    """Told on a page where there is no way back that can be trusted, else on the way back."""
    reply = asked(begin(), **changed)
    assert reply.status_code == status
    assert error in (reply.text if status == 400 else told(reply)["error"])


def test_a_person_may_be_asked_and_may_say_no(begin: Begin) -> None:
    """The page has two buttons; a refusal comes back as one, with the state."""
    at = begin(consent="ask")
    page = asked(at)
    assert "Allow access" in page.text
    assert told(asked(begin(consent="deny"))) | {"error_description": ""} == {
        "error": "access_denied",
        "error_description": "",
        "state": "a state/+",
    }
    for decision, member in (("allow", "code"), ("deny", "error")):
        sent = httpx.post(str(page.url), data={"decision": decision}, trust_env=False, verify=NO_TLS)
        assert member in told(sent)


def test_a_refresh_token_is_good_once(begin: Begin) -> None:
    """Each refresh gives another one, and the old one is worth nothing; or it stays where that is set."""
    at = begin()
    first = tokens(at)
    second = refreshed(at, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert refreshed(at, first["refresh_token"]).json()["error"] == "invalid_grant"
    assert code_of(at, f"Bearer {second['access_token']}") == 0
    kept = begin(rotation="keep", oauth_status="200")
    token = tokens(kept)["refresh_token"]
    assert [refreshed(kept, token).json()["refresh_token"] for _ in range(2)] == [token, token]
    wrong = refreshed(kept, "wrong")
    assert (wrong.status_code, wrong.json()["error"]) == (200, "invalid_grant")


def test_a_token_expires_when_its_time_is_over_after_its_calls_or_on_request(begin: Begin) -> None:
    """Told with a code of its own, which no other refusal has; what was refreshed goes on."""
    at = begin(token_calls=2)
    token = f"Bearer {tokens(at)['access_token']}"
    assert [code_of(at, token) for _ in range(3)] == [0, 0, 121]
    timed = begin(token_seconds=100.0)
    given = tokens(timed)
    timed.clock.now += 101
    assert code_of(timed, f"Bearer {given['access_token']}") == 121
    switched = begin()
    given = tokens(switched)
    fault = {"endpoint": "GET /api/v3.3/clients.json", "kind": "expire", "skip": 1}
    switched.http.post("/_sandbox/faults", json=fault)
    assert [code_of(switched, f"Bearer {given['access_token']}") for _ in range(3)] == [0, 121, 121]
    assert code_of(switched, f"Bearer {refreshed(switched, given['refresh_token']).json()['access_token']}") == 0


def test_access_that_was_taken_back(begin: Begin) -> None:
    """The token is revoked, and cannot be refreshed."""
    at = begin(revoked=True)
    given = tokens(at)
    assert code_of(at, f"Bearer {given['access_token']}") == 122
    assert refreshed(at, given["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_token_does_what_it_was_given_for(begin: Begin) -> None:
    """Anything else is refused with 401 and the code of a permission, which no refresh mends."""
    at = begin()
    reports = f"Bearer {tokens(at, scope='ViewReports')['access_token']}"
    path = f"/lists/{at.list('Customers')}/active.json"
    assert (code_of(at, reports), code_of(at, reports, path)) == (0, 60)
    assert code_of(at, f"Bearer {tokens(at)['access_token']}", path) == 0
