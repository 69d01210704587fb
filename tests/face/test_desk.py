"""What the browser says is carried out once, alone, and shown; what takes long has a Stop."""

from threading import Event
from typing import Any

import pytest

from cdpkit.errors import ConfigurationError
from cdpkit.face.desk import Desk, Drawn, heard
from cdpkit.runs.progress import Observer, RunEvent
from cdpkit.transport.stop import Hearing, Stop


class Counting(Desk):
    """Counts."""

    def __init__(self) -> None:
        super().__init__()
        self.n = 0
        self.began = Event()

    def view(self) -> Drawn:
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
