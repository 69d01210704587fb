"""The imitation of Iterable: other addresses, merged people, forgotten ones, and what people want to get."""

import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.iterable.users import EMAILS, bulk, user

FINE = {"msg": "", "code": "Success", "params": None}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_address_is_changed(api: httpx.Client) -> None:
    """With all that the profile holds; the old one is nobody's then."""
    bulk(api, {"email": "old@example.com", "dataFields": {"tier": "x"}})
    body = {"currentEmail": "old@example.com", "newEmail": "New@example.com"}
    assert api.post("/api/users/updateEmail", json=body).json() == FINE
    assert user(api, "old@example.com") is None
    assert user(api, "new@example.com")["tier"] == "x"
    answer = api.post("/api/users/updateEmail", json={**body, "currentUserId": "jake.jill"})
    msg = "Cannot change user Some(old@example.com) to new@example.com. User does not exist"
    assert (answer.status_code, answer.json()) == (400, {"msg": msg, "code": "BadParams", "params": None})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"currentEmail": "foo@", "newEmail": "n@example.com"}, 400, "InvalidEmailAddressError"),
        ({"currentEmail": EMAILS[1], "newEmail": "x..y@example.com"}, 400, "InvalidEmailAddressError"),
        ({"currentEmail": EMAILS[1], "newEmail": EMAILS[2]}, 400, "EmailAlreadyExists"),
        ({"currentEmail": EMAILS[1], "newEmail": "forgotten.5@example.com"}, 409, "ForgottenUserError"),
        ({"newEmail": "n@example.com"}, 400, "BadParams"),
        ({"currentEmail": EMAILS[1]}, 400, "BadJsonBody"),
        ({"currentEmail": 7, "newEmail": "n@example.com"}, 400, "BadJsonBody"),
    ],
)
def test_an_address_that_cannot_be_had_is_refused(api: httpx.Client, body: Any, status: int, code: str) -> None:
    """Each with a code of its own."""
    assert refusal(api.post("/api/users/updateEmail", json=body)) == (status, code)


def test_other_projects_change_addresses_by_updates(start: Callable[..., httpx.Client]) -> None:
    """There an address is a field."""
    api = start(project_type="hybrid")
    body = {"currentEmail": "a@example.com", "newEmail": "b@example.com"}
    assert refusal(api.post("/api/users/updateEmail", json=body)) == (400, "BadParams")
    bulk(api, {"userId": "n-1", "email": "a@example.com"})
    bulk(api, {"userId": "n-1", "dataFields": {"email": "b@example.com"}})
    assert user(api, "b@example.com")["userId"] == "n-1"


def test_two_people_become_one(api: httpx.Client) -> None:
    """The destination keeps what it has; where it is nobody, the source becomes it."""
    lists = {"email": "from@example.com", "dataFields": {"tier": "x", "plan": "free", "emailListIds": [504]}}
    bulk(api, lists, {"email": "into@example.com", "dataFields": {"plan": "pro"}})
    body = {"sourceEmail": "from@example.com", "destinationEmail": "into@example.com"}
    assert api.post("/api/users/merge", json=body).json() == FINE
    assert user(api, "from@example.com") is None
    found = user(api, "into@example.com")
    assert (found["tier"], found["plan"], found["emailListIds"]) == ("x", "pro", [504])
    body = {"sourceEmail": "into@example.com", "destinationEmail": "fresh@example.com"}
    assert api.post("/api/users/merge", json=body).json() == FINE
    assert user(api, "fresh@example.com")["tier"] == "x"
    assert refusal(api.post("/api/users/merge", json=body)) == (400, "BadParams")
    assert refusal(api.post("/api/users/merge", json={"sourceEmail": EMAILS[1]})) == (400, "BadParams")
    both = {"sourceEmail": EMAILS[1], "sourceUserId": "u-1", "destinationEmail": EMAILS[2]}
    assert refusal(api.post("/api/users/merge", json=both)) == (400, "BadParams")


def test_the_forgotten_are_refused_until_they_are_unforgotten(api: httpx.Client) -> None:
    """Their hashes are told; a malformed address and somebody unknown are refused."""
    bulk(api, {"email": "gone@example.com", "dataFields": {"tier": "x"}})
    assert api.post("/api/users/forget", json={"email": "Gone@example.com"}).json() == FINE
    assert user(api, "gone@example.com") is None
    assert bulk(api, {"email": "gone@example.com"}).json()["failedUpdates"]["forgottenEmails"] == ["gone@example.com"]
    hashed = hashlib.sha256(b"gone@example.com").hexdigest()
    assert api.get("/api/users/forgotten").json() == {"hashedEmails": [hashed]}
    assert refusal(api.get("/api/users/forgottenUserIds")) == (400, "BadParams")
    assert api.post("/api/users/unforget", json={"email": "gone@example.com"}).json() == FINE
    assert api.get("/api/users/forgotten").json() == {"hashedEmails": []}
    assert bulk(api, {"email": "gone@example.com"}).json()["successCount"] == 1
    malformed = api.post("/api/users/forget", json={"email": "foo@"})
    assert (malformed.status_code, malformed.json()["msg"]) == (400, "Invalid email: foo@")
    assert "does not exist" in api.post("/api/users/forget", json={"email": "nobody@example.com"}).json()["msg"]
    assert refusal(api.post("/api/users/forget", json={"userId": "u-1"})) == (400, "BadParams")


