"""Clients and lists of the imitation: pages by state, dates in the client's zone, counts, the suppression list."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.campaign_monitor.conftest import Account, Begin


def paged(at: Account, path: str, **query: Any) -> list[dict[str, Any]]:
    """All rows of a collection."""
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"NumberOfPages": 1}
    number = 0
    while number < page["NumberOfPages"]:
        number += 1
        page = at.get(path, page=number, **query).json()
        assert page["RecordsOnThisPage"] == len(page["Results"])
        found += page["Results"]
    assert len(found) == page["TotalNumberOfRecords"]
    return found


def test_pages_hold_everybody_once_in_the_order_that_is_asked_for(begin: Begin) -> None:
    """By address, name or date, up or down; beyond the last page there is nothing."""
    at = begin(people=150)
    path = f"/lists/{at.list('Customers')}/active.json"
    for order, member in (("email", "EmailAddress"), ("name", "Name"), ("date", "Date")):
        for way in ("asc", "desc"):
            rows = paged(at, path, orderfield=order, orderdirection=way, pagesize=20)
            assert len({row["EmailAddress"] for row in rows}) == 150
            assert [row[member] for row in rows] == sorted((row[member] for row in rows), reverse=way == "desc")
    beyond = at.get(path, page=99, pagesize=20, orderfield="email").json()
    assert (beyond["Results"], beyond["NumberOfPages"]) == ([], 8)
    assert at.get(path).json()["ResultsOrderedBy"] == "date"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"page": 0}, 800),
        ({"page": "x"}, 800),
        ({"pagesize": 9}, 801),
        ({"pagesize": 1001}, 801),
        ({"orderfield": "Id"}, 802),
        ({"orderdirection": "up"}, 803),
        ({"date": "yesterday"}, 5),
        ({"date": "2026-13-01"}, 5),
    ],
)
def test_pages_that_cannot_be(begin: Begin, query: dict[str, Any], code: int) -> None:
    """400 with a code for each; names of the query count regardless of case, and an empty date is none."""
    at = begin(people=5)
    path = f"/lists/{at.list('Customers')}/active.json"
    reply = at.get(path, **query)
    assert (reply.status_code, reply.json()["Code"]) == (400, code)
    assert at.get(path, pageSize=10, orderField="email", date="").json()["PageSize"] == 10


def test_each_state_has_its_own_pages(begin: Begin) -> None:
    """Together they are all who were ever on the list, and the counts say the same."""
    at = begin(people=400)
    one = at.list("Newsletter")
    states = {state: paged(at, f"/lists/{one}/{state}.json") for state in ("active", "unconfirmed", "unsubscribed")}
    states |= {state: paged(at, f"/lists/{one}/{state}.json") for state in ("bounced", "deleted")}
    assert all(row["State"].lower() == state for state, rows in states.items() for row in rows)
    assert all(states.values())
    stats = at.get(f"/lists/{one}/stats.json").json()
    assert len(stats) == 24
    assert stats["TotalActiveSubscribers"] == len(states["active"])
    assert stats["TotalBounces"] == len(states["bounced"])


def test_a_date_is_the_clients_and_follows_the_state_alone(begin: Begin) -> None:
    """Whoever was changed but stayed is not found by it; the account's clock is that of another zone."""
    at = begin()
    one, path = at.list("Customers"), f"/lists/{at.list('Customers')}/active.json"
    first, second = (row["EmailAddress"] for row in at.get(path, orderfield="email").json()["Results"][:2])
    zone = ZoneInfo("Australia/Sydney")
    now = datetime.fromtimestamp(at.clock.now, zone).strftime("%Y-%m-%d %H:%M:%S")
    at.imported(one, {"EmailAddress": first, "Name": "Other"})
    assert at.get(path, date=now).json()["TotalNumberOfRecords"] == 0
    at.delete(f"/subscribers/{one}.json", email=second)
    at.imported(one, {"EmailAddress": second}, Resubscribe=True)
    rows = at.get(path, date=now).json()["Results"]
    assert [(row["EmailAddress"], row["Date"]) for row in rows] == [(second, now)]
    assert rows[0]["ListJoinedDate"] < now
    here = datetime.fromtimestamp(at.clock.now, ZoneInfo("Europe/Brussels")).strftime("%Y-%m-%d %H:%M:%S")
    assert at.get("/systemdate.json").json() == {"SystemDate": here}
    after = begin(date_filter="exclusive")
    after.imported(after.list("Empty"), {"EmailAddress": "ann@example.com"})
    empty = f"/lists/{after.list('Empty')}/active.json"
    assert (after.get(empty, date=now).json()["Results"], len(after.get(empty).json()["Results"])) == ([], 1)


def test_a_page_shrinks_where_the_server_says_so(begin: Begin) -> None:
    """Whoever goes by the page size that was asked for would miss people."""
    at = begin(people=40, page_rows=15)
    page = at.get(f"/lists/{at.list('Customers')}/active.json", pagesize=1000).json()
    assert (page["PageSize"], page["NumberOfPages"], len(page["Results"])) == (15, 3, 15)


