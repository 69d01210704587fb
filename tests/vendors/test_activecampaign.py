"""ActiveCampaign: what a naive client gets wrong, each with its number in the facts."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.errors import CdpkitError, CredentialsError, RemoteError
from cdpkit.kit.effects import Effects, Http, Reply, Wait
from cdpkit.kit.importing import ImportAsked
from tests.kit.served import answered, calls, drive, script
from tests.vendors.activecampaign_at import (
    ACTIVE,
    BOUNCED,
    FOUND,
    SETTINGS,
    UNCONFIRMED,
    UNSUBSCRIBED,
    VENDOR,
    Shop,
    exporter,
    exporting,
    importer,
    outgoing,
    shop,
    source,
)

GOOD = (ACCEPTED, None, ["6"])
IMPORT, INFO, SYNC = "POST /api/3/import/bulk_import", "GET /api/3/import/info", "POST /api/3/contact/sync"
HTML = Reply(200, {"content-type": "text/html; charset=utf-8"}, b"<!doctype html><title>Login</title>")


def people(name: str, count: int = 10) -> list[str]:
    """Addresses of a test's own."""
    return [f"{name.lower()}.{n}@shop.example.com" for n in range(count)]


def notes(count: int, text: str = "x") -> dict[str, list[str]]:
    return {"Note": [text] * count}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An account that tests share, each with people of its own."""
    with shop(tmp_path_factory.mktemp("account")) as one:
        yield one


# 1: a web page or a redirect is no yes


@pytest.mark.parametrize(
    ("reply", "error", "match"),
    [
        (HTML, CredentialsError, "login page"),
        (answered(200, b""), CredentialsError, "login page"),
        (answered(200, {"contacts": []}), CredentialsError, "login page"),
        (Reply(302, {"location": "https://www.example.com/login"}, b""), CredentialsError, r"settings\.base_url"),
        (answered(403, {"message": "Forbidden"}), CredentialsError, r"settings\.api_key"),
        (answered(401, b""), CredentialsError, r"settings\.api_key"),
        (answered(402, b""), RemoteError, "not paid"),
        (Reply(404, {"content-type": "text/html"}, b"<html>"), RemoteError, "status 404"),
        (answered(422, {"errors": [{"title": "ann@example.com", "code": "duplicate"}]}), RemoteError, r"\(duplicate\)"),
        (answered(422, {"errors": "one plain text of ann@example.com"}), RemoteError, "status 422$"),
    ],
)
def test_1_a_web_page_or_a_redirect_at_the_check_is_no_yes(reply: Reply, error: type[CdpkitError], match: str) -> None:
    """Each says what to look at, whatever the status is, and nothing that the vendor's prose may hold."""
    with pytest.raises(error, match=match) as told:
        drive(VENDOR.check(SETTINGS), script(reply))
    assert "ann@" not in str(told.value)


def test_1_a_login_page_for_a_wrong_key_is_told_at_the_key(tmp_path: Path) -> None:
    """By the check of a connection, and a run fails."""
    with shop(tmp_path, login_page=True) as one:
        conn = one.stage.connected()[1]
        conn.goals.add(**one.stage.import_goal())
        one.stage.given(api_key="wrong")
        (problem,) = conn.check()
        assert problem.where == "settings.api_key"
        assert conn.run().state == "failed"


@pytest.mark.parametrize("end", ["", "/", "/api/3", "/api/3/"])
def test_1_the_address_is_taken_with_and_without_the_path(account: Shop, end: str) -> None:
    """People paste both."""
    given = {**account.stage.settings, "base_url": account.stage.settings["base_url"] + end}
    with account.stage.driver(settings=given) as _:
        call = next(VENDOR.check(given))
    assert isinstance(call, Http)
    assert (given["base_url"].rstrip("/") + call.path).removeprefix(account.stage.settings["base_url"]) == (
        "/api/3/users/me"
    )


# 2: not paid, and gateways


def test_2_an_account_that_is_not_paid_is_asked_once(tmp_path: Path) -> None:
    """Its 402 has an empty body."""
    with shop(tmp_path, unpaid=True) as one, pytest.raises(RemoteError, match="not paid"):
        one.driver.run(VENDOR.check(one.stage.settings))
    assert one.calls("GET /api/3/users/me") == 1


