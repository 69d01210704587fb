"""The imitation of Iterable: keys, users and their fields."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import polars as pl
import pytest

from cdpkit.sandbox.iterable.fields import kind
from cdpkit.sandbox.iterable.settings import API_KEY, EU_API_KEY
from cdpkit.sandbox.world.people import people

PEOPLE = people(pl.int_range(0, 300, eager=True), 0)
EMAILS = PEOPLE["email"].to_list()
BULK = "/api/users/bulkUpdate"
NOTHING_FAILED: dict[str, list[str]] = {
    f"{why}{whom}": []
    for why in ("invalid", "notFound", "invalidData", "conflict", "forgotten")
    for whom in ("Emails", "UserIds")
}


def user(api: httpx.Client, email: str) -> Any:
    found = api.get("/api/users/getByEmail", params={"email": email}).json()
    return found["user"]["dataFields"] if found else None


def bulk(api: httpx.Client, *users: dict[str, Any], **more: Any) -> httpx.Response:
    return api.post(BULK, json={"users": users, **more})


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
    """In the envelope."""
    answer = api.get("/api/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")


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
    """By address and by user id; in the path the latter is a refusal whose text says so."""
    assert api.get("/api/users/getByEmail", params={"email": "no@example.com"}).json() == {}
    assert api.get("/api/users/no%40example.com").json() == {}
    assert api.get("/api/users/byUserId", params={"userId": "u-9"}).json() == {}
    answer = api.get("/api/users/byUserId/u-9")
    assert (answer.status_code, answer.json()["msg"]) == (400, "No user with that id exists!")
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
    assert (found["signupSource"], found["emailListIds"]) == ("API", [])
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
        "invalidEmails": invalid,
        "invalidUserIds": ["é", "x" * 53, "trailing "],
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


def test_the_first_value_fixes_a_field_s_type(api: httpx.Client) -> None:
    """A later value of another type refuses the whole call, and says what was expected."""
    created = bulk(api, {"email": "lock@example.com", "dataFields": {"lockedOn": "2024-05-01", "locked": {"n": 1}}})
    assert created.json()["createdFields"] == ["locked", "locked.n", "lockedOn"]
    fields = api.get("/api/users/getFields").json()["fields"]
    assert (fields["lockedOn"], fields["locked"], fields["locked.n"]) == ("date", "object", "long")
    answer = bulk(
        api,
        {"email": "lock2@example.com", "dataFields": {"plan": "pro"}},
        {"email": "lock@example.com", "dataFields": {"lockedOn": "2024-05-01T10:00:00Z", "locked": {"n": "one"}}},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "RequestFieldsTypesMismatched")
    assert answer.json()["params"]["validationErrors"] == {
        "lockedOn": {
            "incomingTypes": ["string", "keyword"],
            "expectedType": "date",
            "category": "user",
            "offendingValue": "2024-05-01T10:00:00Z",
            "_type": "UnexpectedType",
        },
        "locked.n": {
            "incomingTypes": ["string", "keyword"],
            "expectedType": "long",
            "category": "user",
            "offendingValue": "one",
            "_type": "UnexpectedType",
        },
    }
    assert user(api, "lock2@example.com") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("points", 1.0), ("points", "1"), ("points", 2**63), ("ltv", 1), ("vip", "true"), ("vip", 1), ("plan", 5),
     ("plan", True), ("plan", {"a": 1}), ("address", "Ghent"), ("favourites", ["red", 5]), ("birthDate", "1/5/1980"),
     ("lastPurchase", "2024-05-01T10:00:00Z"), ("lastPurchase", "2024-05-01 10:00:00.123")],
)  # fmt: skip
def test_values_are_not_converted(api: httpx.Client, field: str, value: object) -> None:
    """A number is no text, a whole number no decimal one, and not every date is one."""
    answer = bulk(api, {"email": "types@example.com", "dataFields": {field: value}})
    assert list(answer.json()["params"]["validationErrors"]) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [("points", -(2**63)), ("points", [1, 2]), ("ltv", 1.0), ("plan", "2024-05-01"), ("favourites", "red"),
     ("birthDate", "1980-05-01"), ("lastPurchase", "2024-05-01 10:00:00 +00:00"), ("note", None),
     ("lastPurchase", "2024-05-01 10:00:00"),
     ("lastPurchase", "2024-05-01T10:00:00.123Z"), ("lastPurchase", "2024-05-01T10:00:00.123+02:00"), ("plan", []),
     ("favourites", []), ("home_geo_location", {"lat": 51.0, "lon": 3.7})],
)  # fmt: skip
def test_values_of_the_field_s_type_are_taken(api: httpx.Client, field: str, value: object) -> None:
    """Arrays of it too; a date fits a text."""
    answer = bulk(api, {"email": "types@example.com", "dataFields": {field: value}})
    assert answer.json().get("successCount") == 1, answer.text
    assert user(api, "types@example.com").get(field) == value


def test_an_object_with_a_place_s_name_is_a_place() -> None:
    """By the end of its name and its members."""
    assert kind("home_geo_location", {"lat": 1, "lon": 2}) == "geo_location"
    assert kind("home", {"lat": 1, "lon": 2}) == "object"


def test_type_errors_can_fail_their_rows_alone(start: Callable[..., httpx.Client]) -> None:
    """Where the imitation is set so; the others are carried out."""
    api = start(type_errors="rows")
    answer = bulk(api, {"email": "a@example.com", "dataFields": {"points": "x"}}, {"email": "b@example.com"})
    assert (answer.json()["successCount"], answer.json()["failedUpdates"]["invalidDataEmails"]) == (
        1,
        ["a@example.com"],
    )


def test_a_text_that_is_too_long_fails_its_row(api: httpx.Client) -> None:
    """As invalid data."""
    answer = bulk(api, {"email": "long@example.com", "dataFields": {"note": "é" * 20_000}})
    assert answer.json()["failedUpdates"]["invalidDataEmails"] == ["long@example.com"]


def test_new_fields_can_be_left_out(api: httpx.Client) -> None:
    """And are named."""
    row = {"email": "few@example.com", "dataFields": {"unheardOf": 1, "plan": "pro"}}
    assert bulk(api, row, createNewFields=False).json()["filteredOutFields"] == ["unheardOf"]
    assert "unheardOf" not in user(api, "few@example.com")
    assert "unheardOf" not in api.get("/api/users/getFields").json()["fields"]


def test_there_are_at_most_a_thousand_fields(start: Callable[..., httpx.Client]) -> None:
    """More of them refuse the call."""
    api = start()
    many = {"email": "many@example.com", "dataFields": {f"f{n}": 1 for n in range(990)}}
    answer = bulk(api, many)
    assert (answer.status_code, answer.json()["code"]) == (400, "UniqueFieldsLimitExceeded")


def test_managed_fields_are_not_written_but_seen(api: httpx.Client) -> None:
    """The state names those that somebody tried to write; list ids are taken."""
    fields = {"signupDate": "2001-01-01", "itblInternal": {"x": 1}, "emailListIds": [504, 999]}
    assert bulk(api, {"email": "managed@example.com", "dataFields": fields}).json()["successCount"] == 1
    found = user(api, "managed@example.com")
    assert found["signupDate"] != "2001-01-01"
    assert found["emailListIds"] == [504]
    assert {"signupDate", "itblInternal"} <= set(api.get("/_sandbox/state").json()["managed_fields"])


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
    assert bulk(api, {"email": email, "dataFields": {"tier": "x"}}).json()["successCount"] == 1
    found = user(api, email)
    assert (found["tier"], "lastName" in found, found["emailListIds"]) == ("x", False, [])


def test_projects_by_user_id(start: Callable[..., httpx.Client]) -> None:
    """An address alone leads to nobody; a user id creates; an address is a field like others."""
    api = start(project_type="userID")
    answer = bulk(api, {"email": "only@example.com"}, {"userId": "n-1", "email": "one@example.com"}, {}).json()
    assert (answer["successCount"], answer["failedUpdates"]["notFoundEmails"]) == (1, ["only@example.com"])
    assert answer["failedUpdates"]["invalidUserIds"] == [""]
    bulk(api, {"userId": "n-1", "dataFields": {"email": "Two@example.com"}})
    found = api.get("/api/users/byUserId", params={"userId": "n-1"}).json()["user"]["dataFields"]
    assert (found["email"], found["userListIds"], "emailListIds" in found) == ("two@example.com", [], False)


def test_hybrid_projects(start: Callable[..., httpx.Client]) -> None:
    """Both identifiers are unique: a row that names two people is a conflict, one that completes a person is not."""
    api = start(project_type="hybrid")
    assert bulk(api, {"email": "a@example.com"}, {"userId": "n-2"}).json()["successCount"] == 2
    answer = bulk(api, {"email": "a@example.com", "userId": "n-2"}).json()
    assert (answer["failCount"], answer["failedUpdates"]["conflictUserIds"]) == (1, ["n-2"])
    assert bulk(api, {"email": "a@example.com", "userId": "n-3"}).json()["successCount"] == 1
    answer = bulk(api, {"email": "b@example.com", "userId": "n-3"}).json()
    assert answer["failedUpdates"]["conflictEmails"] == ["b@example.com"]
    assert api.get("/_sandbox/state").json()["people"] == 52


def test_writes_can_become_visible_later(start: Callable[..., httpx.Client], clock: Any) -> None:
    """They are accepted at once, and read back when their time has come."""
    api = start(visibility=60.0)
    assert bulk(api, {"email": "late@example.com", "dataFields": {"plan": "pro"}}).json()["successCount"] == 1
    assert user(api, "late@example.com") is None
    clock.now += 61
    assert user(api, "late@example.com")["plan"] == "pro"
