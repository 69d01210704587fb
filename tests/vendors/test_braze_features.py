"""The features of the Braze connection, by their numbers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, CredentialsError
from cdpkit.kit.buckets import Access
from cdpkit.sandbox.braze.settings import key_without
from cdpkit.vendors.braze import places
from cdpkit.workspace.connection import Connection
from tests.transport.hurried import Hurried
from tests.vendors.stage import ANN, BOB, EVA, Stage, load, stage

SIX = (
    "users.track",
    "users.export.segment",
    "campaigns.list",
    "campaigns.details",
    "segments.list",
    "segments.details",
)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses cost nothing."""
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Twenty people, whom nobody changes."""
    with stage("braze", tmp_path_factory.mktemp("braze"), people=20) as at:
        yield at


def exporting(at: Stage, people: Sequence[Mapping[str, Any]], **goal: Any) -> tuple[cdpkit.Workspace, Connection]:
    """A workspace with these people, and a goal that sends them by external id."""
    ws, conn = at.connected()
    load(ws, *people)
    given = {"identifiers": {"customer": "external_id"}, "target": {"create_fields": True}, "mappings": []}
    conn.goals.add(**at.export_goal(**{**given, **goal}))
    return ws, conn


def people_of(at: Stage) -> dict[str, Any]:
    """Everybody by external id."""
    lines = httpx.get(f"{at.settings['base_url']}/_sandbox/people", trust_env=False).text.splitlines()
    rows = [at.case.flat(json.loads(each)) for each in lines]
    return {row["external_id"]: row for row in rows if "external_id" in row}


def state_of(at: Stage) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{at.settings['base_url']}/_sandbox/state", trust_env=False).json()
    return found


def test_f162_f163_each_permission_that_a_key_lacks_is_named(shared: Stage) -> None:
    """All of them at once, and the key is told nowhere."""
    with shared.driver() as driver:
        driver.run(shared.vendor.check(shared.settings))
        for lacking in ([each] for each in SIX):
            key = key_without(*lacking)
            with pytest.raises(CredentialsError) as refused:
                driver.run(shared.vendor.check({**shared.settings, "api_key": type(shared.settings["api_key"])(key)}))
            said = str(refused.value)
            assert [name for name in SIX if f"permission {name}" in said.replace(";", " ").replace(":", " ")] == lacking
            assert key not in said
        key = key_without(*SIX)
        with pytest.raises(CredentialsError) as refused:
            driver.run(shared.vendor.check({**shared.settings, "api_key": type(shared.settings["api_key"])(key)}))
        assert len(refused.value.problems) == len(SIX)


def test_f164_s3_keys_are_settings_or_those_of_the_environment(shared: Stage) -> None:
    """An ID without its secret is a problem; without both boto3 looks where it always does."""
    settings = dict(shared.settings)
    given = places.access(settings)
    assert (given.key_id, given.region) == (settings["s3_access_key_id"], "us-east-1")
    nothing = dict.fromkeys(("s3_access_key_id", "s3_secret_access_key", "s3_region", "s3_endpoint"))
    assert places.access({**settings, **nothing}) == Access()
    half = {**settings, "s3_secret_access_key": None}
    with shared.driver() as driver, pytest.raises(ConfigurationError, match="one is missing"):
        driver.run(shared.vendor.check(half))


def test_f165_the_buckets_that_the_keys_see_are_offered(shared: Stage) -> None:
    """By name; one that is not there is no answer."""
    (bucket,) = (item.name for item in shared.discovery.items["buckets"] if item.name == shared.settings["bucket"])
    assert bucket
    with shared.driver() as driver:
        found = driver.run(shared.vendor.discover({**shared.settings, "bucket": "nobody-has-it"}))
    assert "nobody-has-it" not in {item.name for item in found.items["buckets"]}


def test_f166_a_bucket_that_is_not_shown_fails_the_check(shared: Stage) -> None:
    """With what to look at."""
    with shared.driver() as driver, pytest.raises(CredentialsError, match=r"settings\.bucket: bucket 'nobody-has-it'"):
        driver.run(shared.vendor.check({**shared.settings, "bucket": "nobody-has-it"}))


def test_f66_f167_the_users_of_the_chosen_segments_come_through_the_bucket(tmp_path: Path) -> None:
    """By name or id; who is in several of them is one person, who has the names of all."""
    with stage("braze", tmp_path, people=40) as at:
        ws, conn = at.connected()
        ids = {item.name: item.id for item in at.discovery.items["segments"]}
        goal = at.import_goal(source={"segments": ["All users", ids["Nearly all"]]}, save_lists_to="in_segments")
        conn.goals.add(**{**goal, "identifiers": {"external_id": "customer"}})
        run = conn.run()
        assert run.counters["created"] == len(people_of(at))
        names = {tuple(sorted(each)) for each in ws.profiles.collect()["in_segments"].to_list()}
        assert ("All users", "Nearly all") in names
        assert len(state_of(at)["exports"]) == 2
        conn.goals.change("In", source={"segments": ["Nowhere"]})
        assert any("no segment 'Nowhere' at Braze" in str(problem) for problem in conn.check())


def test_f169_each_strategy_holds_for_an_import(tmp_path: Path) -> None:
    """Set, add, sum, set if empty, set or clear: what a user lacks clears in the last alone."""
    with stage("braze", tmp_path) as at:
        ws, conn = at.connected()
        kinds: dict[str, dict[str, Any]] = {"adding": {"multi": True}, "summing": {"type": "number"}}
        for name in ("setting", "adding", "summing", "filling", "clearing"):
            ws.properties.add(name, **kinds.get(name, {}))
        before = {"setting": "old", "adding": ["red"], "summing": 5, "filling": "old", "clearing": "old"}
        load(ws, *({"customer": c, "email": c, "active": False, **before} for c in (ANN, BOB)))
        at.write(*({"email": email, "number": 7, "text": "new", "list": ["blue"]} for email in (ANN,)))
        at.write({"email": BOB, "boolean": True})
        fields = at.case.fields
        rules = {
            "setting": "set",
            "adding": "add",
            "summing": "sum",
            "filling": "set_if_empty",
            "clearing": "set_or_clear",
        }
        own = {"adding": fields["list"], "summing": fields["number"]}
        rows = [{"from": own.get(name, fields["text"]), "to": name, "rule": rule} for name, rule in rules.items()]
        conn.goals.add(**at.import_goal(mappings=rows))
        conn.run().raise_for_state()
        found = {line["email"]: {name: line[name] for name in rules} for line in ws.profiles.collect().to_dicts()}
        ann = {"setting": "new", "adding": ["red", "blue"], "summing": 12, "filling": "old", "clearing": "new"}
        assert found == {ANN: ann, BOB: {**before, "clearing": None}}


def test_f76_f171_f172_without_create_nobody_is_made(tmp_path: Path) -> None:
    """Who is there is updated; with it, also by an alias, whoever is not there is made."""
    with stage("braze", tmp_path) as at:
        text = [{"value": "text", "text": "one", "to": "greeting"}]
        _, conn = exporting(
            at, [{"customer": c, "email": c, "active": True} for c in "ab"], mappings=text, create=False
        )
        assert conn.run().state == "succeeded"
        assert people_of(at) == {}
        conn.goals.change("Out", create=True)
        conn.run("Out", full=True).raise_for_state()
        assert {*people_of(at)} == {"a", "b"}


def test_f173_values_of_every_kind_are_sent(tmp_path: Path) -> None:
    """Parts of objects are merged into what is there, arrays stay arrays."""
    with stage("braze", tmp_path) as at:
        rows = [
            {"value": "identifier", "from": "customer", "to": "own_id"},
            {"value": "segments", "to": "in_segments"},
            {"value": "viewed_interactions", "to": "seen"},
            {"value": "permission_level", "to": "level"},
            {"value": "text", "text": "hello", "to": "greeting"},
            {"from": "email", "to": "email"},
            {"from": "city", "to": "address.city"},
            {"from": "zip", "to": "address.zip"},
            {"from": "tags", "to": "favourites"},
        ]
        person = {"customer": "a", "email": ANN, "active": True, "city": "Ghent", "zip": "9000", "tags": "red"}
        ws, conn = exporting(at, [{**person, "viewed_interactions": ["Banner", "Pop-up"]}], mappings=rows)
        ws._home.settings.edit(lambda document: document.update(expose_segments=True))
        conn.run().raise_for_state()
        load(ws, {"customer": "a", "city": None, "zip": "9001"})
        conn.run().raise_for_state()
        there = people_of(at)["a"]
        assert there["address"] == {"city": "Ghent", "zip": 9001}
        assert (there["greeting"], there["email"], there["favourites"]) == ("hello", ANN, ["red"])
        assert (there["own_id"], there["in_segments"], there["level"]) == ("a", ["active"], "PERSONAL")
        assert there["seen"] == ["Banner", "Pop-up"]


def test_f174_a_changed_profile_is_sent_with_all_its_attributes(tmp_path: Path) -> None:
    """And who did not change is not sent."""
    with stage("braze", tmp_path) as at:
        rows = [{"from": "one", "to": "one"}, {"from": "two", "to": "two"}]
        people = [{"customer": c, "email": c, "active": True, "one": "1x", "two": "2x"} for c in "ab"]
        ws, conn = exporting(at, people, mappings=rows)
        conn.run().raise_for_state()
        before = state_of(at)["data_points"]
        load(ws, {"customer": "a", "one": "changed"})
        assert conn.run().counters["accepted"] == 1
        assert state_of(at)["data_points"] - before == 2
        assert {name: people_of(at)["a"][name] for name in ("one", "two")} == {"one": "changed", "two": "2x"}


def test_f175_only_changed_attributes_cost_data_points(tmp_path: Path) -> None:
    """Where the goal says so, with what is used and saved in the report, and before the run in the preview."""
    with stage("braze", tmp_path) as at:
        target = {"create_fields": True, "changed_attributes_only": True}
        rows = [
            {"from": "one", "to": "one", "send_empty": True},
            {"from": "two", "to": "two", "send_empty": True},
            {"from": "city", "to": "address.city"},
            {"from": "zip", "to": "address.zip"},
            {"value": "text", "text": "hello", "to": "greeting"},
        ]
        people = [
            {"customer": c, "email": c, "active": True, "one": "1x", "two": "2x", "city": "Ghent", "zip": "z1"}
            for c in "ab"
        ]
        ws, conn = exporting(at, people, mappings=rows, target=target)

        def told(*, full: bool = False) -> tuple[Any, Any]:
            before, bodies = state_of(at)["data_points"], {}
            if not full:
                preview = conn.preview()
                bodies = {json.loads(body)["external_id"]: json.loads(body) for body in preview.sends["body"]}
                hoped = preview.goals[0].counters["cost"]
            run = conn.run(full=full)
            run.raise_for_state()
            cost = run.counters["cost"]
            assert full or cost == hoped
            assert state_of(at)["data_points"] - before == cost["data points used"]
            assert f"{cost['data points used']} data points used" in " ".join(run.report().split())
            for body in bodies.values():
                for flag in ("external_id", "_merge_objects", "_update_existing_only"):
                    body.pop(flag, None)
            return tuple(cost.values()), bodies

        assert told()[0] == (10, 0)
        load(ws, {"customer": "a", "one": "changed"})
        assert told() == ((1, 4), {"a": {"one": "changed"}})
        load(ws, {"customer": "a", "two": None, "zip": "z2"})
        assert told() == ((2, 3), {"a": {"two": None, "address": {"zip": "z2"}}})
        load(ws, {"customer": "b", "city": None}, {"customer": "a", "city": "Ghent"})
        assert told() == ((0, 4), {})
        load(ws, {"customer": "b", "city": "Ghent"})
        assert told() == ((0, 5), {})
        assert people_of(at)["a"]["address"] == {"city": "Ghent", "zip": "z2"}
        assert told(full=True)[0] == (10, 0)
        conn.goals.change("Out", mappings=rows[:2])
        assert told()[0] == (4, 0)


def test_f175_what_was_refused_or_not_answered_is_not_taken_for_known(tmp_path: Path) -> None:
    """The next run sends all that changed since the attributes were accepted."""
    with stage("braze", tmp_path) as at:
        rows = [{"from": "one", "to": "one"}, {"from": "address", "to": "email"}]
        people = [{"customer": "a", "email": "a", "active": True, "one": "1x", "address": ANN}]
        target = {"create_fields": True, "changed_attributes_only": True}
        ws, conn = exporting(at, people, mappings=rows, target=target)
        conn.run().raise_for_state()
        load(ws, {"customer": "a", "one": "2x", "address": at.case.refused[0]})
        assert conn.run().counters["rejected"] == {"invalidEmail": 1}
        load(ws, {"customer": "a", "address": ANN})
        assert conn.run().counters["cost"] == {"data points used": 1, "data points saved": 1}
        assert people_of(at)["a"]["one"] == "2x"
        load(ws, {"customer": "a", "one": "3x"})
        at.fault("500", 1, times=100)
        failed = conn.run()
        assert failed.state == "failed"
        at.gate.faults.clear()
        assert conn.run().counters["accepted"] == 1
        assert people_of(at)["a"]["one"] == "3x"


def test_a_goal_without_mappings_puts_people_on_groups(tmp_path: Path) -> None:
    """With their identifiers alone, which costs nothing; who is not there is made."""
    with stage("braze", tmp_path) as at:
        people = [{"customer": c, "email": c, "active": True} for c in (ANN, BOB)]
        target = {"lists": ["Texts"], "on_leave": True}
        ws, conn = exporting(at, people, target=target, identifiers={"email": "email"})
        run = conn.run()
        assert (run.state, run.counters["accepted"]) == ("succeeded", 2)
        assert run.counters["cost"] == {"data points used": 0, "data points saved": 0}
        assert at.members() == {ANN, BOB}
        load(ws, {"customer": ANN, "active": False})
        assert conn.run().counters["withdrawn"] == 1
        assert at.members() == {BOB}


def test_f175_unchanged_payloads_cost_no_data_points(tmp_path: Path) -> None:
    """Where the goal says so: a profile that changed elsewhere is left out. The manual says what is billed."""
    with stage("braze", tmp_path) as at:
        rows = [{"from": "one", "to": "one"}]
        people = [{"customer": "a", "email": "a", "active": True, "one": "1x", "other": "x"}]
        ws, conn = exporting(at, people, mappings=rows, skip_unchanged_payload=True)
        conn.run().raise_for_state()
        before = state_of(at)["data_points"]
        load(ws, {"customer": "a", "other": "y"})
        assert conn.run().counters["accepted"] == 0
        assert state_of(at)["data_points"] == before
    assert "Data points" in (Path(places.__file__).parent / "manual.md").read_text(encoding="utf-8")


def test_groups_are_joined_but_by_nobody_who_left_them(tmp_path: Path) -> None:
    """Unless the goal resubscribes; leavers are unsubscribed from that group alone."""
    with stage("braze", tmp_path) as at:
        people = [{"customer": c, "email": c, "active": True} for c in (ANN, BOB, EVA)]
        target = {"lists": ["Texts"], "on_leave": True, "create_fields": True}
        rows = [{"value": "text", "text": "hello", "to": "greeting"}]
        ws, conn = exporting(at, people, target=target, identifiers={"email": "email"}, mappings=rows)
        conn.run().raise_for_state()
        assert at.members() == {ANN, BOB, EVA}
        load(ws, {"customer": BOB, "active": False})
        conn.run().raise_for_state()
        assert at.members() == {ANN, EVA}
        load(ws, {"customer": BOB, "active": True})
        conn.run().raise_for_state()
        assert at.members() == {ANN, EVA}
        conn.goals.change("Out", target={**target, "resubscribe": True})
        conn.run("Out", full=True).raise_for_state()
        assert at.members() == {ANN, BOB, EVA}
