"""What the browser says is carried out once, alone, and shown; what takes long has a Stop."""

from threading import Event, Thread
from typing import Any

import pytest

from cdpkit.errors import ConfigurationError
from cdpkit.face.desk import Desk, Drawn, heard
from cdpkit.face.work import Latest
from cdpkit.runs.progress import Observer, RunEvent
from cdpkit.transport.stop import Hearing, Stop


class Counting(Desk):
    """Counts."""

    def __init__(self) -> None:
        super().__init__()
        self.n = 0
        self.breaks: Exception = ConfigurationError("too many")
        self.began = Event()

    def view(self) -> Drawn:
        if self.n > 99:
            raise self.breaks
        return {"n": self.n}

    @heard
    def add(self, by: int) -> None:
        if by < 0:
            raise ConfigurationError("less than nothing")
        self.n += by

    @heard
    def long(self) -> None:
        def job(stop: Stop, tell: Observer) -> int:
            self.began.set()
            hearing = Hearing(stop)
            while True:
                tell(RunEvent("", "count", 1, 2, "counting"))
                hearing.check()

        self.start("Counting", job, self.finish)

    def finish(self, n: int) -> None:
        self.n = n

    def not_for_the_browser(self) -> None:
        self.n = -1


class Looking:
    """What a front end is shown."""

    def __init__(self, desk: Desk) -> None:
        self.shown = list[Drawn]()
        self.said = list[Any]()
        desk.join(self.shown.append, self.said.append)

    @property
    def last(self) -> Drawn:
        return self.shown[-1]


def test_a_message_is_carried_out_and_shown() -> None:
    """With a number that grows, by which the browser tells that something was drawn."""
    desk = Counting()
    looking = Looking(desk)
    desk.hear({"do": "add", "by": 2})
    assert [(shown["n"], shown["seq"]) for shown in looking.shown] == [(0, 0), (2, 1)]


@pytest.mark.parametrize(
    "message",
    [
        None,
        "add",
        {},
        {"do": "add"},
        {"do": "add", "by": 1, "more": 2},
        {"do": "not_for_the_browser"},
        {"do": "view"},
        {"do": "hear"},
    ],
)
def test_what_is_no_message_does_nothing(message: object) -> None:
    """Only methods that are meant for it can be called, with the arguments that they have."""
    desk = Counting()
    looking = Looking(desk)
    desk.hear(message)
    assert desk.n == 0
    assert len(looking.shown) == 1


def test_an_error_is_shown_until_the_next_message() -> None:
    """In its own words."""
    desk = Counting()
    looking = Looking(desk)
    desk.hear({"do": "add", "by": -1})
    assert looking.last["failed"] == "less than nothing"
    desk.hear({"do": "add", "by": 1})
    assert looking.last["failed"] == ""


def test_what_takes_long_is_shown_while_it_is_at_work() -> None:
    """And can be stopped: the message comes back at once, and the job ends where nothing is half done."""
    desk = Counting()
    looking = Looking(desk)
    desk.hear({"do": "long"})
    assert desk.began.wait(10)
    assert looking.last["work"]["name"] == "Counting"
    desk.hear({"do": "add", "by": 1})
    assert desk.n == 1
    desk.hear({"do": "stop"})
    desk.work.wait()
    assert looking.last["work"] == {}
    assert desk.n == 1


def test_a_browser_is_told_which_of_its_messages_were_heard() -> None:
    """Of several that look on, each by its own name; of a few alone."""
    desk = Counting()
    looking = Looking(desk)
    desk.hear({"do": "add", "by": 1, "_by": "a", "_n": 4})
    desk.hear({"do": "add", "by": 1, "_by": "b", "_n": 1})
    assert looking.last["heard"] == {"a": 4, "b": 1}
    for other in range(20):
        desk.hear({"do": "add", "by": 0, "_by": str(other), "_n": 1})
    assert len(looking.last["heard"]) < 10
    assert desk.n == 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConfigurationError("too many"), "too many"),
        (KeyError("a person"), "should not have happened: KeyError"),
    ],
)
def test_what_cannot_be_drawn_stays_as_it_was_and_says_why(error: Exception, said: str) -> None:
    """In a message and in a job's thread alike, which then ends as any other; a later drawing shows what has come."""
    desk = Counting()
    looking = Looking(desk)
    desk.breaks = error
    desk.hear({"do": "add", "by": 100})
    assert (looking.last["n"], looking.last["seq"]) == (0, 1)
    assert said in looking.last["failed"]
    assert "a person" not in looking.last["failed"]
    ended = list[int]()
    desk.start("Counting", lambda _stop, _tell: 101, ended.append)
    desk.work.wait()
    assert ended == [101]
    assert looking.last["work"] == {}
    assert said in looking.last["failed"]
    desk.hear({"do": "add", "by": -100})
    desk.n = 7
    desk.hear({"do": "add", "by": 0})
    assert (looking.last["n"], looking.last["failed"]) == (7, "")


def test_what_was_never_drawn_is_an_error_of_the_cell() -> None:
    """There is nothing else to show."""
    desk = Counting()
    desk.n = 100
    with pytest.raises(ConfigurationError, match="too many"):
        Looking(desk)


def test_only_the_last_of_what_was_asked_for_is_done() -> None:
    """What is at work is not ended; what was asked for meanwhile is left out, but for the last of it."""
    latest, done, begun, goes_on = Latest(), list[int](), Event(), Event()

    def first() -> None:
        begun.set()
        goes_on.wait(10)
        done.append(1)

    latest.do(first)
    assert begun.wait(10)
    latest.do(lambda: done.append(2))
    latest.do(lambda: done.append(3))
    goes_on.set()
    latest.wait()
    assert done == [1, 3]


class Outer(Desk):
    """Shows another desk."""

    def __init__(self, inner: Counting) -> None:
        super().__init__()
        self.inner = inner
        self.seen = Event()
        inner.within(self)
        inner.join(lambda _: self._changed(), lambda _: None)

    def view(self) -> Drawn:
        self.seen.set()
        return {"inner": self.inner.drawn()}


def test_a_view_in_another_one_waits_for_nobody() -> None:
    """While the inner one changes, the outer one is not drawn by another thread, which would wait for it."""
    outer = Outer(Counting())
    looking = Looking(outer)
    before = looking.last["seq"]
    outer.seen.clear()
    with outer.inner.changing():
        beside = Thread(target=outer.hear, args=({"do": "stop"},), daemon=True)
        beside.start()
        assert not outer.seen.wait(0.1)
    beside.join(30)
    assert not beside.is_alive()
    assert looking.last["seq"] == before + 2