def test_2_a_web_page_of_a_gateway_is_asked_again(tmp_path: Path) -> None:
    """As 504 on a read."""
    with shop(tmp_path, people=30) as one:
        assert one.stage.discovery.fields
        one.stage.fault("504", 0)
        assert one.pull(all=True).height == 30


# 3 and 4: both statuses, short answers


def test_3_both_statuses_of_a_good_answer_are_good(account: Shop) -> None:
    """201 for what is new and 200 for what was there."""
    for text in ("new", "again"):
        assert account.push(["three@example.com"], {"Note": [text]}, many=False, lists=["Empty"]) == {0: GOOD}
    assert account.people()["three@example.com"]["Note"] == "again"
    seen = account.stage.gate.calls.counted()
    assert all({"200", "201"} <= {*seen[name]["statuses"]} for name in (SYNC, "POST /api/3/contactLists"))


def test_4_a_short_answer_to_a_creation_is_enough() -> None:
    """Nothing but the id is read of it, which may be a number."""
    asked = exporting(SETTINGS, FOUND, ["firstName"], lists=["Empty"])
    replies = [
        answered(200, {"contacts": [], "contactLists": [], "meta": {"total": "0"}}),
        answered(200, {"exclusions": []}),
        answered(201, {"contact": {"id": 12, "email": "ann@example.com", "orgid": "", "organization": None}}),
        answered(201, {"contactList": {"id": "1", "status": ""}}),
    ]
    out = outgoing(asked, [{"email": "ann@example.com"}], {"firstName": ["Ann"]})
    told, seen = drive(exporter().way(asked, 1).push(asked, out), script(*replies))
    assert told is not None
    assert told.rows() == [(0, ACCEPTED, None, ["6"])]
    assert json.loads(calls(seen)[-1].body or b"") == {"contactList": {"list": 6, "contact": 12, "status": 1}}


# 5: whoever left stays away


@pytest.mark.parametrize("many", [False, True])
def test_5_whoever_left_is_not_put_back_unless_that_is_asked_for(account: Shop, many: bool) -> None:
    """The fields are written all the same; with the switch they are on the list again."""
    who = people(f"five{many}")
    for each in who[:3]:
        account.add(each, UNSUBSCRIBED)
    told = account.push(who, notes(10), many=many, lists=["Empty"])
    assert list(told.values()) == [(ACCEPTED, "unsubscribed", [])] * 3 + [GOOD] * 7
    assert account.states(*who) == [UNSUBSCRIBED] * 3 + [ACTIVE] * 7
    assert {account.people()[each]["Note"] for each in who} == {"x"}
    told = account.push(who, notes(10, "y"), many=many, lists=["Empty"], resubscribe=True)
    assert set(map(str, told.values())) == {str(GOOD)}
    assert account.states(*who) == [ACTIVE] * 10
    assert {account.people()[each]["Note"] for each in who} == {"y"}


@pytest.mark.parametrize("many", [False, True])
def test_5_whoever_left_one_list_may_be_put_on_another(account: Shop, many: bool) -> None:
    """Lists are looked at one by one."""
    who = people(f"lists{many}")
    for each in who[:3]:
        account.add(each, UNSUBSCRIBED)
    told = account.push(who, notes(10), many=many, lists=["Empty", "VIP"])
    assert [(fate, reason, sorted(lists)) for fate, reason, lists in told.values()] == [
        *[(ACCEPTED, "unsubscribed", ["4"])] * 3,
        *[(ACCEPTED, None, ["4", "6"])] * 7,
    ]
    assert account.states(*who) == [UNSUBSCRIBED] * 3 + [ACTIVE] * 7
    assert account.states(*who, name="VIP") == [ACTIVE] * 10


@pytest.mark.parametrize("elsewhere", [False, True])
def test_5_many_leave_with_an_import_that_names_none_but_them(tmp_path: Path, elsewhere: bool) -> None:
    """Few calls, as the list is read where that is less; who is not on it, or was deleted, is not made by leaving."""
    with shop(tmp_path, people=4000 if elsewhere else 0) as one:
        assert one.stage.discovery.fields
        name = "Newsletter" if elsewhere else "Empty"
        who = people("leaver", 30)
        states = [ACTIVE] * 24 + [UNCONFIRMED, UNSUBSCRIBED, BOUNCED, None]
        for each, state in zip(who, states, strict=False):
            one.state(one.add(each, state, name), "VIP", ACTIVE)
        others = {each: person["lists"] for each, person in one.people().items() if each not in who}
        before = one.stage.calls()
        told = one.withdraw(who, name)
        assert one.stage.calls() - before <= (40 if elsewhere else 10)
        assert told["fate"].to_list() == [ACCEPTED] * 30
        assert one.calls(IMPORT) == 1
        expected = [*[UNSUBSCRIBED] * 26, BOUNCED, *[None] * 3]
        assert one.states(*who, name=name) == expected
        assert one.states(*who, name="VIP") == [ACTIVE] * 28 + [None] * 2
        there = one.people()
        assert {each: person["lists"] for each, person in there.items() if each not in who} == others


