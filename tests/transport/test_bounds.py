"""Bounds in time and size: no answer holds a run, fills the memory or the disk."""

import gzip
import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import pytest

from cdpkit.errors import CdpkitError, InDoubtError, RemoteError, UnavailableError, WorkspaceError
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.attempt import Attempt, Stopped
from cdpkit.transport.bodies import taken_in
from cdpkit.transport.driver import Driver
from cdpkit.transport.means import Caps, Means
from tests.transport.servers import Asked, Said, serving
from tests.transport.virtual import Line, VirtualClock, drive

LIMITS = {"all": Limit(1000, 1.0)}
SMALL = Caps(memory=1000, page=5000)
PEOPLE = b'{"next": 2}\n'


def ask(path: str = "/a", *, repeatable: bool = True, **more: Any) -> Effects[Reply]:
    reply: Reply = yield Http(method="GET", path=path, limit="all", repeatable=repeatable, **more)
    return reply


def driver(url: str, folder: Path, **more: Any) -> Driver:
    return Driver(url, LIMITS, folder=Folder(folder / "pages"), vendor="Example", **more)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_too_large_for_memory_is_given_up(packed: bool, tmp_path: Path) -> None:
    """Once, with what to do; it counts as it is unpacked, and one that must not be made twice is in doubt."""
    body = bytes(5000)
    said = Said(body=gzip.compress(body), headers={"Content-Encoding": "gzip"}) if packed else Said(body=body)
    with serving(lambda _: said) as server, driver(server.url, tmp_path, caps=SMALL) as made:
        with pytest.raises(RemoteError, match=r"GET /a was given up: .* larger than the 1000 bytes .*Ask for less"):
            made.run(ask())
        with pytest.raises(InDoubtError, match="its answer is larger than the 1000 bytes"):
            made.run(ask(repeatable=False))
        assert len(made.run(ask("/b", page="b")).body) == 0
    assert len(server.asked) == 3
    assert left(tmp_path) == ["b"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_page_too_large_is_given_up_and_leaves_nothing(chunked: bool, tmp_path: Path) -> None:
    """Whether its length is known before or not."""
    with (
        serving(lambda _: Said(body=bytes(6000), chunked=chunked)) as server,
        driver(server.url, tmp_path, caps=SMALL) as made,
        pytest.raises(RemoteError, match=r"larger than the 5000 bytes of a page\. Ask for less"),
    ):
        made.run(ask(page="a"))
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("announced", "free", "stored"),
    [(0, [900], 0), (2000, [2900], 0), (2000, [3000, 1800, 900], 2), (0, [3000, 1100, 1000, 900], 3)],
)
def test_a_page_for_which_the_disk_has_no_room_is_not_stored(
    announced: int, free: list[int], stored: int, tmp_path: Path
) -> None:
    """The disk is looked at before, and while it is stored; the message says how much is free and what to do."""
    seen, come = iter(free), list[int]()
    means = Means({}, Folder(tmp_path), Caps(free=1000, look=1000), lambda: next(seen))

    def chunks() -> Iterator[bytes]:
        for number in range(10):
            come.append(number)
            yield bytes(1000)

    call = Http(method="GET", path="/a", limit="all", page="a")
    attempt = Attempt(call, timeout=1, begun=0, deadline=9, completions=SimpleQueue(), leaves=lambda: None)
    with pytest.raises(Stopped) as caught:
        taken_in(attempt, means, chunks(), status=200, headers={}, announced=announced)
    assert caught.value.failure.lasting
    assert isinstance(caught.value.failure.error, WorkspaceError)
    message = rf"to GET /a is not stored: only {free[-1]} bytes of the disk are free.*make room where the workspace"
    assert re.search(message, str(caught.value.failure.error))
    assert (len(come), left(tmp_path)) == (stored, [])


