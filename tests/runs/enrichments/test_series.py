"""Random series of imports, changes, pauses, crashes, faults and clock steps, against the vendor's own ledger."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cdpkit.store.commits import Tables
from cdpkit.store.ledger import Ledger
from tests.runs.enrichments.place import AGE, PRICE, Place, place

DAYS, CAP, PEOPLE = 10, 8, 30
DAY = 86_400.0


class Killed(BaseException):
    """The process ends here: no exception of a program, so that nothing tidies up after it."""


POINTS: tuple[tuple[type[Any], str], ...] = (
    (Ledger, "read"),
    (Ledger, "announced"),
    (Ledger, "answered"),
    (Ledger, "share"),
    (Tables, "record"),
    (Tables, "commit"),
    (Tables, "roll_forward"),
)


@contextmanager
def killed_at(nth: int, *, after: bool) -> Iterator[None]:
    """Let the process end before or after the nth of the calls that leave something on the disk."""
    left = [nth]
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in POINTS:
            patch.setattr(owner, name, _deadly(getattr(owner, name), left, after=after))
        with suppress(Killed):
            yield


def _deadly(real: Callable[..., Any], left: list[int], *, after: bool) -> Callable[..., Any]:
    def called(*given: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not after:
            raise Killed
        found = real(*given, **more)
        if left[0] == 0:
            raise Killed
        return found

    return called


STEPS = st.one_of(
    st.tuples(st.just("load"), st.integers(0, PEOPLE - 1), st.integers(0, 2)),
    st.tuples(st.just("twin"), st.integers(0, 3), st.integers(0, 1)),
    st.tuples(st.just("run"), st.booleans()),
    st.tuples(st.just("crash"), st.integers(1, 16), st.booleans()),
    st.tuples(st.just("fault"), st.sampled_from(["cut", "drop", "429", "500", "503", "403", "html", "expire"])),
    st.tuples(st.just("switch"), st.sampled_from(["short", "long", "busy"])),
    st.tuples(st.just("clock"), st.sampled_from([-3, 1, 4, 11])),
)


class Series:
    """A series of steps, and what it has charged for which run."""

    def __init__(self, at: Place) -> None:
        self.at = at
        self.by_run: dict[str, int] = defaultdict(int)

    def take(self, step: tuple[Any, ...]) -> None:
        """Take a step."""
        getattr(self, step[0])(*step[1:])

    def load(self, who: int, how: int) -> None:
        """Somebody comes, or changes: with everything, without a phone, or without an address."""
        person = self.at.known[who]
        changed = [person, {**person, "phone": None}, {**person, "email": None}][how]
        self.at.load(changed)

    def twin(self, nth: int, how: int) -> None:
        """Somebody whom another profile has too, with the same values."""
        person = {**self.at.known[30], "id": f"twin {nth}"}
        self.at.load([person, {**person, "phone": None}][how])

    def run(self, full: bool) -> None:
        """A run."""
        before = self.at.charged
        self.at.run(full=full)
        self._count(before)

    def crash(self, nth: int, after: bool) -> None:
        """A run that ends in the middle."""
        before = self.at.charged
        with killed_at(nth, after=after):
            self.at.run()
        self._count(before)

    def fault(self, kind: str) -> None:
        """The next batch goes wrong."""
        self.at.site.gates["acxiom"].faults.clear()
        self.at.fault(kind)

    def switch(self, name: str) -> None:
        """The next answer is wrong."""
        self.at.switch(**{name: 1})

    def clock(self, days: int) -> None:
        """Time passes, or goes back."""
        self.at.clock.go(days=days)

    def _count(self, before: int) -> None:
        charged = self.at.charged - before
        if charged:
            self.by_run[self.at.conn.runs["run_id"].max()] += charged

    def check(self) -> None:
        """Nobody is charged for twice inside the pause, no equal question is, and no run goes beyond its cap."""
        charges = [each for each in self.at.ledger()["charges"] if each["documents"]]
        assert all(each["documents"] == 1 for each in charges)
        times: dict[tuple[str, Any], list[float]] = defaultdict(list)
        for each in charges:
            for key in (("same", each["fingerprint"]), ("who", each["who"])):
                if key[1] is not None and key != ("who", 30):
                    assert all(each["at"] >= earlier + DAYS * DAY for earlier in times[key]), key
                    times[key].append(each["at"])
        assert all(charged <= CAP for charged in self.by_run.values()), dict(self.by_run)


@settings(
    max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True
)
@given(st.lists(STEPS, min_size=8, max_size=16))
def test_no_series_of_events_pays_twice_or_beyond_the_cap(steps: list[tuple[Any, ...]]) -> None:
    """Whatever comes, the vendor's ledger shows no second charge inside a pause, and none beyond cap or budget."""
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        place(Path(folder), patch, people=PEOPLE + 10, connection={"batch_size": 5}) as at,
    ):
        at.goal(mappings=[AGE], pause=f"{DAYS} days", max_requests=CAP + 5, budget=CAP * PRICE)
        series = Series(at)
        series.at.load(*at.known[:14])
        for step in steps:
            series.take(step)
            series.check()
        at.site.gates["acxiom"].faults.clear()
        at.switch(short=0, long=0, busy=0)
        series.run(full=False)
        series.check()


WATCHED = st.one_of(
    STEPS, st.tuples(st.just("watch")), st.tuples(st.just("watch")), st.tuples(st.just("struck"), st.integers(1, 16))
)


class Watching(Series):
    """A series in which a watch looks now and then, and is killed."""

    def watch(self) -> None:
        """A watch looks once."""
        self.at.ws.watch(0)

    def struck(self, nth: int) -> None:
        """It is killed after something that leaves something on the disk."""
        with killed_at(nth, after=True):
            self.at.ws.watch(0)

    def check(self) -> None:
        """As for all series, but that the cap holds for each 24 hours, by whichever road."""
        self.by_run.clear()
        super().check()
        times = sorted(each["at"] for each in self.at.ledger()["charges"] if each["documents"])
        assert all(sum(time < each <= time + DAY - 1 for each in times) < CAP for time in times), times


@settings(
    max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True
)
@given(st.lists(WATCHED, min_size=8, max_size=16))
def test_no_series_with_a_watch_pays_twice_or_beyond_the_cap(steps: list[tuple[Any, ...]]) -> None:
    """F116, F118: pause, cap and budget hold for runs and a watch together; in the end nobody is left who is due."""
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        place(Path(folder), patch, people=PEOPLE + 10, connection={"batch_size": 5}) as at,
    ):
        at.goal(mappings=[AGE], pause=f"{DAYS} days", max_requests=CAP + 5, budget=CAP * PRICE, real_time=True)
        at.ws.watch(0)
        series = Watching(at)
        series.at.load(*at.known[:14])
        for step in steps:
            series.take(step)
            series.check()
        at.site.gates["acxiom"].faults.clear()
        at.switch(short=0, long=0, busy=0)
        for _ in range(8):
            at.clock.go(days=DAYS + 1)
            at.ws.watch(0)
            series.check()
        assert at.run().counters["requests"] == 0
