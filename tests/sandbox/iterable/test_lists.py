"""The imitation of Iterable: lists and who is on them."""

from collections.abc import Callable
from typing import Any

import httpx
import polars as pl
import pytest

from cdpkit.sandbox.world.people import people

EMAILS = people(pl.int_range(0, 300, eager=True), 0)["email"].to_list()
SUBSCRIBE, UNSUBSCRIBE = "/api/lists/subscribe", "/api/lists/unsubscribe"


def created(api: httpx.Client, name: str = "a list") -> int:
    number: int = api.post("/api/lists", json={"name": name}).json()["listId"]
    return number


def members(api: httpx.Client, number: int, **params: str) -> list[str]:
    answer = api.get("/api/lists/getUsers", params={"listId": str(number), **params})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "" or answer.text.endswith("\n")
    return answer.text.splitlines()


def put(api: httpx.Client, number: int, *subscribers: dict[str, Any], **more: Any) -> Any:
    return api.post(SUBSCRIBE, json={"listId": number, "subscribers": subscribers, **more}).json()


def test_lists_have_their_types(api: httpx.Client) -> None:
    """Ids are numbers, times milliseconds; a description may be absent."""
    lists = {each["name"]: each for each in api.get("/api/lists").json()["lists"]}
    assert lists["Newsletter"] == {
        "id": 501,
        "name": "Newsletter",
        "createdAt": 1718000000123,
        "listType": "Standard",
        "description": "Everybody who asked for it",
    }
    assert {each["listType"] for each in lists.values()} == {"Standard", "Dynamic", "Suppression", "Internal"}
    assert "description" not in lists["VIP"]
    assert [name for name, each in lists.items() if "isGlobalSuppressionEnabled" in each] == ["Do not mail"]


def test_members_are_lines_of_text_in_changing_order(api: httpx.Client) -> None:
    """As many as the size says, the same people at each call."""
    one, two = members(api, 503), members(api, 503)
    assert sorted(one) == sorted(two)
    assert one != two
    assert api.get("/api/lists/503/size").text == str(len(one))
    on = [email for email in EMAILS[:20] if email in one]
    for email in EMAILS[:20]:
        found = api.get("/api/users/getByEmail", params={"email": email}).json()["user"]["dataFields"]
        assert (503 in found["emailListIds"]) == (email in on)


def test_an_empty_list_is_an_empty_text(api: httpx.Client) -> None:
    """With status 200."""
    assert members(api, created(api)) == []


@pytest.mark.parametrize(
    "path", ["/api/lists/getUsers?listId=42", "/api/lists/42/size", "/api/lists/previewUsers?listId=42"]
)
def test_a_list_that_is_not_there_is_a_refusal_in_json(api: httpx.Client, path: str) -> None:
    """Its parameters are texts."""
    answer = api.get(path)
    assert answer.status_code == 400
    where = {"projectId": "11", "listId": "42"}
    assert answer.json() == {"msg": "Invalid email list id", "code": "BadParams", "params": where}


def test_a_sample_is_of_the_members(api: httpx.Client) -> None:
    """As many as were asked for."""
    sample = api.get("/api/lists/previewUsers", params={"listId": 501, "size": 7}).text.splitlines()
    assert len(sample) == 7
    assert set(sample) <= set(members(api, 501))
    assert api.get("/api/lists/previewUsers", params={"listId": 501, "size": 0}).status_code == 400


def test_lists_are_created_and_deleted(api: httpx.Client) -> None:
    """A name may come twice, and the newest list comes first; to delete again is refused."""
    one, two = created(api, "twice"), created(api, "twice")
    assert [each["id"] for each in api.get("/api/lists").json()["lists"] if each["name"] == "twice"] == [two, one]
    answer = api.delete(f"/api/lists/{one}")
    msg = f"List {one} in Project 11 was successfully deleted."
    assert answer.json() == {"msg": msg, "code": "Success", "params": None}
    answer = api.delete(f"/api/lists/{one}")
    msg = f"Unable to delete list {one} in Project 11, which does not exist."
    assert (answer.status_code, answer.json()) == (400, {"msg": msg, "code": "BadParams", "params": None})
    assert api.post("/api/lists", json={"name": None}).json()["params"] == {"obj.name": "String value expected"}


