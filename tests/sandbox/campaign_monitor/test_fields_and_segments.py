"""Custom fields and segments of lists of the imitation."""

from typing import Any

import pytest

from tests.sandbox.campaign_monitor.conftest import Account, Begin


def field(**given: Any) -> dict[str, Any]:
    return {"FieldName": "New field", "DataType": "Text", **given}


def fields(at: Account, one: str) -> dict[str, dict[str, Any]]:
    return {each["Key"]: each for each in at.get(f"/lists/{one}/customfields.json").json()}


def test_keys_are_made_of_names_and_follow_them(begin: Begin) -> None:
    """Without the blanks, in brackets; a new name makes a new key, and some keys follow from no name."""
    at = begin()
    one = at.list("Empty")
    made = at.post(f"/lists/{one}/customfields.json", field())
    assert (made.status_code, made.json()) == (201, "[Newfield]")
    changed = at.put(
        f"/lists/{one}/customfields/%5BNewfield%5D.json", {"FieldName": "Other", "VisibleInPreferenceCenter": False}
    )
    assert (changed.status_code, changed.json()) == (200, "[Other]")
    assert fields(at, one)["[Other]"]["VisibleInPreferenceCenter"] is False
    assert fields(at, at.list("Customers"))["[Tier1]"]["FieldName"] == "Tier"
    plain = at.delete(f"/lists/{one}/customfields/Other.json")
    assert (plain.status_code, plain.json()["Code"]) == (400, 253)
    assert at.delete(f"/lists/{one}/customfields/%5BOther%5D.json").status_code == 200
    assert "[Other]" not in fields(at, one)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (field(FieldName=""), 254),
        (field(FieldName="x" * 101), 254),
        (field(FieldName="Favourite  Quote"), 255),
        (field(Options=["a"]), 256),
        (field(DataType="MultiSelectOne"), 257),
        (field(DataType="MultiSelectMany", Options=[]), 257),
        (field(DataType="Colour"), 259),
        (field(Options="a"), 400),
    ],
)
def test_fields_that_cannot_be_made(begin: Begin, given: dict[str, Any], code: int) -> None:
    """A code for each; names that differ by blanks or case alone have one key."""
    at = begin()
    reply = at.post(f"/lists/{at.list('Empty')}/customfields.json", given)
    assert (reply.status_code, reply.json()["Code"]) == (400, code)


def test_a_list_has_so_many_fields(begin: Begin) -> None:
    """And no more."""
    at = begin(most_fields=10)
    one = at.list("Empty")
    replies = [at.post(f"/lists/{one}/customfields.json", field(FieldName=f"n{n}")) for n in range(2)]
    assert [reply.status_code for reply in replies] == [201, 400]
    assert replies[1].json()["Code"] == 260


def test_options_are_replaced_or_added(begin: Begin) -> None:
    """Of fields with a choice alone; countries are the server's own."""
    at = begin()
    path = f"/lists/{at.list('Empty')}/customfields"
    for keep, found in ((True, ["books", "games", "music", "art"]), (False, ["art"])):
        reply = at.put(f"{path}/%5BInterests%5D/options.json", {"KeepExistingOptions": keep, "Options": ["art"]})
        assert (reply.status_code, reply.content) == (200, b"")
        assert fields(at, at.list("Empty"))["[Interests]"]["FieldOptions"] == found
    refused = at.put(f"{path}/%5BDay%5D/options.json", {"Options": ["art"]})
    assert refused.json()["Code"] == 256
    assert "Belgium" in fields(at, at.list("Empty"))["[Country]"]["FieldOptions"]


def rules(*groups: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"Rules": [{"RuleType": kind, "Clause": clause} for kind, clause in group]} for group in groups]


def made(at: Account, one: str, *groups: list[tuple[str, str]], title: str = "S") -> str:
    reply = at.post(f"/segments/{one}.json", {"Title": title, "RuleGroups": rules(*groups)})
    assert reply.status_code == 201
    found: str = reply.json()
    return found


