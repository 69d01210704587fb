"""Many generators in virtual time: quota, order, and how all of it ends."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest

from cdpkit.errors import CdpkitError, InDoubtError, UnavailableError, UnknownNameError
from cdpkit.kit.effects import Effects, Http, Keep, Reply, Together, Wait, all_of
from cdpkit.kit.vendor import Limit
from cdpkit.transport.attempt import Answer, Failure
from cdpkit.transport.group import Calls, Group
from tests.transport.virtual import Line, VirtualClock, drive

Replies = tuple[Reply | CdpkitError, ...]

FAST = {"fast": Limit(100, 1.0)}


def call(path: str = "/a", limit: str = "fast", *, repeatable: bool = True) -> Http:
    return Http(method="POST", path=path, limit=limit, repeatable=repeatable)


def nothing(_key: int, _result: object) -> None:
    pass


def once(path: str = "/a", limit: str = "fast", *, repeatable: bool = True) -> Effects[int]:
    reply: Reply = yield call(path, limit, repeatable=repeatable)
    return reply.status


def test_the_quota_is_used() -> None:
    """At 100 calls a second and 50 ms a call, at least 97 % of the quota is used, with no more than needed at once."""
    clock = VirtualClock()
    line = Line(clock)
    done: dict[int, int] = {}
    drive(line, clock, done.__setitem__, FAST, tasks=((key, once()) for key in range(1000)))
    assert list(done) == list(range(1000))
    assert 999 / (line.sent[-1] - line.sent[0]) >= 97.0
    assert line.most == {"fast": 5}


def test_a_busy_caller_still_uses_the_quota() -> None:
    """Work of some milliseconds on each answer does not slow the calls down."""
    clock = VirtualClock()
    line = Line(clock)
    random = Random(1)

    def work(_key: int, _status: int) -> None:
        clock.time += random.choice([0.0, 0.001, 0.005, 0.03])

    drive(line, clock, work, FAST, tasks=((key, once()) for key in range(1000)))
    assert 999 / (line.sent[-1] - line.sent[0]) >= 95.0


def test_uneven_answers_still_use_the_quota() -> None:
    """Nobody waits for the slowest: there are no rounds."""
    clock = VirtualClock()
    random = Random(2)
    line = Line(clock, latency=lambda: random.choice([0.01, 0.02, 0.2]))
    done: list[int] = []
    limits = {"fast": Limit(100, 1.0, at_once=32)}
    drive(
        line, clock, lambda key, _: done.append(key), limits, at_once=32, tasks=((key, once()) for key in range(1000))
    )
    assert sorted(done) == list(range(1000))
    assert 999 / (line.sent[-1] - line.sent[0]) >= 95.0


@pytest.mark.parametrize(("limit", "at_once", "expected"), [(3, 16, 3), (64, 4, 4), (64, 16, 16)])
def test_at_once_is_never_exceeded(limit: int, at_once: int, expected: int) -> None:
    """Neither the limit's nor the driver's own, and both are reached where answers are slow."""
    clock = VirtualClock()
    line = Line(clock, latency=lambda: 1.0)
    done: list[int] = []
    limits = {"fast": Limit(1000, 1.0, at_once=limit)}
    tasks = ((key, once()) for key in range(100))
    drive(line, clock, lambda key, _: done.append(key), limits, at_once=at_once, tasks=tasks)
    assert line.most == {"fast": expected}
    assert sorted(done) == list(range(100))


def test_no_more_is_begun_than_can_be_sent_soon() -> None:
    """One task waits ready for its moment; the next is taken when that one is sent."""
    clock = VirtualClock()
    line = Line(clock)
    ahead: list[int] = []

    def tasks() -> Iterator[tuple[int, Effects[int]]]:
        for key in range(20):
            ahead.append(key - len(line.sent))
            yield key, once("/a", "slow")

    drive(line, clock, nothing, {"slow": Limit(5, 60.0)}, tasks=tasks())
    assert set(ahead) == {0}


def test_a_refusal_holds_the_whole_limit_back_and_no_other() -> None:
    """After a 429 nothing is sent on its limit before the server says so; other limits go on."""
    clock = VirtualClock()
    refusals = iter([Answer(429, {"retry-after": "30"})])

    def answer(http: Http) -> Answer:
        return next(refusals, Answer(200)) if http.limit == "fast" and len(line.sent) > 10 else Answer(200)

    line = Line(clock, answer)
    limits = {**FAST, "other": Limit(100, 1.0)}
    groups = {name: Group(limit, 1.0, clock.now()) for name, limit in limits.items()}
    done: list[int] = []

    def pair(limit: str) -> Effects[int]:
        first = yield from once("/a", limit)
        yield Wait(1.0)
        return first + (yield from once("/a", limit))

    tasks = ((key, pair(("fast", "other")[key % 2])) for key in range(16))
    drive(line, clock, lambda key, _: done.append(key), limits, groups=groups, tasks=tasks)
    assert sorted(done) == list(range(16))
    gaps = {
        limit: max(
            after - before
            for before, after in pairwise(
                moment for moment, http in zip(line.sent, line.calls, strict=True) if http.limit == limit
            )
        )
        for limit in limits
    }
    assert gaps["fast"] >= 30.0
    assert gaps["other"] < 1.2
    assert groups["fast"].calls == Calls(made=17, repeated=1, refused=1)
    assert groups["other"].calls == Calls(made=16)


def test_a_fault_holds_back_only_its_call() -> None:
    """A call that met a fault pauses alone."""
    clock = VirtualClock()
    faults = iter([Answer(503)] * 3)
    line = Line(clock, lambda http: next(faults, Answer(200)) if http.path == "/bad" else Answer(200))
    done: list[int] = []
    tasks = ((key, once("/bad" if key == 0 else "/a")) for key in range(50))
    drive(line, clock, lambda key, _: done.append(key), FAST, tasks=tasks)
    assert done[:5] == [1, 2, 3, 4, 5]
    assert sorted(done) == list(range(50))
    assert [http.path for http in line.calls].count("/bad") == 4


def test_answers_to_several_calls_come_in_their_order() -> None:
    """Whatever the order in which the server answered."""
    clock = VirtualClock()
    latencies = iter([0.5, 0.1, 0.3, 0.2])
    line = Line(clock, lambda http: Answer(200 + int(http.path[1:])), lambda: next(latencies))

    def several() -> Effects[list[int]]:
        replies: Replies = yield Together(tuple(call(f"/{number}") for number in range(4)))
        nothing: Replies = yield Together(())
        return [reply.status for reply in all_of(replies + nothing)]

    done: dict[int, list[int]] = {}
    drive(line, clock, done.__setitem__, FAST, tasks=[(1, several())])
    assert done == {1: [200, 201, 202, 203]}


def test_several_calls_of_which_one_fails_are_all_awaited() -> None:
    """The error stands in the place of its answer; nothing that was answered is lost."""
    clock = VirtualClock()
    line = Line(clock, lambda http: Failure("gone") if http.path == "/bad" else Answer(200))
    ends: list[float] = []

    def several() -> Effects[list[int | str]]:
        replies: Replies = yield Together((call(), call("/bad", repeatable=False), call()))
        ends.append(clock.now())
        with pytest.raises(InDoubtError):
            all_of(replies)
        return [reply.status if isinstance(reply, Reply) else str(reply) for reply in replies]

    done: dict[int, list[int | str]] = {}
    drive(line, clock, done.__setitem__, FAST, tasks=[(1, several())])
    before, error, after = done[1]
    assert (before, after) == (200, 200)
    assert "may or may not have carried out POST /bad: gone" in str(error)
    assert ends == [pytest.approx(line.sent[-1] + 0.05)]


def test_tries_are_bounded() -> None:
    """After the last one, the error names vendor, call, status and tries, and says what to do."""
    clock = VirtualClock()
    line = Line(clock, lambda _: Answer(502))
    with pytest.raises(
        UnavailableError, match=r"Example did not carry out POST /a, tried 4 times; .*status 502.*later"
    ):
        drive(line, clock, nothing, FAST, attempts=4, tasks=[(1, once())])
    assert len(line.sent) == 4
    pauses = [after - before - 0.05 for before, after in pairwise(line.sent)]
    assert pauses == pytest.approx([0.5, 1.0, 2.0])


def test_a_generator_may_handle_an_error_and_go_on() -> None:
    """Errors are raised at its yield."""
    clock = VirtualClock()
    line = Line(clock, lambda http: Failure("gone") if http.path == "/a" else Answer(204))

    def careful() -> Effects[int]:
        try:
            return (yield from once(repeatable=False))
        except InDoubtError:
            return (yield from once("/look"))

    done: dict[int, int] = {}
    drive(line, clock, done.__setitem__, FAST, tasks=[(1, careful())])
    assert done == {1: 204}


def test_an_unknown_limit_is_named() -> None:
    """With the limits that there are."""
    clock = VirtualClock()
    with pytest.raises(UnknownNameError, match="no limit 'fsat'; there are: fast"):
        drive(Line(clock), clock, nothing, FAST, tasks=[(1, once(limit="fsat"))])


def test_waits_take_their_time_and_hold_nobody_up() -> None:
    """A generator that waits is resumed after its seconds; others work meanwhile."""
    clock = VirtualClock()
    line = Line(clock)

    def patient() -> Effects[float]:
        before = clock.now()
        yield Wait(30.0)
        return clock.now() - before

    done: dict[int, float] = {}
    tasks = [(0, patient()), *((key, once()) for key in range(1, 20))]
    drive(line, clock, done.__setitem__, FAST, tasks=tasks)
    assert list(done) == [*range(1, 20), 0]
    assert done[0] == pytest.approx(30.0, abs=0.05)


class StopHereError(Exception):
    """Something of the caller's own."""