STATES = (None, ACTIVE, UNSUBSCRIBED, BOUNCED, UNCONFIRMED, "deleted", "excluded")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(STATES[:5])), min_size=1, max_size=12),
    many=st.booleans(),
    resubscribe=st.booleans(),
    leave=st.booleans(),
    fields=st.booleans(),
    number=st.uuids(),
)
def test_5_nobody_is_revived_by_any_path(
    account: Shop,
    before: list[tuple[str | None, str | None]],
    many: bool,
    resubscribe: bool,
    leave: bool,
    fields: bool,
    number: Any,
) -> None:
    """Not who unsubscribed, unless that is asked for; not who bounced; and who leaves keeps all other lists.

    Nobody who was deleted comes back where a goal may not create, and nobody whom the account excludes ever.
    """
    who, ids = [], []
    for n, (first, second) in enumerate(before):
        email = f"{'forgotten.' if first == 'excluded' else ''}r{n}.{number.hex[:12]}@example.com"
        who.append(email)
        if first in ("excluded", None) and second is None:
            continue
        made = account.add(email, None if first in ("deleted", "excluded") else first)
        if second is not None:
            account.state(made, "VIP", second)
        ids.append(made)
        if first == "deleted":
            assert account.api.delete(f"/contacts/{made}").is_success
    there = account.people()
    # An import cannot refuse to create, so a run leaves out whom it did not find.
    going = [each for each in who if each in there or not many]
    values = notes(len(going), number.hex) if fields else {}
    lists = ["Empty", "Newsletter"]
    told = account.push(going, values, many=many, lists=lists, resubscribe=resubscribe, create=False)
    after = account.people()
    assert {*after} == {*there}
    for email in {*who} & {*there}:
        was, now = there[email]["lists"], after[email]["lists"]
        assert {name: state for name, state in was.items() if name == "4"} == {
            name: state for name, state in now.items() if name == "4"
        }
        bounced = BOUNCED in was.values()
        if was.get("6") == UNSUBSCRIBED:
            assert now["6"] == (ACTIVE if resubscribe and not bounced else UNSUBSCRIBED)
        if bounced or "forgotten." in email:
            assert now == was
    assert all(fate in (ACCEPTED, REJECTED) for fate, _, _ in told.values())
    if leave:
        account.withdraw(who, "Empty")
        left = account.people()
        assert {*left} == {*after}
        for email in {*who} & {*after}:
            was, now = after[email]["lists"], left[email]["lists"]
            assert {name: state for name, state in was.items() if name != "6"} == {
                name: state for name, state in now.items() if name != "6"
            }
            gone = was.get("6") in (ACTIVE, UNCONFIRMED)
            assert now.get("6") == (UNSUBSCRIBED if gone else was.get("6"))


# 6 to 8: imports


Script = Callable[[Http], Reply]


def importing(posts: list[Reply], result: Reply | None = None) -> Script:
    """A vendor that answers imports so, knows no contact, and takes whoever comes alone."""
    done = result or answered(200, {"status": "completed", "success": [], "failure": []})

    def answer(call: Http) -> Reply:
        if call.path.endswith("/import/bulk_import"):
            return posts.pop(0)
        if call.path.endswith("/import/info"):
            return done
        if call.path.endswith("/contacts"):
            return answered(200, {"contacts": [], "contactLists": [], "meta": {"total": "0"}})
        if call.path.endswith("/exclusions"):
            return answered(404, b"<html>")
        return answered(201, {"contact": {"id": "5"}})

    return answer


def queued(count: int) -> Reply:
    return answered(200, {"Success": 1, "queued_contacts": count, "batchId": "b-1", "message": "queued"})


def refused(*reasons: Any) -> Reply:
    return answered(400, {"success": 0, "message": "no", "failureReasons": list(reasons)})


