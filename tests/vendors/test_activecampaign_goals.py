"""ActiveCampaign: fields in their own forms, who is found by what, which contacts come, and whole runs."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.kit.effects import Http, Reply
from cdpkit.kit.exporting import ExportAsked, SentField
from cdpkit.kit.importing import ImportAsked
from cdpkit.kit.render import render
from cdpkit.runs.run import SUCCEEDED
from tests.kit.served import answered, calls, drive
from tests.vendors.activecampaign_at import (
    ACTIVE,
    BOUNCED,
    FOUND,
    SETTINGS,
    UNCONFIRMED,
    UNSUBSCRIBED,
    Shop,
    exporter,
    exporting,
    importer,
    outgoing,
    shop,
    source,
)
from tests.vendors.stage import load

GOOD = (ACCEPTED, None, ["6"])


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An account with 40 contacts that tests share, each with people of its own."""
    with shop(tmp_path_factory.mktemp("account"), people=40) as one:
        yield one


# Fields in their own forms


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("Points", [1, 2**53 + 1, None], ["1", str(2**53 + 1), None]),
        ("Points", ["12", " 1.50 ", "x"], ["12", "1.5", None]),
        ("Points", [True], [None]),
        ("Day", [date(2026, 3, 1), None], ["2026-03-01", None]),
        ("Day", [datetime(2026, 3, 1, 23, tzinfo=UTC)], ["2026-03-01"]),
        ("Day", ["2026-03-01", "no day"], ["2026-03-01", None]),
        ("Moment", [datetime(2026, 3, 1, 23, 5, tzinfo=UTC)], ["2026-03-01T23:05:00+00:00"]),
        ("Moment", ["2026-03-02T01:05:00+02:00"], ["2026-03-01T23:05:00+00:00"]),
        ("Plan", ["free", "Free", "11"], ["free", None, None]),
        ("Colours", ["red", "dark blue", "green"], ["red", "dark blue", None]),
        ("Colours", [["red", "dark blue"], ["red", "green"], []], [["red", "dark blue"], None, None]),
        ("Interests", [["a", "b"], ["a||b"]], [["a", "b"], None]),
        ("Note", [["a", "b"], ["c"]], ["a|b", "c"]),
        ("Note", [True, False], ["true", "false"]),
        ("firstName", [" Ann ", 5], [" Ann ", "5"]),
    ],
)
def test_values_in_the_form_of_a_field(field: str, values: list[Any], expected: list[Any]) -> None:
    """Null where one does not fit, or is none of a field's options: it would be stored unseen."""
    column = pl.Series(field, values, strict=False) if len({type(v) for v in values}) == 1 else None
    column = pl.Series(field, values) if column is None and None in values else column
    column = pl.Series(field, [str(v) for v in values]) if column is None else column
    made = exporter().convert(column, field, exporting(SETTINGS, FOUND))
    assert made.name == field
    assert made.to_list() == expected


def body(asked: ExportAsked, count: int, values: dict[str, Any], *, clear: bool = False) -> dict[str, Any]:
    """The body of somebody with these values, in the way of so many people."""
    frame = pl.DataFrame(
        [exporter().convert(pl.Series(name, [each]), name, asked).alias(name) for name, each in values.items()]
    )
    sent = [SentField(name, name, frame.schema[name], send_empty=clear) for name in frame.columns]
    found: dict[str, Any] = json.loads(render(frame, exporter().way(asked, count).members(asked, sent)).item())
    return found


