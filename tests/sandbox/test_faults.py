"""Failures on request, and what the server counts."""

import httpx
import pytest

from cdpkit.errors import ConfigurationError
from cdpkit.sandbox.faults import KINDS, Fault, Faults, fault

LISTS = "/api/lists"


@pytest.fixture
def own(api: httpx.Client) -> httpx.Client:
    api.delete("/_sandbox/faults")
    return api


def ask(api: httpx.Client, **given: object) -> None:
    assert api.post("/_sandbox/faults", json=given).status_code == 200


def read(answer: httpx.Response, into: bytearray) -> None:
    for part in answer.iter_bytes():
        into += part


def test_faults_are_used_up_in_the_order_they_were_asked_for() -> None:
    """`skip` lets calls pass, `times` counts down, and others are not met."""
    faults = Faults()
    faults.add(Fault("/a", "500", times=2, skip=1))
    faults.add(Fault("POST /a", "429"))
    met = [faults.take("GET", "/a", "/a") for _ in range(4)]
    assert [each.kind if each else None for each in met] == [None, "500", "500", None]
    assert [each["kind"] for each in faults.left()] == ["429"]
    assert faults.take("GET", "/b", "/b") is None
    found = faults.take("POST", "/a", "/a")
    assert found is not None
    assert found.kind == "429"
    assert faults.left() == []


def test_a_fault_waits_for_a_declared_path_too() -> None:
    """A path with a part that is filled in, and `*` for every call."""
    faults = Faults()
    faults.add(Fault("/lists/{id}", "500"))
    faults.add(Fault("*", "503"))
    met = [faults.take("GET", f"/lists/{number}", "/lists/{id}") for number in (1, 2)]
    assert [each.kind if each else None for each in met] == ["500", "503"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"endpoint": "/a"}, "needs endpoint and kind"),
        ({"endpoint": "/a", "kind": "boom"}, "there are: retry_after, html"),
        ({"endpoint": "/a", "kind": "500", "time": 1}, "'time' does not fit"),
        ({"endpoint": "/a", "kind": 500}, "'kind' does not fit"),
    ],
)
def test_a_fault_that_is_not_understood_is_refused(given: dict[str, object], message: str) -> None:
    """The message says what there is."""
    with pytest.raises(ConfigurationError, match=message):
        fault(given)


@pytest.mark.parametrize("kind", ["401", "403", "429", "500", "502", "503", "504"])
def test_a_status_is_answered_and_the_call_not_carried_out(own: httpx.Client, kind: str) -> None:
    """Once, then all is as before."""
    ask(own, endpoint="POST " + LISTS, kind=kind)
    assert own.get(LISTS).status_code == 200
    assert own.post(LISTS, json={"name": kind}).status_code == int(kind)
    assert kind not in [each["name"] for each in own.get(LISTS).json()["lists"]]
    assert own.post(LISTS, json={"name": kind}).status_code == 200


def test_retry_after_says_how_long(own: httpx.Client) -> None:
    """429 with the header field."""
    ask(own, endpoint=LISTS, kind="retry_after", seconds=2.5)
    answer = own.get(LISTS)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2.5")


def test_a_web_page_comes_instead_of_json(own: httpx.Client) -> None:
    """As from a proxy or a login page: status 200, HTML."""
    ask(own, endpoint=LISTS, kind="html")
    answer = own.get(LISTS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_a_dropped_call_is_not_carried_out(own: httpx.Client) -> None:
    """The connection breaks without an answer."""
    ask(own, endpoint=LISTS, kind="drop")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        own.post(LISTS, json={"name": "dropped"})
    assert "dropped" not in [each["name"] for each in own.get(LISTS).json()["lists"]]


@pytest.mark.parametrize("after", [0, 5])
def test_a_cut_call_is_carried_out(own: httpx.Client, after: int) -> None:
    """The connection breaks before the answer, or in the middle of it."""
    ask(own, endpoint=LISTS, kind="cut", after_bytes=after)
    with pytest.raises(httpx.RemoteProtocolError):
        own.post(LISTS, json={"name": f"cut {after}"})
    assert f"cut {after}" in [each["name"] for each in own.get(LISTS).json()["lists"]]
    (call,) = own.get("/_sandbox/calls", params={"last": 2}).json()["calls"][:1]
    assert (call["fault"], call["status"], call["sent"]) == ("cut", None, after)


def test_a_stream_is_cut_after_some_bytes(own: httpx.Client) -> None:
    """What came before the cut has arrived."""
    ask(own, endpoint="/api/export/data.json", kind="cut", after_bytes=1000)
    got = bytearray()
    params = {"dataTypeName": "user", "range": "All"}
    headers = {"Accept-Encoding": "identity"}
    with (
        own.stream("GET", "/api/export/data.json", params=params, headers=headers) as answer,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        read(answer, got)
    assert len(got) == 1000
    assert len(own.get("/api/export/data.json", params=params).text) > 1000


def test_a_call_is_carried_out_though_its_answer_never_comes(own: httpx.Client) -> None:
    """The client gives up; what it asked for was done."""
    ask(own, endpoint=LISTS, kind="timeout_after_accept", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        own.post(LISTS, json={"name": "late"}, timeout=0.2)
    assert "late" in [each["name"] for each in own.get(LISTS).json()["lists"]]


def test_the_line_breaks_when_the_answer_never_came_for_long(own: httpx.Client) -> None:
    """After `seconds` the server gives up first."""
    ask(own, endpoint=LISTS, kind="timeout_after_accept", seconds=0.05)
    with pytest.raises(httpx.RemoteProtocolError):
        own.get(LISTS)


def test_a_slow_answer_comes_later_and_blocks_nobody(own: httpx.Client) -> None:
    """Another call is answered while one is slow."""
    ask(own, endpoint=LISTS, kind="slow", seconds=0.3)
    with pytest.raises(httpx.ReadTimeout):
        own.get(LISTS, timeout=0.05)
    assert own.get(LISTS, timeout=0.25).status_code == 200


def test_faults_are_shown_and_forgotten(own: httpx.Client) -> None:
    """Several can be asked for at once; a wrong one is refused with what there is, and none of them is kept."""
    given = [{"endpoint": LISTS, "kind": kind} for kind in KINDS]
    assert len(own.post("/_sandbox/faults", json=given).json()["faults"]) == len(KINDS)
    assert len(own.get("/_sandbox/state").json()["faults"]) == len(KINDS)
    assert own.delete("/_sandbox/faults").json() == {"faults": []}
    refused = own.post("/_sandbox/faults", json=[given[0], {"endpoint": LISTS, "kind": "boom"}])
    assert (refused.status_code, own.get("/_sandbox/faults").json()) == (400, {"faults": []})
    assert own.get(LISTS).status_code == 200


def test_calls_are_kept_without_their_bodies(own: httpx.Client) -> None:
    """Method, path, status and sizes; calls of the sandbox itself do not count."""
    own.post("/api/users/update", json={"email": "ann@example.com", "dataFields": {"plan": "secret plan"}})
    own.get("/api/lists?x=1", headers={"Api-Key": ""})
    own.get("/elsewhere")
    first, second, third = own.get("/_sandbox/calls", params={"last": 3}).json()["calls"]
    assert (first["endpoint"], first["status"], first["with_key"]) == ("POST /api/users/update", 200, True)
    assert (first["received"] > 0, first["sent"] > 0) == (True, True)
    assert (second["path"], second["query"], second["status"]) == ("/api/lists", "x=1", 401)
    assert (third["endpoint"], third["status"]) == ("GET (no such path)", 404)
    assert "secret plan" not in own.get("/_sandbox/calls").text