def test_people_are_put_on_a_list(api: httpx.Client) -> None:
    """Those who are there and those who are not; their fields are written; the refused ones are named."""
    number = created(api)
    answer = put(
        api,
        number,
        {"email": EMAILS[5], "dataFields": {"tier": "gold"}},
        {"email": "Fresh@example.com"},
        {"email": "x@"},
        {"email": "forgotten.1@example.com"},
        {"userId": "nobody"},
    )
    assert (answer["successCount"], answer["failCount"]) == (2, 3)
    assert answer["failedUpdates"]["invalidEmails"] == ["x@"]
    assert answer["invalidEmails"] == ["x@", "forgotten.1@example.com"]
    assert answer["failedUpdates"]["forgottenEmails"] == ["forgotten.1@example.com"]
    assert answer["failedUpdates"]["notFoundUserIds"] == ["nobody"]
    assert sorted(members(api, number)) == sorted([EMAILS[5], "fresh@example.com"])
    fresh = api.get("/api/users/getByEmail", params={"email": "fresh@example.com"}).json()["user"]["dataFields"]
    assert (fresh["signupSource"], fresh["emailListIds"]) == ("ListAPI", [number])
    old = api.get("/api/users/getByEmail", params={"email": EMAILS[5]}).json()["user"]["dataFields"]
    assert old["tier"] == "gold"
    assert number in old["emailListIds"]


def test_to_put_somebody_on_a_list_again_changes_nothing(api: httpx.Client) -> None:
    """Membership is the same after one call and after two."""
    number = created(api)
    for _ in range(2):
        assert put(api, number, {"email": EMAILS[6]}, {"email": EMAILS[6]})["successCount"] == 2
        assert members(api, number) == [EMAILS[6]]


def test_types_are_fixed_here_too(api: httpx.Client) -> None:
    """A value that does not fit refuses the whole call."""
    answer = put(api, created(api), {"email": EMAILS[7], "dataFields": {"points": "many"}})
    assert answer["code"] == "RequestFieldsTypesMismatched"


@pytest.mark.parametrize("path", [SUBSCRIBE, UNSUBSCRIBE])
@pytest.mark.parametrize("number", [77])
def test_a_wrong_list_is_refused_under_the_code_success(api: httpx.Client, path: str, number: int) -> None:
    """The status alone tells."""
    answer = api.post(path, json={"listId": number, "subscribers": [{"email": EMAILS[8]}]})
    assert answer.status_code == 400
    where = {"projectId": 11, "listId": number}
    assert answer.json() == {"msg": f"error.lists.invalidListId({number})", "code": "Success", "params": where}


@pytest.mark.parametrize("path", [SUBSCRIBE, UNSUBSCRIBE])
def test_members_of_the_body_have_their_types(api: httpx.Client, path: str) -> None:
    """A text is no list id, and rows are looked at as in bulk updates."""
    answer = api.post(path, json={"listId": "501", "subscribers": []})
    assert answer.json()["params"] == {"obj.listId": "Number value expected"}
    answer = api.post(path, json={"listId": 501, "subscribers": [{"email": "a@example.com"}, {"preferUserId": 1}]})
    assert answer.json()["params"] == {"obj.subscribers[1].preferUserId": "Boolean value expected"}


def test_nobody_to_subscribe_is_a_success_of_none(api: httpx.Client) -> None:
    """Unlike an empty bulk update."""
    answer = put(api, 501)
    assert (answer["successCount"], answer["failCount"]) == (0, 0)


def test_people_are_taken_off_one_list_alone(api: httpx.Client) -> None:
    """Those who are not there are not found; those who are not on it are a success."""
    number = created(api)
    on, off = EMAILS[9], EMAILS[10]
    put(api, number, {"email": on})
    api.post(SUBSCRIBE, json={"listId": 504, "subscribers": [{"email": on}]})
    body = {"listId": number, "subscribers": [{"email": on}, {"email": off}, {"email": "no@example.com"}]}
    answer = api.post(UNSUBSCRIBE, json=body).json()
    assert (answer["successCount"], answer["failedUpdates"]["notFoundEmails"]) == (2, ["no@example.com"])
    assert members(api, number) == []
    assert on in members(api, 504)


def test_people_of_the_start_leave_their_lists(api: httpx.Client) -> None:
    """The size and the members say so; they can come back."""
    before = members(api, 502)
    gone = before[0]
    api.post(UNSUBSCRIBE, json={"listId": 502, "subscribers": [{"email": gone}]})
    assert sorted(members(api, 502)) == sorted(set(before) - {gone})
    assert api.get("/api/lists/502/size").text == str(len(before) - 1)
    put(api, 502, {"email": gone})
    assert sorted(members(api, 502)) == sorted(before)