def test_the_body_of_a_page_is_handed_over_where_that_is_asked_for(tmp_path: Path) -> None:
    """What follows may be said in it; both are the same, and the memory is bounded all the same."""
    with serving(lambda _: Said(body=PEOPLE)) as server, driver(server.url, tmp_path, caps=SMALL) as made:
        alone, both = made.run(ask(page="alone")), made.run(ask(page="both", body_too=True))
    assert ((alone.body, alone.page), (both.body, both.page)) == ((b"", "alone"), (PEOPLE, "both"))
    assert [(tmp_path / "pages" / name).read_bytes() for name in ("alone", "both")] == [PEOPLE, PEOPLE]
    with (
        serving(lambda _: Said(body=bytes(2000))) as server,
        driver(server.url, tmp_path, caps=SMALL) as made,
        pytest.raises(RemoteError, match="larger than the 1000 bytes"),
    ):
        made.run(ask(page="large", body_too=True))
    assert left(tmp_path) == ["alone", "both"]


@pytest.mark.parametrize(
    ("call", "seconds", "error"),
    [
        ({"repeatable": True}, 240.0, UnavailableError),
        ({"repeatable": False}, 240.0, InDoubtError),
        ({"repeatable": True, "timeout": 100.0}, 400.0, UnavailableError),
        ({"repeatable": True, "deadline": 7.0}, 7.0, UnavailableError),
        ({"repeatable": True, "page": "a"}, 21_600.0, UnavailableError),
        ({"repeatable": True, "page": "a", "timeout": 7200.0}, 28_800.0, UnavailableError),
    ],
)
def test_a_call_whose_answer_never_ends_is_given_up(
    call: dict[str, Any], seconds: float, error: type[CdpkitError]
) -> None:
    """At its deadline, without another try; calls beside it are served meanwhile."""
    clock = VirtualClock()
    line = Line(clock, latency=lambda: 0.05 if line.calls[-1].path == "/ok" else 1e9)
    begun = clock.now()
    given_up: list[float] = []
    done: dict[int, int] = {}

    def endless() -> Effects[int]:
        with pytest.raises(error, match=rf"not complete after {seconds:g} seconds"):
            yield from ask(**call)
        given_up.append(clock.now() - begun)
        return 0

    def fine() -> Effects[int]:
        return (yield from ask("/ok")).status

    drive(line, clock, done.__setitem__, LIMITS, tasks=[(1, endless()), *((key, fine()) for key in range(2, 20))])
    assert given_up == [pytest.approx(seconds)]
    assert list(done) == [*range(2, 20), 1]
    assert len(line.sent) == 19


@contextmanager
def trickling(head: bytes) -> Iterator[str]:
    """A server that begins an answer, and then sends a byte now and then for ever."""
    ending = Event()

    def trickle(connection: socket.socket) -> None:
        with closing(connection), suppress(OSError):
            connection.recv(65536)
            connection.sendall(head)
            while not ending.wait(0.02):
                connection.sendall(b" ")

    def listen(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                Thread(target=trickle, args=(listening.accept()[0],), daemon=True).start()

    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        Thread(target=listen, args=(listening,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ending.set()


@pytest.mark.parametrize("page", [None, "a"])
@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "]
)
def test_a_server_that_trickles_cannot_hold_a_run(head: bytes, page: str | None, tmp_path: Path) -> None:
    """Neither in the header nor in the body, although each byte comes in time."""
    with (
        trickling(head) as url,
        driver(url, tmp_path, timeout=5.0) as made,
        pytest.raises(UnavailableError, match=r"GET /a, tried once; .*not complete after 0\.3 seconds"),
    ):
        made.run(ask(deadline=0.3, page=page))
    assert left(tmp_path) == []


def test_a_packed_page_that_ends_too_early_is_fetched_again(tmp_path: Path) -> None:
    """It is not stored as if it were whole."""
    whole = gzip.compress(PEOPLE * 100)

    def answer(asked: Asked) -> Said:
        body = whole[:-4] if asked.number == 1 else whole
        return Said(body=body, headers={"Content-Encoding": "gzip"}, chunked=True)

    with serving(answer) as server, driver(server.url, tmp_path, clock=VirtualClock()) as made:
        made.run(ask(page="a"))
    assert len(server.asked) == 2
    assert (tmp_path / "pages" / "a").read_bytes() == PEOPLE * 100
