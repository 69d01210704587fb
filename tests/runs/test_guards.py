"""Guards: a run that would take away too much stops before it stores or sends anything."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.config.guards import DEFAULTS, GUARDS, GuardSettings, limits_of
from cdpkit.errors import ConfigurationError, GuardError, UnknownNameError
from cdpkit.runs.guard import FEW, Guards
from cdpkit.runs.plan import Risk
from cdpkit.runs.preview import plans_of
from tests.runs.sync.place import LIST, Place, address, pros
from tests.runs.sync.place import place as made

MANY = 30
ALL = "take 30 of the 30 people whom it has put on lists off them, and the guard 'withdrawals' lets 50% pass"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Pros on a list where the goal has put them."""
    with made(tmp_path) as at:
        at.load(*pros(*range(MANY)))
        at.exporting()
        assert at.conn.run().counters["accepted"] == MANY
        yield at


def leave(place: Place, people: int) -> None:
    place.load(*({**each, "plan": "free"} for each in pros(*range(people))))


def test_nobody_is_taken_off_a_list_where_more_than_half_would_be(place: Place) -> None:
    """A segment that is empty by one wrong word: the run fails, says so and how it is meant; nothing was sent."""
    place.ws.segments.change("pros", "plan = 'Pro'")
    before = place.members()
    run = place.conn.run()
    assert (run.state, run.counters["withdrawn"]) == ("failed", 0)
    assert run.goal("Pros").message == (
        f"it would {ALL}; nothing was stored or sent. Look at its preview; if that is meant, repeat it with "
        "allow='withdrawals'"
    )
    assert place.members() == before == address(*range(MANY))
    place.ws.segments.change("pros", "plan = 'pro'")
    assert place.conn.run().counters["skipped"] == {"not_due": MANY}


def test_what_is_allowed_is_done_and_kept_in_the_history(place: Place) -> None:
    """Also by a preview that was looked at, which says before what would stop it."""
    leave(place, MANY)
    preview = place.conn.preview()
    assert preview.goals[0].warnings == (f"a run would stop before it stores or sends anything: it would {ALL}",)
    assert place.conn.run(preview=preview).state == "failed"
    run = place.conn.run(preview=place.conn.preview(), allow="withdrawals")
    assert (run.state, run.counters["withdrawn"], run.details["asked"]["allow"]) == ("succeeded", MANY, ["withdrawals"])


@pytest.mark.parametrize(
    ("leaving", "limit", "state"),
    [
        (15, None, "succeeded"),
        (16, None, "succeeded"),
        (25, None, "failed"),
        (25, False, "succeeded"),
        (3, 2, "failed"),
        (25, 0.9, "succeeded"),
    ],
)
def test_a_goal_or_the_workspace_says_how_many(place: Place, leaving: int, limit: Any, state: str) -> None:
    """A share of them or a number; a share is not looked at where few are concerned."""
    if limit is not None:
        place.conn.goals.change("Pros", guards={"withdrawals": limit})
    leave(place, leaving)
    assert place.conn.run().state == state


def test_an_import_empties_no_property_where_most_have_it(tmp_path: Path) -> None:
    """One file whose column is blank: nothing is stored, the history has a failed load, and it may be allowed."""
    with made(tmp_path) as place:
        ws = place.ws
        rows = [{"customer": str(n), "plan": "pro"} for n in range(50)]
        given_: Any = ({"customer": "customer"}, [{"from": "plan", "to": "plan", "rule": "set_or_clear"}])
        ws.load(rows, *given_)
        blank = [{**each, "plan": "" if n < 40 else "pro"} for n, each in enumerate(rows)]
        said = "it would empty 'plan' in 40 of the 50 profiles that have it, and the guard 'clears' lets 50% pass"
        with pytest.raises(GuardError, match=said):
            ws.load(blank, *given_)
        assert ws.runs.last.state == "failed"
        assert ws.profiles.collect()["plan"].null_count() == 0
        assert said in "".join(ws.preview_load(blank, *given_).goals[0].warnings)
        run = ws.load(blank, *given_, allow=["clears"])
        assert (run.counters["updated"], run.details["allow"]) == (40, ["clears"])


