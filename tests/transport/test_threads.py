"""Attempts, the threads that carry them, and the clock that waits for them."""

from pathlib import Path
from queue import SimpleQueue
from ssl import SSLCertVerificationError
from threading import Event, Thread

import pytest

from cdpkit.errors import UnavailableError
from cdpkit.kit.effects import Effects, Http
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.attempt import Answer, Attempt, Failure
from cdpkit.transport.carriers import CARRIERS, Carriers
from cdpkit.transport.clock import RealClock
from cdpkit.transport.driver import Driver
from cdpkit.transport.http import _not_reached
from cdpkit.transport.means import Means
from cdpkit.transport.pool import Pool
from tests.transport.servers import Said, nobody, serving

Completions = SimpleQueue[Attempt | None]


def attempt(completions: Completions, *, page: str | None = None) -> Attempt:
    http = Http(method="GET", path="/a", limit="all", page=page)
    return Attempt(http, timeout=5.0, begun=0.0, deadline=20.0, completions=completions, leaves=lambda: None)


def test_an_attempt_that_was_taken_back_is_not_sent() -> None:
    """Either the thread has it or the caller, never both."""
    completions: Completions = SimpleQueue()
    sent: list[Attempt] = []

    def send(attempt: Attempt) -> Answer:
        sent.append(attempt)
        return Answer(200)

    pool = Pool(send)
    back, forth = attempt(completions), attempt(completions)
    assert back.claim()
    pool.begin(back)
    pool.begin(forth)
    assert completions.get(timeout=10) is forth
    assert pool.close(10)
    assert sent == [forth]
    assert not forth.claim()


def test_threads_are_used_again() -> None:
    """Calls one after the other need one thread."""
    completions: Completions = SimpleQueue()
    pool = Pool(lambda _: Answer(200))
    for _ in range(20):
        pool.begin(attempt(completions))
        completions.get(timeout=10)
        assert pool._idle.acquire(timeout=10)  # the thread is back in a moment
        pool._idle.release()
    assert len(pool._threads) == 1
    assert pool.close(10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_breaks_still_answers() -> None:
    """Nobody waits for ever, and the next call has another thread."""
    completions: Completions = SimpleQueue()
    outcomes: list[Answer | Failure | None] = []

    def send(attempt: Attempt) -> Answer:
        if attempt.call.page:
            raise ZeroDivisionError
        return Answer(200)

    pool = Pool(send)
    for page in ("broken", None):
        pool.begin(attempt(completions, page=page))
        ended = completions.get(timeout=10)
        assert ended is not None
        outcomes.append(ended.outcome)
    assert outcomes == [Failure("the call broke off in this program"), Answer(200)]
    assert pool.close(10)


def test_a_closing_pool_does_not_wait_for_ever() -> None:
    """A call that nobody waits for any more ends by itself."""
    completions: Completions = SimpleQueue()
    going = Event()

    def send(_: Attempt) -> Answer:
        going.wait(10)
        return Answer(200)

    pool = Pool(send)
    pool.begin(attempt(completions))
    assert not pool.close(0.01)
    going.set()
    assert pool.close(10)


def test_a_page_that_nobody_waits_for_is_thrown_away(tmp_path: Path) -> None:
    """It does not appear after the run that asked for it has ended."""
    with serving(lambda _: Said(body=b"x" * 100_000)) as server:
        client = Carriers(CARRIERS, Means({"base_url": server.url}, Folder(tmp_path)))
        abandoned, wanted = (attempt(SimpleQueue(), page=page) for page in ("abandoned", "wanted"))
        abandoned.abandoned = True
        assert isinstance(client.send(abandoned), Failure)
        stored = client.send(wanted)
        assert isinstance(stored, Answer)
        assert (stored.status, stored.page) == (200, "wanted")
        client.close()
    assert [path.name for path in tmp_path.iterdir()] == ["wanted"]


def test_a_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    """The cause is found below what the library raises; other failures to connect may pass."""
    passing, lasting = OSError("refused"), OSError("certificate verify failed")
    lasting.__cause__ = OSError()
    lasting.__cause__.__cause__ = SSLCertVerificationError()
    assert _not_reached(passing, {}, "h:443", 5.0) == Failure("refused", sent=False, where="h:443")
    failure = Failure("certificate verify failed", sent=False, where="h:443", lasting=True)
    assert _not_reached(lasting, {}, "h:443", 5.0) == failure


def test_the_real_clock_waits_for_what_comes_first() -> None:
    """Something in the queue, a wake-up, or the moment."""
    clock = RealClock()
    queue: SimpleQueue[str | None] = SimpleQueue()
    queue.put("call")
    queue.put(None)
    before = clock.now()
    assert clock.wait(queue, in_flight=1, until=before - 1) == "call"
    assert clock.wait(queue, in_flight=1, until=None) is None
    assert clock.wait(queue, in_flight=0, until=before - 1) is None
    assert clock.wait(queue, in_flight=0, until=before + 0.02) is None
    assert clock.now() >= before + 0.02
    assert clock.utc().tzinfo is not None


def test_a_driver_works_in_any_thread(tmp_path: Path) -> None:
    """Interrupts are held back in the main thread alone; elsewhere none come."""
    errors: list[str] = []

    def once() -> Effects[None]:
        yield Http(method="GET", path="/a", limit="all")

    def work() -> None:
        with (
            nobody() as url,
            Driver(url, {"all": Limit(5, 1.0)}, folder=Folder(tmp_path), vendor="E", attempts=1) as driver,
        ):
            try:
                driver.run(once())
            except UnavailableError as error:
                errors.append(str(error))

    thread = Thread(target=work)
    thread.start()
    thread.join(10)
    assert ["cannot be reached" in error for error in errors] == [True]
