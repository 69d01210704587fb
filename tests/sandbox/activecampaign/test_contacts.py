"""Contacts of the imitation: pages, what is loaded beside them, writes, and the forms of refusal."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Start = Callable[..., httpx.Client]


def synced(api: httpx.Client, email: str, **contact: Any) -> httpx.Response:
    return api.post("/contact/sync", json={"contact": {"email": email, **contact}})


def test_pages_by_id_hold_everybody_once(begin: Start) -> None:
    """Twenty rows unless more are asked for, a hundred at most; totals and ids are texts."""
    api = begin(people=150)
    assert len(api.get("/contacts").json()["contacts"]) == 20
    seen: list[int] = []
    while True:
        params = {"limit": "1000", "orders[id]": "ASC", "id_greater": str(seen[-1] if seen else 0)}
        page = api.get("/contacts", params=params).json()
        if not page["contacts"]:
            break
        assert len(page["contacts"]) <= 100
        assert page["meta"]["total"] == "150"
        seen += [int(row["id"]) for row in page["contacts"]]
    assert seen == list(range(1, 151))


def test_what_is_loaded_beside_contacts_is_joined_by_ids(begin: Start) -> None:
    """In arrays beside them; contacts hold the ids alone."""
    page = begin().get("/contacts", params={"include": "fieldValues,contactLists", "limit": "100"}).json()
    for name in ("fieldValues", "contactLists"):
        rows = {row["id"]: row for row in page[name]}
        assert rows
        assert {each for one in page["contacts"] for each in one[name]} == {*rows}
        assert {row["contact"] for row in rows.values()} <= {one["id"] for one in page["contacts"]}
    assert "fieldValues" not in begin().get("/contacts").json()


def test_filters_that_there_are_and_those_that_are_passed_over(begin: Start) -> None:
    """Addresses exactly, telephones by their beginning, states of a list; others let everybody through."""
    api = begin()
    synced(api, "ann@example.com", phone="+31201")
    synced(api, "bob@example.com", phone="+312012")

    def found(**params: str) -> int:
        return int(api.get("/contacts", params=params).json()["meta"]["total"])

    assert (found(email="ANN@example.com"), found(email="nn@example.com")) == (1, 0)
    assert (found(phone="+31201"), found(phone="+312012")) == (2, 1)
    assert found(**{"ids[]": "3"}) == 1
    assert found(**{"filters[tier]": "gold"}) == 32
    members = found(listid="3")
    assert members == sum(found(listid="3", status=state) for state in "0123") > found(listid="3", status="1")


def test_a_write_creates_or_changes_and_says_which(begin: Start) -> None:
    """201 with a short answer, 200 with a whole one; what is not sent stays, an empty text clears."""
    api = begin()
    made = synced(api, "Ann@Example.com", firstName="Ann", phone="1", fieldValues=[{"field": 8, "value": "Elm"}])
    assert made.status_code == 201
    short = made.json()["contact"]
    assert (short["email"], short["organization"]) == ("ann@example.com", None)
    assert not {"bounced_hard", "deleted", "created_utc_timestamp"} & {*short}
    assert short["fieldValues"] == [row["id"] for row in made.json()["fieldValues"]]
    changed = synced(api, "ann@example.com", firstName="", fieldValues=[{"field": "999", "value": "lost"}])
    assert (changed.status_code, changed.json()["fieldValues"]) == (200, [])
    whole = api.get(f"/contacts/{short['id']}").json()
    assert (whole["contact"]["firstName"], whole["contact"]["phone"]) == ("", "1")
    assert [row["value"] for row in whole["fieldValues"]] == ["Elm"]


def test_a_moment_is_stored_in_the_zone_of_the_account(begin: Start) -> None:
    """The same instant comes back as another text."""
    api = begin()
    value = {"field": "15", "value": "2026-03-01T10:00:00+02:00"}
    made = synced(api, "ann@example.com", fieldValues=[value]).json()
    assert made["fieldValues"][0]["value"] == "2026-03-01T02:00:00-06:00"


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "what"),
    [
        ("POST", "/contact/sync", {"contact": {"firstName": "x"}}, 400, "Bad Request"),
        ("POST", "/contact/sync", {"contact": {"email": "a@@b"}}, 422, "email_invalid"),
        ("POST", "/contact/sync", {"contact": {"email": "x@example.com", "lists": [{"list": 99}]}}, 422, "related"),
        ("POST", "/contacts", {"contact": {"email": "ann@example.com"}}, 422, "duplicate"),
        ("PUT", "/contacts/1", {"contact": {"email": "ann@example.com"}}, 422, "duplicate"),
        ("PUT", "/contacts/991", {"contact": {"firstName": "x"}}, 404, "No Result found for Subscriber with id 991"),
        ("GET", "/contacts/991", None, 404, "No Result found for Subscriber"),
        ("DELETE", "/contacts/991", None, 404, "No Result found for Subscriber"),
        ("DELETE", "/contactTags/5", None, 404, "SubscriberTag"),
        ("DELETE", "/lists/991", None, 404, "_List"),
        ("DELETE", "/fieldValues/5", None, 404, "FieldValue"),
        ("POST", "/contactLists", {"contactList": {"list": 6, "contact": 991, "status": 1}}, 404, "Subscriber"),
        ("POST", "/contactLists", {"contactList": {"list": 6, "contact": 1, "status": 4}}, 422, "not a valid choice"),
        ("POST", "/fieldValues", {"fieldValue": {"contact": 1, "field": "TIER", "value": "x"}}, 422, "not valid"),
        ("POST", "/fields", {"field": {"title": "Plan", "type": "text"}}, 422, "duplicate"),
        ("POST", "/tags", {"tag": {"tag": "VIP"}}, 422, "duplicate tag"),
        ("POST", "/lists", {"list": {"name": "x"}}, 422, "field_missing"),
        ("GET", "/nowhere", None, 404, "<html>"),
    ],
)
def test_refusals_have_the_forms_that_were_seen(
    begin: Start, method: str, path: str, content: Any, status: int, what: str
) -> None:
    """A bare message, a list of errors, a text by itself, or a web page."""
    api = begin()
    synced(api, "ann@example.com")
    reply = api.request(method, path, json=content)
    assert reply.status_code == status
    assert what in reply.text


def test_keys(begin: Start) -> None:
    """A wrong key is told by 403, or by a web page with status 200; an account that is not paid by an empty 402."""
    assert begin().get("/users/me").json()["user"]["username"] == "mira"
    wrong = {"Api-Token": "wrong"}
    assert begin().get("/users/me", headers=wrong).status_code == 403
    page = begin(login_page=True).post("/contact/sync", json={}, headers=wrong)
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
    unpaid = begin(unpaid=True).get("/users/me")
    assert (unpaid.status_code, unpaid.content) == (402, b"")


def test_all_calls_of_an_account_count_against_one_rate(begin: Start) -> None:
    """Five a second, whatever is asked; then 429 with the seconds to wait."""
    api = begin(limits_factor=1.0)
    paths = ["/users/me", "/lists", "/fields", "/tags", "/contacts", "/users/me", "/lists"]
    replies = [api.get(path, params={"limit": "1"}) for path in paths]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert refused
    assert (refused[0].headers["retry-after"], refused[0].headers["ratelimit-remaining"]) == ("1", "0")


def test_rows_of_lists_are_new_or_not_and_revive_whoever_they_name(begin: Start) -> None:
    """201 and then 200 with the same id; nothing but the call decides, also lists inside a contact."""
    api = begin()
    number = synced(api, "ann@example.com").json()["contact"]["id"]

    def put(status: int) -> httpx.Response:
        row = {"list": 6, "contact": number, "status": status, "sourceid": 4}
        return api.post("/contactLists", json={"contactList": row})

    replies = [put(status) for status in (1, 2, 1, 2)]
    assert [reply.status_code for reply in replies] == [201, 200, 200, 200]
    assert len({reply.json()["contactList"]["id"] for reply in replies}) == 1
    synced(api, "ann@example.com", lists=[{"list": "6"}])
    (row,) = api.get(f"/contacts/{number}/contactLists").json()["contactLists"]
    assert (row["list"], row["status"]) == ("6", "1")


def test_values_are_found_by_field_and_part(begin: Start) -> None:
    """As `filters[val]` may do; whoever asks looks again."""
    api = begin()
    for name in ("N-1", "N-12"):
        synced(api, f"{name.lower()}@example.com", fieldValues=[{"field": 17, "value": name}])
    params = {"filters[fieldid]": "17", "filters[val]": "N-1"}
    assert api.get("/fieldValues", params=params).json()["meta"]["total"] == "2"
    number = api.get("/contacts", params={"email": "n-1@example.com"}).json()["contacts"][0]["id"]
    again = [
        api.post("/fieldValues", json={"fieldValue": {"contact": number, "field": 8, "value": text}}) for text in "ab"
    ]
    assert [reply.status_code for reply in again] == [201, 200]
    assert again[0].json()["fieldValue"]["id"] == again[1].json()["fieldValue"]["id"]


def test_fields_come_with_their_options_and_relations(begin: Start) -> None:
    """Unasked, twenty unless more are asked for; what is made is on no list until it is related to one."""
    api = begin()
    made = api.post("/fields", json={"field": {"title": "New", "type": "dropdown"}}).json()["field"]
    assert made["relations"] == []
    assert api.post("/fieldRels", json={"fieldRel": {"field": made["id"], "relid": 0}}).status_code == 201
    option = {"fieldOptions": [{"field": made["id"], "value": "a", "label": "A"}]}
    assert api.post("/fieldOption/bulk", json=option).status_code == 201
    told = api.get("/fields", params={"limit": "100"}).json()
    assert {row["value"] for row in told["fieldOptions"] if row["field"] == made["id"]} == {"a"}
    assert {row["relid"] for row in told["fieldRels"] if row["field"] == made["id"]} == {"0"}
    assert api.get(f"/fields/{made['id']}").json()["field"]["title"] == "New"
