"""Killing the child at a moment, opening again, repeating the call, and comparing with an undisturbed workspace."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cdpkit
from cdpkit.errors import ConfigurationError
from cdpkit.place import Folder
from cdpkit.store.commits import Tables
from cdpkit.store.tables import PROFILES, RUNS
from tests.crash.child import DONE, STARTED
from tests.crash.state import State, layers, profiles, state, sweep
from tests.crash.world import WORKSPACE, call, prepare

ROOT = Path(__file__).parents[2]
BEFORE, BETWEEN, AFTER, ENDED = "before the commit", "between commit and joins", "after the joins", "after the end"
PHASES = (BEFORE, BETWEEN, AFTER, ENDED)

Child = subprocess.Popen[str]


@dataclass(frozen=True)
class Yardstick:
    """A case without disturbance.

    Attributes:
        case: The call.
        folder: The prepared workspace and the source.
        version: The version of the profiles there.
        start: The profiles before the call.
        once: The workspace after the call.
        twice: After its repetition.
        layers: How many files the base has then, and how many patches wait.
        moments: How many moments the child passed.
        files: How many files of the tables came or went.
        seconds: How long the call took in the child.
    """

    case: str
    folder: Path
    version: int
    start: list[object]
    once: State
    twice: State
    layers: tuple[int, int]
    moments: int
    files: int
    seconds: float


@dataclass(frozen=True)
class Kill:
    """What one kill led to: where it landed, and in what the workspace differs after the repetition."""

    phase: str
    differences: tuple[str, ...]


def yardstick(case: str, prepared: Path, work: Path) -> Yardstick:
    """Let the child make the call undisturbed, then repeat it."""
    folder = _copy(prepared, work)
    tables = Tables(Folder(folder / WORKSPACE / "tables"))
    version, start, files = tables.snapshot().version, profiles(tables), set(tables.root.local.rglob("*"))
    child = _start(case, folder, 0)
    began = time.perf_counter()
    moments = int(_rest(child).split()[-1])
    seconds = time.perf_counter() - began
    changed = len(files ^ set(tables.root.local.rglob("*")))
    once = state(cdpkit.open(folder / WORKSPACE))
    _repeat(case, folder)
    twice = state(cdpkit.open(folder / WORKSPACE))
    return Yardstick(case, prepared, version, start, once, twice, layers(tables), moments, changed, seconds)


def prepared(folder: Path) -> Path:
    """A prepared workspace in a new folder."""
    folder.mkdir(parents=True)
    prepare(folder)
    return folder


Way = tuple[int, Callable[[Child, Path], None]]
"""At which moment the child ends itself, 0 for none, and what the parent does meanwhile."""


def kill_at_moment(number: int) -> Way:
    """The child ends itself at its n-th moment."""
    return number, lambda _child, _folder: None


def kill_at_file(number: int) -> Way:
    """The child is killed as soon as n files of the tables have come or gone; that is inside Polars or Delta Lake."""

    def watch(child: Child, folder: Path) -> None:
        tables, seen = folder / WORKSPACE / "tables", 0
        before = set(tables.rglob("*"))
        while child.poll() is None and seen < number:
            now = set(tables.rglob("*"))
            seen, before = seen + len(now ^ before), now
        child.kill()

    return 0, watch


def kill_after(seconds: float) -> Way:
    """The child is killed when so much time has passed since it started the call."""

    def wait(child: Child, _folder: Path) -> None:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()

    return 0, wait


def killed(measure: Yardstick, how: Way, work: Path) -> Kill:
    """Kill a call, look at what it left, repeat it, and compare."""
    folder = _copy(measure.folder, work)
    last, kill = how
    child = _start(measure.case, folder, last)
    kill(child, folder)
    ended = DONE in _rest(child)
    tables = Tables(Folder(folder / WORKSPACE / "tables"))
    phase = ENDED if ended else _phase(measure, tables)
    left = measure.start if phase == BEFORE else measure.once[PROFILES]
    found = [] if profiles(tables) == left else ["profiles right after the kill"]
    _repeat(measure.case, folder)
    workspace = cdpkit.open(folder / WORKSPACE)
    expected = measure.once if phase == BEFORE else measure.twice
    found += _differences(expected, state(workspace))
    if measure.case != "undo" and layers(tables) != measure.layers:
        found.append("layers")
    found += [f"left over: {name}" for name in sweep(tables)]
    found += [f"{name} after the sweep" for name in _differences(expected, state(workspace))]
    shutil.rmtree(folder)
    return Kill(phase, tuple(found))


def _phase(measure: Yardstick, tables: Tables) -> str:
    """Whether the kill came before the profiles were committed, before the side files had joined, or later."""
    if measure.case == "compaction":
        return BEFORE if layers(tables) != measure.layers else AFTER
    commits = tables.open(PROFILES).commits(measure.version)
    if not commits:
        return BEFORE
    joined = tables.open(RUNS).transaction("cdpkit-joined") or 0
    return BETWEEN if joined < commits[-1][0] else AFTER


def _repeat(case: str, folder: Path) -> None:
    try:
        call(case, cdpkit.open(folder / WORKSPACE), folder)
    except ConfigurationError as error:
        if case != "undo" or "was taken back by" not in str(error):
            raise


def _differences(expected: State, found: State) -> list[str]:
    return [name for name in expected if expected[name] != found[name]]


def _start(case: str, folder: Path, last: int) -> Child:
    """The child, which has just started the call."""
    command = [sys.executable, "-m", "tests.crash.child", str(folder), case, "--at", str(last)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert child.stdout is not None
    assert child.stdout.readline().strip() == STARTED
    return child


def _rest(child: Child) -> str:
    text, _ = child.communicate()
    return text


def _copy(prepared: Path, work: Path) -> Path:
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(prepared, work)
    return work
