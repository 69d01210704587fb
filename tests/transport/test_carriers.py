"""Another kind of calls: objects of a folder, carried by the same driver under the same terms as HTTP."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Event, Lock

import pytest

from cdpkit.errors import ConfigurationError, InDoubtError, UnavailableError
from cdpkit.kit.effects import Call, Effects, Http, Reply, Together
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.attempt import Answer, Attempt, Failure
from cdpkit.transport.bodies import taken_in
from cdpkit.transport.carriers import CARRIERS
from cdpkit.transport.driver import Driver
from cdpkit.transport.group import Calls
from cdpkit.transport.means import Means
from tests.transport.servers import Said, serving
from tests.transport.virtual import VirtualClock

LIMITS = {"all": Limit(1000, 1.0), "objects": Limit(10, 1.0, at_once=4)}
PIECE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class FromShelf(Call):
    """Read an object; its reply has status 404 where there is none."""

    key: str
    address: str = "bucket"

    @property
    def what(self) -> str:
        return f"the object {self.key}"


@dataclass
class Shelf:
    """Reads objects in a folder.

    Attributes:
        folder: Where they lie.
        means: Where pages go.
        faults: What goes wrong before the objects are read, in order.
        before: Called before each is read.
        closed: Whether nobody asks any more.
    """

    folder: Path
    means: Means
    faults: list[Failure] = field(default_factory=list)
    before: Callable[[], object] = bool
    closed: bool = False
    lock: Lock = field(default_factory=Lock)

    def send(self, call: FromShelf, attempt: Attempt) -> Answer | Failure:
        attempt.leaves()
        self.before()
        with self.lock:
            if self.faults:
                return self.faults.pop(0)
        path = self.folder / call.key
        if not path.exists():
            return taken_in(attempt, self.means, [], status=404, headers={})
        return taken_in(attempt, self.means, self._read(path), status=200, headers={}, announced=path.stat().st_size)

    def close(self) -> None:
        self.closed = True

    def _read(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


@dataclass
class Place:
    """A driver that carries objects too."""

    driver: Driver
    shelf: list[Shelf]
    pages: Path
    clock: VirtualClock


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Makes a driver over a folder with twenty objects, and an HTTP server beside it."""
    folder = tmp_path / "bucket"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.json").write_text(f'{{"object": {number}}}')
    with serving(lambda _: Said(body=b'{"http": true}')) as server:
        drivers = []

        def place(faults: tuple[Failure, ...] = (), before: Callable[[], object] = bool) -> Place:
            shelf: list[Shelf] = []

            def open_shelf(means: Means) -> Shelf:
                shelf.append(Shelf(folder, means, list(faults), before))
                return shelf[-1]

            clock = VirtualClock()
            pages = tmp_path / "pages"
            driver = Driver(
                server.url,
                LIMITS,
                folder=Folder(pages),
                vendor="Example",
                clock=clock,
                random=lambda: 0.5,
                carriers={**CARRIERS, FromShelf: open_shelf},
            )
            drivers.append(driver)
            return Place(driver, shelf, pages, clock)

        yield place
        for driver in drivers:
            driver.close()


def get(key: str = "1.json", *, repeatable: bool = True, page: str | None = None) -> FromShelf:
    return FromShelf(key=key, limit="objects", repeatable=repeatable, page=page)


def once(call: Call) -> Effects[Reply]:
    reply: Reply = yield call
    return reply


def test_objects_are_read_beside_calls_over_http(objects: Callable[..., Place]) -> None:
    """In one generator and one `Together`; a carrier is opened when the first call of its kind comes."""
    at = objects()
    assert at.driver.run(once(Http(method="GET", path="/a", limit="all"))).json() == {"http": True}
    assert at.shelf == []
    several = Together((get(), Http(method="GET", path="/a", limit="all"), get("none"), get("2.json")))

    def both() -> Effects[tuple[Reply, ...]]:
        replies: tuple[Reply, ...] = yield several
        return replies

    replies = at.driver.run(both())
    assert [(reply.status, reply.body) for reply in replies] == [
        (200, b'{"object": 1}'),
        (200, b'{"http": true}'),
        (404, b""),
        (200, b'{"object": 2}'),
    ]
    assert (replies[0].what, replies[0].address) == ("the object 1.json", "bucket")
    at.driver.close()
    assert [shelf.closed for shelf in at.shelf] == [True]


def test_objects_are_paced(objects: Callable[..., Place]) -> None:
    """By the limit that they draw on."""
    at = objects()
    moments: list[float] = []
    tasks = ((key, once(get(f"{key}.json"))) for key in range(20))
    at.driver.each(tasks, lambda _key, _: moments.append(at.clock.now()))
    assert len(moments) == 20
    assert max(after - before for before, after in pairwise(sorted(moments))) <= 0.2
    assert moments[-1] - moments[0] >= 1.5
    assert at.driver.calls == {"all": Calls(), "objects": Calls(made=20)}


def test_objects_are_asked_for_again(objects: Callable[..., Place]) -> None:
    """Where that is safe, with the same pauses; else they are in doubt, and messages name them and their setting."""
    at = objects((Failure("too busy"), Failure("unreachable", sent=False)))
    assert at.driver.run(once(get())).json() == {"object": 1}
    assert at.driver.calls["objects"] == Calls(made=3, repeated=2)
    assert at.clock.pauses == pytest.approx([0.5, 1.0])
    at = objects((Failure("too busy"),))
    with pytest.raises(InDoubtError, match=r"Example may or may not have carried out the object 1\.json: too busy"):
        at.driver.run(once(get(repeatable=False)))
    at = objects((Failure("no way", sent=False, where="the shelf"),) * 6)
    with pytest.raises(UnavailableError, match=r"cannot be reached at the shelf \(no way; .*\)\. Check bucket and"):
        at.driver.run(once(get()))


def test_objects_are_stored_as_pages(objects: Callable[..., Place]) -> None:
    """In the same folder."""
    at = objects()
    reply = at.driver.run(once(get(page="1/objects.json")))
    assert (reply.status, reply.body, reply.page) == (200, b"", "1/objects.json")
    assert (at.pages / "1" / "objects.json").read_bytes() == b'{"object": 1}'


def test_objects_on_their_way_are_awaited_when_all_ends(objects: Callable[..., Place]) -> None:
    """Those are delivered, and no other is asked for."""
    struck = Event()
    at = objects(before=lambda: struck.wait(10))
    done: list[int] = []

    def tasks() -> Iterator[tuple[int, Effects[Reply]]]:
        yield 1, once(get())
        yield 2, once(get())
        struck.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        at.driver.each(tasks(), lambda key, _: done.append(key))
    assert sorted(done) == list(range(1, 1 + at.driver.calls["objects"].made))
    assert done != []


def test_a_kind_that_nobody_carries_is_named(tmp_path: Path) -> None:
    """With those that there are."""
    with (
        Driver("http://127.0.0.1", LIMITS, folder=Folder(tmp_path), vendor="Example") as driver,
        pytest.raises(
            ConfigurationError,
            match="no call of the kind FromShelf can be made; there are: GetFile, GetObject, Http, ListBuckets, ",
        ),
    ):
        driver.run(once(get()))
