"""Imports of the imitation: who is refused and why, what is kept, and who comes back."""

from typing import Any

import pytest

from tests.sandbox.campaign_monitor.conftest import Account, Begin

STATES = {"unsubscribed": 206, "bounced": 207, "deleted": 205, "unconfirmed": 208}


def refusals(reply: Any) -> dict[str, int]:
    """Whom an import refused, with the codes."""
    result = reply.json().get("ResultData") or reply.json()
    return {each["EmailAddress"]: each["Code"] for each in result["FailureDetails"]}


def values(**given: str) -> list[dict[str, Any]]:
    return [{"Key": f"[{key}]", "Value": value} for key, value in given.items()]


def test_good_rows_are_kept_beside_bad_ones(begin: Begin) -> None:
    """400 with the code of a failure in part, whose answer names the bad ones by address; 201 where all are good."""
    at = begin()
    one = at.list("Empty")
    reply = at.imported(one, {"EmailAddress": "ann@example.com"}, {"EmailAddress": "bad@"})
    assert (reply.status_code, reply.json()["Code"]) == (400, 210)
    assert refusals(reply) == {"bad@": 1}
    result = reply.json()["ResultData"]
    counted = ("TotalUniqueEmailsSubmitted", "TotalExistingSubscribers", "TotalNewSubscribers")
    assert [result[name] for name in counted] == [2, 0, 1]
    assert at.state(one, "ann@example.com") == "Active"
    again = at.imported(one, {"EmailAddress": "ANN@example.com"}, {"EmailAddress": "bob@example.com"})
    assert again.status_code == 201
    assert [again.json()[name] for name in counted] == [2, 1, 1]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], 212),
        ([{"EmailAddress": f"p{n}@example.com"} for n in range(1001)], 209),
        (["ann@example.com"], 400),
        ([{"EmailAddress": "ann@example.com", "CustomFields": False}], 400),
        ([{"EmailAddress": "ann@example.com", "CustomFields": [{"Key": "[Interests]", "Value": ["books"]}]}], 400),
        ([{"EmailAddress": "ann@example.com", "ConsentToTrack": "true"}], 400),
        ([{"EmailAddress": "ann@example.com", "ConsentToTrack": None}], -213),
    ],
)
def test_one_row_that_cannot_be_read_sinks_them_all(begin: Begin, rows: list[Any], code: int) -> None:
    """Without a word of whom it was; nobody is kept."""
    at = begin()
    one = at.list("Empty")
    good = [{"EmailAddress": "good@example.com"}] if 0 < len(rows) < 10 else []
    reply = at.imported(one, *good, *rows)
    assert reply.status_code == 400
    assert reply.json()["Code"] == code
    assert "ResultData" not in reply.json()
    assert at.get(f"/lists/{one}/active.json").json()["TotalNumberOfRecords"] == 0


def test_a_row_without_consent_may_fail_by_itself(begin: Begin) -> None:
    """Where the imitation is told so, with another code."""
    at = begin(missing_consent="row", consent_code=214)
    reply = at.imported(
        at.list("Empty"), {"EmailAddress": "a@example.com", "ConsentToTrack": ""}, {"EmailAddress": "b@c.de"}
    )
    assert refusals(reply) == {"a@example.com": 214}
    assert at.state(at.list("Empty"), "b@c.de") == "Active"


def test_whoever_left_comes_back_only_where_that_is_asked_for(begin: Begin) -> None:
    """Each state has a code of its own; a deleted one is refused too."""
    at = begin(people=400)
    one = at.list("Newsletter")
    gone = {
        at.get(f"/lists/{one}/{state}.json").json()["Results"][0]["EmailAddress"]: code
        for state, code in STATES.items()
    }
    reply = at.imported(one, *({"EmailAddress": email, "Name": "New"} for email in gone), {"EmailAddress": "a@b.cd"})
    assert refusals(reply) == gone
    assert all(at.person(one, email)["Name"] != "New" for email in gone)
    back = at.imported(one, *({"EmailAddress": email} for email in gone), Resubscribe=True)
    assert (back.status_code, back.json()["TotalExistingSubscribers"]) == (201, 4)
    assert {at.state(one, email) for email in gone} == {"Active"}


def test_a_resubscription_leaves_the_address_suppressed(begin: Begin) -> None:
    """It is active on that list, and stays on the suppression list until it is taken off."""
    at = begin()
    one, client = at.list("Empty"), at.client()
    at.imported(one, {"EmailAddress": "ann@example.com"})
    at.post(f"/subscribers/{one}/unsubscribe.json", {"EmailAddress": "ann@example.com"})
    assert refusals(at.imported(one, {"EmailAddress": "ann@example.com"})) == {"ann@example.com": 204}
    at.imported(one, {"EmailAddress": "ann@example.com"}, Resubscribe=True)
    assert at.state(one, "ann@example.com") == "Active"
    assert at.get(f"/clients/{client}/suppressionlist.json").json()["TotalNumberOfRecords"] == 1


