"""The imitation of Iterable: the types of fields, and what does not fit."""

from collections.abc import Callable

import httpx
import pytest

from cdpkit.sandbox.iterable.fields import kind
from tests.sandbox.iterable.users import bulk, user


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


def test_managed_fields_are_seen_and_hardly_written(api: httpx.Client) -> None:
    """The state names those that somebody tried to write; list ids are taken, and the date of signing up is a field."""
    fields = {
        "signupDate": "2001-01-01",
        "profileUpdatedAt": "2001-01-01",
        "itblInternal": {"x": 1},
        "emailListIds": [504, 999],
    }
    assert bulk(api, {"email": "managed@example.com", "dataFields": fields}).json()["successCount"] == 1
    found = user(api, "managed@example.com")
    assert (found["signupDate"], "x" in found["itblInternal"]) == ("2001-01-01", False)
    assert found["profileUpdatedAt"] != "2001-01-01"
    assert found["emailListIds"] == [504]
    assert {"signupDate", "itblInternal"} <= set(api.get("/_sandbox/state").json()["managed_fields"])


def test_a_clash_is_told_as_it_was_recorded(api: httpx.Client) -> None:
    """Managed fields are looked at like others, and null clears one."""
    who = {"email": "clash@example.com"}
    assert api.post("/api/users/update", json={**who, "dataFields": {"signupDate": "2020-01-01"}}).status_code == 200
    answer = api.post("/api/users/update", json={**who, "dataFields": {"signupDate": "GGG"}})
    assert answer.status_code == 400
    assert answer.json() == {
        "msg": "Project 11: The request does not have the same data types as the data previously submitted. Field "
        "'signupDate' already exists for type 'user' and has a data type of 'date' but possible types 'string, "
        "keyword' in the request.",
        "code": "RequestFieldsTypesMismatched",
        "params": {
            "validationErrors": {
                "signupDate": {
                    "incomingTypes": ["string", "keyword"],
                    "expectedType": "date",
                    "_type": "UnexpectedType",
                    "offendingValue": "GGG",
                    "category": "user",
                }
            }
        },
    }
    assert api.post("/api/users/update", json={**who, "dataFields": {"signupDate": None}}).status_code == 200
    assert "signupDate" not in user(api, "clash@example.com")


def test_arrays_of_objects_look_like_objects(api: httpx.Client) -> None:
    """`getFields` names what is inside; an object in the place of an array replaces it, even where it is merged."""
    who, orders = {"email": "orders@example.com"}, [{"sku": "s", "n": 1}, {"sku": "t"}]
    assert bulk(api, {**who, "dataFields": {"orders": orders}}).json()["createdFields"] == [
        "orders",
        "orders.n",
        "orders.sku",
    ]
    fields = api.get("/api/users/getFields").json()["fields"]
    assert [fields[name] for name in ("orders", "orders.sku", "orders.n")] == ["object", "string", "long"]
    assert user(api, "orders@example.com")["orders"] == orders
    bulk(api, {**who, "dataFields": {"orders": {"sku": "u"}}, "mergeNestedObjects": True})
    assert user(api, "orders@example.com")["orders"] == {"sku": "u"}


def test_null_clears_what_is_inside_too(api: httpx.Client) -> None:
    """Merged or not."""
    who = {"email": "nested@example.com"}
    bulk(api, {**who, "dataFields": {"deep": {"a": {"b": "x", "c": "y"}, "d": "z"}}})
    bulk(api, {**who, "dataFields": {"deep": {"a": {"b": None}}}, "mergeNestedObjects": True})
    assert user(api, "nested@example.com")["deep"] == {"a": {"c": "y"}, "d": "z"}
    bulk(api, {**who, "dataFields": {"deep": {"a": {"b": "w", "c": None}}}})
    assert user(api, "nested@example.com")["deep"] == {"a": {"b": "w"}}


@pytest.mark.parametrize(
    ("project", "own"), [("email", "emailListIds"), ("userID", "userListIds"), ("hybrid", "userListIds")]
)
def test_the_fields_give_the_type_of_a_project_away(start: Callable[..., httpx.Client], project: str, own: str) -> None:
    """Only those that are not based on e-mail have an id of Iterable's own, in rows too."""
    api = start(project_type=project, job_polls=0)
    fields = api.get("/api/users/getFields").json()["fields"]
    assert {"emailListIds", "userListIds"} & fields.keys() == {own}
    assert ("itblUserId" in fields) == (project != "email")
    line = api.get("/api/export/data.json", params={"dataTypeName": "user", "range": "All"}).text.splitlines()[0]
    assert ('"itblUserId":"itbl' in line) == (project != "email")
