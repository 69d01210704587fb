"""A table in a bucket, as Delta Lake is shown it: a copy of the end of its log on this machine, and what is read of it.

Delta Lake writes into the copy. A commit counts when its entry has come to be in the bucket under a name that nobody
else had taken; of two, one wins. What is fetched never changes: entries and files of tables are written once.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import TypeVar

from cdpkit.errors import CdpkitError
from cdpkit.place.buckets.bundle import LARGEST, Bundle, Packed, Unit
from cdpkit.place.buckets.leases import Leases
from cdpkit.place.buckets.objects import Object, Objects

_LOG, _HINT, _NOTES = "_delta_log", "_last_checkpoint", "_checksums.txt"
_ENTRY = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(\..+)?\.parquet")
_AT_ONCE = 8
_SUM = "sha256"

T = TypeVar("T")
R = TypeVar("R")


class Mirror:
    """What this process has of one table; there is one for each in a process."""

    def __init__(
        self, objects: Objects, leases: Leases, prefix: str, folder: Path, given: Bundle, swept: Callable[[], None]
    ) -> None:
        """Nothing is fetched yet.

        Args:
            objects: The bucket.
            leases: What has to be held still when something is committed.
            prefix: What the keys of the table begin with, a slash at its end.
            folder: The copy.
            given: Files of the table that are known already, by what their keys have after the prefix.
            swept: Called before files are removed for good.
        """
        self._objects, self._leases = objects, leases
        self._prefix, self._folder = prefix, folder
        self._log = folder / _LOG
        self._lock = RLock()
        self._given, self._swept = dict(given), swept
        self._forget()
        self._kept: set[str] = set()

    def _forget(self) -> None:
        self._known: dict[str, str] = {}
        self._first, self._last = -1, -1

    @contextmanager
    def looking(self, at: int | datetime | None = None, *, anew: bool = True) -> Iterator[str]:
        """See `Shown`."""
        with self._lock:
            if anew or self._last < 0:
                self._refresh()
            if at is not None and self._first > 0:
                self._reach(at)
            yield self._folder.as_uri()

    @contextmanager
    def committing(self) -> Iterator[None]:
        """See `Shown`."""
        with self._lock:
            self._leases.check()
            if self._last < 0:  # else whoever was first since then is met when the entry is put
                self._refresh()
            before = self._there()
            try:
                yield
                self._leases.check()
                self._publish(before)
            except BaseException:
                self._drop(before)
                raise

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """Files that are not here are shown as empty ones of their age; those that are gone then go there too."""
        with self._lock:
            inner = len(self._prefix)
            listed = [each for each in self._objects.below(self._prefix) if "/" not in each.key[inner:]]
            paths = {each.key: self._folder / each.key[inner:] for each in listed}
            stand_ins = [path for path in paths.values() if not path.exists()]
            try:
                for each in listed:
                    paths[each.key].touch()
                    os.utime(paths[each.key], (each.written.timestamp(),) * 2)
                yield
                removed = [key for key, path in paths.items() if not path.exists()]
                if removed:
                    self._swept()
                self._objects.delete(removed)
            finally:
                for path in stand_ins:
                    path.unlink(missing_ok=True)

    def here(self, names: Iterable[str]) -> None:
        """Have files on this machine; those that are nowhere are passed over."""
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            wanted = [name for name in dict.fromkeys(names) if not (self._folder / name).exists()]
            self._kept.update(wanted)

            def fetch(name: str) -> None:
                with suppress(FileNotFoundError):
                    self._objects.fetch(f"{self._prefix}{name}", self._folder / name)

            known = [name for name in wanted if name in self._given]
            for name in known:
                _put_down(self._folder / name, self._given.pop(name).content)
            wanted = [name for name in wanted if name not in known]

            _at_once(fetch, wanted)

    def keep(self, names: Iterable[str]) -> None:
        """Bring files that were written on this machine into the bucket; the others are there."""
        for name in names:
            path = self._folder / name
            if name not in self._kept and path.exists():
                self._objects.put_file(f"{self._prefix}{name}", path)
                self._kept.add(name)

    def packed(self, files: Callable[[], Iterable[str]]) -> Iterator[Unit]:
        """What a new process has to have of the table, as far as it is here and small: its log, then its files.

        Args:
            files: Gives those that are read; not asked of a table that nobody has looked at.
        """
        with self._lock:
            if self._last < 0:
                yield [each for each in self._given.items() if each[0].startswith(f"{_LOG}/")]
                yield from ([each] for each in self._given.items() if not each[0].startswith(f"{_LOG}/"))
                return
            summed = max((int(found[1]) for name in self._known if (found := _CHECKPOINT.fullmatch(name))), default=0)
            names = sorted(name for name in self._known if int(name[:20]) >= summed)
            yield [(f"{_LOG}/{name}", Packed(self._known[name], (self._log / name).read_bytes())) for name in names]
            for name in files():
                path = self._folder / name
                if name in self._given:
                    yield [(name, self._given[name])]
                elif name in self._kept and path.exists() and path.stat().st_size <= LARGEST:
                    yield [(name, Packed("", path.read_bytes()))]

    def anew(self, given: Bundle) -> None:
        """Look again, so that what is said to be read is read still; what nobody has looked at is given anew."""
        with self._lock:
            if self._last < 0:
                self._given = dict(given)
            else:
                self._refresh()

    def drop(self, names: Iterable[str]) -> None:
        """Remove files, from the bucket too where they may be there."""
        gone = []
        for name in names:
            path = self._folder / name
            if name in self._kept or not path.exists():
                gone.append(f"{self._prefix}{name}")
            path.unlink(missing_ok=True)
        if gone:
            self._swept()
        self._objects.delete(gone)

    def _refresh(self) -> None:
        """Fetch what is new in the log; all of its end, where what was fetched is no longer what is there."""
        self._log.mkdir(parents=True, exist_ok=True)
        if self._last < 0:
            self._begin()
        listed = self._listed(max(self._last, self._first, 0))
        if self._last >= 0:
            last = _name(self._last)
            if {each.key: each.etag for each in listed}.get(self._key(last)) != self._known[last]:
                self._start_over()
                listed = self._listed(max(self._first, 0))
        self._take(each for each in listed if self._known.get(self._name_of(each)) != each.etag)
        if self._first < 0 and self._last >= 0:
            self._first = 0

    def _begin(self) -> None:
        log = {name: self._given.pop(name) for name in [*self._given] if name.startswith(f"{_LOG}/")}
        for name, packed in sorted(log.items()):
            self._add(name.removeprefix(f"{_LOG}/"), packed.content, packed.etag)
        if self._last >= 0:
            self._first = min(int(name[:20]) for name in self._known)
            return
        hint = self._objects.read(self._key(_HINT))
        with suppress(ValueError, KeyError, TypeError):
            self._first = int(json.loads(hint or b"")["version"])

    def _start_over(self) -> None:
        for path in self._log.iterdir():
            path.unlink()
        self._forget()
        self._given.clear()
        self._begin()

    def _reach(self, at: int | datetime) -> None:
        """Fetch older entries too: as far back as the checkpoint before a version, or all of them for a time."""
        listed = self._listed(0)
        sums = [int(found[1]) for each in listed if (found := _CHECKPOINT.fullmatch(self._name_of(each)))]
        since = max((number for number in sums if isinstance(at, int) and number <= at), default=0)
        if since < self._first:
            numbers = ((each, int(self._name_of(each)[:20])) for each in listed)
            self._take(each for each, number in numbers if since <= number < self._first)
            self._first = since

    def _listed(self, since: int) -> list[Object]:
        """The entries and checkpoints from a number on."""
        found = self._objects.below(self._key(""), self._key(f"{since:020}"))
        names = ((each, self._name_of(each)) for each in found)
        return [each for each, name in names if _ENTRY.fullmatch(name) or _CHECKPOINT.fullmatch(name)]

    def _take(self, new: Iterable[Object]) -> None:
        """Fetch entries and checkpoints, and give them their names in the order of their numbers."""
        wanted = sorted(new, key=lambda each: each.key)
        fetched = zip(wanted, _at_once(lambda each: self._objects.get(each.key), wanted), strict=True)
        for listed, got in fetched:
            if got is None:
                continue
            name, (content, found) = self._name_of(listed), got
            self._add(name, content, found.etag)
            if _ENTRY.fullmatch(name) and _SUM in found.metadata:
                self._note(name[:20], found.metadata[_SUM])

    def _add(self, name: str, content: bytes, etag: str) -> None:
        """Have an entry or a checkpoint in the copy."""
        when = None
        if entry := _ENTRY.fullmatch(name):
            when = _made_at(content)
            self._last = max(self._last, int(entry[1]))
        _put_down(self._log / name, content, when)
        self._known[name] = etag

    def _publish(self, before: dict[str, int]) -> None:
        """Put what is new in the copy into the bucket, entries first."""
        new = [name for name, written in self._there().items() if before.get(name) != written]
        for name in sorted(name for name in new if _ENTRY.fullmatch(name)):
            content = (self._log / name).read_bytes()
            told = {_SUM: sha256(content).hexdigest()}
            self._known[name] = self._objects.put(self._key(name), content, new=True, metadata=told)
            self._last = max(self._last, int(name[:20]))
            self._first = max(self._first, 0)
        with suppress(CdpkitError):  # the commit is made; a checkpoint makes reading faster, and the next one does too
            for name in sorted(name for name in new if _CHECKPOINT.fullmatch(name)):
                self._known[name] = self._objects.put(self._key(name), (self._log / name).read_bytes())
            if _HINT in new:
                self._objects.put(self._key(_HINT), (self._log / _HINT).read_bytes())

    def _drop(self, before: dict[str, int]) -> None:
        """Remove what is in the copy and not, as far as is known, in the bucket."""
        for name in self._there():
            if name not in before and name not in self._known:
                (self._log / name).unlink()
        (self._log / _HINT).unlink(missing_ok=True)  # what it names may be gone; without it all is looked through

    def _there(self) -> dict[str, int]:
        """When the files of the copy of the log were written."""
        found = [path for path in self._log.iterdir() if not path.name.startswith(".") and path.name != _NOTES]
        return {path.name: path.stat().st_mtime_ns for path in found}

    def _note(self, number: str, checksum: str) -> None:
        with (self._log / _NOTES).open("a", encoding="ascii", newline="\n") as notes:
            notes.write(f"{number} {checksum}\n")

    def _key(self, name: str) -> str:
        return f"{self._prefix}{_LOG}/{name}"

    def _name_of(self, found: Object) -> str:
        return found.key.rpartition("/")[2]


def _at_once(do: Callable[[T], R], wanted: Sequence[T]) -> list[R]:
    """What comes of each, several at a time; an interrupt does not wait for those under way."""
    if len(wanted) < 2:  # noqa: PLR2004 - one needs no thread
        return [do(each) for each in wanted]
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="cdpkit-fetch")
    try:
        return list(pool.map(do, wanted))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _put_down(path: Path, content: bytes, when: float | None = None) -> None:
    """Have a file, whole or not at all; of another age than it has where that is known."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    if when is not None:
        os.utime(unfinished, (when, when))
    unfinished.replace(path)


def _name(number: int) -> str:
    return f"{number:020}.json"


def _made_at(content: bytes) -> float | None:
    """When an entry was made, in seconds, as it says itself."""
    for line in content.splitlines():
        if b'"commitInfo"' in line:
            with suppress(ValueError, KeyError, TypeError):
                return float(json.loads(line)["commitInfo"]["timestamp"]) / 1000
    return None