def test_keys_and_empty_fields_are_shown_as_the_imitation_is_told(begin: Begin) -> None:
    """Bracketed or plain; left out or as empty texts; consent and telephones where they are asked for."""
    shown = []
    for told in ({}, {"keys": "plain", "empty_values": "blank"}):
        at = begin(people=40, **told)
        rows = at.get(f"/lists/{at.list('Customers')}/active.json", orderfield="email").json()["Results"]
        assert not {"ConsentToTrack", "MobileNumber"} & {*rows[0]}
        shown.append(rows)
    assert {each["Key"][0] for row in shown[0] for each in row["CustomFields"]} == {"["}
    assert "Tier1" in {each["Key"] for row in shown[1] for each in row["CustomFields"]}
    assert all(each["Value"] for row in shown[0] for each in row["CustomFields"])
    assert len(shown[1][0]["CustomFields"]) >= 19
    consents = {row["ConsentToTrack"] for row in paged(at, f"/lists/{at.list('Customers')}/active.json", **TRACKING)}
    assert consents == {"Yes", "No", ""}


TRACKING = {"includetrackingpreference": "True"}


def test_lists_are_made_changed_and_removed(begin: Begin) -> None:
    """Titles are of one list of a client; the answer to a new one is its id as a bare text."""
    at = begin()
    client = at.client()
    made = at.post(f"/lists/{client}.json", {"title": "New", "UnsubscribeSetting": "OnlyThisList"})
    assert made.status_code == 201
    one = made.json()
    assert at.get(f"/lists/{one}.json").json()["UnsubscribeSetting"] == "OnlyThisList"
    again = at.post(f"/lists/{client}.json", {"Title": "New"})
    assert (again.status_code, again.json()["Code"]) == (400, 250)
    changed = at.put(f"/lists/{one}.json", {"Title": "Newer", "ConfirmedOptIn": True})
    assert (changed.status_code, changed.content) == (200, b"")
    told = at.get(f"/lists/{one}.json").json()
    assert (told["Title"], told["ConfirmedOptIn"], told["UnsubscribeSetting"]) == ("Newer", True, "OnlyThisList")
    bad = [{"Title": ""}, {"Title": "x", "UnsubscribeSetting": "Everything"}, {"Title": "x", "ConfirmedOptIn": "maybe"}]
    assert [at.put(f"/lists/{one}.json", each).json()["Code"] for each in bad] == [251, 261, 400]
    assert at.delete(f"/lists/{one}.json").status_code == 200
    assert at.get(f"/lists/{one}.json").json()["Code"] == 102


def test_the_details_of_a_client_bear_its_key(begin: Begin) -> None:
    """Which whoever reads them had better forget."""
    told = begin().get(f"/clients/{begin().client()}.json").json()
    assert told["ApiKey"]
    assert "Sydney" in told["BasicDetails"]["TimeZone"]


def test_suppressed_addresses_are_kept_until_they_are_taken_off(begin: Begin) -> None:
    """They come onto no list but those that stand by themselves; taking one off that is not there is refused."""
    at = begin()
    client = at.client()
    assert at.post(f"/clients/{client}/suppress.json", {"EmailAddresses": ["ann@example.com"]}).status_code == 200
    (row,) = paged(at, f"/clients/{client}/suppressionlist.json")
    assert (row["EmailAddress"], row["State"]) == ("ann@example.com", "Suppressed")
    codes = [at.imported(at.list(name), {"EmailAddress": "ann@example.com"}) for name in ("Empty", "VIP")]
    assert [reply.status_code for reply in codes] == [400, 201]
    assert codes[0].json()["ResultData"]["FailureDetails"][0]["Code"] == 204
    taken = [at.put(f"/clients/{client}/unsuppress.json", email="ann@example.com") for _ in range(2)]
    assert [reply.status_code for reply in taken] == [200, 400]
    assert taken[1].json()["Code"] == 176
    assert at.imported(at.list("Empty"), {"EmailAddress": "ann@example.com"}).status_code == 201


def test_all_calls_count_against_one_rate(begin: Begin) -> None:
    """Beyond it 429 without a word of when to come again, unless the imitation is told to say that."""
    for told in ({}, {"limit_headers": True}):
        at = begin(limits_factor=1.0, rate=3.0, **told)
        replies = [at.get("/systemdate.json") for _ in range(4)]
        assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
        assert replies[-1].json()["Code"] == 429
        assert ("x-ratelimit-reset" in replies[-1].headers) == bool(told)
        assert "retry-after" not in replies[-1].headers


def test_faults_have_the_forms_of_the_vendor(begin: Begin) -> None:
    """Codes for what the API says, web pages for what stands before it."""
    at = begin()
    seen = []
    for kind in ("401", "403", "429", "500", "502"):
        at.http.post("/_sandbox/faults", json={"endpoint": "*", "kind": kind})
        reply = at.get("/clients.json")
        page = reply.headers["content-type"].startswith("text/html")
        seen.append((reply.status_code, "page" if page else reply.json()["Code"]))
    assert seen == [(401, 100), (403, 403), (429, 429), (500, 500), (502, "page")]