def test_an_import_of_hardly_anybody_is_not_taken_for_everybody(tmp_path: Path) -> None:
    """A vendor that answers with nothing, or a list that was emptied; allowed once, that is the new measure."""
    with made(tmp_path) as place:
        people = [f"p{n}@example.com" for n in range(40)]
        place.put(*people)
        place.importing(source={"lists": [LIST]})
        assert place.conn.run().counters["received"] == 40
        body = {"listId": place.lists()[LIST], "subscribers": [{"email": email} for email in people[2:]]}
        place.http.post("/api/lists/unsubscribe", json=body).raise_for_status()
        run = place.conn.run()
        said = "have lost 38 of the 40 rows that the run before was given, and the guard 'shrinks' lets 90% pass"
        assert (run.state, said in str(run.goal("Subscribers").message)) == ("failed", True)
        assert place.conn.run(allow="shrinks").state == "succeeded"
        assert place.conn.run().state == "succeeded"


def test_creations_and_updates_are_limited_where_somebody_says_so(tmp_path: Path) -> None:
    """In the file of the workspace, for all that is loaded and run in it."""
    with made(tmp_path) as place:
        file = place.ws.path / "cdpkit.toml"
        file.write_text(file.read_text() + "\n[guards]\ncreations = 10\nupdates = 0.5\n")
        place.load(*pros(*range(10)))
        with pytest.raises(GuardError, match="it would create 11 profiles beside the 10 that there are"):
            place.load(*pros(*range(100, 111)))
        assert place.ws.profiles.collect().height == 10


def test_those_who_are_on_a_list_are_counted_whoever_is_in_the_segment(place: Place) -> None:
    """Also after some were taken off."""
    leave(place, 12)
    assert place.conn.run().counters["withdrawn"] == 12
    place.ws.segments.change("pros", "plan = 'nobody'")
    plan = plans_of(place.conn.preview())[0]
    assert [(risk.count, risk.of) for risk in plan.figures().risks()] == [(18, 18)]


def test_a_guard_that_does_not_exist_is_named_with_those_that_do(place: Place) -> None:
    """Before anything is done; limits that are none likewise."""
    with pytest.raises(UnknownNameError, match="no guard 'withdrawal'; there are: withdrawals"):
        place.conn.run(allow="withdrawal")
    for wrong in (1.5, -1, "half", True):
        with pytest.raises(ConfigurationError, match=r"write a share such as 0\.5, a number such as 1000, or false"):
            place.conn.goals.change("Pros", guards={"clears": wrong})


@given(
    count=st.integers(0, 1000), of=st.integers(0, 1000), limit=st.floats(0, 1) | st.integers(0, 1000) | st.just(False)
)
def test_a_limit_is_a_share_a_number_or_none(count: int, of: int, limit: float | bool) -> None:
    """What is allowed by name is never beyond."""
    risk = Risk("updates", count, of, "change {count} of {of}")
    beyond = bool(Guards({**DEFAULTS, "updates": limit}).beyond([risk]))
    if limit is False:
        assert not beyond
    elif isinstance(limit, int):
        assert beyond is (count > limit)
    else:
        assert beyond is (count > FEW and of > 0 and count / of > limit) or count == limit * of
    assert not Guards({**DEFAULTS, "updates": limit}, GUARDS).beyond([risk])


def test_the_nearest_limit_holds() -> None:
    """That of the goal, else that of the workspace, else the default."""
    own, above = GuardSettings(clears=10), GuardSettings(clears=0.1, updates=5)
    assert limits_of(own, above) == {"creations": False, "updates": 5, "clears": 10, "withdrawals": 0.5, "shrinks": 0.9}
    assert limits_of(None, GuardSettings(withdrawals=False))["withdrawals"] is False