def stage(at: Account) -> str:
    """A list with three people."""
    one = at.list("Empty")
    people = [("ann", "3", "2026-01-05", "books"), ("bob", "7", "2026-02-05", "games"), ("eva", "", "", "books")]
    at.imported(
        one,
        *(
            {
                "EmailAddress": f"{name}@example.com",
                "Name": name.title(),
                "CustomFields": [
                    {"Key": "[Clicks]", "Value": clicks},
                    {"Key": "[Day]", "Value": day},
                    {"Key": "[Interests]", "Value": interest},
                ],
            }
            for name, clicks, day, interest in people
        ),
    )
    return one


@pytest.mark.parametrize(
    ("groups", "people"),
    [
        ([], "ann bob eva"),
        ([[("[Clicks]", "GREATER_THAN_OR_EQUAL 5")]], "bob"),
        ([[("Clicks", "BETWEEN 3 AND 7")]], "ann bob"),
        ([[("[Clicks]", "NOT_PROVIDED")]], "eva"),
        ([[("Day", "AFTER 2026-01-05"), ("Day", "EQUALS 2026-01-05")]], "ann bob"),
        ([[("[Interests]", "EQUALS books")], [("[Clicks]", "PROVIDED")]], "ann"),
        ([[("EmailAddress", "CONTAINS BOB@")]], "bob"),
        ([[("Name", "EQUALS eva")]], "eva"),
        ([[("DateSubscribed", "BEFORE 2020-01-01")]], ""),
    ],
)
def test_rules_of_a_group_are_alternatives_and_groups_are_conditions(begin: Begin, groups: Any, people: str) -> None:
    """The people are active ones of the list, page by page."""
    at = begin()
    segment = made(at, stage(at), *groups)
    page = at.get(f"/segments/{segment}/active.json", orderfield="email").json()
    assert [row["EmailAddress"].partition("@")[0] for row in page["Results"]] == people.split()
    assert at.get(f"/segments/{segment}.json").json()["ActiveSubscribers"] == len(people.split())
    assert all("ReadsEmailWith" not in row for row in page["Results"])


def test_a_wrong_rule_is_told_beside_the_right_ones(begin: Begin) -> None:
    """One entry for each rule, in their order."""
    at = begin()
    one = stage(at)
    groups = [[("Day", "AFTER 2026-01-05"), ("Day", "AFTER soon")], [("Colour", "EQUALS red"), ("Name", "LIKE x")]]
    groups += [[("[Interests]", "EQUALS chess"), ("[Clicks]", "EQUALS many"), ("[Interests]", "CONTAINS books")]]
    reply = at.post(f"/segments/{one}.json", {"Title": "S", "RuleGroups": rules(*groups)})
    assert (reply.status_code, reply.json()["Code"]) == (400, 277)
    assert [each["Code"] for each in reply.json()["ResultData"]] == [0, 2720, 2705, 2717, 2722, 2721, 2717]
    assert at.get(f"/lists/{one}/segments.json").json() == []


def test_segments_change_and_lose_rules_with_their_fields(begin: Begin) -> None:
    """A title is needed; rules are replaced where some are given; one more group narrows it."""
    at = begin(segments_busy=1)
    one = stage(at)
    assert at.post(f"/segments/{one}.json", {"Title": "S"}).json()["Code"] == 278
    segment = made(at, one, [("[Interests]", "EQUALS books")])
    path = f"/segments/{segment}"

    def size() -> int:
        found: int = at.get(f"{path}.json").json()["ActiveSubscribers"]
        return found

    assert at.post(f"/segments/{one}.json", {"Title": "S"}).json()["Code"] == 275
    assert [at.put(f"{path}.json", {"Title": title}).status_code for title in ("", "T")] == [400, 200]
    assert size() == 2
    assert at.post(f"{path}/rules.json", rules([("[Clicks]", "PROVIDED")])[0]).status_code == 200
    assert size() == 1
    at.put(f"/lists/{one}/customfields/%5BInterests%5D/options.json", {"KeepExistingOptions": True, "Options": ["art"]})
    assert size() == 2
    assert at.delete(f"{path}/rules.json").status_code == 200
    assert size() == 3
    assert [each["Title"] for each in at.get(f"/clients/{at.client()}/segments.json").json()] == ["T"]
    assert [at.delete(f"{path}.json").status_code for _ in range(2)] == [200, 400]