@pytest.mark.parametrize("error", [KeyboardInterrupt, StopHereError])
@pytest.mark.parametrize("place", ["tasks", "done", "generator"])
def test_whoever_raises_calls_in_flight_are_delivered(place: str, error: type[BaseException]) -> None:
    """Nothing new is begun or sent; those in flight are awaited and their generators done; then the error is raised."""
    clock = VirtualClock()
    line = Line(clock, latency=lambda: 0.5 + 0.01 * len(line.sent))
    taken: list[int] = []
    done: list[int] = []
    before: list[tuple[int, int, int]] = []

    def fail() -> None:
        before.append((len(taken), len(line.sent), len(done)))
        raise error

    def odd() -> Effects[int]:
        status = yield from once()
        if place == "generator":
            fail()
        return status

    def tasks() -> Iterator[tuple[int, Effects[int]]]:
        for key in range(100):
            if place == "tasks" and key == 7:
                fail()
            taken.append(key)
            yield key, odd() if key == 2 else once()

    def note(key: int, _status: int) -> None:
        done.append(key)
        if place == "done" and key == 2:
            fail()

    with pytest.raises(error):
        drive(line, clock, note, {"fast": Limit(100, 1.0, at_once=20)}, tasks=tasks())
    failed = {2} if place == "generator" else set()
    [(begun, sent, ended)] = before
    assert (begun, sent) == (len(taken), len(line.sent))
    assert sorted(done) == sorted(set(range(sent)) - failed)
    assert len(done) > ended + 5
    assert begun - sent <= 1


