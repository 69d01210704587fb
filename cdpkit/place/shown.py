"""Folders as Delta Lake is shown them: by an address, or by a copy of their log where no address says where they are.

It decodes percent signs twice, takes a backslash for a slash, and refuses control characters. A folder with such a path
is shown as a copy of its log in a folder with a plain name. What is committed to the copy counts when its entry has
come to be in the folder itself, under a name that nobody else had taken: one commit of two wins, as in any folder.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Protocol
from weakref import finalize

from cdpkit.errors import ConfigurationError, StoreError
from cdpkit.place.disk import flush_file, make_folder

_LOG, _ENTRY = "_delta_log", ".json"
_LOST = re.compile(r"%(?=[0-9A-Fa-f]{2})|[\x00-\x1f\x7f]" + ("" if os.name == "nt" else r"|\\"))


class UnsettledError(StoreError):
    """A commit was made, and what it is kept by fails: whether it is there afterwards, nobody knows."""


class TakenError(Exception):
    """Somebody else has committed under the same number."""


class Shown(Protocol):
    """A folder with a table, as Delta Lake is shown it."""

    def looking(self, at: int | datetime | None = None, *, anew: bool = True) -> AbstractContextManager[str]:
        """Within this it finds the log as it is now at the address that is given; nothing in it is on its way still.

        Args:
            at: The version, or the time, that is to be looked at; None for now.
            anew: False where what was seen or committed last is new enough.
        """

    def committing(self) -> AbstractContextManager[None]:
        """Within this Delta Lake may write to the log.

        Raises:
            TakenError: Leaving: somebody else was first, and nothing is committed.
        """

    def sweeping(self) -> AbstractContextManager[None]:
        """Within this, and within `committing`, it may delete files."""


def shown(folder: Path) -> Shown:
    """A folder, as Delta Lake is shown it, which follows links to where they lead."""
    target = folder.resolve()
    return _Copied.of(target) if _LOST.search(f"{folder}{target}") else _Itself(folder)


class _Itself:
    """A folder that an address says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def looking(self, at: int | datetime | None = None, *, anew: bool = True) -> Iterator[str]:
        del at, anew
        yield self._folder.absolute().as_uri()

    @contextmanager
    def committing(self) -> Iterator[None]:
        yield

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        yield


class _Copied:
    """A folder of whose log there is a copy; one for a process, until that ends."""

    _made: dict[tuple[int, Path], "_Copied"] = {}  # noqa: RUF012 - all of a process share them

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copy = Path(tempfile.mkdtemp(prefix="cdpkit-")).resolve()
        if _LOST.search(str(self._copy)):
            raise ConfigurationError(
                f"neither {str(folder)!r} nor {str(self._copy)!r} can be told to Delta Lake; set TMPDIR to a folder "
                "whose path has letters and digits alone"
            )
        self._lock = RLock()
        finalize(self, _remove, self._copy, os.getpid())

    @classmethod
    def of(cls, folder: Path) -> "_Copied":
        """The copy of this folder's log."""
        key = os.getpid(), folder
        if key not in cls._made:
            cls._made[key] = cls(folder)
        return cls._made[key]

    @contextmanager
    def looking(self, at: int | datetime | None = None, *, anew: bool = True) -> Iterator[str]:
        del at, anew
        with self._lock:
            self._refresh()
            yield self._copy.as_uri()

    @contextmanager
    def committing(self) -> Iterator[None]:
        with self._lock:
            self._refresh()
            before = self._ages()
            yield
            self._publish(before)

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """Files are shown as empty ones of the same age; those that are gone then go here too."""
        shown = [path for path in self._folder.iterdir() if path.is_file()]
        for path in shown:
            stand_in, written = self._copy / path.name, path.stat().st_mtime_ns
            stand_in.touch()
            os.utime(stand_in, ns=(written, written))
        yield
        for path in shown:
            stand_in = self._copy / path.name
            (stand_in if stand_in.exists() else path).unlink(missing_ok=True)

    def _refresh(self) -> None:
        """Make the copy like the log."""
        log, copy = self._folder / _LOG, self._copy / _LOG
        there = {path.name: path for path in log.iterdir() if path.is_file()} if log.is_dir() else {}
        copy.mkdir(exist_ok=True)
        for path in copy.iterdir():
            if path.name not in there or _age(path) != _age(there[path.name]):
                path.unlink()
        for name, path in there.items():
            if not (copy / name).exists() or not name.endswith(_ENTRY):
                shutil.copy2(path, copy / name)

    def _ages(self) -> dict[Path, int]:
        """When the files of the copy were written."""
        return {path: path.stat().st_mtime_ns for path in sorted((self._copy / _LOG).iterdir()) if path.is_file()}

    def _publish(self, before: Mapping[Path, int]) -> None:
        """Put what is new in the copy since then into the log, entries first."""
        log = self._folder / _LOG
        make_folder(log)
        new = [path for path, written in self._ages().items() if before.get(path) != written]
        for path in sorted(new, key=lambda path: not path.name.endswith(_ENTRY)):
            unfinished = log / f".{path.name}.{os.getpid()}"
            try:
                shutil.copy2(path, unfinished)
                flush_file(unfinished)
                if path.name.endswith(_ENTRY):
                    _take(unfinished, log / path.name)
                else:
                    unfinished.replace(log / path.name)
            except TakenError:
                for own in new:
                    own.unlink()
                raise
            finally:
                unfinished.unlink(missing_ok=True)


def _take(unfinished: Path, entry: Path) -> None:
    """Give an entry its name, unless somebody else has."""
    try:
        os.link(unfinished, entry)
    except FileExistsError:
        raise TakenError from None


def _age(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _remove(copy: Path, process: int) -> None:
    if os.getpid() == process:
        with suppress(OSError):
            shutil.rmtree(copy)
