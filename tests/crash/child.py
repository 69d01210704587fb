"""The process that is killed: `python -m tests.crash.child FOLDER CASE [N]`.

It counts the moments that it passes: each event of the file system in the workspace that Python knows of, and the
beginning and the end of each step of the store, because what Polars and Delta Lake do raises no event. At the N-th
moment it kills itself, so that nothing is cleaned up.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import cdpkit
from cdpkit.config.settings import SettingsFile
from cdpkit.store.table import Table
from cdpkit.store.tables import Tables
from tests.crash.world import WORKSPACE, call

STARTED, DONE = "started", "done"
_EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.truncate"}
_STEPS = [
    (Table, ("open", "files", "write", "commit", "add_columns", "vacuum")),
    (Tables, ("snapshot", "commit", "replace", "roll_forward", "record")),
    (SettingsFile, ("read", "edit")),
]


class Moments:
    """Counts moments, and ends the process at the last one."""

    def __init__(self, last: int) -> None:
        self.passed, self._last = 0, last

    def reach(self) -> None:
        self.passed += 1
        if self.passed == self._last:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    def watch_files(self, root: Path) -> None:
        """Count what Python does with files of the workspace."""

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event not in _EVENTS or not isinstance(arguments[0], str | os.PathLike):
                return
            if str(root) in os.fspath(arguments[0]):
                self.reach()

        sys.addaudithook(hook)

    def watch_steps(self) -> None:
        """Count the beginning and the end of what the store does."""
        for owner, names in _STEPS:
            for name in names:
                found = owner.__dict__[name]
                if isinstance(found, classmethod):
                    setattr(owner, name, classmethod(self._counted(found.__func__)))
                else:
                    setattr(owner, name, self._counted(found))

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def counted(*args: Any, **options: Any) -> Any:
            self.reach()
            result = step(*args, **options)
            self.reach()
            return result

        return counted


def main(folder: Path, case: str, last: int) -> None:
    workspace = cdpkit.open(folder / WORKSPACE)
    moments = Moments(last)
    moments.watch_files(folder / WORKSPACE)
    moments.watch_steps()
    print(STARTED, flush=True)
    call(case, workspace, folder)
    print(DONE, moments.passed, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
