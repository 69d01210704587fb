"""Goals of a connection to Campaign Monitor, against its imitation: what a client that asks too little gets wrong."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.errors import ConfigurationError, RemoteError
from cdpkit.kit.effects import Keep, Reply
from cdpkit.kit.importing import ImportAsked
from cdpkit.sandbox.faults import Fault
from cdpkit.vendors.campaign_monitor.push import STILL_SUPPRESSED
from tests.kit.served import answered, calls, drive, script
from tests.vendors.campaign_monitor_at import (
    ACTIVE,
    BOUNCED,
    DELETED,
    EMAIL,
    UNSUBSCRIBED,
    Agency,
    Office,
    agency,
    exporter,
    importer,
    office,
    outgoing,
    source,
)
from tests.vendors.desk import address
from tests.vendors.stage import load

A, B, C, D = (address(name) for name in "abcd")
WRONG = "no.address@"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Agency]:
    with agency(tmp_path) as one:
        yield one


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as one:
        yield one


def fates(told: Mapping[int, tuple[str, str | None, Sequence[str]]]) -> list[tuple[str, str | None]]:
    return [(fate, reason) for fate, reason, _ in told.values()]


# Ten that a naive client gets wrong


def test_an_import_that_failed_for_some_fails_for_them_alone(at: Agency) -> None:
    """1: the status is 400, and every row that its details do not name was stored."""
    at.add(B, "VIP", UNSUBSCRIBED)
    told = at.push([A, B, WRONG, C], lists=["VIP"])
    assert fates(told) == [(ACCEPTED, None), (REJECTED, "unsubscribed"), (REJECTED, "invalid_email"), (ACCEPTED, None)]
    assert at.calls("POST /api/v3.3/subscribers/{id}/import.json") == 2  # one of them by other hands
    assert at.states(A) == at.states(C) == {"VIP": ACTIVE}
    assert at.states(B) == {"VIP": UNSUBSCRIBED}


@pytest.mark.parametrize("code", [400, 213, -213, 214, "215"])
def test_one_row_that_sinks_a_whole_import_is_found_and_the_others_arrive(at: Agency, code: int | str) -> None:
    """2: without details, whatever the sign of the code; the halves without it are taken."""
    asked = at.asked(["Name"])
    people = outgoing(asked, [f"p{n}@example.com" for n in range(8)], {"Name": list("abcdefgh")})

    def answer(call: Any) -> Reply:
        rows = json.loads(call.body)["Subscribers"]
        if any(row["Name"] == "f" for row in rows):
            return answered(400, {"Code": code, "Message": "Fields in error: subscriber\r\n"})
        return answered(201, {"FailureDetails": []})

    told, asked_for = drive(exporter().way(asked, 8).push(asked, people), answer)
    assert told is not None
    word = "cannot_be_read" if code == 400 else "consent"
    assert dict(told.filter(fate=REJECTED).select("row", "reason").rows()) == {5: word}
    assert len(calls(asked_for)) == 7


def test_a_call_that_nobody_can_read_ends_the_goal(at: Agency) -> None:
    """2: where all of many are refused alike it is not about people, and the next thousand are spared that."""
    asked = at.asked(["Name"])
    people = outgoing(asked, [f"p{n}@example.com" for n in range(20)], {"Name": ["x"] * 20})
    with pytest.raises(RemoteError, match="cannot read anybody"):
        drive(exporter().way(asked, 20).push(asked, people), lambda _: answered(400, {"Code": 400}))


def test_a_leaver_who_enters_again_is_active_again_and_nobody_else_is(place: Office) -> None:
    """3: in one batch those come back whom the goal deleted, and whoever has unsubscribed stays out."""
    target = {"lists": ["VIP"], "on_leave": True}
    place.load("a", "b", "c")
    assert place.exporting(target=target)["accepted"] == 3
    place.leave("a", "b")
    assert place.exporting(target=target)["withdrawn"] == 2
    place.at.state(C, UNSUBSCRIBED, "VIP")
    place.load("a", "b", "c")
    load(place.ws, {"customer": "c", "note": "changed"})
    counters = place.exporting(target=target)
    assert (counters["accepted"], counters["rejected"]) == (2, {"unsubscribed": 1})
    assert [place.at.states(each)["VIP"] for each in (A, B, C)] == [ACTIVE, ACTIVE, UNSUBSCRIBED]


def test_who_unsubscribed_before_leaving_is_not_deleted_and_does_not_come_back(place: Office) -> None:
    """3: deleting them would wipe out that they did, and let them in again with the other leavers."""
    target = {"lists": ["VIP"], "on_leave": True, "resubscribe_deleted": True}
    place.load("a")
    place.exporting(target=target)
    place.at.state(A, UNSUBSCRIBED, "VIP")
    place.leave("a")
    place.exporting(target=target)
    assert place.at.states(A) == {"VIP": UNSUBSCRIBED}
    place.load("a")
    assert place.exporting(target=target)["rejected"] == {"unsubscribed": 1}


def test_who_is_active_again_may_be_suppressed_still_and_that_is_said(at: Agency) -> None:
    """4: only a person can take somebody off that list."""
    at.add(A)
    at.state(A, UNSUBSCRIBED)
    assert at.suppressed() == {A}
    told = at.push([A, B], resubscribe=True)
    assert fates(told) == [(ACCEPTED, STILL_SUPPRESSED), (ACCEPTED, None)]
    assert told[0][2] == told[1][2] == [at.lists["Empty"]]
    assert at.states(A) == {"Empty": ACTIVE}
    assert at.suppressed() == {A}
    assert any("suppression list" in text and A not in text for text in at.driver.told)


def test_a_leaver_stays_on_all_other_lists_and_is_not_suppressed(at: Agency) -> None:
    """5: the list is one of those from which unsubscribing reaches all others."""
    for name in ("Empty", "Newsletter", "VIP"):
        at.add(A, name)
    at.withdraw([A, B], "Empty")
    assert at.states(A) == {"Empty": DELETED, "Newsletter": ACTIVE, "VIP": ACTIVE}
    assert at.suppressed() == set()
    assert at.calls("POST /api/v3.3/subscribers/{id}/unsubscribe.json") == 0


def test_a_field_that_a_list_has_not_is_named_before_anything_is_sent(place: Office) -> None:
    """6: the vendor would take the people, and drop what they have in it."""
    rows = [{"value": "text", "text": "x", "to": "Plan"}]
    place.load("a")
    goal = {"target": {"lists": ["Empty", "Newsletter"]}, "mappings": rows}
    with pytest.raises(ConfigurationError, match="list 'Empty' at Campaign Monitor has no field 'Plan'; there are: "):
        raise ConfigurationError("", _problems(place, **goal))
    (problem,) = _problems(place, mappings=[{"value": "text", "text": "x", "to": "Favorite quote"}])
    assert "no field at Campaign Monitor 'Favorite quote'; there are: Favourite quote" in problem.what
    assert "POST /api/v3.3/subscribers/{id}/import.json" not in place.at.stage.gate.calls.counted()


def test_a_field_that_goes_while_people_go_is_noticed(at: Agency) -> None:
    """6: one of those who were taken is read again, and what is not there is named."""
    asked = at.asked(["Favourite quote"])
    people = outgoing(asked, [A], {"Favourite quote": ["x"]})
    at.api.delete(f"/lists/{at.lists['Empty']}/customfields/%5BFavouritequote%5D.json")
    with pytest.raises(RemoteError, match="passed over what they have in Favourite quote"):
        at.driver.run(exporter().way(asked, 1).push(asked, people))
    assert at.states(A) == {"Empty": ACTIVE}


@pytest.mark.parametrize("keys", ["bracketed", "plain"])
@pytest.mark.parametrize("empty", ["omit", "blank"])
def test_reads_find_fields_by_keys_of_any_form_and_gather_several_options(
    tmp_path: Path, keys: str, empty: str
) -> None:
    """7: `[Tier1]`, `Tier1`, `[Birthdate]`, and one entry for each option of a field."""
    with agency(tmp_path, 60, keys=keys, empty_values=empty) as at:
        there = {email: person["subscriptions"] for email, person in at.people().items()}
        wanted = ["Tier", "Birth date", "Favourites", "Points"]
        rows = at.pull(wanted, lists=["Customers"])
        assert rows.height == 60
        for row in rows.iter_rows(named=True):
            own = there[row[EMAIL]][at.lists["Customers"]]
            assert {name: row[name] for name in wanted} == {name: own.get(name) for name in wanted}
        assert rows["Favourites"].dtype == pl.List(pl.String)
        assert rows["Tier"].null_count() < 60


def test_changes_of_people_who_stay_are_found_and_days_are_those_of_the_account(at: Agency) -> None:
    """8: a full reading finds them; one of some days asks by the account's clock, with a day to spare."""
    at.add(A)
    assert at.pull(lists=["Empty"])["Name"].to_list() == [""]
    at.push([A], {"Name": ["Ann"]})
    assert at.pull(lists=["Empty"])["Name"].to_list() == ["Ann"]
    at.pull(lists=["Empty"], days=2)
    asked = [call for call in at.stage.gate.calls.recent() if call["path"].endswith("/active.json")][-1]
    since = dict(httpx.QueryParams(asked["query"]))["date"]
    now = datetime.fromisoformat(at.api.get("/systemdate.json").json()["SystemDate"])
    assert 3 * 86_400 <= (now - datetime.fromisoformat(since)).total_seconds() < 3 * 86_400 + 60