def test_bodies_of_a_contact_and_of_one_in_an_import() -> None:
    """Other names and other ids; several values stand between bars, also one alone; what is empty is left out."""
    asked = exporting(SETTINGS, FOUND)
    values = {"firstName": "Ann", "Colours": ["red", "dark blue"], "Interests": ["one"], "Points": 5}
    assert body(asked, 1, values) == {
        "firstName": "Ann",
        "fieldValues": [
            {"field": "6", "value": "||red||dark blue||"},
            {"field": "16", "value": "||one||"},
            {"field": "1", "value": "5"},
        ],
    }
    assert body(asked, 10, values) == {
        "first_name": "Ann",
        "fields": [
            {"id": 6, "value": "||red||dark blue||"},
            {"id": 16, "value": "||one||"},
            {"id": 1, "value": "5"},
        ],
    }
    empty = {"firstName": None, "Colours": None}
    assert body(asked, 1, empty) == body(asked, 10, empty) == {}
    assert body(asked, 1, empty, clear=True) == {"firstName": "", "fieldValues": [{"field": "6", "value": ""}]}
    assert body(asked, 10, empty, clear=True) == {"first_name": "", "fields": [{"id": 6, "value": ""}]}


# What a goal may ask


@pytest.mark.parametrize(
    ("by", "fields", "options", "where", "what"),
    [
        (("phone", "id"), (), {}, "identifiers", "identifies people by"),
        ((), (), {}, "identifiers", "nothing is linked"),
        (("email",), ("Nots",), {}, "mappings", "no field 'Nots'; there are: Note"),
        (("email",), ("Note", "Note"), {}, "mappings", "filled twice"),
        (("email",), ("udate",), {}, "mappings", "managed by ActiveCampaign itself"),
        (("email",), ("bounced_hard",), {}, "mappings", "managed by ActiveCampaign itself"),
        (("id",), ("id",), {}, "mappings", "identifies people"),
        (("Customer number",), ("Customer number",), {}, "mappings", "identifies people"),
        (("id",), ("email",), {}, "mappings", "identifies people"),
        (("email",), ("Note",), {"on_leave": True}, "target.on_leave", "no list is chosen"),
    ],
)
def test_what_is_wrong_with_an_export(
    by: tuple[str, ...], fields: tuple[str, ...], options: dict[str, Any], where: str, what: str
) -> None:
    """Each is named, with what there is."""
    (problem, *_) = exporter().problems(exporting(SETTINGS, FOUND, fields, by, **options))
    assert problem.where == where
    assert what in problem.what


@pytest.mark.parametrize(
    "by", [("email",), ("id",), ("phone",), ("Customer number",), ("id", "email"), ("email", "Points")]
)
def test_a_goal_links_one_identifier_and_perhaps_the_address(by: tuple[str, ...]) -> None:
    """Contacts are looked for by the one, and made with the other."""
    assert exporter().problems(exporting(SETTINGS, FOUND, ("Note",), by)) == []


@pytest.mark.parametrize(("options", "what"), [({}, "neither all"), ({"all": True, "lists": ["VIP"]}, "both all")])
def test_an_import_names_everybody_or_lists(options: dict[str, Any], what: str) -> None:
    """One of the two."""
    (problem,) = importer().problems(ImportAsked(SETTINGS, source(**options), FOUND))
    assert what in problem.what


# Who is found by what


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("by", ["id", "phone", "Customer number"])
def test_contacts_are_found_by_other_identifiers(account: Shop, by: str, many: bool) -> None:
    """Whoever is not found is made where there is an address, and else told."""
    name = f"{by[:5].strip().lower()}.{str(many).lower()}"
    known, phone = f"known.{name}@example.com", f"+3150{ord(by[0])}{int(many)}"
    number = account.add(known, phone=phone, fieldValues=[{"field": "10", "value": f"N-{name}"}])
    value = {"id": number, "phone": phone, "Customer number": f"N-{name}"}[by]
    people = [
        {by: value},
        {by: "999999", "email": f"made.{name}@example.com"},
        {by: "999998"},
        {"email": f"only.{name}@example.com"},
    ]
    told = account.push(people, {"Note": ["a", "b", "c", "d"]}, many=many, by=(by, "email"), lists=["Empty"])
    assert told == {0: GOOD, 1: GOOD, 2: (REJECTED, "no_email_address", []), 3: GOOD}
    there = account.people()
    assert {email: person["Note"] for email, person in there.items() if name in email} == {
        known: "a",
        f"made.{name}@example.com": "b",
        f"only.{name}@example.com": "d",
    }
    assert there[known]["phone"] == phone
    kept = account.push(people[1:2], {"Note": ["z"]}, many=many, by=(by,), create=False)
    assert kept[0][:2] == (REJECTED, "no_match_at_vendor")