def test_generators_that_ask_for_more_are_closed_at_the_end() -> None:
    """Their answer is delivered, what they keep is kept, and their next call is not made."""
    clock = VirtualClock()
    line = Line(clock)
    seen: list[str] = []

    def more(name: str, *, calls: int) -> Effects[str]:
        try:
            for _ in range(calls):
                yield call()
                seen.append(f"{name} answered")
                yield Keep({"name": name})
        except GeneratorExit:
            seen.append(f"{name} closed")
            raise
        return name

    def tasks() -> Iterator[tuple[int, Effects[str]]]:
        yield 1, more("short", calls=1)
        yield 2, more("long", calls=2)
        raise KeyboardInterrupt

    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        drive(line, clock, lambda key, _: done.append(key), FAST, at_once=4, tasks=tasks())
    assert done == [1]
    assert sorted(seen) == ["long answered", "long closed", "short answered"]
    assert len(line.sent) == 2


def test_several_calls_not_all_sent_are_handed_over_at_the_end() -> None:
    """What was answered is; the others are errors, in doubt where they may have been carried out."""
    clock = VirtualClock()
    line = Line(clock, latency=lambda: 0.05 if line.calls[-1].path in {"/a", "/1", "/2"} else 10_000.0)
    seen: list[Reply | CdpkitError] = []

    def several() -> Effects[int]:
        fast = (call("/1"), call("/2"), call("/3", repeatable=False), call("/4"))
        seen.extend((yield Together((*fast, call("/5", "slow"), call("/6", "slow")))))
        return len(seen)

    def stop(key: int, _: int) -> None:
        if key == 1:
            raise StopHereError
        done.append(key)

    done: list[int] = []
    with pytest.raises(StopHereError):
        drive(line, clock, stop, {"slow": Limit(1, 10.0), **FAST}, tasks=[(1, once()), (2, several())])
    assert [type(reply).__name__ for reply in seen] == [
        *("Reply", "Reply", "InDoubtError", "UnavailableError", "UnavailableError", "UnavailableError"),
    ]
    assert "did not answer POST /6 before all was ended" in str(seen[5])
    assert done == [2]