def test_a_429_without_headers_a_web_page_and_an_empty_answer_are_borne(at: Agency) -> None:
    """10: the first two are asked again, and an answer that says nothing is no failure."""
    for fault in (Fault("*", "429"), Fault("*", "502")):
        at.stage.gate.faults.add(fault)
        assert fates(at.push([A])) == [(ACCEPTED, None)]
    assert at.stage.gate.faults.left() == []
    asked = at.asked(["Name"])
    people = outgoing(asked, [A], {"Name": ["x"]})
    empty = Reply(200, {}, b"")
    told, _ = drive(exporter().way(asked, 1).push(asked, people), script(empty))
    assert told is not None
    assert told["fate"].to_list() == [ACCEPTED]
    rows = pl.DataFrame({"row": [0], EMAIL: [A]})
    withdrawal = exporter().withdrawal
    assert withdrawal is not None
    gone = withdrawal.take(asked, at.item("Empty"), rows)
    left, _ = drive(gone, script(answered(200, {"State": ACTIVE}), empty))
    assert left["fate"].to_list() == [ACCEPTED]


# Nobody is revived

SHARED = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    with agency(tmp_path_factory.mktemp("shared"), 120) as one:
        yield one


@SHARED
@given(
    st.data(),
    st.sampled_from(["Newsletter", "Café & thé ☕", "Customers", "VIP"]),
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(["enter", "update", "leave", "deleted", "unsubscribed"]), min_size=1, max_size=5),
)
def test_nobody_is_revived_by_any_path_unless_that_is_asked_for(
    shared: Agency, data: st.DataObject, name: str, deleted: bool, both: bool, steps: list[str]
) -> None:
    """Whatever is done with somebody in whatever order: who is out stays out, but for those deleted where said so."""
    people = sorted(shared.people())
    chosen = data.draw(st.lists(st.sampled_from(people), min_size=1, max_size=6, unique=True))
    lists = [name, "Empty"] if both else [name]
    for step in steps:
        before = shared.all_states(chosen)
        if step in {"enter", "update"}:
            shared.push(chosen, lists=lists, on_enter=step == "enter", resubscribe_deleted=deleted)
        elif step == "leave":
            shared.withdraw(chosen, name)
        else:
            state = DELETED if step == "deleted" else UNSUBSCRIBED
            if before[chosen[0]].get(name) == ACTIVE:
                shared.state(chosen[0], state, name)
            continue
        after = shared.all_states(chosen)
        for email in chosen:
            for listed, was in before[email].items():
                now = after[email][listed]
                if was not in {ACTIVE, *([DELETED] if deleted and step == "enter" else [])}:
                    assert now == was or (step == "leave" and listed == name and now == DELETED)
                if was in {UNSUBSCRIBED, BOUNCED}:
                    assert now == was


