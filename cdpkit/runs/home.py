"""What a run works with: the folder, its settings, its tables, and the functions registered for processors."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from cdpkit.config.settings import SettingsFile
from cdpkit.errors import WorkspaceError
from cdpkit.store.tables import Tables


@dataclass(frozen=True, slots=True)
class Home:
    """A workspace folder, opened."""

    root: Path
    settings: SettingsFile
    tables: Tables
    functions: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = field(default_factory=dict)

    @classmethod
    def create(cls, root: Path) -> "Home":
        """Make the folder of a new workspace; the settings come last, so that a half-made one is none."""
        settings = SettingsFile(root)
        if settings.path.exists():
            raise WorkspaceError(f"{root} is a cdpkit workspace already; open it with cdpkit.open({str(root)!r})")
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise WorkspaceError(f"{root} is not empty and no workspace; give a new or an empty folder")
        root.mkdir(parents=True, exist_ok=True)
        tables = Tables.create(root / "tables")
        settings.create()
        return cls(root, settings, tables)

    @classmethod
    def open(cls, root: Path) -> "Home":
        """Open a workspace, and make up for what a killed process left undone."""
        settings = SettingsFile(root)
        settings.read()
        home = cls(root, settings, Tables(root / "tables"))
        home.tables.roll_forward()
        return home

    def lock(self, run_id: str) -> FileLock:
        """The lock that a run holds while it is at work; the system frees it when the process dies."""
        folder = self.root / "locks"
        folder.mkdir(exist_ok=True)
        return FileLock(folder / f"{run_id}.lock", timeout=0)

    def at_work(self, run_id: str) -> bool:
        """Whether a process is at work on a run."""
        with ExitStack() as held:
            return not self.claim(run_id, held)

    def claim(self, run_id: str, held: ExitStack) -> bool:
        """Take the lock of a run until `held` is closed; False where a process is at work on it."""
        try:
            held.enter_context(self.lock(run_id))
        except Timeout:
            return False
        return True

    def sweep_locks(self, ended: Iterable[str]) -> None:
        """Remove the lock files of runs that have ended; nobody waits for them."""
        for run_id in ended:
            with suppress(PermissionError):  # Windows does not remove a file that its run still holds
                (self.root / "locks" / f"{run_id}.lock").unlink(missing_ok=True)
