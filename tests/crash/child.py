"""The process that is killed: `python -m tests.crash.child FOLDER CASE [--at MOMENT] [--signal NAME] [--resume]`.

It counts the moments that it passes: each event of the file system in the workspace that Python knows of, and the
beginning and the end of each step of the store, because what Polars and Delta Lake do raises no event; of a sync also
those of its journal, its folder and its calls. At its moment it sends itself the signal, so that nothing is cleaned up.
"""

import argparse
import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial, wraps
from itertools import count
from pathlib import Path
from typing import Any

import cdpkit
from cdpkit.config.settings_file import SettingsFile
from cdpkit.store.commits import Tables
from cdpkit.store.table import Table
from tests.crash.world import WORKSPACE, call

STARTED, DONE, INTERRUPTED = "started", "done", "interrupted"
KILL = "SIGKILL" if hasattr(signal, "SIGKILL") else "SIGTERM"
_EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.truncate"}
_STORE = ("snapshot", "commit", "replace", "roll_forward", "record")
STEPS: list[tuple[type, Sequence[str]]] = [
    (Table, ("open", "files", "write", "commit", "add_columns", "vacuum")),
    (Tables, _STORE),
    (SettingsFile, ("read", "edit")),
]


class Moments:
    """Counts moments, and ends the process at one of them.

    Args:
        at: The number of the moment, or its name and which one of this name: `Journal.asked ends 2`.
        strike: The signal by which the process ends.
    """

    def __init__(self, at: str, strike: str) -> None:
        self._name, _, number = at.rpartition(" ")
        self._number, self._strike = int(number), signal.Signals[strike]
        self._count, self._named = count(1), count(1)
        self.passed = 0

    def reach(self, name: str) -> None:
        self.passed = number = next(self._count)
        if self._name:
            number = next(self._named) if name == self._name else 0
        if number and number == self._number:
            signal.raise_signal(self._strike)

    def watch_files(self, root: Path) -> None:
        """Count what Python does with files of the workspace."""

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event not in _EVENTS or not isinstance(arguments[0], str | os.PathLike):
                return
            if str(root) in os.fspath(arguments[0]):
                self.reach(event)

        sys.addaudithook(hook)

    def watch_steps(self, steps: Sequence[tuple[type, Sequence[str]]]) -> None:
        """Count the beginning and the end of what these classes do."""
        for owner, names in steps:
            for name in names:
                found, said = owner.__dict__[name], f"{owner.__name__}.{name}"
                if isinstance(found, classmethod):
                    setattr(owner, name, classmethod(self._counted(found.__func__, said)))
                else:
                    setattr(owner, name, self._counted(found, said))

    def _counted(self, step: Callable[..., Any], name: str) -> Callable[..., Any]:
        @wraps(step)
        def counted(*args: Any, **options: Any) -> Any:
            self.reach(f"{name} begins")
            result = step(*args, **options)
            self.reach(f"{name} ends")
            return result

        return counted


def sync_steps() -> list[tuple[type, Sequence[str]]]:
    """What else is counted of a sync."""
    from cdpkit.runs.exports.journal import Journal
    from cdpkit.runs.folder import GoalFolder
    from cdpkit.runs.record import Recorder
    from cdpkit.transport.buckets import ObjectCarrier
    from cdpkit.transport.folders import FolderCarrier
    from cdpkit.transport.http import HttpCarrier

    return [
        (Tables, ("conclude", "_join")),
        (Journal, ("read", "asked", "answered")),
        (GoalFolder, ("of", "read", "keep")),
        (Recorder, ("start", "look_back", "end")),
        (HttpCarrier, ("send",)),
        (ObjectCarrier, ("send",)),
        (FolderCarrier, ("send",)),
    ]


def _sync(workspace: cdpkit.Workspace, case: str, *, resume: bool) -> None:
    from tests.crash.sync_world import call_sync, hurry

    with hurry(case):
        call_sync(case, workspace, resume=resume)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.child")
    parser.add_argument("folder", type=Path)
    parser.add_argument("case")
    parser.add_argument("--at", default="0")
    parser.add_argument("--signal", default=KILL)
    parser.add_argument("--resume", action="store_true")
    asked = parser.parse_args()
    faulthandler.dump_traceback_later(240, exit=True)  # whoever waits for a child that hangs learns where
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored in the background
    workspace = cdpkit.open(asked.folder / WORKSPACE)
    moments, steps = Moments(asked.at, asked.signal), STEPS
    if asked.case.startswith("sync"):
        run = partial(_sync, workspace, asked.case, resume=asked.resume)
        steps = [*STEPS, *sync_steps()]
    else:
        run = partial(call, asked.case, workspace, asked.folder)
    moments.watch_files(asked.folder / WORKSPACE)
    moments.watch_steps(steps)
    print(STARTED, flush=True)
    try:
        run()
    except KeyboardInterrupt:
        print(INTERRUPTED, flush=True)
        return 130
    print(DONE, moments.passed, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
