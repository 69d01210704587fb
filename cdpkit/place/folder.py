"""Places in a folder of this machine."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from cdpkit.errors import ConflictError
from cdpkit.place.disk import flush_folder, make_folder
from cdpkit.place.foreign import translated
from cdpkit.place.place import Append
from cdpkit.place.shown import Shown, shown

_BUFFER = 1 << 20
_FOR_ALL, _OWNER_ONLY = 0o666, 0o600
_FOLDER_FOR_ALL, _FOLDER_OWNER_ONLY = 0o777, 0o700


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder or a file as a `Place`.

    Attributes:
        local: Its path.
        passing: What is written is whole or not there, and is not brought to the disk: nobody needs it when the process
            has ended.
    """

    local: Path
    passing: bool = False

    def __post_init__(self) -> None:
        # A relative one is looked up once, wherever the process goes.
        object.__setattr__(self, "local", self.local.absolute())

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.local.name

    @property
    def far(self) -> bool:
        """It is here."""
        return False

    @property
    def nearby(self) -> Path:
        """Itself."""
        return self.local

    def __truediv__(self, below: str) -> "Folder":
        return Folder(self.local / below, self.passing)

    def __str__(self) -> str:
        return str(self.local)

    def exists(self) -> bool:
        """Whether there is such a folder or file."""
        return self.local.exists()

    def is_free(self) -> bool:
        """Whether there is nothing, or a folder that has at most hidden files, such as those of git."""
        return not self.local.exists() or (self.local.is_dir() and not self.list())

    def list(self) -> "tuple[Folder, ...]":
        """What is in the folder by name, hidden files left out; nothing where there is no folder."""
        found = sorted(self.local.iterdir()) if self.local.is_dir() else []
        return tuple(Folder(path, self.passing) for path in found if not path.name.startswith("."))

    def written(self) -> datetime:
        """When it was last changed."""
        return datetime.fromtimestamp(self.local.stat().st_mtime, tz=UTC)

    def read(self) -> bytes:
        """The content of the file."""
        return self.local.read_bytes()

    def fetched(self) -> Path:
        """The file."""
        return self.local

    def room(self) -> int:
        """What is free on the disk of the nearest folder that is there."""
        there = next(path for path in (self.local, *self.local.absolute().parents) if path.is_dir())
        return shutil.disk_usage(there).free

    def write(self, content: Iterable[bytes], *, private: bool = False) -> None:
        """Replace the file by one that is on the disk."""
        folder, file_mode = self.local.parent, _OWNER_ONLY if private else _FOR_ALL
        unfinished = self.local.with_name(f".{uuid4().hex}.part")
        writing = self._writing
        with writing():
            make_folder(folder, _FOLDER_OWNER_ONLY if private else _FOLDER_FOR_ALL)
        try:
            with writing():
                made = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), file_mode)
            file = os.fdopen(made, "wb", buffering=_BUFFER)
            try:
                for part in content:  # what making a part raises is passed on
                    with writing():
                        file.write(part)
                with writing():
                    file.flush()
                    if not self.passing:
                        os.fsync(file.fileno())
            finally:
                with suppress(OSError):  # it is on the disk, or was told of
                    file.close()
            with writing():
                unfinished.replace(self.local)
                if not self.passing:
                    flush_folder(folder)
        finally:
            unfinished.unlink(missing_ok=True)

    @contextmanager
    def append(self) -> Iterator[Append]:
        """Append lines to the file, which outlive the process as soon as they are written."""
        with self._writing():
            make_folder(self.local.parent)
            opened = self.local.open("a+b")
        with opened as file:
            with self._writing():
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)  # a line that was cut off
                flush_folder(self.local.parent)

            def line(text: bytes, *, for_good: bool = False) -> None:
                with self._writing():
                    file.write(text + b"\n")
                    file.flush()
                    if for_good:
                        os.fsync(file.fileno())

            yield line

    @contextmanager
    def claim(self, *, wait: bool = False) -> Iterator[None]:
        """Hold the lock file beside it."""
        lock = FileLock(f"{self.local}.lock", timeout=-1 if wait else 0)
        with self._writing():
            make_folder(self.local.parent)
            try:
                lock.acquire()
            except Timeout as error:
                raise ConflictError(
                    f"{self.name} is held by another process; repeat the call when it is done"
                ) from error
        try:
            yield
        finally:
            lock.release()

    def is_claimed(self, *, surely: bool = True) -> bool:
        """Whether the lock file is held."""
        del surely
        try:
            with self.claim():
                return False
        except ConflictError:
            return True

    def put_aside(self) -> "Folder":
        """Rename the file, so that it is found and not read again."""
        aside = self.local.with_name(f"{self.local.name}.damaged")
        with self._writing():
            self.local.replace(aside)
            flush_folder(self.local.parent)
        return Folder(aside)

    def delete(self) -> None:
        """Remove the file, or the folder with all that is in it."""
        if self.local.is_dir():
            shutil.rmtree(self.local, ignore_errors=True)
            return
        with suppress(PermissionError):  # Windows does not remove a file that is open
            self.local.unlink(missing_ok=True)

    def prove(self) -> None:
        """Nothing: the system keeps what it says."""

    def afresh(self) -> "Folder":
        """The same: nothing was fetched."""
        return self

    def shown(self) -> Shown:
        """The table here, as Delta Lake is shown it."""
        return shown(self.local)

    def here(self, names: Iterable[str]) -> None:
        """Nothing: all is here."""

    def keep(self, names: Iterable[str]) -> None:
        """Bring the names to the disk; what the files hold is on it."""
        del names
        flush_folder(self.local)

    def drop(self, names: Iterable[str]) -> None:
        """Remove files."""
        for name in names:
            (self.local / name).unlink(missing_ok=True)

    def gather(self, tables: Iterable[str], files: Callable[[str], Iterable[str]]) -> None:
        """Nothing: a look at each file costs little."""

    def _writing(self) -> AbstractContextManager[None]:
        return translated(f"{self.local} cannot be written")
