"""Asking for money: whom, when, how often, and what is known of it afterwards."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, ConflictError
from cdpkit.runs.enrichments.ask import Asker, batches
from tests.runs.enrichments.place import ADULTS, AGE, Place
from tests.runs.enrichments.place import place as made


def test_a_preview_asks_nothing_and_says_whom_it_would_and_what_that_costs(place: Place) -> None:
    """And the run of that preview asks exactly those."""
    plain = [each for each in place.known if each["oddity"] == "plain"][:3]
    place.load(*plain)
    place.put({"customer": "nobody", "first": "A", "last": "B", "street": None, "zip": None, "email": None})
    place.goal(mappings=[AGE, ADULTS])
    preview = place.conn.preview()
    assert place.calls() == 0
    assert preview.counters["requests"] == 6
    assert preview.counters["cost_at_most"] == 3.0
    assert preview.counters["left_out"] == {"missing_parameters": 1}
    assert "3.0  is what that costs at most" in preview.report()
    assert preview.sends["about"].value_counts().sort("about").rows() == [("household", 3), ("person", 3)]
    assert preview.sends["parameters"][0].to_list() == [
        "firstName",
        "lastName",
        "streetAddress",
        "zipCode",
        "email",
        "phone",
    ]
    assert preview.excluded["reason"].to_list() == ["missing_parameters"]

    run = place.run(preview=preview)
    assert run.state == "succeeded"
    assert (run.counters["requests"], run.counters["billed"], run.counters["cost"]) == (6, 6, 3.0)
    assert place.charged == 6
    assert [place.ages()[str(each["id"])] for each in plain] == [20 + each["id"] % 60 for each in plain]
    with pytest.raises(ConflictError):
        place.run(preview=preview)
    assert place.charged == 6


def test_several_goals_run_by_the_preview_of_them_all(place: Place) -> None:
    """Each commits once, whatever is answered; what one has asked the other does not ask again."""
    place.load(place.odd("plain"))
    place.goal()
    place.goal(name="More", mappings=[{"from": "person.basicDemographics.gender", "to": "gender"}])
    run = place.run(preview=place.conn.preview())
    assert [(goal.name, goal.state) for goal in run.goals] == [("Enrich", "succeeded"), ("More", "succeeded")]
    assert place.charged == 1
    assert run.goal("More").counters["shared"] == 0
    assert place.ws.profiles.collect()["gender"].to_list() == ["Female"]


def test_who_consents_no_more_when_it_is_sent_is_not_asked_about(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the consent goes between the choice and the call."""
    place.ws.objectives.add("ads")
    place.conn.change(objectives=["ads"])
    one, two = [each for each in place.known if each["oddity"] == "plain"][:2]
    place.load(one, two, consented_objectives=["ads"])
    place.load(place.odd("several"), consented_objectives=["other"])
    place.goal()
    asked = Asker.ask

    def withdrawn(self: Asker, questions: pl.DataFrame) -> None:
        place.load(two, refused_objectives=["ads"])
        asked(self, questions)

    monkeypatch.setattr(Asker, "ask", withdrawn)
    run = place.run()
    assert run.counters["left_out"] == {"no_consent": 1}
    assert [charge["who"] for charge in place.ledger()["charges"]] == [one["id"]]


def test_equal_questions_are_asked_once_and_their_answer_reaches_all(place: Place) -> None:
    """In one run, and in a later one inside the pause, which costs nothing."""
    plain = place.odd("plain")
    place.load(plain)
    place.load({**plain, "id": "twin"})
    place.goal()
    run = place.run()
    assert (run.counters["asked_about"], run.counters["requests"], place.charged) == (2, 1, 1)
    place.load({**plain, "id": "late"})
    run = place.run()
    assert (run.counters["shared"], run.counters["requests"], place.charged) == (1, 0, 1)
    assert set(place.ages().values()) == {20 + plain["id"] % 60}
    assert place.run().counters["left_out"] == {"in_pause": 3}