def imported(count: int, answer: Script) -> tuple[dict[int, tuple[str, str | None]], list[Any]]:
    """The fates of so many people, and what was asked for."""
    asked = exporting(SETTINGS, FOUND, ["Note"])
    out = outgoing(asked, [{"email": each} for each in people("six", count)], notes(count))
    told, seen = drive(exporter().way(asked, count).push(asked, out), answer)
    assert told is not None
    return {row: (fate, reason) for row, fate, reason, _ in told.iter_rows()}, seen


def rows_of(call: Http) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call.body or b"")["contacts"]
    return found


def posts_of(seen: list[Any]) -> list[int]:
    """How many contacts each import had."""
    return [len(rows_of(call)) for call in calls(seen) if call.path.endswith("/import/bulk_import")]


def test_6_one_bad_contact_among_250_is_set_apart() -> None:
    """The place in the answer counts from one; the others are imported without it."""
    why = {"contact": 3, "failureReason": "Field 'email' not found"}
    told, seen = imported(250, importing([refused(why), queued(249)]))
    assert told[2] == (REJECTED, "Field 'email' not found")
    assert [row for row, fate in told.items() if fate != (ACCEPTED, None)] == [2]
    assert posts_of(seen) == [250, 249]


def test_6_an_improper_address_is_not_sent_at_all(account: Shop) -> None:
    """What the documentation says of addresses is looked at before; nothing is refused therefore."""
    bad = ["", "a@b", "a b@example.com", "a@@example.com", 'a"@example.com', "a@example.c", "@example.com", "a@.com"]
    who = [*people("proper"), *bad[1:]]
    before = account.calls(IMPORT)
    told = account.push(who, notes(len(who)), many=True, lists=["Empty"])
    assert list(told.values()) == [GOOD] * 10 + [(REJECTED, "email_invalid", [])] * 7
    assert account.calls(IMPORT) - before == 1
    assert account.push(bad[1:2], notes(1), many=False) == {0: (REJECTED, "email_invalid", [])}


def test_6_a_refusal_that_names_nobody_is_found_by_halves() -> None:
    """And nobody is imported twice."""
    vain = refused("Invalid or unparsable json")
    told, seen = imported(12, importing([vain, queued(6), vain, queued(3), queued(3)]))
    assert set(told.values()) == {(ACCEPTED, None)}
    assert posts_of(seen) == [12, 6, 6, 3, 3]


def test_6_a_reason_that_may_hold_a_value_is_not_repeated() -> None:
    """Only words of which that is certain."""
    why = {"contact": 1, "failureReason": "Ann Adams is not valid"}
    told, _ = imported(12, importing([refused(why), queued(11)]))
    assert told[0] == (REJECTED, "refused")


def test_6_imports_over_the_rate_are_made_a_minute_later() -> None:
    """That comes as a 400, not as 429."""
    often = refused("You may make up to 100 imports per minute")
    told, seen = imported(12, importing([often, often, queued(12)]))
    assert set(told.values()) == {(ACCEPTED, None)}
    assert [each for each in seen if isinstance(each, Wait)][:2] == [Wait(60), Wait(60)]
    with pytest.raises(RemoteError, match="no more imports"):
        imported(12, importing([often] * 20))


def test_7_a_result_that_is_not_there_is_asked_for_again(tmp_path: Path) -> None:
    """Its state is false first; the import is made once."""
    with shop(tmp_path, false_polls=3, job_polls=1) as one:
        assert set(map(str, one.push(people("a"), notes(10), many=True, lists=["Empty"]).values())) == {str(GOOD)}
        assert (one.calls(IMPORT), one.calls(INFO)) == (1, 7)


@pytest.mark.parametrize(("spoiled", "fate"), [(1, GOOD), (2, (REJECTED, "import_interrupted", []))])
def test_7_an_interrupted_import_is_made_once_more(tmp_path: Path, spoiled: int, fate: Any) -> None:
    """And no more than that; who was in it is told then."""
    with shop(tmp_path, spoiled=spoiled) as one:
        assert set(map(str, one.push(people("a"), notes(10), many=True, lists=["Empty"]).values())) == {str(fate)}
        assert one.calls(IMPORT) == 2


