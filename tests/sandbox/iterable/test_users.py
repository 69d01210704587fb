"""The imitation of Iterable: keys and users."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cdpkit.sandbox.iterable.settings import API_KEY, DISABLED_API_KEY, EU_API_KEY
from tests.sandbox.iterable.users import BULK, EMAILS, PEOPLE, bulk, user

NOTHING_FAILED: dict[str, list[str]] = {
    f"{why}{whom}": []
    for why in ("invalid", "notFound", "invalidData", "conflict", "forgotten")
    for whom in ("Emails", "UserIds")
}


@pytest.mark.parametrize("name", ["Api-Key", "api-key", "Api_Key", "api_key"])
def test_the_key_is_taken_in_each_form_of_its_header(api: httpx.Client, name: str) -> None:
    """Other clients write its name in other ways."""
    headers = {name: API_KEY}
    assert httpx.get(f"{api.base_url}/api/lists", headers=headers, trust_env=False).status_code == 200


@pytest.mark.parametrize("key", ["", "wrong", EU_API_KEY])
def test_another_key_is_refused(api: httpx.Client, key: str) -> None:
    """Also that of a project in the other data centre, which looks like any wrong key."""
    answer = api.get("/api/lists", headers={"Api-Key": key})
    assert answer.status_code == 401
    where = {"ip": "127.0.0.1", "endpoint": "/api/lists"}
    assert answer.json() == {"msg": "Invalid API key", "code": "BadApiKey", "params": where}


def test_the_eu_data_centre_has_a_key_of_its_own(start: Callable[..., httpx.Client]) -> None:
    """And refuses that of the US."""
    api = start(eu=True)
    assert api.get("/api/lists", headers={"Api-Key": EU_API_KEY}).status_code == 200
    assert api.get("/api/lists", headers={"Api-Key": API_KEY}).status_code == 401


def test_an_unknown_path_is_not_found(api: httpx.Client) -> None:
    """It is a web page, also below paths that there are."""
    for path in ("/api/nothing", "/api/lists/", "/api/users/a/b@example.com"):
        answer = api.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "that url doesn't exist" in answer.text


def test_a_disabled_key_is_refused_in_other_words(api: httpx.Client) -> None:
    """Under the same code."""
    answer = api.get("/api/lists", headers={"Api-Key": DISABLED_API_KEY})
    assert answer.status_code == 401
    assert answer.json() == {
        "msg": "Disabled API key or insufficient privileges",
        "code": "BadApiKey",
        "params": {
            "ip": "127.0.0.1",
            "endpoint": "/api/lists",
            "apiKeyIdentifier": DISABLED_API_KEY[:8],
            "apiKeyType": "ServerSide",
        },
    }


@pytest.mark.parametrize("form", ["/api/users/getByEmail?email={}", "/api/users/{}"])
def test_a_user_is_had_by_address(api: httpx.Client, form: str) -> None:
    """Nested, with the address and user id repeated among the fields; addresses are encoded, in any case."""
    odd = [email for email in EMAILS if set(email) & set("+/'")][:3]
    assert len(odd) == 3
    for email in [*odd, EMAILS[0].upper()]:
        encoded = "".join(letter if letter.isalnum() else f"%{ord(letter):02X}" for letter in email)
        found = api.get(form.format(encoded)).json()["user"]
        assert found["email"] == found["dataFields"]["email"] == email.lower()
        assert found["dataFields"]["itblInternal"]["emailDomain"] == email.lower().split("@")[1]


@pytest.mark.parametrize("form", ["/api/users/byUserId?userId={}", "/api/users/byUserId/{}"])
def test_a_user_is_had_by_user_id(api: httpx.Client, form: str) -> None:
    """In both forms; upper case is another user."""
    number = next(n for n in range(300) if "userId" in (user(api, EMAILS[n]) or {}))
    answer = api.get(form.format(f"u-{number:07d}")).json()
    assert answer["user"]["dataFields"]["email"] == EMAILS[number]


def test_nobody_is_an_empty_object(api: httpx.Client) -> None:
    """By address; by user id it is a refusal, in the path one of words alone."""
    assert api.get("/api/users/getByEmail", params={"email": "no@example.com"}).json() == {}
    assert api.get("/api/users/no%40example.com").json() == {}
    asked = api.get("/api/users/byUserId", params={"userId": "u-9"})
    assert (asked.status_code, asked.json()["code"]) == (400, "error.users.noUserWithIdExists")
    answer = api.get("/api/users/byUserId/u-9")
    assert (answer.status_code, answer.text) == (400, "No user with that id exists!")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    bad = api.get("/api/users/getByEmail", params={"email": "foo@"})
    assert (bad.status_code, bad.json()["code"]) == (400, "InvalidEmailAddressError")
    assert api.get("/api/users/a/b.1@example.com").status_code == 404


def test_profiles_are_those_of_the_seed(api: httpx.Client) -> None:
    """Missing values are missing; objects are nested; large whole numbers are exact."""
    for number in range(40, 60):
        expected = PEOPLE.row(number, named=True)
        found = user(api, EMAILS[number])
        for name in ("firstName", "points", "plan", "vip", "ltv", "favourites", "note"):
            assert found.get(name) == expected[name]
        assert found.get("address", {}).get("zip") == expected["address.zip"]


def test_an_update_creates_and_changes(api: httpx.Client) -> None:
    """Fields that are not given stay, null clears, objects are replaced unless they are merged."""
    answer = api.post(
        "/api/users/update",
        json={
            "email": "New.One@Example.com",
            "dataFields": {"plan": "pro", "address": {"city": "Ghent", "zip": "9000"}},
        },
    )
    assert answer.json() == {"msg": "", "code": "Success", "params": None}
    merged = {"plan": None, "tier": "gold", "address": {"zip": "9001"}}
    api.post(
        "/api/users/update", json={"email": "new.one@example.com", "dataFields": merged, "mergeNestedObjects": True}
    )
    found = user(api, "new.one@example.com")
    assert ("plan" in found, found["tier"], found["address"]) == (False, "gold", {"city": "Ghent", "zip": "9001"})
    assert (found["signupSource"], "emailListIds" in found) == ("API", False)
    api.post("/api/users/update", json={"email": "new.one@example.com", "dataFields": {"address": {"zip": "9002"}}})
    assert user(api, "new.one@example.com")["address"] == {"zip": "9002"}


def test_objects_of_the_people_at_the_start_are_merged(api: httpx.Client) -> None:
    """Into what they have from the start."""
    number = next(n for n in range(100, 300) if PEOPLE["address.city"][n] is not None)
    row = {"email": EMAILS[number], "dataFields": {"address": {"zip": "1"}}, "mergeNestedObjects": True}
    assert bulk(api, row).json()["successCount"] == 1
    assert user(api, EMAILS[number])["address"] == {"city": PEOPLE["address.city"][number], "zip": "1"}


def test_null_members_count_as_absent(api: httpx.Client) -> None:
    """Some clients write all members always."""
    row = {"email": "nulls@example.com", "userId": None, "dataFields": None, "preferUserId": None}
    assert bulk(api, {**row, "mergeNestedObjects": None}, createNewFields=None).json()["successCount"] == 1


def test_refused_rows_are_named_in_a_successful_answer(api: httpx.Client) -> None:
    """The good rows are carried out; values are named in lower case, without positions."""
    answer = bulk(
        api,
        {"email": "good@example.com", "dataFields": {"plan": "pro"}},
        {"email": "Bad@"},
        {"email": "with blank@example.com"},
        {"email": "nodot@example"},
        {"email": "forgotten.3@example.com"},
        {"email": "conflict.1@example.com", "userId": "c-1"},
        {"userId": "forgotten-1"},
        {"userId": "é"},
        {"userId": "x" * 53},
        {"userId": "trailing "},
        {"userId": "nobody"},
        {"userId": "made-up", "preferUserId": True},
        {},
    )
    assert answer.status_code == 200
    invalid = ["bad@", "with blank@example.com", "nodot@example", ""]
    assert answer.json() == {
        "successCount": 2,
        "failCount": 11,
        "invalidEmails": [*invalid, "conflict.1@example.com", "forgotten.3@example.com"],
        "invalidUserIds": ["é", "x" * 53, "trailing ", "nobody", "c-1", "forgotten-1"],
        "filteredOutFields": [],
        "createdFields": [],
        "failedUpdates": {
            **NOTHING_FAILED,
            "invalidEmails": invalid,
            "invalidUserIds": ["é", "x" * 53, "trailing "],
            "notFoundUserIds": ["nobody"],
            "conflictEmails": ["conflict.1@example.com"],
            "conflictUserIds": ["c-1"],
            "forgottenEmails": ["forgotten.3@example.com"],
            "forgottenUserIds": ["forgotten-1"],
        },
        "noOpEmails": [],
        "noOpUserIds": [],
    }
    assert user(api, "good@example.com")["plan"] == "pro"
    made = api.get("/api/users/byUserId", params={"userId": "made-up"}).json()["user"]
    assert made["email"].endswith("@placeholder.email")


def test_somebody_twice_in_a_call_is_one_profile(api: httpx.Client) -> None:
    """The later row wins."""
    before = api.get("/_sandbox/state").json()["people"]
    rows = [
        {"email": email, "dataFields": {"plan": plan}}
        for email, plan in [("t@example.com", "a"), ("T@example.com", "b")]
    ]
    assert bulk(api, *rows).json()["successCount"] == 2
    assert user(api, "t@example.com")["plan"] == "b"
    assert api.get("/_sandbox/state").json()["people"] == before + 1


def test_members_of_the_wrong_type_refuse_the_whole_call(api: httpx.Client) -> None:
    """All of them are named by their paths, and nothing is carried out."""
    answer = bulk(api, {"email": "w@example.com"}, {"email": 5, "preferUserId": "yes"}, {"userId": 7, "dataFields": []})
    assert answer.status_code == 400
    assert answer.json() == {
        "msg": "[/api/users/bulkUpdate] Invalid JSON body",
        "code": "BadJsonBody",
        "params": {
            "obj.users[1].email": "String value expected",
            "obj.users[1].preferUserId": "Boolean value expected",
            "obj.users[2].userId": "String value expected",
            "obj.users[2].dataFields": "Object value expected",
        },
    }
    assert user(api, "w@example.com") is None


@pytest.mark.parametrize(
    ("content", "params"),
    [
        (b"{", {"obj": "Invalid Json"}),
        (b"[]", {"obj": "Object value expected"}),
        (b'{"users": {}}', {"obj.users": "Array value expected"}),
        (b'{"users": [1]}', {"obj.users[0]": "Object value expected"}),
        (b'{"users": [{"email": "a@example.com", "dataFields": {"x": NaN}}]}', {"obj": "Invalid Json"}),
        (b'{"users": [{"email": "a@example.com", "dataFields": {"x": "\\ud800"}}]}', {"obj": "Invalid Json"}),
        (b'{"createNewFields": 1, "users": []}', {"obj.createNewFields": "Boolean value expected"}),
        ("é".encode("latin-1"), {"obj": "Invalid Json"}),
    ],
)
def test_bodies_that_are_no_such_json_are_refused(api: httpx.Client, content: bytes, params: dict[str, str]) -> None:
    """With what was expected where."""
    answer = api.post(BULK, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"], answer.json()["params"]) == (400, "BadJsonBody", params)


def test_a_body_needs_its_content_type(api: httpx.Client) -> None:
    """A form is no JSON."""
    answer = api.post(BULK, content=b'{"users": []}')
    assert (answer.status_code, answer.json()["code"]) == (400, "BadJsonBody")


def test_no_users_are_refused(api: httpx.Client) -> None:
    """As if an address were wrong."""
    answer = bulk(api)
    assert answer.status_code == 400
    assert answer.json() == {"msg": "Emails invalid: ", "code": "InvalidEmailAddressError", "params": None}


def test_large_bodies_are_refused(api: httpx.Client) -> None:
    """Beyond 4 MB by the API, far beyond it by the servers in front of it."""
    users = [{"email": f"large{n}@example.com", "dataFields": {"note": "x" * 1000}} for n in range(3750)]
    fitting = json.dumps({"users": users}).encode()
    assert 3_900_000 < len(fitting) < 4_000_000
    headers = {"Content-Type": "application/json"}
    assert api.post(BULK, content=fitting, headers=headers).json()["successCount"] == 3750
    answer = api.post(BULK, content=fitting + b" " * 100_000, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "BatchTooLarge")
    assert api.post(BULK, content=fitting + b" " * 9_000_000, headers=headers).status_code == 413


def test_single_updates_say_why_not(api: httpx.Client) -> None:
    """One status and code for each reason."""
    reasons = {
        "x@": (400, "InvalidEmailAddressError"),
        "forgotten.9@example.com": (409, "ForgottenUserError"),
        "conflict.9@example.com": (409, "ExternalKeyConflict"),
    }
    for email, expected in reasons.items():
        answer = api.post("/api/users/update", json={"email": email})
        assert (answer.status_code, answer.json()["code"]) == expected
    answer = api.post("/api/users/update", json={"userId": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (400, "UnknownUserIdError")
    answer = api.post("/api/users/update", json={"email": "a@example.com", "preferUserId": "no"})
    assert answer.json()["params"] == {"obj.preferUserId": "Boolean value expected"}


def test_a_deleted_user_is_gone_and_can_come_back(api: httpx.Client) -> None:
    """Without what was known before."""
    email = EMAILS[299]
    assert api.delete(f"/api/users/{email.replace('@', '%40').replace('+', '%2B')}").json()["code"] == "Success"
    assert user(api, email) is None
    assert api.delete(f"/api/users/{email.replace('@', '%40').replace('+', '%2B')}").json()["code"] == "Success"
    malformed = api.delete("/api/users/foo@")
    assert (malformed.status_code, malformed.json()["msg"]) == (400, "Invalid email: foo@")
    nobody = api.delete("/api/users/byUserId/42")
    assert nobody.status_code == 400
    assert nobody.json() == {"msg": "No users with userId 42 exist", "code": "BadParams", "params": None}
    assert bulk(api, {"email": email, "dataFields": {"tier": "x"}}).json()["successCount"] == 1
    found = user(api, email)
    assert (found["tier"], "lastName" in found, "emailListIds" in found) == ("x", False, False)


def test_projects_by_user_id(start: Callable[..., httpx.Client]) -> None:
    """An address alone leads to nobody; a user id creates; an address is a field like others."""
    api = start(project_type="userID")
    answer = bulk(api, {"email": "only@example.com"}, {"userId": "n-1", "email": "one@example.com"}, {}).json()
    assert (answer["successCount"], answer["failedUpdates"]["notFoundEmails"]) == (1, ["only@example.com"])
    assert answer["failedUpdates"]["invalidUserIds"] == [""]
    bulk(api, {"userId": "n-1", "dataFields": {"email": "Two@example.com"}})
    found = api.get("/api/users/byUserId", params={"userId": "n-1"}).json()["user"]["dataFields"]
    assert (found["email"], found["itblUserId"], "emailListIds" in found) == ("two@example.com", "itbl50", False)
    answer = bulk(api, {"userId": "n-2", "dataFields": {"email": "x..y@example.com"}}).json()
    assert (answer["failCount"], answer["failedUpdates"]["invalidEmails"]) == (1, ["x..y@example.com"])


def test_hybrid_projects(start: Callable[..., httpx.Client]) -> None:
    """Both identifiers are unique: a row that names two people is a conflict, one that completes a person is not."""
    api = start(project_type="hybrid")
    assert bulk(api, {"email": "a@example.com"}, {"userId": "n-2"}).json()["successCount"] == 2
    answer = bulk(api, {"email": "a@example.com", "userId": "n-2"}).json()
    assert (answer["failCount"], answer["failedUpdates"]["conflictUserIds"]) == (1, ["n-2"])
    assert bulk(api, {"email": "a@example.com", "userId": "n-3"}).json()["successCount"] == 1
    answer = bulk(api, {"email": "b@example.com", "userId": "n-3"}).json()
    assert answer["failedUpdates"]["conflictEmails"] == ["b@example.com"]
    answer = bulk(api, {"userId": "n-4", "dataFields": {"email": "A@example.com"}}).json()
    assert (answer["failCount"], answer["failedUpdates"]["conflictEmails"]) == (1, ["A@example.com"])
    assert api.get("/_sandbox/state").json()["people"] == 52


def test_writes_can_become_visible_later(start: Callable[..., httpx.Client], clock: Any) -> None:
    """They are accepted at once, and read back when their time has come."""
    api = start(visibility=60.0)
    assert bulk(api, {"email": "late@example.com", "dataFields": {"plan": "pro"}}).json()["successCount"] == 1
    assert user(api, "late@example.com") is None
    clock.now += 61
    assert user(api, "late@example.com")["plan"] == "pro"
