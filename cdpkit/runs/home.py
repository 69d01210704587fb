"""What a run works with: the folder, its settings, its tables, and the functions registered for processors."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from os import PathLike

import polars as pl

from cdpkit.config.settings import FORMAT
from cdpkit.config.settings_file import SettingsFile
from cdpkit.core.names import check_name
from cdpkit.errors import ConflictError, WorkspaceError
from cdpkit.place import Place, named, place_at
from cdpkit.place.foreign import translated
from cdpkit.place.passing import in_passing, passing
from cdpkit.runs.folder import run_folder
from cdpkit.runs.ids import run_id
from cdpkit.runs.upgrade import upgrade
from cdpkit.store.commits import Tables
from cdpkit.store.recovery import looks_well, recover
from cdpkit.store.relation import Limits

_LOCKS, _ENDING = "locks", ".lock"
_ALONE, _RECOVERY = "format", "recovery"


@dataclass(frozen=True, slots=True)
class Home:
    """A workspace, opened."""

    root: Place
    settings: SettingsFile
    tables: Tables
    functions: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = field(default_factory=dict)

    @classmethod
    def create(cls, where: str | PathLike[str]) -> "Home":
        """Make a new workspace; its settings come last, so that a half-made one is none."""
        home = cls._at(where)
        check_name("folder", home.root.name)
        if home.settings.path.exists():
            raise WorkspaceError(
                f"{named(where)} is a cdpkit workspace already; open it with cdpkit.open({named(where)!r})"
            )
        if not home.root.is_free():
            raise WorkspaceError(f"{named(where)} is not empty and no workspace; give a new or an empty folder")
        home.root.prove()
        home.tables.create()
        if home.root.far:
            home.swept.write([])
        home.settings.create()
        return home

    @classmethod
    def open(cls, where: str | PathLike[str], *, create: bool = False) -> "Home":
        """Open a workspace: an older one is brought up to date, and what a killed process left undone is made up for.

        Args:
            where: Its folder, or its address in a bucket.
            create: Make a new one in a new or an empty folder.

        Raises:
            WorkspaceError: There is none, it is damaged, or a newer cdpkit wrote it.
            ConfigurationError: A setting does not fit.
            ConflictError: It has to be brought up to date, and a run is at work in it.
        """
        home = cls._at(where)
        if create and home.root.is_free():
            return cls.create(where)
        found = home.settings.format()
        home.root.prove()
        home.recover()
        if found < FORMAT:
            with home.alone():
                upgrade(home.settings, home.tables)
        home.settings.read()
        home.tables.roll_forward()
        return home

    def recover(self) -> None:
        """Look the logs over; what a power cut has left of a commit that nobody was told of is put aside."""
        with translated(f"the workspace {self.root} cannot be opened"):
            if self.root.far or looks_well(self.tables):
                return
            with (self.root / _LOCKS / _RECOVERY).claim(wait=True):
                told = recover(self.tables)
            if told:
                self.tables.roll_forward(anew=True)
        for text in told:
            warnings.warn(text, UserWarning, stacklevel=2)

    @classmethod
    def _at(cls, where: str | PathLike[str]) -> "Home":
        root = place_at(where)
        if "\0" in str(root):
            raise WorkspaceError(f"{str(root)!r} can be no folder: no path has a NUL character; correct it")
        return cls(root, SettingsFile(root), Tables(root / "tables"))

    @property
    def swept(self) -> Place:
        """What tells, of a workspace far away, when it was looked through last for what nobody needs any more."""
        return self.root / ".swept"

    def passing(self) -> Place:
        """A folder of its own for what is fetched; compaction removes it where a killed process could not."""
        return passing() if self.root.far else in_passing(run_folder(self.root, run_id()))

    def limits(self, timeout: float | None = None) -> Limits:
        """What a query may take, as the settings have it; `timeout` takes the place of their time."""
        settings = self.settings.read()
        return Limits(settings.sql_seconds if timeout is None else timeout, settings.sql_memory)

    def lock(self, run_id: str) -> AbstractContextManager[object]:
        """The lock that a run holds while it is at work; the system frees it when the process dies.

        Raises:
            ConflictError: On entering: a process holds it.
        """
        return (self.root / _LOCKS / run_id).claim()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else brings the workspace up to date meanwhile, and no run is at work in it.

        Raises:
            ConflictError: One is.
        """
        locks = self.root / _LOCKS
        with (locks / _ALONE).claim(wait=True), ExitStack() as held:
            names = {lock.name.removesuffix(_ENDING) for lock in locks.list()}
            for name in names - {_ALONE, _RECOVERY}:
                if not self.claim(name, held):
                    raise ConflictError(
                        "an earlier cdpkit wrote this workspace, and a run of it is still at work; "
                        "open it again when that run has ended"
                    )
            yield

    def at_work(self, run_id: str, *, surely: bool = True) -> bool:
        """Whether a process is at work on a run; `surely` as for claims of places."""
        return (self.root / _LOCKS / run_id).is_claimed(surely=surely)

    def claim(self, run_id: str, held: ExitStack) -> bool:
        """Take the lock of a run until `held` is closed; False where a process is at work on it."""
        try:
            held.enter_context(self.lock(run_id))
        except ConflictError:
            return False
        return True

    def sweep_locks(self, ended: Iterable[str]) -> None:
        """Remove the lock files of runs that have ended; nobody waits for them."""
        over = {f"{run}{_ENDING}" for run in ended}
        for lock in (self.root / _LOCKS).list():
            if lock.name in over:
                lock.delete()