@pytest.mark.parametrize("counted", ["ids", "count"])
def test_8_fewer_queued_than_sent_are_told_by_name(tmp_path: Path, counted: str) -> None:
    """Whoever is excluded, has left or bounced; their fields were not written, except of those who have left."""
    with shop(tmp_path, imported=counted) as one:
        who = [*people("a"), "forgotten.1@example.com"]
        for each, state in zip(who, (UNSUBSCRIBED, BOUNCED), strict=False):
            one.add(each, state)
        told = one.push(who, notes(11), many=True, lists=["Empty"])
        assert [told[0], told[1], told[10]] == [
            (ACCEPTED, "unsubscribed", []),
            (REJECTED, "bounced", []),
            (REJECTED, "excluded", []),
        ]
        assert [told[row] for row in range(2, 10)] == [GOOD] * 8
        there = one.people()
        assert [there[each].get("Note") for each in who[:3]] == ["x", None, "x"]
        assert who[10] not in there


def test_8_nobody_new_is_made_whom_an_import_refused(tmp_path: Path) -> None:
    """Such as beyond the contacts that the account may have; other calls would make them."""
    with shop(tmp_path, contact_limit=8) as one:
        told = one.push(people("a"), notes(10), many=True, lists=["Empty"])
        assert sorted(map(str, told.values())) == sorted([str(GOOD)] * 8 + [str((REJECTED, "no_reason", []))] * 2)
        assert len(one.people()) == 8


def test_8_those_who_are_not_named_are_looked_at_alone() -> None:
    """Where fewer are queued, and the result names none of them."""
    told, seen = imported(12, importing([queued(11)]))
    assert set(told.values()) == {(ACCEPTED, None)}
    assert sum(call.path.endswith("/contact/sync") for call in calls(seen)) == 12


def test_8_no_reason_is_a_reason_too() -> None:
    """A refused address of which nothing is known."""
    result = answered(200, {"status": "completed", "success": 11, "failure": [people("six")[3].upper()]})
    told, seen = imported(12, importing([queued(12)], result))
    assert told.pop(3) == (REJECTED, "no_reason")
    assert set(told.values()) == {(ACCEPTED, None)}
    assert not any(call.path.endswith("/contact/sync") for call in calls(seen))


@pytest.mark.parametrize("fault", ["500", "drop", "cut", "timeout_after_accept", "html"])
def test_8_an_import_bears_a_fault_at_any_call(tmp_path: Path, fault: str) -> None:
    """Whichever call goes wrong, each person is told once, and the account has what is told; or it works the next time.

    A web page is told as such; nobody is taken for accepted or for not excluded therefore.
    """
    with shop(tmp_path) as one:
        assert one.stage.discovery.fields
        who = [*people("a", 11), "forgotten.1@example.com", "improper"]
        one.add(who[0], UNSUBSCRIBED)
        one.add(who[1], BOUNCED)
        expected: dict[int, Any] = dict.fromkeys(range(2, 11), GOOD) | {
            0: (ACCEPTED, "unsubscribed", []),
            1: (REJECTED, "bounced", []),
            11: (REJECTED, "excluded", []),
            12: (REJECTED, "email_invalid", []),
        }
        before = one.stage.calls()
        assert one.push(who, notes(13, "before"), many=True, lists=["Empty"]) == expected
        for nth in range(one.stage.calls() - before):
            one.stage.fault(fault, nth, seconds=0.01)
            if fault == "html":
                with pytest.raises(RemoteError, match="text/html"):
                    one.push(who, notes(13), many=True, lists=["Empty"])
            assert one.push(who, notes(13, f"call {nth}"), many=True, lists=["Empty"]) == expected
            assert one.stage.gate.faults.left() == []
            there = one.people()
            assert {there[each]["Note"] for each in (who[0], *who[2:11])} == {f"call {nth}"}
            assert one.states(*who[:3]) == [UNSUBSCRIBED, BOUNCED, ACTIVE]
            assert {*there} == {*who[:11]}


# 9: moments


def test_9_a_moment_in_another_zone_is_no_change(tmp_path: Path) -> None:
    """The account writes it in its own zone, whatever it came in."""
    with shop(tmp_path) as one:
        ws, conn = one.stage.connected()
        ws.properties.add("moment", type="datetime")
        conn.goals.add(**one.stage.import_goal(mappings=[{"from": "Moment", "to": "moment"}]))
        for text in ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00+00:00", "2026-03-01T09:00:00+01:00"):
            one.add("ann@example.com", fieldValues=[{"field": "15", "value": text}])
            run = conn.run()
            assert run.state == "succeeded"
        assert one.people()["ann@example.com"]["Moment"] == "2026-03-01T02:00:00-06:00"
        assert run.counters["excluded"] == {"not_changed": 1}
        assert str(ws.profiles.collect()["moment"].item()).startswith("2026-03-01 08:00:00")


