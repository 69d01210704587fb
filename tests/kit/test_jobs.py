"""Jobs that are started once, and looked at until they are done."""

import json
from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.errors import InDoubtError, RemoteError, UnavailableError
from cdpkit.kit.effects import Effect, Effects, Http, Keep, Reply, Wait
from cdpkit.kit.jobs import Started, once, started_from, until
from tests.served import answered, calls, drive

START = Http(method="POST", path="/jobs", limit="job")
LOOK = Http(method="GET", path="/jobs", limit="job", repeatable=True)


def ask() -> Effects[str]:
    reply: Reply = yield START
    return str(reply.json()["id"])


def jobs() -> Effects[list[int]]:
    reply: Reply = yield LOOK
    found: list[int] = reply.json()["ids"]
    return found


def newest() -> Effects[int]:
    return max((yield from jobs()), default=0)


def find(before: int) -> Effects[str | None]:
    since = [job for job in (yield from jobs()) if job > before]
    return str(since[0]) if since else None


def keep(started: Started) -> Keep:
    return Keep({"started": asdict(started)})


def begun(started: Started) -> Effects[str]:
    return once(ask, find, started, keep=keep, before=newest)


@dataclass
class World:
    """A vendor whose answers to a start are lost, before or after the job is there."""

    lost: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=lambda: [3])

    def __call__(self, call: Http) -> Reply | Exception:
        if call == LOOK:
            return answered(body={"ids": self.ids})
        fate = self.lost.pop(0) if self.lost else ""
        if fate != "before":
            self.ids.append(self.ids[-1] + 1)
        return InDoubtError("no answer") if fate else answered(body={"id": self.ids[-1]})


def test_a_job_is_asked_for_after_that_was_kept() -> None:
    """What was there before is kept too, and then the id."""
    job, asked = drive(begun(Started()), World())
    kept = [effect.state["started"] for effect in asked if isinstance(effect, Keep)]
    assert job == "4"
    assert kept == [{"asked": True, "before": 3, "job": None}, {"asked": True, "before": 3, "job": "4"}]
    assert [type(effect).__name__ for effect in asked] == ["Http", "Keep", "Http", "Keep"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["before", "after"]), max_size=2))
def test_a_start_without_an_answer_is_looked_for(lost: list[str]) -> None:
    """After a pause it is found, or asked for again where it is not there; there is one job in the end."""
    world = World(list(lost))
    job, asked = drive(begun(Started()), world)
    assert (job, world.ids) == ("4", [3, 4])
    made = [*lost, ""].index("after") if "after" in lost else len(lost)
    assert [effect.seconds for effect in asked if isinstance(effect, Wait)] == [5] * (made + ("after" in lost))


def test_a_start_that_is_never_answered_gives_up() -> None:
    """After three times it is for later."""
    with pytest.raises(UnavailableError, match="run it again later"):
        drive(begun(Started()), World(["before"] * 3))


@settings(deadline=None)
@given(st.lists(st.sampled_from(["before", "after"]), max_size=2), st.integers(0, 9))
def test_a_start_that_is_killed_at_any_effect_makes_one_job(lost: list[str], stop: int) -> None:
    """It goes on from what was kept last."""
    world, kept = World(list(lost)), None
    effects = begun(Started())
    reply: Any = None
    try:
        for _ in range(stop):
            effect: Effect = effects.send(reply)
            kept = effect.state["started"] if isinstance(effect, Keep) else kept
            reply = world(effect) if isinstance(effect, Http) else None
            if isinstance(reply, Exception):
                effect = effects.throw(reply)
                reply = None
    except StopIteration:
        pass
    effects.close()
    job, _ = drive(begun(started_from(json.loads(json.dumps(kept)))), world)
    assert (job, world.ids) == ("4", [3, 4])


def test_a_job_that_is_under_way_is_not_looked_for() -> None:
    """Its id is enough."""
    assert drive(begun(Started(asked=True, job="9")), World()) == ("9", [])


def test_a_vendor_that_cannot_tell_stops_a_second_start() -> None:
    """Where a second job would do harm, the search raises."""

    def unsure(_: Any) -> Effects[str | None]:
        yield LOOK
        raise InDoubtError("it may have begun")

    world = World(["after"])
    with pytest.raises(InDoubtError, match="may have begun"):
        drive(once(ask, unsure, Started(), keep=keep), world)
    assert world.ids == [3, 4]


def test_a_refused_start_is_not_repeated() -> None:
    """What the vendor refuses is not in doubt."""
    with pytest.raises(RemoteError, match="refused"):
        drive(begun(Started()), lambda call: answered(body={"ids": []}) if call == LOOK else RemoteError("refused"))


def look() -> Effects[str | None]:
    reply: Reply = yield LOOK
    done: str | None = reply.json().get("done")
    return done


@settings(deadline=None)
@given(st.integers(0, 14), st.sampled_from([1, 2, 5]), st.sampled_from([10, 300]))
def test_pauses_double_up_to_the_longest(idle: int, first: int, longest: int) -> None:
    """As soon as there is something, it is returned."""
    replies = [answered() for _ in range(idle)] + [answered(body={"done": "yes"})]
    found, asked = drive(until(look, first, longest), lambda _: replies.pop(0))
    assert found == "yes"
    assert [effect.seconds for effect in asked if isinstance(effect, Wait)] == [
        min(first * 2**n, longest) for n in range(idle)
    ]
    assert len(calls(asked)) == idle + 1


def test_patience_ends() -> None:
    """Not before all pauses together were so long."""
    with pytest.raises(UnavailableError, match="not done after 7 seconds"):
        drive(until(look, 1, 300, patience=6), lambda _: answered())
    assert drive(until(look, patience=inf), lambda _: answered(body={"done": "now"}))[0] == "now"