def test_a_telephone_is_compared_whole(account: Shop) -> None:
    """The vendor looks at its beginning alone."""
    account.add("long@example.com", phone="+3170001")
    account.add("longer@example.com", phone="+31700012")
    told = account.push([{"phone": "+3170001"}], {"Note": ["short"]}, many=False, by=("phone",))
    assert told[0][0] == ACCEPTED
    there = account.people()
    assert (there["long@example.com"].get("Note"), there["longer@example.com"].get("Note")) == ("short", None)


def test_a_value_that_several_contacts_have_is_nobody(account: Shop) -> None:
    """It is told, and none of them is written."""
    for name in "ab":
        account.add(f"twin.{name}@example.com", phone="+3180001")
    told = account.push([{"phone": "+3180001"}], {"Note": ["twin"]}, many=False, by=("phone",))
    assert told == {0: (REJECTED, "several_contacts", [])}
    assert "twin" not in {person.get("Note") for person in account.people().values()}


def test_somebody_who_is_there_in_name_alone_is_left_so() -> None:
    """A contact that is flagged as deleted is neither written nor put on a list."""
    rows = [{"id": "5", "email": "ann@example.com", "deleted": "1"}]

    def answer(call: Http) -> Reply:
        assert call.method == "GET"
        return answered(200, {"contacts": rows, "contactLists": [], "meta": {"total": "1"}})

    shopping = exporting(SETTINGS, FOUND, ["Note"], lists=["Empty"])
    out = outgoing(shopping, [{"email": "ann@example.com"}], {"Note": ["x"]})
    told, _ = drive(exporter().way(shopping, 1).push(shopping, out), answer)
    assert told is not None
    assert told.rows() == [(0, REJECTED, "deleted", [])]


def test_lists_that_are_left_out_of_an_answer_are_asked_for() -> None:
    """What is loaded beside contacts may be missing without a word; nobody counts as a stranger to a list then."""

    def answer(call: Http) -> Reply:
        if call.path.endswith("/5/contactLists"):
            rows = [{"id": "1", "contact": "5", "list": "6", "status": "2"}]
            return answered(200, {"contactLists": rows, "meta": {"total": "1"}})
        if call.path.endswith("/exclusions"):
            return answered(403, {"message": "Forbidden"})
        if call.method == "GET":
            return answered(200, {"contacts": [{"id": "5", "email": "ann@example.com"}], "meta": {"total": "1"}})
        return answered(200, {"contact": {"id": "5"}})

    shopping = exporting(SETTINGS, FOUND, ["Note"], lists=["Empty"])
    out = outgoing(shopping, [{"email": "ann@example.com"}], {"Note": ["x"]})
    told, seen = drive(exporter().way(shopping, 1).push(shopping, out), answer)
    assert told is not None
    assert told.rows() == [(0, ACCEPTED, "unsubscribed", [])]
    assert not any(call.path.endswith("/api/3/contactLists") for call in calls(seen))