# 10: reading while it changes


def test_10_contacts_that_change_meanwhile_come_once(tmp_path: Path) -> None:
    """Pages by id lose and double nobody when others come and go between them."""
    with shop(tmp_path, people=250, page_rows=40) as one:
        asked = ImportAsked(one.stage.settings, source(all=True), one.stage.discovery, None)
        turn = 0

        def meddled(effects: Effects[Any]) -> Effects[Any]:
            nonlocal turn
            reply: Any = None
            while True:
                try:
                    effect = effects.send(reply)
                except StopIteration as end:
                    return end.value
                reply = yield effect
                if isinstance(effect, Http) and turn < 5:
                    turn += 1
                    assert one.api.delete(f"/contacts/{turn}").is_success
                    one.add(f"late{turn}@example.com")

        pulled = one.driver.run(meddled(importer().pull(asked, None)))
        rows = one.stage.rows_of(asked, pulled.pages)
        assert rows["id"].is_unique().all()
        assert {str(n) for n in range(6, 251)} <= {*rows["id"]}


def test_10_fields_and_lists_that_change_meanwhile_come_once(tmp_path: Path) -> None:
    """More than a page of each; where their number changes between pages, they are read again."""
    with shop(tmp_path, page_rows=20) as one:
        for n in range(26):
            assert one.api.post("/fields", json={"field": {"title": f"F{n}", "type": "text"}}).is_success
            given = {"name": f"L{n}", "stringid": f"l{n}", "sender_url": "x", "sender_reminder": "y"}
            assert one.api.post("/lists", json={"list": given}).is_success
        found = one.driver.run(VENDOR.discover(one.stage.settings))
        custom = [field for field in found.fields if field.id]
        assert len({field.id for field in custom}) == len(custom) == 45
        assert {f"L{n}" for n in range(26)} < {item.name for item in found.lists}
        assert "Text messages" not in {item.name for item in found.lists}


def test_10_a_total_that_changes_is_read_again() -> None:
    """A row that moved to a page that was read already is found then."""
    first = [{"id": str(n), "title": f"F{n}", "type": "text"} for n in (1, 2, 3)]
    replies = [
        answered(200, {"fields": first[:2], "meta": {"total": "3"}}),
        answered(200, {"fields": [], "meta": {"total": "2"}}),
        answered(200, {"fields": [first[1], first[2]], "meta": {"total": "2"}}),
        answered(200, {"lists": [], "meta": {"total": "0"}}),
    ]
    found, _ = drive(VENDOR.discover(SETTINGS), script(*replies))
    assert [field.name for field in found.fields if field.id] == ["F1", "F2", "F3"]


def test_10_a_cursor_that_is_passed_over_does_not_go_on_for_ever() -> None:
    """The same contacts again and again end the import."""
    page = answered(200, {"contacts": [{"id": "5"}, {"id": "6"}], "meta": {"total": "9"}})
    with pytest.raises(RemoteError, match="gave before"):
        drive(importer().pull(ImportAsked(SETTINGS, source(all=True), FOUND), None), lambda _: page)


def test_10_a_filter_that_is_passed_over_finds_nobody_else() -> None:
    """Everybody comes, and only who has the address is taken."""
    rows = [{"id": str(n), "email": f"p{n}@example.com", "bounced_hard": "0"} for n in range(1, 4)]
    everybody = answered(200, {"contacts": rows, "contactLists": [], "meta": {"total": "3"}})

    def answer(call: Http) -> Reply:
        if call.path.endswith("/exclusions"):
            return answered(200, {"exclusions": []})
        return everybody if call.method == "GET" else answered(200, {"contact": {"id": "2"}})

    asked = exporting(SETTINGS, FOUND, ["Note"], create=False)
    out = outgoing(asked, [{"email": "p2@example.com"}, {"email": "nobody@example.com"}], notes(2))
    told = [drive(exporter().way(asked, 1).push(asked, out.slice(n, 1)), answer) for n in (0, 1)]
    assert [call.path for call in calls(told[0][1]) if call.method == "PUT"] == ["/api/3/contacts/2"]
    assert [call.path for call in calls(told[1][1]) if call.method != "GET"] == []
    assert told[1][0] is not None
    assert told[1][0]["reason"].item() == "no_match_at_vendor"
