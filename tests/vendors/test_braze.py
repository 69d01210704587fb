"""Ten situations that a naive client of Braze gets wrong, and what an export of a segment goes through."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from pydantic import SecretStr

from cdpkit import vendors
from cdpkit.config.vendor_settings import resolve_options
from cdpkit.core.outcome import ACCEPTED
from cdpkit.errors import CredentialsError, InDoubtError, RemoteError
from cdpkit.kit.discovery import Discovery, VendorField
from cdpkit.kit.effects import Effects, Http, Keep, Reply
from cdpkit.kit.exporting import ExportAsked, Outgoing, SentField
from cdpkit.kit.render import render
from cdpkit.vendors.braze import api, fields, push, target
from cdpkit.vendors.braze import stage as staging
from tests.vendors.stage import Stage, stage

VENDOR = vendors.get("braze")
FOUND = Discovery(
    (
        *fields.STANDARD,
        VendorField("visits", "Number"),
        VendorField("tags", "Array"),
        VendorField("address", "Object"),
        VendorField("orders", "Object Array"),
        VendorField("seen", "Date"),
        VendorField("plan", "String"),
        VendorField("old", "Blocklisted"),
    ),
    {"numbers": (), "arrays": ()},
)
SETTINGS: dict[str, Any] = {
    "base_url": "https://x.example",
    "api_key": SecretStr("k-of-nobody"),
    "alias_label": "cookie",
}


def asking(*names: str, by: str = "external_id", create: bool = True, **options: Any) -> ExportAsked:
    assert VENDOR.exporter is not None
    plain = {name: value for name, value in options.items() if name not in ("increments", "add_to")}
    given = {**resolve_options(VENDOR.exporter.options, plain, "target"), **options}
    return ExportAsked({**SETTINGS, "objects": 75}, given, FOUND, (by,), names, create)


def going(
    asked: ExportAsked, ids: Sequence[str], values: Mapping[str, Sequence[Any] | pl.Series], **clear: bool
) -> Outgoing:
    """People on their way."""
    held = pl.DataFrame(
        [target.convert(pl.Series(name, each), name, asked).alias(name) for name, each in values.items()]
    )
    sent = [SentField(name, "\x00" + name, held.schema[name], send_empty=name in clear) for name in held.columns]
    known = pl.DataFrame({asked.identifiers[0]: ids})
    body = render(known.hstack(held.rename({n: "\x00" + n for n in held.columns})), target.members(asked, sent))
    none = pl.Series("enter", [[]] * len(ids), pl.List(pl.String))
    rows = known.with_columns(pl.int_range(len(ids), dtype=pl.Int64, eager=True).alias("row"), body, none)
    return Outgoing(rows, held, enters=False)


def answered(effects: Effects[Any], *replies: Any) -> tuple[Any, list[Http]]:
    """What comes of effects that are answered so, and the calls."""
    calls: list[Http] = []
    reply: Any = None
    waiting = list(replies)
    while True:
        try:
            effect = effects.throw(reply) if isinstance(reply, Exception) else effects.send(reply)
        except StopIteration as end:
            return end.value, calls
        reply = None
        if isinstance(effect, Http):
            calls.append(effect)
            reply = waiting.pop(0)


def said(status: int, **content: Any) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(content).encode())


def bodies(outgoing: Outgoing) -> list[dict[str, Any]]:
    return [json.loads(each) for each in outgoing.rows["body"]]


def test_one_two_errors_of_one_index_reject_that_row_once() -> None:
    """And all others count as sent, whatever number was processed."""
    asked = asking("plan")
    people = going(asked, ["a", "b", "c"], {"plan": ["x", "y", "z"]})
    errors = [{"type": t, "input_array": "attributes", "index": 1} for t in ("not a valid email.", "is required")]
    other = {"type": "is required", "input_array": "events", "index": 0}
    told, calls = answered(
        push.push(asked, people), said(201, message="success", attributes_processed=1, errors=[*errors, other])
    )
    assert told.sort("row").select("fate", "reason").rows() == [
        ("accepted", None), ("rejected", "invalidEmail"), ("accepted", None),
    ]  # fmt: skip
    assert len(calls) == 1


def test_all_refused_is_the_same_with_400() -> None:
    """Then nobody is sent again, and the words of a refusal hold no value."""
    asked = asking("plan")
    people = going(asked, ["a"], {"plan": ["x"]})
    errors = [{"type": "somebody@example.com is bad", "input_array": "attributes", "index": 0}]
    told, calls = answered(push.push(asked, people), said(400, message="Valid data must be provided", errors=errors))
    assert (told["reason"].to_list(), len(calls)) == (["refused"], 1)


def test_two_what_is_queued_counts_as_accepted() -> None:
    """And is not sent again."""
    asked = asking("plan")
    told, calls = answered(push.push(asked, going(asked, ["a"], {"plan": ["x"]})), said(202, message="queued"))
    assert (told, len(calls)) == (None, 1)
    with pytest.raises(RemoteError, match="did not say that it was taken"):
        answered(push.push(asked, going(asked, ["a"], {"plan": ["x"]})), said(201, message="no"))


def test_three_a_call_has_75_users_at_most_and_nobody_is_in_two_at_once(tmp_path: Path) -> None:
    """As the imitation counted it, for two profiles of one user too."""
    with stage("braze", tmp_path, track_seconds=0.05) as at:
        ws, conn = at.connected()
        people = [{"customer": f"c{n}", "email": f"p{n % 150}@example.com", "active": True} for n in range(300)]
        ws.load(people, {"customer": "customer"}, [{"from": n, "to": n} for n in ("email", "active")]).raise_for_state()
        conn.goals.add(**at.export_goal())
        run = conn.run()
        assert (run.state, run.counters["accepted"]) == ("succeeded", 300)
        state = httpx.get(f"{at.settings['base_url']}/_sandbox/state", trust_env=False).json()
        assert (state["overlaps"], state["people"]) == (0, 150)
        assert VENDOR.exporter is not None
        assert VENDOR.exporter.way(asking(), 300).max_rows == 75


def test_four_a_call_that_adds_is_not_made_twice() -> None:
    """Neither by the driver nor after a crash; one that sets is."""
    assert VENDOR.exporter is not None
    adding, setting = asking("visits", increments=("visits",)), asking("visits")
    people = going(adding, ["a"], {"visits": [3]})
    assert bodies(people) == [{"external_id": "a", "_update_existing_only": False, "visits": {"inc": 3}}]
    with pytest.raises(InDoubtError):
        answered(push.push(adding, people), InDoubtError("no answer"))
    for asked, again in ((adding, False), (setting, True)):
        assert VENDOR.exporter.way(asked, 1).repeatable is again
        _, (call,) = answered(push.push(asked, going(asked, ["a"], {"visits": [3]})), said(201, message="success"))
        assert call.repeatable is again


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("by", fields.IDENTIFIERS)
def test_five_only_an_expressly_false_flag_makes_somebody_known_by_an_alias(by: str, create: bool) -> None:
    """No object has both an alias and an external id, and nobody is made by a Braze id."""
    (body,) = bodies(going(asking("plan", by=by, create=create), ["a"], {"plan": ["x"]}))
    assert body["_update_existing_only"] is (not create or by == "braze_id")
    assert body[by] == ({"alias_name": "a", "alias_label": "cookie"} if by == "user_alias" else "a")
    assert len({*body} & {*fields.IDENTIFIERS}) == 1


@pytest.mark.parametrize("reset", ["epoch", "delta", "retry_after", "empty", "missing"])
def test_six_whatever_a_429_says_the_wait_is_bounded(reset: str, tmp_path: Path) -> None:
    """The call is made again and everybody arrives."""
    with stage("braze", tmp_path, reset=reset) as at, at.driver(timeout=60) as driver:
        at.fault("429", 0)
        told = driver.run(at.push({1: "a@example.com"}, "x"))
        assert told["fate"].to_list() == [ACCEPTED]


def test_six_a_401_never_shows_the_key() -> None:
    """Though Braze repeats it."""
    reply = said(401, message="Invalid API key: k-of-nobody")
    with pytest.raises(CredentialsError) as refused:
        api.refuse(reply)
    assert "k-of-nobody" not in str(refused.value) + repr(reply) + repr(api.get(SETTINGS, "/segments/list"))


def test_seven_exactly_the_users_of_the_own_export_come(tmp_path: Path) -> None:
    """Below the next day, in several zips that arrive apart, beside a dashboard's files and another export."""
    with stage("braze", tmp_path, people=60, next_day=True, export_polls=3) as at, at.driver(timeout=60) as driver:
        rows = at.staged(driver.run(at.importer.pull(at.pulling(), None)).pages)
        assert rows.height == 60
        assert "of-another-export" not in rows["external_id"].to_list()