@SHARED
@given(st.data(), st.sampled_from(["Newsletter", "Café & thé ☕", "Customers", "VIP"]))
def test_a_leaver_keeps_all_other_lists_and_is_on_no_suppression_list(
    shared: Agency, data: st.DataObject, name: str
) -> None:
    """Whoever it is, whatever list it is, and whatever unsubscribing from it would reach."""
    chosen = data.draw(st.lists(st.sampled_from(sorted(shared.people())), min_size=1, max_size=8, unique=True))
    before, suppressed = shared.all_states(chosen), shared.suppressed()
    told = shared.withdraw(chosen, name)
    assert told["fate"].to_list() == [ACCEPTED] * len(chosen)
    for email, after in shared.all_states(chosen).items():
        assert {k: v for k, v in after.items() if k != name} == {k: v for k, v in before[email].items() if k != name}
        assert after.get(name) != ACTIVE
        if before[email].get(name) in {UNSUBSCRIBED, BOUNCED, DELETED, None}:
            assert after.get(name) == before[email].get(name)
    assert shared.suppressed() == suppressed


# Values


def test_dates_are_the_clients_and_those_out_of_range_are_kept_back(at: Agency) -> None:
    """A moment late in the evening is of the next day there; what the vendor would drop is no value that fits."""
    asked = at.asked(["Day"])
    moments = pl.Series("Day", [datetime(2026, 3, 1, 23, tzinfo=UTC)])
    assert exporter().convert(moments, "Day", asked).to_list() == ["2026-03-02"]
    days = pl.Series("Day", [date(1899, 12, 31), date(1900, 1, 1), date(2076, 6, 6), date(2076, 6, 7)])
    assert exporter().convert(days, "Day", asked).to_list() == [None, "1900-01-01", "2076-06-06", None]


