"""Killing a sync, running it again in another process, and comparing store, vendor and calls with one undisturbed."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

import cdpkit
from cdpkit.errors import CdpkitError
from cdpkit.place import Folder
from cdpkit.store.commits import Tables
from cdpkit.store.tables import CHANGES, PROFILES
from cdpkit.store.tables.events import EVENTS
from tests.crash.child import DONE, INTERRUPTED, KILL, STARTED
from tests.crash.kills import ROOT, Child
from tests.crash.state import State, profiles, sweep
from tests.crash.sync_events import doubt_differences
from tests.crash.sync_state import (
    BEFORE,
    ENDED,
    ENTER,
    LEAVE,
    UPDATE,
    Left,
    Server,
    call_differences,
    history_differences,
    left,
    store_state,
)
from tests.crash.sync_vendor import PARTIES, parts
from tests.crash.sync_world import SYNC_CASES, address, call_sync, hurry, sandbox, say_where
from tests.crash.world import WORKSPACE

_FOLDERS = count()
_INTERRUPT = signal.SIGINT.name
_BESIDE = (PROFILES, CHANGES, EVENTS)
"""What a run leaves as it is that sends events of which some are in doubt."""


def _wait(_child: Child, _base: str) -> None:
    """Leave the child alone."""


@dataclass(frozen=True)
class Way:
    """How a child ends.

    Attributes:
        at: The moment at which it sends itself the signal, `0` for none.
        signal: The signal.
        outside: What the parent does meanwhile, given the child and the vendor's address.
    """

    at: str = "0"
    signal: str = KILL
    outside: Callable[[Child, str], None] = field(default=_wait, repr=False)


def kill_after(seconds: float) -> Way:
    """The child is killed when so much time has passed since it started."""

    def wait(child: Child, _base: str) -> None:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()

    return Way(outside=wait)


def kill_at_call(number: int) -> Way:
    """The child is killed as soon as the vendor has seen so many calls of it."""

    def watch(child: Child, base: str) -> None:
        seen = Server.count(base)
        while child.poll() is None and Server.count(base) < seen + number:
            time.sleep(0.002)
        child.kill()

    return Way(outside=watch)


@dataclass(frozen=True)
class Trial:
    """A workspace and a vendor of their own.

    Attributes:
        case: The case.
        folder: Where the workspace is.
        base: Where the vendor is called.
        calls: How many calls it saw until it was ready.
    """

    case: str
    folder: Path
    base: str
    calls: int

    @property
    def server(self) -> Server:
        return Server.of(self.base, self.calls)

    @property
    def tables(self) -> Tables:
        return Tables(Folder(self.folder / WORKSPACE / "tables"))

    def start(self, way: Way, *, resume: bool = False) -> Child:
        """The child, which has just started the run."""
        command = [sys.executable, "-m", "tests.crash.child", str(self.folder), self.case, "--at", way.at]
        command += ["--signal", way.signal, *(["--resume"] if resume else [])]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        assert child.stdout is not None
        assert child.stdout.readline().strip() == STARTED
        return child

    def end(self, way: Way, *, resume: bool = False) -> str:
        """What a child says that runs until it ends in this way."""
        child = self.start(way, resume=resume)
        way.outside(child, self.base)
        said, _ = child.communicate()
        return said

    def go_on(self, *, resume: bool, here: bool) -> bool:
        """Run again to the end, in this process or in a new one; returns whether that went well."""
        if not here:
            return DONE in self.end(Way(), resume=resume)
        try:
            with hurry(self.case):
                call_sync(self.case, self.workspace(), resume=resume)
        except CdpkitError:
            return False
        return True

    def workspace(self) -> cdpkit.Workspace:
        return cdpkit.open(self.folder / WORKSPACE)


@contextmanager
def trial(case: str, prepared: Path, work: Path) -> Iterator[Trial]:
    """A copy of a prepared workspace, and a vendor for it."""
    folder = work / str(next(_FOLDERS))
    shutil.copytree(prepared, folder)
    with sandbox(folder) as vendor:
        say_where(folder, vendor)
        yield Trial(case, folder, address(vendor), Server.count(address(vendor)))
    shutil.rmtree(folder)


@dataclass(frozen=True)
class Measure:
    """A case without disturbance.

    Attributes:
        case: The case.
        prepared: The prepared workspace.
        work: Where copies go.
        runs_before: How many syncs it had before.
        start: The profiles before.
        once: The store after the run.
        server: The vendor after it.
        moments: How many moments the child passed.
        seconds: How long the run took.
    """

    case: str
    prepared: Path
    work: Path
    runs_before: int
    start: list[object]
    once: State
    server: Server
    moments: int
    seconds: float

    @cached_property
    def twice(self) -> tuple[State, Server]:
        """Store and vendor after a second run, for kills that came too late."""
        with trial(self.case, self.prepared, self.work) as place:
            for _ in range(2):
                place.end(Way())
            return store_state(place.workspace()), place.server


def measure(case: str, prepared: Path, work: Path, *, here: bool = False) -> Measure:
    """Run undisturbed, in a child that counts moments, or in this process."""
    with trial(case, prepared, work) as place:
        runs, start = place.workspace().runs.filter(kind="sync").height, profiles(place.tables)
        moments, began = 0, time.perf_counter()
        if here:
            with hurry(case):
                call_sync(case, place.workspace())
        else:
            child = place.start(Way())
            began = time.perf_counter()
            moments = int(child.communicate()[0].split()[-1])
        seconds = time.perf_counter() - began
        once, server = store_state(place.workspace()), place.server
    return Measure(case, prepared, work, runs, start, once, server, moments, seconds)


@dataclass(frozen=True)
class Kill:
    """What one or more kills of a run led to.

    Attributes:
        phases: Where they landed.
        repeated: How many calls that write the vendor saw more than undisturbed; those were in flight.
        differences: In what store, vendor, calls and history differ after the last run.
    """

    phases: tuple[str, ...]
    repeated: int
    differences: tuple[str, ...]


def killed(of: Measure, ways: Sequence[Way], *, here: bool = False) -> Kill:
    """Kill a run, kill it again where several ways are given, let it end, and compare.

    Args:
        of: The run undisturbed.
        ways: How each attempt ends.
        here: Let it end in this process, which is spared a start, instead of in a new one.
    """
    with trial(of.case, of.prepared, of.work) as place:
        lefts, found = list[Left](), list[str]()
        for way in ways:
            said = place.end(way)
            lefts.append(left(of.case, place.folder, place.server, of.runs_before))
            if way.signal == _INTERRUPT and DONE not in said:
                found += _interrupted(place, said, lefts[-1])
            if profiles(place.tables) not in (of.start, of.once[PROFILES]):
                found.append("profiles right after the kill")
            if lefts[-1].phase == ENDED:
                break
        resume = ways[-1].signal == _INTERRUPT and lefts[-1].phase not in {BEFORE, ENDED}
        found += [] if place.go_on(resume=resume, here=here) else ["the run that goes on fails"]
        return _compared(of, place, lefts, found)


def _interrupted(place: Trial, said: str, attempt: Left) -> list[str]:
    """Whether an interrupted run is stopped."""
    wrong = [] if INTERRUPTED in said else ["the interrupt is not passed on"]
    if attempt.phase in {BEFORE, ENDED}:
        return wrong
    state = place.workspace().run(str(attempt.run)).state
    return wrong if state == "stopped" else [*wrong, f"the interrupted run is {state}"]


def _compared(of: Measure, place: Trial, lefts: list[Left], found: list[str]) -> Kill:
    workspace, server = place.workspace(), place.server
    late = lefts[-1].phase == ENDED
    store, vendor = of.twice if late else (of.once, of.server)
    now = store_state(workspace)
    what, name = parts(of.case)
    if what == "sync-events" and not PARTIES[name].once:
        found += doubt_differences(workspace, server.tracked)
        found += [table for table in _BESIDE if store[table] != now[table]]
    else:
        found += [table for table in store if store[table] != now[table]]
        found += ["people at the vendor"] if vendor.people != server.people else []
        found += ["events at the vendor"] if vendor.tracked != server.tracked else []
    found += ["lists at the vendor"] if vendor.lists != server.lists else []
    found += history_differences(workspace, lefts, of.runs_before)
    if server.exports != vendor.exports:
        found.append(f"{server.exports} exports instead of {vendor.exports}")
    if not late and of.case in SYNC_CASES:
        found += call_differences(of.server, server, lefts)
    found += [f"left over: {name}" for name in sweep(place.tables)]
    more = server.carried_out() - vendor.carried_out()
    repeated = sum(more[endpoint] for endpoint in (UPDATE, ENTER, LEAVE))
    return Kill(tuple(attempt.phase for attempt in lefts), repeated, tuple(found))