def test_changed_people_wait_until_the_pause_is_over_and_unchanged_ones_are_not_asked_again(place: Place) -> None:
    """Calendar months: from the last of January to the last of February."""
    one, two = [each for each in place.known if each["oddity"] == "plain"][:2]
    place.load(one, two)
    place.goal(pause="1 month")
    place.run()
    place.load({**one, "phone": None})
    assert place.run().counters["left_out"] == {"changed_in_pause": 1, "in_pause": 1}
    place.clock.go(days=27, hours=23)
    assert place.run().counters["requests"] == 0
    place.clock.go(hours=1)
    run = place.run()
    assert (run.counters["requests"], run.counters["left_out"]) == (1, {"same_question": 1})
    assert place.charged == 3
    place.clock.go(days=-400)
    assert place.run().counters["requests"] == 0  # a clock that goes back ends no pause
    place.clock.go(days=800)
    assert place.run().counters["requests"] == 0
    assert place.run(full=True).counters["requests"] == 2


def test_a_run_stays_within_its_cap_and_its_budget(place: Place) -> None:
    """Whole profiles alone; the others are left to later runs."""
    place.load(*[each for each in place.known if each["oddity"] == "plain"][:5])
    place.goal(mappings=[AGE, ADULTS], max_requests=5)
    run = place.run()
    assert (run.counters["requests"], run.counters["left_out"], place.charged) == (4, {"over_cap": 3}, 4)
    place.goal(mappings=[AGE, ADULTS], budget=1.2)
    run = place.run()
    assert (run.counters["requests"], run.counters["cost"], place.charged) == (2, 1.0, 6)
    place.goal(mappings=[AGE, ADULTS], budget=0)
    assert place.run().counters["left_out"] == {"over_cap": 2, "in_pause": 3}


def test_a_budget_needs_a_price(place: Place) -> None:
    """Nobody guesses what a document costs."""
    place.goal(budget=1)
    place.conn.change(settings={"price": None})
    assert "nobody has said what a document costs" in str(place.conn.check())


def test_no_answer_is_never_asked_again_inside_the_pause_unless_the_goal_says_so(place: Place) -> None:
    """The line breaks after the vendor has answered: nobody knows, and the charge stands."""
    place.load(place.odd("plain"))
    place.goal(pause="10 days")
    place.fault("cut")
    run = place.run()
    assert run.state == "succeeded_with_warnings"
    assert (run.counters["maybe_billed"], run.counters["cost_in_doubt"]) == (1, 0.5)
    assert run.in_doubt.height == 1
    again = place.run()
    assert again.counters["left_out"] == {"asked_in_doubt": 1}
    assert again.state == "succeeded_with_warnings"
    assert place.charged == 1
    place.clock.go(days=10)
    assert place.run().counters["billed"] == 1

    place.load({**place.odd("plain"), "phone": None})
    place.clock.go(days=10)
    place.fault("cut")
    place.run()
    place.goal(pause="10 days", repeat_in_doubt=True)
    assert place.run().counters["billed"] == 1
    assert place.charged == 4


KILLED = """
import os, signal, sys, cdpkit
from cdpkit.store.ledger import Ledger
real, left = getattr(Ledger, sys.argv[2]), [2]
def killed(self, *given, **more):
    left[0] -= 1
    found = real(self, *given, **more) if left[0] >= 0 or sys.argv[2] == "announced" else None
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return found
setattr(Ledger, sys.argv[2], killed)
cdpkit.open(sys.argv[1]).connection("ax").run()
"""