@pytest.mark.parametrize(
    ("field", "given", "made"),
    [
        ("Clicks", ["12", "1.50", "1e300", "x"], ["12", "1.5", None, None]),
        ("Clicks", [2**63 - 1, None], [str(2**63 - 1), None]),
        ("Member", ["true", "yes"], ["true", None]),
        ("Interests", [["books", "music"], ["books", "cars"], []], [["books", "music"], None, None]),
        ("Favourite quote", ["a" * 250, "a" * 251], ["a" * 250, None]),
        ("Favourite quote", [["a", "b"], ["c"]], ["a|b", "c"]),
        ("ConsentToTrack", ["yes", "NO", "unchanged", "maybe"], ["Yes", "No", "Unchanged", None]),
        ("ConsentToTrack", [True, False, None], ["Yes", "No", None]),
        ("MobileNumber", ["+31600000000", "0600000000"], ["+31600000000", None]),
        ("Name", ["Ann"], ["Ann"]),
    ],
)
def test_values_have_the_form_of_their_field_or_do_not_go(at: Agency, field: str, given: Any, made: Any) -> None:
    """What the vendor would cut, drop or take for something else is told here, before it is sent."""
    column = pl.Series(field, given, strict=False)
    assert exporter().convert(column, field, at.asked([field])).to_list() == made


def test_consent_to_track_is_unchanged_unless_it_is_mapped(at: Agency) -> None:
    """It is never said for anybody who has not said it."""
    at.push([A, B], {"ConsentToTrack": ["No", None]})
    at.push([A, B], {"Name": ["Ann", "Bob"]})
    assert [at.people()[each].get("ConsentToTrack") for each in (A, B)] == ["No", None]


