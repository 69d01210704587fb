"""Places in a folder of this machine."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from cdpkit.errors import ConflictError

_BUFFER = 1 << 20
_FOR_ALL, _OWNER_ONLY, _FOLDER_OWNER_ONLY = 0o666, 0o600, 0o700


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder or a file as a `Place`."""

    local: Path

    def __post_init__(self) -> None:
        # A relative one is looked up once, wherever the process goes.
        object.__setattr__(self, "local", self.local.absolute())

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.local.name

    def __truediv__(self, below: str) -> "Folder":
        return Folder(self.local / below)

    def __str__(self) -> str:
        return str(self.local)

    def exists(self) -> bool:
        """Whether there is such a folder or file."""
        return self.local.exists()

    def is_free(self) -> bool:
        """Whether there is nothing, or an empty folder."""
        return not self.local.exists() or (self.local.is_dir() and not any(self.local.iterdir()))

    def list(self) -> "tuple[Folder, ...]":
        """What is in the folder by name, hidden files left out; nothing where there is no folder."""
        found = sorted(self.local.iterdir()) if self.local.is_dir() else []
        return tuple(Folder(path) for path in found if not path.name.startswith("."))

    def written(self) -> datetime:
        """When it was last changed."""
        return datetime.fromtimestamp(self.local.stat().st_mtime, tz=UTC)

    def read(self) -> bytes:
        """The content of the file."""
        return self.local.read_bytes()

    def room(self) -> int:
        """What is free on the disk of the nearest folder that is there."""
        there = next(path for path in (self.local, *self.local.absolute().parents) if path.is_dir())
        return shutil.disk_usage(there).free

    def write(self, content: Iterable[bytes], *, private: bool = False) -> None:
        """Replace the file by one that is on the disk."""
        folder, file_mode = self.local.parent, _OWNER_ONLY if private else _FOR_ALL
        if private:
            folder.mkdir(mode=_FOLDER_OWNER_ONLY, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.local.with_name(f".{self.local.name}-{uuid4().hex}")
        try:
            made = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), file_mode)
            with os.fdopen(made, "wb", buffering=_BUFFER) as file:
                for part in content:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.local)
            _flush(folder)
        finally:
            unfinished.unlink(missing_ok=True)

    @contextmanager
    def append(self) -> Iterator[Callable[[bytes], None]]:
        """Append lines to the file, which outlive the process as soon as they are written."""
        self.local.parent.mkdir(parents=True, exist_ok=True)
        with self.local.open("a+b") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)  # a line that was cut off

            def line(text: bytes) -> None:
                file.write(text + b"\n")
                file.flush()

            yield line

    @contextmanager
    def claim(self, *, wait: bool = False) -> Iterator[None]:
        """Hold the lock file beside it."""
        self.local.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{self.local}.lock", timeout=-1 if wait else 0)
        try:
            lock.acquire()
        except Timeout as error:
            raise ConflictError(f"{self.name} is held by another process; repeat the call when it is done") from error
        try:
            yield
        finally:
            lock.release()

    def delete(self) -> None:
        """Remove the file, or the folder with all that is in it."""
        if self.local.is_dir():
            shutil.rmtree(self.local, ignore_errors=True)
            return
        with suppress(PermissionError):  # Windows does not remove a file that is open
            self.local.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """Bring the name of a file to the disk too, where the system has folders that can be flushed."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
