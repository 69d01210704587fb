"""Acxiom: what a naive client gets wrong, and the parts that this one is made of."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cdpkit import vendors
from cdpkit.config.vendor_settings import resolve_options, resolve_settings
from cdpkit.core.asking import BELOW_CONFIDENCE, UNKNOWN_CONFIDENCE
from cdpkit.kit.enriching import EnrichAsked
from cdpkit.vendors.acxiom.answers import told
from cdpkit.vendors.acxiom.confidence import judge
from cdpkit.vendors.acxiom.documents import discovered
from cdpkit.vendors.acxiom.questions import fitting, questions
from tests.runs.enrichments.place import ADULTS, AGE, LINKED, Place
from tests.runs.enrichments.place import place as made

VENDOR = vendors.get("acxiom")
assert VENDOR.enricher is not None
ENRICHER = VENDOR.enricher


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with made(tmp_path, monkeypatch) as found:
        yield found


def asked(tmp_path: Path, fields: tuple[str, ...], *parameters: str, **options: Any) -> EnrichAsked:
    """What a goal asks, without a connection."""
    (tmp_path / "secret").write_text("x")
    given = {"client_id": "c", "client_secret": "file:secret"}
    settings = resolve_settings(VENDOR.settings, given, tmp_path)
    source = resolve_options(ENRICHER.options, options, "source")
    return EnrichAsked(settings, source, discovered(settings), parameters, fields)


# The ten


def test_1_a_connection_that_is_cut_after_receipt_is_not_paid_twice(place: Place) -> None:
    """No second identical request leaves inside the pause, also not from another process."""
    place.load(place.odd("plain"))
    place.goal()
    for fault in ("cut", "timeout_after_accept"):
        place.fault(fault, seconds=0.01)
        place.run()
        assert place.run().counters["requests"] == 0
    assert place.charged == place.items == 1


@pytest.mark.parametrize("no_match", ["404", "derived", "portrait"])
def test_2_a_miss_starts_the_pause_and_writes_nothing(
    no_match: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of its three forms it has."""
    with made(tmp_path, monkeypatch, no_match=no_match) as place:
        place.load(place.odd("unknown"))
        place.goal()
        run = place.run()
        assert run.counters["outcomes"] == {"nobody" if no_match == "404" else no_match: 1}
        assert (run.counters["billed"], run.counters["received"]) == (1, 0)
        assert place.ages() == {}
        assert place.run().counters["left_out"] == {"in_pause": 1}


def test_3_the_confidence_is_a_step_of_which_the_first_is_the_best(place: Place) -> None:
    """With a least one, step 1 passes and step 8 fails; none, 10 and x are rejected, counted apart, and paused."""
    odd = ("plain", "moved", "no_confidence", "confidence_10", "confidence_x")
    place.load(*map(place.odd, odd))
    place.goal(source={"min_confidence": 2})
    run = place.run()
    assert run.counters["outcomes"] == {UNKNOWN_CONFIDENCE: 3, "matched": 1, BELOW_CONFIDENCE: 1}
    assert [customer for customer, age in place.ages().items() if age is not None] == [str(place.odd("plain")["id"])]
    assert place.run().counters["left_out"] == {"in_pause": 5}
    place.goal()  # what is kept is judged anew, and costs nothing
    assert place.run().counters["applied"] == 4
    assert place.charged == 5


def test_4_three_classes_of_many_profiles_never_exceed_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And each answer reaches its own profile and class."""
    with made(tmp_path, monkeypatch, people=400) as place:
        plain = [each for each in place.known if each["oddity"] == "plain"]
        place.load(*plain)
        mappings = [AGE, ADULTS, {"from": "residency.residencyDetails.lengthOfResidence", "to": "years"}]
        place.goal(mappings=mappings)
        assert place.run().state == "succeeded"
        assert place.calls() == 1 + (3 * len(plain) - 1) // 1000
        expected = [(str(n), 20 + n % 60, 1 + n % 4, 1 + n % 12) for n in (each["id"] for each in plain)]
        found = place.ws.profiles.select("customer", "age", "adults", "years").collect()
        assert sorted(found.rows()) == sorted(expected)


@pytest.mark.parametrize("switch", ["short", "long"])
def test_5_an_answer_of_another_length_writes_nothing(switch: str, place: Place) -> None:
    """Its questions are in doubt: answers are told apart by their places alone."""
    place.load(*[each for each in place.known if each["oddity"] == "plain"][:4])
    place.goal()
    place.switch(**{switch: 1})
    run = place.run()
    assert (run.counters["maybe_billed"], run.counters["billed"], run.counters["received"]) == (4, 0, 0)
    assert "more or fewer answers" in run.report()
    assert place.run().counters["requests"] == 0


def test_6_each_item_is_judged_by_its_code(place: Place) -> None:
    """0043 waits for another question, 0070 is asked again alone, 0117 never again, 0030 after the pause."""
    place.load(*map(place.odd, ("busy_once", "opted_out", "unknown", "plain")))
    place.goal()
    place.fault("429")
    run = place.run()
    assert run.counters["outcomes"] == {"matched": 2, "opted_out": 1, "nobody": 1}
    assert (place.calls(), place.items, place.charged) == (3, 5, 3)
    place.clock.go(days=400)
    later = place.run(full=True)
    assert later.counters["left_out"] == {"opted_out_at_vendor": 1}
    assert told({"code": 400, "document": {"error": {"code": "600-0043"}}}, "person", (), ()).outcome == "refused"


def test_7_a_web_page_stops_and_an_expired_token_renews_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with calls in flight; a page of a gateway is no expired token."""
    with made(tmp_path, monkeypatch, people=60, connection={"batch_size": 5}, expired="403") as place:
        place.load(*[each for each in place.known if each["oddity"] == "plain"][:20])
        place.goal()
        place.fault("403")
        run = place.run()
        assert run.state == "failed"
        assert "refused with status 403 by something that is not Acxiom's API" in run.report()
        assert (place.calls("POST /api/v1/auth/oauth2/token"), place.items % 5) == (1, 0)
        place.fault("expire")
        done = place.run()
        assert done.state == "succeeded"
        assert place.calls("POST /api/v1/auth/oauth2/token") == 3  # a login a run, and one renewal
        assert place.charged == place.items == 20