def test_options_that_are_not_chosen_any_more_go(tmp_path: Path) -> None:
    """Where the vendor adds to what is chosen, the field is emptied first if the goal says so."""
    for multiple, clear, left in (("replace", False, ["games"]), ("merge", True, ["games"])):
        (tmp_path / multiple).mkdir()
        with agency(tmp_path / multiple, multiple=multiple) as at:
            at.push([A], {"Interests": [["books", "music"]]}, clear_choices=clear)
            at.push([A], {"Interests": [["games"]]}, clear_choices=clear)
            assert at.values(A)["Interests"] == left


def test_keys_of_one_list_are_not_those_of_another(at: Agency) -> None:
    """A field of the same name has a key of its own on each list, and is made where it lacks."""
    at.push([A], {"Tier": ["gold"]}, lists=["Newsletter", "Empty"], create_fields=True)
    assert [at.values(A, name)["Tier"] for name in ("Newsletter", "Empty")] == ["gold", "gold"]
    fields = at.api.get(f"/lists/{at.lists['Empty']}/customfields.json").json()
    assert {row["Key"]: row["DataType"] for row in fields}["[Tier]"] == "Text"


def test_a_field_is_made_with_the_type_of_what_it_holds(place: Office) -> None:
    """Numbers and dates, so that segments can compare them; once, however many batches there are."""
    place.ws.properties.add("score", type="number")
    place.load("a", "b", score=7)
    rows = [{"from": "score", "to": "Score"}]
    place.exporting(target={"lists": ["Empty"], "create_fields": True}, mappings=rows)
    fields = place.at.api.get(f"/lists/{place.at.lists['Empty']}/customfields.json").json()
    assert [row["DataType"] for row in fields if row["FieldName"] == "Score"] == ["Number"]
    assert place.at.values(A)["Score"] == "7"


def test_a_value_that_looks_like_a_key_is_a_value(at: Agency) -> None:
    """Keys take the place of names in bodies, and of nothing else."""
    text = '{"Key":"Favourite quote","Value":"x"}'
    at.push([A], {"Favourite quote": [text]})
    assert at.values(A)["Favourite quote"] == text


# Reading


def test_people_who_move_while_a_list_is_read_are_read_again(at: Agency) -> None:
    """The total changed between two pages: somebody may have gone from one to the other unseen."""
    pages = {
        ("1", 0): (["a", "b"], 3),
        ("2", 0): (["c"], 4),
        ("1", 1): (["a", "b"], 4),
        ("2", 1): (["c", "d"], 4),
    }
    turn = 0

    def answer(call: Any) -> Reply:
        nonlocal turn
        number = dict(call.params)["page"]
        turn += number == "1"
        names, total = pages[number, turn - 1]
        rows = [{"EmailAddress": address(name), "State": ACTIVE, "CustomFields": []} for name in names]
        told = {"Results": rows, "PageNumber": int(number), "NumberOfPages": 2, "TotalNumberOfRecords": total}
        return answered(200, told)

    asked = ImportAsked(at.stage.settings, source(lists=[at.lists["Empty"]]), at.stage.discovery, None)
    pulled, effects = drive(importer().pull(asked, None), answer)
    assert len(pulled.pages[at.lists["Empty"]]) == 4
    assert pulled.warnings == ()
    assert [dict(call.params)["page"] for call in calls(effects)] == ["1", "2", "1", "2"]
    assert any(isinstance(effect, Keep) for effect in effects)