@pytest.mark.parametrize(
    ("state", "resubscribe", "told"),
    [
        ("1", False, (ACCEPTED, None, ["6"])),
        ("", False, (ACCEPTED, None, ["6"])),
        ("91", False, (ACCEPTED, "unsubscribed", [])),
        ("91", True, (ACCEPTED, None, ["6"])),
        ("0", True, (ACCEPTED, "unconfirmed", [])),
        ("3", True, (REJECTED, "bounced", [])),
    ],
)
def test_states_of_a_list_that_there_may_be(state: str, resubscribe: bool, told: tuple[Any, ...]) -> None:
    """A code that nobody knows is none of somebody who is there."""

    def answer(call: Http) -> Reply:
        if call.path.endswith("/exclusions"):
            return answered(200, {"exclusions": []})
        rows = [{"id": "1", "contact": "5", "list": "6", "status": state}]
        one = {"id": "5", "email": "ann@example.com", "bounced_hard": None}
        if call.method == "GET":
            return answered(200, {"contacts": [one], "contactLists": rows, "meta": {"total": "1"}})
        return answered(200, {"contact": {}, "contactList": {}})

    shopping = exporting(SETTINGS, FOUND, ["Note"], lists=["Empty"], resubscribe=resubscribe)
    out = outgoing(shopping, [{"email": "ann@example.com"}], {"Note": ["x"]})
    found, _ = drive(exporter().way(shopping, 1).push(shopping, out), answer)
    assert found is not None
    assert found.rows() == [(0, *told)]


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (answered(422, {"errors": [{"title": "x", "code": "email_invalid"}]}), "email_invalid"),
        (answered(400, {"errors": [{"status": 400, "title": "Bad Request", "detail": "x"}]}), "status 400"),
        (answered(422, {"errors": "ann@example.com is odd"}), "status 422"),
    ],
)
def test_a_refusal_of_somebody_alone_is_told_by_its_code(refusal: Reply, reason: str) -> None:
    """And never by its prose."""

    def answer(call: Http) -> Reply:
        empty = {"contacts": [], "contactLists": [], "exclusions": [], "meta": {"total": "0"}}
        return answered(200, empty) if call.method == "GET" else refusal

    shopping = exporting(SETTINGS, FOUND, ["Note"])
    out = outgoing(shopping, [{"email": "ann@example.com"}], {"Note": ["x"]})
    told, _ = drive(exporter().way(shopping, 1).push(shopping, out), answer)
    assert told is not None
    assert told.rows() == [(0, REJECTED, reason, [])]


# Which contacts come


def test_all_contacts_come_with_their_fields_and_the_lists_where_they_are_active(account: Shop) -> None:
    """Several values as a list, moments in UTC, no date as none."""
    account.add(
        "rich@example.com",
        ACTIVE,
        firstName="Rich",
        fieldValues=[
            {"field": "6", "value": "||red||blue||"},
            {"field": "4", "value": "0000-00-00"},
            {"field": "5", "value": "2026-03-01T10:00:00-06:00"},
            {"field": "1", "value": "5"},
        ],
    )
    account.state(account.add("rich@example.com"), "VIP", UNSUBSCRIBED)
    row = account.pull(all=True).filter(email="rich@example.com").row(0, named=True)
    wanted = ("firstName", "Favourites", "Birth date", "Last purchase", "Points", "City", "lists", "list_ids")
    assert {name: row[name] for name in wanted} == {
        "firstName": "Rich",
        "Favourites": ["red", "blue"],
        "Birth date": None,
        "Last purchase": "2026-03-01T16:00:00+00:00",
        "Points": "5",
        "City": None,
        "lists": ["Empty"],
        "list_ids": ["6"],
    }


def test_the_contacts_of_chosen_lists_come_once(account: Shop) -> None:
    """By name or id, those who are active there; with a switch also the others, who are on no list therefore."""
    for name, state in {"act": ACTIVE, "uns": UNSUBSCRIBED, "bou": BOUNCED, "unc": UNCONFIRMED}.items():
        account.add(f"choice.{name}@example.com", state)
    both = account.add("choice.both@example.com", ACTIVE)
    account.state(both, "VIP", ACTIVE)
    found = account.pull(lists=["Empty", "4"])
    chosen = {row["email"]: row["lists"] for row in found.iter_rows(named=True) if "choice." in row["email"]}
    assert {email: sorted(lists) for email, lists in chosen.items()} == {
        "choice.act@example.com": ["Empty"],
        "choice.both@example.com": ["Empty", "VIP"],
    }
    assert found["email"].is_unique().all()
    more = account.pull(lists=["Empty"], unsubscribed=True)
    assert {row for row in more["email"] if "choice." in row} == {
        f"choice.{name}@example.com" for name in ("act", "uns", "bou", "unc", "both")
    }
    assert more.filter(email="choice.uns@example.com")["lists"].to_list() == [[]]