def test_8_nothing_personal_is_told(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in an address, a log, a message, a report, the history or a repr; nor is the secret."""
    caplog.set_level(logging.DEBUG)
    person = place.odd("plain")
    place.load(person, place.odd("several"))
    place.goal()
    said: list[str] = [repr(place.conn.preview())]
    for fault in ("html", "403", "cut", "500"):
        place.fault(fault)
        run = place.run(resend_in_doubt=True)
        said += [run.report(), repr(run), str(run.details), repr(run.goals)]
    said += [record.getMessage() for record in caplog.records]
    said += [call["path"] + call["query"] for call in place.site.gates["acxiom"].calls.recent()]
    secret = place.site.addresses["acxiom"]["client_secret"]
    for private in (secret, person["email"], person["phone"], person["streetAddress"], "Bearer "):
        assert not any(private in text for text in said), private
    monkeypatch.undo()


def test_9_own_imports_and_other_goals_ask_nothing_new(place: Place) -> None:
    """Imported fields never trigger a request, and all goals of an account share the pause."""
    place.load(place.odd("plain"))
    place.goal()
    place.run()
    place.clock.go(days=400)
    assert place.run().counters["left_out"] == {"same_question": 1}
    place.goal(name="Other", mappings=[{"from": "person.dob.birthDate", "to": "born"}])
    place.conn.run(goal="Other")
    assert place.charged == 2
    assert place.conn.run(goal="Enrich").counters["left_out"] == {"changed_in_pause": 1}


def test_10_what_must_not_be_known_is_never_written(place: Place) -> None:
    """Of who opted out or died nothing; of others no sensitive field that nobody has ticked, also in the ledger."""
    place.load(*map(place.odd, ("opted_out", "deceased", "inferred_deceased", "plain")))
    dieting = {"from": "person.interests.dieting", "to": "dieting"}
    place.goal(mappings=[AGE, {"from": "person.interests.cooking", "to": "cooking"}])
    run = place.run()
    assert run.counters["outcomes"] == {"deceased": 2, "opted_out": 1, "matched": 1}
    assert sum(age is not None for age in place.ages().values()) == 1
    kept = place.ws.sql("select answer from requests where answer is not null").pl()["answer"]
    assert kept.len() == 1
    assert not kept.str.contains("dieting").any()
    place.goal(mappings=[AGE, dieting])
    assert "'person.interests.dieting' is sensitive (health)" in str(place.conn.check())
    place.goal(mappings=[AGE, dieting], source={"sensitive": ["health"]})
    assert place.conn.check() == []


# Its parts


def test_credentials_are_checked_without_a_paid_request(place: Place) -> None:
    """In the body or as Basic; wrong ones are told with what to look at."""
    place.load(place.odd("plain"))
    place.goal()
    for style in ("body", "basic"):
        place.conn.change(settings={"credentials": style})
        assert place.conn.check() == []
    (place.ws.path / "secret").write_text("an-invented-secret-that-is-wrong")
    (problem,) = place.conn.check()
    assert problem.where == "settings.client_secret"
    assert "invented" not in str(problem)
    assert place.run().state == "failed"
    assert place.items == 0


def test_a_batch_that_is_too_large_is_halved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it was carried out; the run says what to set."""
    with made(tmp_path, monkeypatch, most_requests=10) as place:
        place.load(*[each for each in place.known if each["oddity"] == "plain"][:25])
        place.goal()
        run = place.run()
        assert run.state == "succeeded"
        assert place.charged == place.items == 25
        assert "a smaller one spares refused calls" in run.report()


def test_a_vendor_that_is_down_leaves_questions_to_the_next_run(place: Place) -> None:
    """What surely was not carried out is not paid, and starts no pause."""
    place.load(place.odd("plain"))
    place.goal()
    place.fault("drop", times=1)
    run = place.run()
    assert run.counters["maybe_billed"] == 1  # a line that broke may have carried the question
    place.switch(busy=10)
    place.load(place.odd("several"))
    run = place.run()
    assert run.counters["outcomes"] == {"failed": 1}
    place.switch(busy=0)
    assert place.run().counters["outcomes"] == {"several": 1}


def test_parameters_are_written_as_acxiom_takes_them() -> None:
    """What does not fit is left out; zeros in front stay."""
    given: dict[str, list[str | None]] = {
        "zipCode": ["01234", "01234-5678", "1234", "ec1a 1bb", None],
        "phone": ["+1 (608) 555-0123", "6085550123", "0032 47 12", "x6085550123", ""],
        "state": ["wi", "Wisconsin", " CA ", "", None],
        "email": ["a@b.de", "a@b", "a b@c.de", "@", None],
        "emailMD5": ["A" * 32, "a" * 31, "g" * 32, None, None],
        "secondaryNumber": ["Apt 3", "3", "unit 4B", "#5", None],
    }
    made_ = {name: fitting(pl.Series(name, values, pl.String), name).to_list() for name, values in given.items()}
    assert made_ == {
        "zipCode": ["01234", "012345678", None, "EC1A 1BB", None],
        "phone": ["6085550123", "6085550123", None, None, None],
        "state": ["WI", None, "CA", None, None],
        "email": ["a@b.de", None, None, None, None],
        "emailMD5": ["a" * 32, None, None, None, None],
        "secondaryNumber": ["3", "3", "4B", "5", None],
    }


def test_classes_that_cannot_be_found_are_not_paid_for(tmp_path: Path) -> None:
    """A place needs a street and where it is; values are written so that no address is misread."""
    fields = ("person.dob.birthDate", "place.property.yearBuilt")
    goal = asked(tmp_path, fields, "name", "streetAddress", "zipCode", "email")
    people = pl.DataFrame(
        {
            "row": [1, 2, 3],
            "name": ["Ann & Bob", None, "Zoë"],
            "streetAddress": [None, "1 Elm St", None],
            "zipCode": ["01234", "01234", None],
            "email": [None, None, None],
        },
        schema_overrides={"email": pl.String},
    )
    found = questions(goal, people)
    assert found.select("row", "about").rows() == [(1, "person"), (2, "place")]
    assert found["request"][0] == (
        "/people/match?bundle=basicDemographics,dob,id,insights,marketingSuppression,matchMetadata&limit=1"
        "&matchLevel=default&name=%41%6E%6E%20%26%20%42%6F%62&zipCode=01234"
    )


def test_answers_are_read_by_code_and_by_what_they_hold() -> None:
    """Unknown forms are in doubt; groups of one stand for their one document."""
    one = {"person": {"id": "1" * 42, "dob": {"birthDate": "19500000"}, "matchMetadata": {"matchConfidence": "1"}}}
    good = told({"code": 200, "document": one}, "person", (), ())
    assert (good.state, good.outcome, good.documents) == ("billed", "matched", 1)
    assert '"person.dob.birthDate": "19500000"' in str(good.answer)
    for group in ("people", "persons"):
        assert told({"code": 200, "document": {"group": {group: [one]}}}, "person", (), ()).answer == good.answer
    two = told({"code": 200, "document": {"group": {"people": [one, one]}}}, "person", (), ())
    assert (two.outcome, two.documents) == ("several", 2)
    for odd in (None, {}, {"code": "200"}, {"code": 200, "document": None}, {"code": 500, "document": {}}):
        assert told(odd, "person", (), ()).state == "maybe"
    assert told({"code": 404, "document": {}}, "person", (), ()).outcome == "nobody"


def test_a_score_is_the_other_way_round(tmp_path: Path) -> None:
    """Where a contract returns one."""
    answers = pl.DataFrame(
        {
            "about": ["person"] * 2,
            "answer": [f'{{"person.matchMetadata.matchConfidence": "{each}"}}' for each in (2, 7)],
        }
    )
    goal = asked(tmp_path, ("person.id",), "email", min_confidence=5)
    assert judge(goal, answers).to_list() == [None, BELOW_CONFIDENCE]
    score = EnrichAsked(
        {**goal.settings, "confidence_scale": "score"}, goal.options, goal.discovery, goal.parameters, goal.fields
    )
    assert judge(score, answers).to_list() == [BELOW_CONFIDENCE, None]


def test_a_token_that_is_refused_again_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One renewal, no loop."""
    with made(tmp_path, monkeypatch, token_seconds=0.0) as place:
        place.goal()
        assert "settings.client" in str(place.conn.check())
        assert place.calls() <= 2


def test_limits_and_links_are_declared() -> None:
    """A goal may link what it can be asked by."""
    assert {*LINKED.values()} <= {*ENRICHER.parameters}
    assert VENDOR.directions == ("import",)