@pytest.mark.parametrize(("at", "changed"), [("answered", False), ("answered", True), ("announced", False)])
def test_a_run_that_is_killed_pays_nothing_twice(at: str, changed: bool, tmp_path: Path) -> None:
    """Before an answer is written down, or between the ledger and the call; also where the goal is another one then."""
    with pytest.MonkeyPatch.context() as patch, made(tmp_path, patch, connection={"batch_size": 5}) as place:
        place.load(*[each for each in place.known if each["oddity"] == "plain"][:15])
        place.goal()
        killed = subprocess.run([sys.executable, "-c", KILLED, str(place.ws.path), at], check=False, env=os.environ)
        assert killed.returncode == -signal.SIGKILL
        assert place.charged <= 15 if at == "answered" else place.charged <= 10
        if changed:
            place.goal(mappings=[AGE, {"from": "person.basicDemographics.gender", "to": "gender"}])
        run = cdpkit.open(place.ws.path).connection("ax").run()
        ledger = place.ws.sql("from requests").pl()
        assert ledger["number"].n_unique() == 15
        fingerprints = [each["fingerprint"] for each in place.ledger()["charges"]]
        assert len(set(fingerprints)) == len(fingerprints) <= 15
        if not changed:
            assert run.counters["billed"] + run.counters["maybe_billed"] == run.counters["requests"] == 15
        answered = ledger.filter(state="billed")["row"].n_unique()
        assert sum(age is not None for age in place.ages().values()) == answered


def test_undo_takes_the_values_back_and_says_what_stays_paid(place: Place) -> None:
    """And what the run made; the next run neither asks again nor brings the values back."""
    place.load(place.odd("plain"))
    place.goal()
    run = place.run()
    assert list(place.ages().values()) != [None]
    undone = place.ws.undo(run.id)
    assert undone.counters["values_restored"] == 1
    assert "goal 'Enrich' asked for 1 documents that are billed; that is not taken back" in undone.report()
    assert list(place.ages().values()) in ([], [None])
    assert place.run().counters["applied"] == 0
    assert place.charged == 1


def test_what_the_goal_asks_by_is_not_what_it_fills(place: Place) -> None:
    """Else each answer would be a change that is asked about."""
    place.load(place.odd("plain"))
    place.goal(mappings=[{"from": "person.basicDemographics.gender", "to": "first"}])
    (problem,) = place.conn.check()
    assert "property 'first' is asked by and filled" in str(problem)


def test_the_ledger_is_a_table_that_people_can_query(place: Place) -> None:
    """What was asked of whom, when, and what it costs; written down once before, and once after."""
    place.load(place.odd("plain"))
    place.goal()
    run = place.run()
    lines = place.ws.sql("select step, state, outcome, documents, run_id, goal from requests order by step").pl()
    assert lines.rows() == [
        (0, "maybe", None, None, run.id, "ax/Enrich"),
        (1, "billed", "matched", 1, run.id, "ax/Enrich"),
    ]


def test_another_connection_to_the_account_does_not_ask_the_same_again(place: Place) -> None:
    """Two connections with the same client have one ledger."""
    place.load(place.odd("plain"))
    place.goal()
    place.run()
    settings = {**place.conn.settings, "client_secret": "file:secret"}
    other = place.ws.connect("acxiom", name="other", settings=settings)
    other.goals.add(place.conn.goals["Enrich"])
    assert other.run().counters["left_out"] == {"in_pause": 1}
    assert place.charged == 1


def test_questions_about_one_profile_go_in_one_batch() -> None:
    """And none has more requests than there may be, however they lie."""
    rows = pl.DataFrame({"row": [row for row in range(400) for _ in range(3)]})
    asked = rows.with_columns(
        about=pl.lit("x"), request=pl.lit("q"), fingerprint=pl.int_range(1200), nth=pl.int_range(1200)
    )
    parts = list(batches(asked, 1000))
    assert max(part["nth"].n_unique() for part in parts) <= 1000
    assert len(parts) == 2
    assert sum(part["row"].n_unique() for part in parts) == 400


def test_a_goal_that_does_not_fit_is_told(place: Place) -> None:
    """With every problem and its fix, before anything is asked."""
    with pytest.raises(ConfigurationError, match="pause: is no pause; write a number of days, months or years"):
        place.goal(pause="2 weeks")
    place.goal(mappings=[])
    assert "mappings: is empty: nothing would be stored" in str(place.conn.check())
    place.goal(parameters={"nothing": "email"}, mappings=[{"from": "person.x.y", "to": "y"}])
    told = str(place.conn.check())
    for said in ("no property 'nothing'", "no field 'person.x.y'"):
        assert said in told