def test_nobody_was_ever_sent_a_message(api: httpx.Client) -> None:
    """As it was recorded."""
    assert api.get("/api/users/getSentMessages", params={"email": "s@example.com"}).json() == {"messages": []}
    assert refusal(api.get("/api/users/getSentMessages")) == (400, "BadParams")


# Subscriptions


def test_subscriptions_are_replaced(api: httpx.Client) -> None:
    """What is given, and nothing else; an unknown address makes somebody."""
    bulk(api, {"email": "subs@example.com", "dataFields": {"emailListIds": [501, 504]}})
    body = {"email": "subs@example.com", "emailListIds": [502], "unsubscribedChannelIds": [1]}
    assert api.post("/api/users/updateSubscriptions", json=body).json() == FINE
    found = user(api, "subs@example.com")
    assert (found["emailListIds"], found["unsubscribedChannelIds"]) == ([502], [1])
    assert (found["unsubscribedMessageTypeIds"], found["subscribedMessageTypeIds"]) == ([], [])
    assert api.post("/api/users/updateSubscriptions", json={"email": "subs@example.com"}).json() == FINE
    assert user(api, "subs@example.com")["emailListIds"] == [502]
    assert api.post("/api/users/updateSubscriptions", json={"email": "made.so@example.com"}).json() == FINE
    assert user(api, "made.so@example.com")["email"] == "made.so@example.com"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "foo@"}, "InvalidEmailAddressError"),
        ({"email": EMAILS[3], "subscribedMessageTypeIds": [9]}, "BadParams"),
        ({"email": EMAILS[3], "unsubscribedChannelIds": [77]}, "BadParams"),
        ({"email": EMAILS[3], "emailListIds": ["501"]}, "BadJsonBody"),
    ],
)
def test_subscriptions_that_cannot_be_are_refused(api: httpx.Client, body: Any, code: str) -> None:
    """One about opt-in types too, which this project has not."""
    assert refusal(api.post("/api/users/updateSubscriptions", json=body)) == (400, code)


def test_subscriptions_of_many_are_replaced(api: httpx.Client) -> None:
    """Those who cannot be are named in a good answer."""
    rows = [
        {"email": "foo@"},
        {"email": "many@example.com", "emailListIds": [504]},
        {"email": "forgotten.7@example.com"},
    ]
    answer = api.post("/api/users/bulkUpdateSubscriptions", json={"updateSubscriptionsRequests": rows})
    assert answer.json() == {
        "successCount": 1,
        "failCount": 2,
        "invalidEmails": ["foo@"],
        "invalidUserIds": [],
        "validEmailFailures": ["forgotten.7@example.com"],
        "validUserIdFailures": [],
    }
    assert user(api, "many@example.com")["emailListIds"] == [504]


def test_groups_are_subscribed_to(api: httpx.Client) -> None:
    """By many or by one, by address or user id; who is unknown is passed over among many."""
    bulk(api, {"email": "group@example.com", "userId": "g-1"})
    path = "/api/subscriptions/emailList/504"
    many = {"users": ["group@example.com", "nobody@example.com"], "usersByUserId": ["nobody"]}
    assert api.put(f"{path}?action=subscribe", json=many).json() == FINE
    assert user(api, "group@example.com")["emailListIds"] == [504]
    assert api.delete(f"{path}/user/group%40example.com").json() == FINE
    assert user(api, "group@example.com")["emailListIds"] == []
    assert api.patch(f"{path}/byUserId/g-1").json() == FINE
    assert user(api, "group@example.com")["emailListIds"] == [504]
    assert api.put(f"{path}?action=unsubscribe", json={"usersByUserId": ["g-1"]}).json() == FINE
    assert user(api, "group@example.com")["emailListIds"] == []


@pytest.mark.parametrize(
    ("group", "number", "field"),
    [("messageChannel", 1, "unsubscribedChannelIds"), ("MESSAGETYPE", 9, "unsubscribedMessageTypeIds")],
)
def test_channels_and_types_are_unsubscribed_from(api: httpx.Client, group: str, number: int, field: str) -> None:
    """And subscribed to again; a group is written in any case."""
    bulk(api, {"email": "channel@example.com"})
    path = f"/api/subscriptions/{group}/{number}/user/channel@example.com"
    assert api.delete(path).json() == FINE
    assert api.delete(path).json() == FINE
    assert user(api, "channel@example.com")[field] == [number]
    assert api.patch(path).json() == FINE
    assert user(api, "channel@example.com")[field] == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PATCH", "emailList/77/user/channel@example.com", 400),
        ("PATCH", "emailList/x/user/channel@example.com", 400),
        ("PATCH", "messageChannel/77/user/channel@example.com", 400),
        ("PATCH", "emailList/504/user/foo@", 400),
        ("PATCH", "emailList/504/user/nobody@example.com", 400),
        ("DELETE", "emailList/504/byUserId/nobody", 400),
        ("PATCH", "nothing/504/user/channel@example.com", 404),
        ("PATCH", "emailList/504/user/a/b@example.com", 404),
        ("PUT", "emailList/504?action=whatever", 400),
    ],
)
def test_groups_that_are_not_there_are_refused(api: httpx.Client, method: str, path: str, status: int) -> None:
    """And people who are not, by calls about one."""
    bulk(api, {"email": "channel@example.com"})
    assert api.request(method, f"/api/subscriptions/{path}", json={}).status_code == status