def test_eight_a_killed_pull_goes_on_with_the_export_that_it_asked_for(tmp_path: Path) -> None:
    """Wherever it is killed, no second export begins."""
    with stage("braze", tmp_path, people=40, export_polls=2) as at, at.driver(timeout=60) as driver:
        state: Mapping[str, Any] | None = None
        for _ in range(30):
            pulled, state = driver.run(until_kept(at, state))
            if pulled is not None:
                break
        assert pulled is not None
        assert at.staged(pulled.pages).height == 40
        assert len(exports(at)) == 1


def until_kept(at: Stage, state: Mapping[str, Any] | None) -> Effects[Any]:
    """A pull up to the first state that is kept after the export was asked for, or to its end."""
    effects, reply = at.importer.pull(at.pulling(), state), None
    asked = False
    while True:
        try:
            effect = effects.send(reply)
        except StopIteration as end:
            return end.value, state
        if isinstance(effect, Keep):
            state = json.loads(json.dumps(effect.state))
            if asked or any(each["started"]["job"] for each in (state or {}).values()):
                return None, state
            reply = None
            continue
        reply = yield effect
        if isinstance(effect, Http) and effect.path == "/users/export/segment":
            effects.close()
            return None, state  # killed between the answer and its note


def exports(at: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{at.settings['base_url']}/_sandbox/exports", trust_env=False).json()[
        "exports"
    ]
    return found