def test_an_unsubscription_from_the_whole_channel_is_seen(start: Callable[..., httpx.Client]) -> None:
    """The state names who was, so that a test can see that nobody ever is."""
    api = start()
    body: dict[str, Any] = {"listId": 501, "subscribers": [{"email": EMAILS[1]}], "channelUnsubscribe": False}
    api.post(UNSUBSCRIBE, json={**body, "campaignId": None})
    assert api.get("/_sandbox/state").json()["channel_unsubscribed"] == []
    api.post(UNSUBSCRIBE, json={**body, "channelUnsubscribe": True})
    assert api.get("/_sandbox/state").json()["channel_unsubscribed"] == [EMAILS[1]]


def test_hybrid_projects_name_people_by_what_they_have(start: Callable[..., httpx.Client]) -> None:
    """The address, or the user id where there is none; the other way round on request; existing people alone too."""
    api = start(project_type="hybrid", people=300)
    names = members(api, 501)
    assert 0 < sum("@" not in name for name in names) < len(names) / 2
    preferred = members(api, 501, preferUserId="true")
    assert len(preferred) == len(names)
    assert 0 < sum("@" in name for name in preferred) < len(names) / 2
    answer = put(api, 504, {"email": "new@example.com"}, {"userId": "new"}, updateExistingUsersOnly=True)
    assert (answer["failedUpdates"]["notFoundEmails"], answer["failedUpdates"]["notFoundUserIds"]) == (
        ["new@example.com"],
        ["new"],
    )


def test_a_new_list_can_be_used_a_little_later(start: Callable[..., httpx.Client], clock: Any) -> None:
    """Where writes become visible later."""
    api = start(visibility=30.0)
    number = created(api)
    assert put(api, number, {"email": EMAILS[1]})["params"] == {"projectId": 11, "listId": number}
    clock.now += 31
    assert put(api, number, {"email": EMAILS[1]})["successCount"] == 1
    assert members(api, number) == []
    clock.now += 31
    assert members(api, number) == [EMAILS[1]]


def test_channels_and_message_types_are_there(api: httpx.Client) -> None:
    """Other clients try their key with them."""
    assert api.get("/api/channels").json()["channels"][0]["messageMedium"] == "Email"
    assert api.get("/api/messageTypes").json()["messageTypes"][0]["channelId"] == 1


def test_two_servers_with_the_same_history_hold_the_same(start: Callable[..., httpx.Client], clock: Any) -> None:
    """What they hold is compared as bytes, apart from times, however it was written."""
    one, two = start(people=120), start(people=120)
    rows = [
        {"email": email, "dataFields": {"plan": "pro", "note": 'a"\n😀'}} for email in [*EMAILS[:9], "n@example.com"]
    ]
    one.post("/api/users/bulkUpdate", json={"users": rows})
    put(one, 504, *({"email": row["email"]} for row in rows))
    clock.now += 100
    for row in reversed(rows):
        put(two, 504, row)
    put(two, 504, {"email": EMAILS[20], "dataFields": {"plan": "x"}})
    assert one.get("/_sandbox/people").content != two.get("/_sandbox/people").content
    base = one.get("/api/users/getByEmail", params={"email": EMAILS[20]}).json()["user"]["dataFields"]
    two.post("/api/users/update", json={"email": EMAILS[20], "dataFields": {"plan": base.get("plan")}})
    two.post(UNSUBSCRIBE, json={"listId": 504, "subscribers": [{"email": EMAILS[20]}]})
    ours, theirs = one.get("/_sandbox/people").text, two.get("/_sandbox/people").text
    assert ours.replace('"ListAPI"', '"API"') == theirs.replace('"ListAPI"', '"API"')
    assert len(ours.splitlines()) == 121
    assert "profileUpdatedAt" not in ours
    assert "profileUpdatedAt" in one.get("/_sandbox/people", params={"times": 1}).text


def test_a_saved_query_takes_nobody_and_says_nothing(api: httpx.Client) -> None:
    """As it was recorded."""
    before = members(api, 505)
    answer = put(api, 505, {"email": "dynamic@example.com", "dataFields": {"tier": "x"}})
    assert (answer["successCount"], answer["failCount"]) == (1, 0)
    assert sorted(members(api, 505)) == sorted(before)
    assert api.get("/api/users/dynamic%40example.com").json()["user"]["dataFields"]["tier"] == "x"
