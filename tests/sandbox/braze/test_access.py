"""Keys, permissions, rates and failures of the imitation, and its lists."""

from typing import Any

import pytest

from cdpkit.sandbox.braze.settings import API_KEY, PERMISSIONS, key_without
from tests.sandbox.braze.conftest import Begin
from tests.sandbox.braze.workspace import Workspace
from tests.sandbox.conftest import Clock

RATES = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
CALLS = {
    "users.track": ("POST", "/users/track"),
    "users.export.segment": ("POST", "/users/export/segment"),
    "users.export.ids": ("POST", "/users/export/ids"),
    "campaigns.list": ("GET", "/campaigns/list"),
    "campaigns.details": ("GET", "/campaigns/details"),
    "segments.list": ("GET", "/segments/list"),
    "segments.details": ("GET", "/segments/details"),
    "custom_attributes.get": ("GET", "/custom_attributes"),
}


def test_a_wrong_key_is_echoed_and_rates_are_empty(shared: Workspace) -> None:
    """So that who logs answers logs keys, and who reads numbers stumbles."""
    reply = shared.api.get("/segments/list", headers={"Authorization": "Bearer wrong-key"})
    assert (reply.status_code, reply.json()) == (401, {"message": "Invalid API key: wrong-key"})
    assert [reply.headers[name] for name in RATES] == ["", "", ""]
    assert shared.api.get("/segments/list", headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize("permission", sorted(CALLS))
def test_a_key_can_lack_a_permission(shared: Workspace, permission: str) -> None:
    """Then that call is refused, and others are not."""
    headers = {"Authorization": f"Bearer {key_without(permission)}"}
    for name, (method, path) in CALLS.items():
        status = shared.api.request(method, path, json={}, headers=headers).status_code
        assert (status == 403) == (name == permission)
    assert permission in PERMISSIONS
    assert shared.key == API_KEY


def test_every_answer_tells_of_its_window(begin: Begin, clock: Clock) -> None:
    """Windows stand fast by the clock; a new one begins when the clock says so."""
    braze = begin(ids_calls=2)
    clock.now = 1_780_000_030.0
    asked: dict[str, Any] = {"external_ids": ["a"], "fields_to_export": ["email"]}
    replies = [braze.api.post("/users/export/ids", json=asked) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [201, 201, 429]
    assert [reply.headers["x-ratelimit-remaining"] for reply in replies] == ["1", "0", "0"]
    assert {reply.headers["x-ratelimit-reset"] for reply in replies} == {"1780000080"}
    clock.now = 1_780_000_080.0
    assert braze.api.post("/users/export/ids", json=asked).status_code == 201


@pytest.mark.parametrize(
    ("reset", "told"),
    [
        ("epoch", {"x-ratelimit-reset": "1780000020"}),
        ("delta", {"x-ratelimit-reset": "20"}),
        ("empty", {"x-ratelimit-reset": ""}),
        ("missing", {}),
        ("retry_after", {"x-ratelimit-retry-after": "20"}),
    ],
)
def test_the_end_of_a_window_is_told_in_several_ways(begin: Begin, reset: str, told: dict[str, str]) -> None:
    """Documents and recordings do not agree."""
    braze = begin(ids_calls=1, reset=reset)
    asked: dict[str, Any] = {"external_ids": ["a"], "fields_to_export": ["email"]}
    braze.api.post("/users/export/ids", json=asked)
    reply = braze.api.post("/users/export/ids", json=asked)
    found = {name: value for name, value in reply.headers.items() if name.endswith(("-reset", "-retry-after"))}
    assert (reply.status_code, found) == (429, told)


def test_track_has_a_window_of_its_own(begin: Begin) -> None:
    """The others share one; a failure with 429 on request has the headers too."""
    braze = begin(track_calls=2)
    rows = [{"external_id": "a"}]
    assert [braze.track(attributes=rows).status_code for _ in range(3)] == [201, 201, 429]
    assert braze.api.get("/segments/list").status_code == 200
    for kind, status in (("429", 429), ("503", 503), ("html", 200)):
        braze.api.post("/_sandbox/faults", json={"endpoint": "/segments/list", "kind": kind})
        reply = braze.api.get("/segments/list")
        assert reply.status_code == status
        assert ("x-ratelimit-reset" in reply.headers) == (status == 429)
    assert braze.api.get("/nowhere").json() == {"message": "Invalid URL"}


def test_segments_and_campaigns_are_listed_and_described(shared: Workspace) -> None:
    """From page 0 on; archived campaigns only where asked for; an id that there is not is refused."""
    for noun, one, extra in (
        ("segments", "segment_id", {}),
        ("campaigns", "campaign_id", {"include_archived": "true"}),
    ):
        rows = shared.api.get(f"/{noun}/list").json()[noun]
        assert shared.api.get(f"/{noun}/list", params={"page": 1}).json()[noun] == []
        newest = shared.api.get(f"/{noun}/list", params={"sort_direction": "desc"}).json()[noun]
        assert newest == rows[::-1]
        assert len(shared.api.get(f"/{noun}/list", params=extra).json()[noun]) == len(rows) + bool(extra)
        details = shared.api.get(f"/{noun}/details", params={one: rows[0]["id"]}).json()
        assert details["name"] == rows[0]["name"]
        assert shared.api.get(f"/{noun}/details", params={one: "nobody"}).status_code == 400


def test_custom_attributes_come_in_pages_by_a_link(begin: Begin) -> None:
    """Fifty on each."""
    braze = begin(people=0)
    braze.write(external_id="a", **{f"attribute{n:02d}": n for n in range(60)})
    first = braze.api.get("/custom_attributes")
    second = braze.api.get(first.links["next"]["url"])
    names = [row["name"] for reply in (first, second) for row in reply.json()["attributes"]]
    assert (len(first.json()["attributes"]), "next" in second.links) == (50, False)
    assert len(set(names)) == len(names) == 70


def test_a_user_in_two_calls_at_once_is_noticed(begin: Begin) -> None:
    """Where calls are at work for a while."""
    from concurrent.futures import ThreadPoolExecutor

    braze = begin(people=0, track_seconds=0.5)

    def sent(who: str) -> int:
        return braze.track(attributes=[{"external_id": who}]).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(sent, ["a", "b"])) == [201, 201]
        assert braze.state()["overlaps"] == 0
        assert list(pool.map(sent, ["a", "a"])) == [201, 201]
    assert braze.state()["overlaps"] == 1