def test_eight_an_export_without_files_is_a_failure_and_asked_for_anew(tmp_path: Path) -> None:
    """Never an empty audience."""
    with stage("braze", tmp_path, people=20, export_failures=1) as at, at.driver(timeout=60) as driver:
        kept: list[Any] = []
        with pytest.raises(RemoteError, match="lay in bucket"):
            driver.run(noting(at.importer.pull(at.pulling(), None), kept))
        assert at.staged(driver.run(at.importer.pull(at.pulling(), kept[-1])).pages).height == 20
        assert len(exports(at)) == 2


def test_eight_a_running_export_of_somebody_else_is_waited_for(tmp_path: Path) -> None:
    """Its files are not taken for one's own."""
    with stage("braze", tmp_path, people=20, export_polls=4, reset="missing") as at, at.driver(timeout=60) as driver:
        (segment,) = (each.id for each in at.discovery.items["segments"] if each.name == "All users")
        headers = {"Authorization": f"Bearer {at.settings['api_key'].get_secret_value()}"}
        url = f"{at.settings['base_url']}/users/export/segment"
        given = {"segment_id": segment, "fields_to_export": ["email"]}
        assert httpx.post(url, json=given, headers=headers, trust_env=False).status_code == 201
        rows = at.staged(driver.run(at.importer.pull(at.pulling(), None)).pages)
        assert rows.height == rows["braze_id"].drop_nulls().len() == 20
        assert len(exports(at)) == 2


def noting(effects: Effects[Any], kept: list[Any]) -> Effects[Any]:
    """The same effects; notes what is kept."""
    reply: Any = None
    while True:
        try:
            effect = effects.send(reply)
        except StopIteration as end:
            return end.value
        if isinstance(effect, Keep):
            kept.append(json.loads(json.dumps(effect.state)))
        reply = yield effect