def test_each_state_of_a_list_can_be_read(tmp_path: Path) -> None:
    """With who is in it; one row a list, each with the names of those on which the person is active."""
    with agency(tmp_path, 300) as at:
        there = at.people()
        number = at.lists["Newsletter"]
        for state in (ACTIVE, UNSUBSCRIBED, BOUNCED, DELETED, "Unconfirmed"):
            rows = at.pull(lists=["Newsletter"], states=[state])
            expected = {email for email, person in there.items() if person["lists"].get(number) == state}
            assert set(rows[EMAIL]) == expected
            assert set(rows["State"]) <= {state}
            assert all(names == (["Newsletter"] if state == ACTIVE else []) for names in rows["lists"].to_list())
        both = at.pull(lists=["Newsletter", "VIP"])
        twice = both.filter(both[EMAIL].is_duplicated())
        assert twice.height > 0
        assert {tuple(sorted(names)) for names in twice["lists"].to_list()} == {("Newsletter", "VIP")}


def test_times_are_told_by_the_clock_of_the_client(at: Agency) -> None:
    """They come without a zone, and are ten or eleven hours ahead."""
    at.add(A)
    told = at.pull(lists=["Empty"])["Date"].item()
    assert abs((datetime.fromisoformat(told) - datetime.now(UTC)).total_seconds()) < 120


def test_a_zone_that_is_not_known_is_asked_for(at: Agency) -> None:
    """Nothing is guessed: a setting tells it."""
    found = at.stage.discovery
    facts = {name: each for name, each in found.facts.items() if name != f"zone {at.client}"}
    facts[f"label {at.client}"] = "(GMT+01:00) Atlantis"
    (problem,) = at.stage.vendor.contradictions(at.stage.settings, replace(found, facts=facts))
    assert "'(GMT+01:00) Atlantis'" in problem.what
    assert problem.where == "settings.timezone"
    wrong = dict(at.stage.settings) | {"timezone": "Europe/Atlantis"}
    (problem,) = at.stage.vendor.contradictions(wrong, found)
    assert "no time zone 'Europe/Atlantis'" in problem.what


# Lists


def test_a_list_that_asks_for_confirmation_is_told_before_it_writes_to_anybody(place: Office) -> None:
    """Each new person would get a mail; that has to be wanted."""
    (problem,) = _problems(place, target={"lists": ["Double opt-in"]})
    assert "each of them gets a mail" in problem.what
    assert _problems(place, target={"lists": ["Double opt-in"], "confirmation_mails": True}) == []
    assert _problems(place, target={"lists": ["Double opt-in"], "on_enter": False}) == []


def test_lists_of_clients_in_two_zones_need_two_goals(place: Office) -> None:
    """A moment is of one day here, and of another one there."""
    place.ws.connections.change("conn", {"client": None})
    theirs = place.at.api.get(f"/clients/{place.at.clients['Harbour Books']}/lists.json").json()[0]["ListID"]
    (problem,) = _problems(place, target={"lists": ["Empty", theirs]})
    assert "Australia/Sydney, America/New_York" in problem.what


def test_people_who_are_not_put_on_a_list_are_updated_where_they_are(place: Office) -> None:
    """Nobody comes onto it; who is not there is no failure of the vendor's, and who left stays away."""
    place.at.add(A)
    place.at.add(B, "VIP", UNSUBSCRIBED)
    place.load("a", "b", "c")
    counters = place.exporting(target={"lists": ["Empty", "VIP"], "on_enter": False})
    assert (counters["accepted"], counters["rejected"]) == (2, {"no_match_at_vendor": 1})
    assert place.at.states(A) == {"Empty": ACTIVE}
    assert place.at.states(B) == {"VIP": UNSUBSCRIBED}
    assert place.at.values(A)["Favourite quote"] == place.at.values(B, "VIP")["Favourite quote"] == "cdpkit"
    assert C not in place.at.people()


def _problems(place: Office, **goal: Any) -> list[Any]:
    given: dict[str, Any] = {"kind": "export_profiles", "name": "Out", "segment": "active"}
    given |= {
        "identifiers": {"email": EMAIL},
        "target": {"lists": ["Empty"]},
        "mappings": [{"value": "text", "text": "x", "to": "Favourite quote"}],
    }
    if "Out" in place.conn.goals:
        place.conn.goals.change("Out", **{**given, **goal})
    else:
        place.conn.goals.add(**{**given, **goal})
    return list(place.conn.check())