def test_only_wanted_fields_are_made(account: Shop) -> None:
    """And those by which contacts are known, also where nobody has a value."""
    rows = account.pull(["Note"], all=True)
    assert {"Note", "Customer number", "Hidden", "email", "id", "phone"} <= {*rows.columns}
    assert "Favourites" not in rows.columns


@pytest.mark.parametrize("total", ["all", "rest"])
def test_pages_end_whatever_their_total_counts(tmp_path: Path, total: str) -> None:
    """All contacts, or those that are left."""
    with shop(tmp_path, people=45, page_rows=20, total=total) as one:
        assert one.pull(all=True).height == 45
        assert one.calls("GET /api/3/contacts") <= 4


# Whole runs


def test_a_connection_exchanges_contacts_both_ways(tmp_path: Path) -> None:
    """More than ten go by an import, are put on a list, and leave that list alone when they leave the segment."""
    with shop(tmp_path, people=60) as one:
        ws, conn = one.stage.connected()
        goal = one.stage.import_goal(
            save_lists_to="lists",
            create_profiles=True,
            mappings=[
                {"from": name, "to": name.lower().replace(" ", "_")} for name in ("Favourites", "Points", "Plan")
            ],
        )
        conn.goals.add(**goal)
        assert conn.run().counters["created"] == 60
        profiles = {row["email"]: row for row in ws.profiles.collect().iter_rows(named=True)}
        names = {"3": "Newsletter", "4": "VIP", "5": "Café & thé ☕"}
        for email, person in one.people().items():
            on = {names[name] for name, state in person["lists"].items() if state == ACTIVE and name in names}
            assert {*(profiles[email.lower()]["lists"] or ())} == on
        conn.goals.remove("In")
        load(ws, *({"customer": f"c{n}", "email": f"c{n}@shop.example.com", "active": True} for n in range(30)))
        one.state(one.add("c0@shop.example.com", UNSUBSCRIBED), "VIP", ACTIVE)
        one.state(one.add("c1@shop.example.com"), "VIP", ACTIVE)
        conn.goals.add(**one.stage.export_goal(target={"lists": ["Empty"], "on_leave": True}))
        run = conn.run()
        assert (run.state, run.counters["accepted"]) == (SUCCEEDED, 30)
        assert one.calls("POST /api/3/import/bulk_import") == 1
        assert one.states("c0@shop.example.com", "c1@shop.example.com") == [UNSUBSCRIBED, ACTIVE]
        load(ws, *({"customer": f"c{n}", "active": False} for n in range(2)))
        assert conn.run().counters["withdrawn"] == 1
        assert one.states("c0@shop.example.com", "c1@shop.example.com") == [UNSUBSCRIBED, UNSUBSCRIBED]
        assert one.states("c0@shop.example.com", "c1@shop.example.com", name="VIP") == [ACTIVE, ACTIVE]


def test_a_goal_that_may_not_create_leaves_out_whom_it_does_not_find(tmp_path: Path) -> None:
    """Also those who were deleted since they were exported, who are looked for at each run."""
    with shop(tmp_path) as one:
        ws, conn = one.stage.connected()
        numbers = [one.add(f"p{n}@example.com") for n in range(12)]
        load(ws, *({"customer": f"c{n}", "email": f"p{n}@example.com", "active": True} for n in range(15)))
        conn.goals.add(**one.stage.export_goal(create=False, target={"lists": ["Empty"]}))
        counters = conn.run().counters
        assert (counters["accepted"], counters["skipped"]) == (12, {"no_match_at_vendor": 3})
        assert one.api.delete(f"/contacts/{numbers[0]}").is_success
        assert conn.run(full=True).counters["accepted"] == 11
        assert len(one.people()) == 11