@pytest.mark.parametrize("archive", ["ratio", "entries", "names", "nested", "truncated", "encrypted", "crc"])
def test_a_hostile_archive_fails_the_import_and_the_next_run_asks_anew(archive: str, tmp_path: Path) -> None:
    """With what is wrong with it; nothing of it is read."""
    with stage("braze", tmp_path, people=5, archive=archive) as at, at.driver(timeout=60) as driver:
        kept: list[Any] = []
        with pytest.raises(RemoteError, match="the archive"):
            driver.run(noting(at.importer.pull(at.pulling(), None), kept))
        (segment,) = kept[-1].values()
        assert segment["started"]["job"] is None


@pytest.mark.parametrize("times", ["plain", "iso"])
def test_nine_both_forms_of_times_are_the_same_and_nothing_changes_twice(times: str, tmp_path: Path) -> None:
    """Days, moments, phones in their own spelling, missing keys: the second import changes nobody."""
    with stage("braze", tmp_path, people=30, times=times) as at:
        _, conn = at.connected()
        rows = [{"from": n, "to": n if n != "created_at" else "made"} for n in ("dob", "created_at", "phone", "gender")]
        conn.goals.add(**at.import_goal(identifiers={"external_id": "customer"}, mappings=rows))
        first, second = conn.run(), conn.run()
        assert first.counters["rejected"] == {}
        assert second.counters["applied"] == 0


def test_nine_a_phone_is_its_digits_behind_a_plus() -> None:
    """However it is written."""
    given = pl.Series("phone", ["+32 47 1-2", "0032471", "(02) 3", "none", None])
    assert staging.compared(given, "phone").to_list() == ["+324712", "+32471", "023", None, None]


def test_ten_clearing_is_a_null_at_the_top_and_nothing_below_an_object() -> None:
    """Objects are merged with their switch; a moment in one has its own form."""
    asked = asking("plan", "address.city", "address.zip")
    people = going(
        asked, ["a"], {"plan": pl.Series([None], dtype=pl.String), "address.city": ["Ghent"],
        "address.zip": pl.Series([None], dtype=pl.String)}, plan=True, **{"address.zip": True},
    )  # fmt: skip
    (body,) = bodies(people)
    assert (body["plan"], body["address"], body["_merge_objects"]) == (None, {"city": "Ghent"}, True)


def test_numbers_of_texts_keep_all_digits() -> None:
    """Whole ones, decimals and exponents beside each other, as numbers and not as texts."""
    asked = asking("visits")
    people = going(asked, list("abcd"), {"visits": ["9007199254741205", "12.5", "1e300", "-3"]})
    assert [each.split(":")[-1] for each in people.rows["body"]] == ["9007199254741205}", "12.5}", "1e+300}", "-3}"]
    assert [each["visits"] for each in bodies(people)] == [9007199254741205, 12.5, 1e300, -3]


def test_ten_what_would_be_dropped_without_a_word_is_kept_back() -> None:
    """Texts that are too long, values of another type than the locked one, arrays that would lose their oldest."""
    asked = asking("plan", "visits", "tags", "seen")
    assert target.convert(pl.Series(["x" * 256, "x" * 255]), "plan", asked).is_null().to_list() == [True, False]
    assert target.convert(pl.Series(["many", "3"]), "visits", asked).is_null().to_list() == [True, False]
    assert target.convert(pl.Series(["soon", "2026-01-02"]), "seen", asked).is_null().to_list() == [True, False]
    assert target.convert(pl.Series([["x"] * 501, ["x"]]), "tags", asked).is_null().to_list() == [True, False]
    assert target.convert(pl.Series(["x"]), "address", asked).null_count() == 1
    big = going(asking(*(f"n{n}" for n in range(450))), ["a"], {f"n{n}": ["x" * 250] for n in range(450)})
    told, calls = answered(push.push(asked, big))
    assert (told["reason"].to_list(), calls) == (["tooLarge"], [])


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("old", "blocklist"),
        ("address", "is an object"),
        ("orders", "array of objects"),
        ("email_subscribe", "may be written to"),
        ("First_Name", "standard one is 'first_name'"),
        ("created_at", "managed by Braze"),
        ("visit", "no field 'visit' at Braze"),
    ],
)
def test_what_cannot_be_filled_is_a_problem(name: str, what: str) -> None:
    """With what to do instead."""
    assert any(what in str(problem) for problem in target.target_problems(asking(name)))