def test_people_of_a_list_that_asks_for_confirmation_are_not_active_yet(begin: Begin) -> None:
    """They have to confirm first."""
    at = begin()
    at.imported(at.list("Double opt-in"), {"EmailAddress": "ann@example.com"})
    assert at.state(at.list("Double opt-in"), "ann@example.com") == "Unconfirmed"


def test_values_are_kept_by_the_rules_of_their_fields(begin: Begin) -> None:
    """Keys in brackets, plain, or as names; those that are not there vanish, as do values that do not fit."""
    at = begin()
    one = at.list("Empty")
    fields = [
        *values(Favouritequote="q", Clicks="-3.5", Day="2026/03/01", Unheardof="lost", Ratio="many", Member="perhaps"),
        {"key": "interests", "value": "books"},
        {"Key": "Interests", "Value": "music"},
        {"Key": "US state", "Value": "Texas"},
        {"Key": "[Moment]", "Value": "x" * 251},
    ]
    assert at.imported(one, {"EmailAddress": "ann@example.com", "CustomFields": fields}).status_code == 201
    kept = {
        "[Favouritequote]": ["q"],
        "[Clicks]": ["-3.5"],
        "[Day]": ["2026-03-01"],
        "[Interests]": ["books", "music"],
        "[USstate]": ["Texas"],
    }
    assert at.person(one, "ann@example.com")["values"] == kept
    for day in ("1899-12-31", "2077-01-01", "01/02/2026"):
        at.imported(one, {"EmailAddress": "ann@example.com", "CustomFields": values(Day=day)})
    assert at.person(one, "ann@example.com")["values"] == kept
    at.imported(one, {"EmailAddress": "ann@example.com", "CustomFields": values(Day="0000-00-00", Clicks="")})
    assert at.person(one, "ann@example.com")["values"] == {name: kept[name] for name in kept if name != "[Day]"}


def test_values_that_do_not_fit_may_refuse_their_row(begin: Begin) -> None:
    """Where the imitation is told so; those that are too long have a code of their own."""
    at = begin(bad_values="refuse")
    rows = [{"EmailAddress": "ann@example.com", "CustomFields": values(Ratio="many")}]
    rows += [{"EmailAddress": "bob@example.com", "CustomFields": values(Moment="x" * 251)}]
    assert refusals(at.imported(at.list("Empty"), *rows)) == {"ann@example.com": 400, "bob@example.com": 810}


def chosen(at: Account, *entries: tuple[str, bool], import_them: bool = True) -> list[str]:
    """What is chosen of several options after one more write."""
    one = at.list("Empty")
    fields = [{"Key": "[Interests]", "Value": value, "Clear": clear} for value, clear in entries]
    row = {"EmailAddress": "ann@example.com", "CustomFields": fields, "ConsentToTrack": "Unchanged"}
    if import_them:
        at.imported(one, row)
    else:
        at.put(f"/subscribers/{one}.json", row, email="ann@example.com")
    found: list[str] = at.person(one, "ann@example.com")["values"].get("[Interests]", [])
    return found


def test_options_replace_or_add_and_are_cleared_one_by_one(begin: Begin) -> None:
    """Replacing is what a change of one person does; of imports it is a switch."""
    at = begin()
    assert chosen(at, ("books", False), ("games", False)) == ["books", "games"]
    assert chosen(at, ("music", False)) == ["music"]
    assert chosen(at, ("", False)) == ["music"]
    assert chosen(at, ("", True)) == []
    merging = begin(multiple="merge")
    assert chosen(merging, ("books", False)) == ["books"]
    assert chosen(merging, ("games", False)) == ["books", "games"]
    assert chosen(merging, ("books", True)) == ["games"]
    assert chosen(merging, ("", True), ("music", False)) == ["music"]
    assert chosen(merging, ("books", False), import_them=False) == ["books"]


def test_of_two_rows_with_one_address_one_counts(begin: Begin) -> None:
    """Which one is written down nowhere, and is a switch; the answer names the address."""
    for told, name in (("last", "Second"), ("first", "First")):
        at = begin(duplicates=told)
        one = at.list("Empty")
        rows = [
            {"EmailAddress": "Ann@example.com", "Name": "First"},
            {"EmailAddress": "ann@example.com", "Name": "Second"},
        ]
        reply = at.imported(one, *rows)
        assert reply.json()["DuplicateEmailsInSubmission"] == ["ann@example.com"]
        assert reply.json()["TotalUniqueEmailsSubmitted"] == 1
        assert at.person(one, "ann@example.com")["Name"] == name


def test_consent_belongs_to_an_address_of_a_client(begin: Begin) -> None:
    """What is said on one list is read on all of them; Unchanged keeps it, and without a word it is not known."""
    at = begin()
    one, other = at.list("Empty"), at.list("VIP")
    at.imported(one, {"EmailAddress": "ann@example.com"})
    assert at.person(one, "ann@example.com")["ConsentToTrack"] == ""
    at.imported(other, {"EmailAddress": "ann@example.com", "ConsentToTrack": "no"})
    at.imported(one, {"EmailAddress": "ann@example.com", "consenttotrack": "unchanged"})
    assert at.person(one, "ann@example.com")["ConsentToTrack"] == "No"
