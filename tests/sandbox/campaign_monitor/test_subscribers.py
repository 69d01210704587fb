"""Single people of the imitation: added, changed, moved to another address, unsubscribed, deleted."""

from typing import Any

import pytest

from tests.sandbox.campaign_monitor.conftest import Account, Begin

ANN = "ann+tag@example.com"


def row(email: str = ANN, **more: Any) -> dict[str, Any]:
    return {"EmailAddress": email, "ConsentToTrack": "Unchanged", **more}


def added(at: Account, one: str, *emails: str) -> None:
    assert at.imported(one, *({"EmailAddress": email} for email in emails)).status_code == 201


def test_somebody_who_is_added_is_seen_later(begin: Begin) -> None:
    """The answer is the address as a bare text; an import is seen at once."""
    at = begin(visibility=10.0)
    one = at.list("Empty")
    reply = at.post(f"/subscribers/{one}.json", row())
    assert (reply.status_code, reply.json()) == (201, ANN)
    assert at.get(f"/subscribers/{one}.json", email=ANN).json()["Code"] == 203
    at.clock.now += 11
    assert at.state(one, ANN) == "Active"
    added(at, one, "bob@example.com")
    assert at.state(one, "bob@example.com") == "Active"


def test_a_change_names_the_present_address_and_the_one_to_be(begin: Begin) -> None:
    """It goes with its values on this list alone, and creates nobody."""
    at = begin()
    one, other = at.list("Empty"), at.list("VIP")
    fields = [{"Key": "[Favouritequote]", "Value": "q"}]
    at.imported(one, {"EmailAddress": ANN, "Name": "Ann", "CustomFields": fields}, {"EmailAddress": "bob@example.com"})
    added(at, other, ANN)
    path = f"/subscribers/{one}.json"
    changed = at.put(path, row("ann@example.org", MobileNumber="+3120000000", ConsentToSendSms="yes"), email=ANN)
    assert (changed.status_code, changed.content) == (200, b"")
    found = at.person(one, "ann@example.org")
    assert (found["Name"], found["values"], found["MobileNumber"]) == (
        "Ann",
        {"[Favouritequote]": ["q"]},
        "+3120000000",
    )
    assert found["ConsentToSendSms"] == "Yes"
    assert at.get(path, email=ANN).json()["Code"] == 203
    assert at.state(other, ANN) == "Active"
    codes = [("bob@example.com", 201), ("bad@", 211)]
    assert [at.put(path, row(email), email="ann@example.org").json()["Code"] for email, _ in codes] == [201, 211]
    assert at.put(path, row("ann@example.org", MobileNumber="06"), email="ann@example.org").json()["Code"] == 220
    assert at.put(path, row("eva@example.com"), email="eva@example.com").json()["Code"] == 203


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (row("bad@"), 1),
        ({"EmailAddress": ANN}, -213),
        (row(ConsentToTrack="maybe"), 400),
        (row(Resubscribe="perhaps"), 400),
        (row(MobileNumber="123"), 220),
        (["x"], 400),
    ],
)
def test_additions_that_are_refused(begin: Begin, content: Any, code: int) -> None:
    """400 with a code; text of its own line ends where the body cannot be read."""
    at = begin()
    reply = at.post(f"/subscribers/{at.list('Empty')}.json", content)
    assert (reply.status_code, reply.json()["Code"]) == (400, code)
    assert (code == 400) == ("\r\n" in reply.json()["Message"])


def test_unsubscribing_reaches_all_lists_of_a_client_or_this_one_alone(begin: Begin) -> None:
    """As the list is set; other clients are not touched."""
    at = begin()
    names = [("Empty", 0), ("Café & thé ☕", 0), ("VIP", 0), ("Newsletter", 1)]
    lists = [at.list(name, client) for name, client in names]
    for one in lists:
        added(at, one, ANN, "bob@example.com")
    at.post(f"/subscribers/{lists[2]}/unsubscribe.json", {"EmailAddress": "bob@example.com"})
    assert [at.state(one, "bob@example.com") for one in lists] == ["Active", "Active", "Unsubscribed", "Active"]
    told = at.post(f"/subscribers/{lists[0]}/unsubscribe.json", {"emailaddress": ANN})
    assert (told.status_code, told.content) == (200, b"")
    assert [at.state(one, ANN) for one in lists] == ["Unsubscribed"] * 3 + ["Active"]
    assert at.get(f"/clients/{at.client()}/suppressionlist.json").json()["TotalNumberOfRecords"] == 1
    states = at.get(f"/clients/{at.client()}/listsforemail.json", email=ANN).json()
    assert {each["ListID"]: each["SubscriberState"] for each in states} == dict.fromkeys(lists[:3], "Unsubscribed")


def test_deleting_touches_one_list_and_suppresses_nobody(begin: Begin) -> None:
    """Somebody deleted can still be read; doing it again is accepted, or refused where that is set."""
    for told, codes in (("accept", [200, 200]), ("refuse", [200, 400])):
        at = begin(repeats=told)
        one, other = at.list("Empty"), at.list("VIP")
        for each in (one, other):
            added(at, each, ANN)
        replies = [at.delete(f"/subscribers/{one}.json", email=ANN) for _ in range(2)]
        assert [reply.status_code for reply in replies] == codes
        assert (at.state(one, ANN), at.state(other, ANN)) == ("Deleted", "Active")
        assert at.get(f"/clients/{at.client()}/suppressionlist.json").json()["TotalNumberOfRecords"] == 0
    nobody = at.delete(f"/subscribers/{one}.json", email="eva@example.com")
    assert (nobody.status_code, nobody.json()["Code"]) == (400, 203)


def test_one_address_that_is_written_again_and_again_is_put_off(begin: Begin) -> None:
    """429 without headers, on whatever list; others are not touched."""
    at = begin(limits_factor=1.0, address_rate=3.0, rate=1000.0)
    lists = [at.list("Empty"), at.list("VIP")]
    replies = [at.post(f"/subscribers/{lists[n % 2]}.json", row()) for n in range(4)]
    assert [reply.status_code for reply in replies] == [201, 201, 201, 429]
    assert "too many times" in replies[-1].json()["Message"]
    assert at.post(f"/subscribers/{lists[0]}.json", row("bob@example.com")).status_code == 201
    at.clock.now += 60
    assert at.post(f"/subscribers/{lists[0]}.json", row()).status_code == 201