def test_several_calls_without_any_answer_close_their_generator_at_the_end() -> None:
    """There is nothing to hand over."""
    clock = VirtualClock()
    closed: list[float] = []

    def several() -> Effects[int]:
        try:
            replies: Replies = yield Together(tuple(call(limit="slow") for _ in range(3)))
        finally:
            closed.append(clock.now())
        return len(replies)

    def stop(_key: int, _: int) -> None:
        raise StopHereError

    begun = clock.now()
    tasks = [(1, once("/a", "slow")), (2, several())]
    with pytest.raises(StopHereError):
        drive(Line(clock), clock, stop, {"slow": Limit(1, 10.0)}, tasks=tasks)
    assert closed == [pytest.approx(begun + 0.05)]


def test_what_would_be_repeated_is_given_up_at_the_end() -> None:
    """Its generator is closed, and no call is made twice any more; one in doubt is told so."""
    clock = VirtualClock()
    answers: dict[str, Answer | Failure] = {
        "/ok": Answer(200),
        "/busy": Answer(429),
        "/broken": Answer(500),
        "/gone": Failure("gone"),
    }
    line = Line(clock, lambda http: answers[http.path], lambda: 1.0)
    done: dict[int, int] = {}

    def doubtful() -> Effects[int]:
        try:
            return (yield from once("/gone", repeatable=False))
        except InDoubtError:
            return -1

    def tasks() -> Iterator[tuple[int, Effects[int]]]:
        yield 1, once("/ok")
        yield 2, once("/busy")
        yield 3, once("/broken")
        yield 4, doubtful()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drive(line, clock, done.__setitem__, FAST, tasks=tasks())
    assert done == {1: 200, 4: -1}
    assert len(line.sent) == 4


def test_later_errors_do_not_hide_the_first() -> None:
    """They are noted by their kind alone."""
    clock = VirtualClock()
    line = Line(clock)

    def fail(key: int, _status: int) -> None:
        raise StopHereError(f"private words about {key}")

    with pytest.raises(StopHereError, match="about 0") as caught:
        drive(line, clock, fail, FAST, tasks=((key, once()) for key in range(50)))
    assert set(caught.value.__notes__) == {"after that, another error came up: StopHereError"}


def test_a_call_without_end_is_awaited_up_to_its_time_out() -> None:
    """Then its generator is closed, and whatever still comes is thrown away."""
    clock = VirtualClock()
    line = Line(clock, latency=lambda: 10_000.0)
    closed: list[float] = []

    def endless() -> Effects[int]:
        try:
            return (yield from once())
        finally:
            closed.append(clock.now())

    def tasks() -> Iterator[tuple[int, Effects[int]]]:
        yield 1, endless()
        raise KeyboardInterrupt

    begun = clock.now()
    with pytest.raises(KeyboardInterrupt):
        drive(line, clock, nothing, FAST, tasks=tasks())
    assert [moment - begun for moment in closed] == [pytest.approx(61.0, abs=0.1)]


@pytest.mark.parametrize("seed", range(20))
def test_each_key_is_done_once(seed: int) -> None:
    """With random vendors, answers and latencies, each task ends exactly once, within all limits."""
    random = Random(seed)
    clock = VirtualClock()
    answers = [Answer(200)] * 20 + [Answer(503), Answer(429), Answer(429, {"retry-after": "2"})]
    line = Line(clock, lambda _: random.choice(answers), lambda: random.uniform(0.001, 2.0))
    limits = {"fast": Limit(50, 1.0, at_once=4), "slow": Limit(10, 3.0, at_once=2)}

    def busy(steps: int) -> Effects[int]:
        for _ in range(steps):
            kind = random.randrange(4)
            if kind == 0:
                yield Wait(random.uniform(0, 3))
            elif kind == 1:
                yield Together(tuple(call(limit=random.choice(["fast", "slow"])) for _ in range(random.randrange(5))))
            else:
                yield call(limit=random.choice(["fast", "slow"]))
        return steps

    done: list[int] = []
    tasks = ((key, busy(random.randrange(4))) for key in range(60))
    drive(line, clock, lambda key, _: done.append(key), limits, at_once=6, attempts=50, tasks=tasks)
    assert sorted(done) == list(range(60))
    assert line.most["fast"] <= 4
    assert line.most["slow"] <= 2
