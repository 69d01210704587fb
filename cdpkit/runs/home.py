"""What a run works with: the folder, its settings, its tables, and the functions registered for processors."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from cdpkit.config.settings import FORMAT, SettingsFile
from cdpkit.errors import ConflictError, WorkspaceError
from cdpkit.runs.upgrade import upgrade
from cdpkit.store.commits import Tables

_ALONE = "format"


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
        home = cls(root, settings, Tables(root / "tables"))
        home.tables.create()
        settings.create()
        return home

    @classmethod
    def open(cls, root: Path) -> "Home":
        """Open a workspace: an older one is brought up to date, and what a killed process left undone is made up for.

        Raises:
            WorkspaceError: There is none, it is damaged, or a newer cdpkit wrote it.
            ConfigurationError: A setting does not fit.
            ConflictError: It has to be brought up to date, and a run is at work in it.
        """
        settings = SettingsFile(root)
        home = cls(root, settings, Tables(root / "tables"))
        if settings.format() < FORMAT:
            with home.alone():
                upgrade(settings, home.tables)
        settings.read()
        home.tables.roll_forward()
        return home

    def lock(self, run_id: str) -> FileLock:
        """The lock that a run holds while it is at work; the system frees it when the process dies."""
        folder = self.root / "locks"
        folder.mkdir(exist_ok=True)
        return FileLock(folder / f"{run_id}.lock", timeout=0)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else brings the workspace up to date meanwhile, and no run is at work in it.

        Raises:
            ConflictError: One is.
        """
        folder = self.root / "locks"
        folder.mkdir(exist_ok=True)
        with FileLock(folder / f"{_ALONE}.lock"), ExitStack() as held:
            for name in sorted(path.stem for path in folder.glob("*.lock")):
                if name != _ALONE and not self.claim(name, held):
                    raise ConflictError(
                        "an earlier cdpkit wrote this workspace, and a run of it is still at work; "
                        "open it again when that run has ended"
                    )
            yield

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
