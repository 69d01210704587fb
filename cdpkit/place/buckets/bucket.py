"""Places in a bucket with the API of S3."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from cdpkit.errors import ConfigurationError, ConflictError, StoreError
from cdpkit.place.buckets.lines import Lines, joined
from cdpkit.place.buckets.store import Store
from cdpkit.place.foreign import translated
from cdpkit.place.place import Append
from cdpkit.place.shown import Shown

_DAMAGED = ".damaged"


@dataclass(frozen=True, slots=True)
class Bucket:
    """An object, or those whose keys begin like a folder's path, as a `Place`.

    Attributes:
        store: The workspace.
        path: Where it is below that, with slashes; empty for the workspace itself.
    """

    store: Store
    path: str = ""

    @classmethod
    def at(cls, address: str) -> "Bucket":
        """The place of an address `s3://bucket/prefix`.

        Raises:
            ConfigurationError: It names no bucket, or what the environment says does not fit.
        """
        return cls(Store.at(address))

    @property
    def name(self) -> str:
        """The last part of its path, or of its address."""
        return PurePosixPath(self.path or self.store.prefix or self.store.objects.bucket).name

    @property
    def local(self) -> Path:
        """Where this machine has its copy, of tables alone."""
        return self.store.folder / self.path

    @property
    def far(self) -> bool:
        """Objects are whole, and each look is a call."""
        return True

    @property
    def nearby(self) -> Path:
        """Where the process is at work."""
        return Path.cwd()

    @property
    def _key(self) -> str:
        return f"{self.store.prefix}{self.path}"

    @property
    def _below(self) -> str:
        return f"{self._key}/" if self.path else self._key

    def __truediv__(self, below: str) -> "Bucket":
        return Bucket(self.store, f"{self.path}/{below}" if self.path else below)

    def __str__(self) -> str:
        return f"s3://{self.store.objects.bucket}/{self._key}".rstrip("/")

    def exists(self) -> bool:
        """Whether there is such an object, or one below."""
        objects = self.store.objects
        if self.path and objects.head(self._key) is not None:
            return True
        return bool(objects.below(self._below, most=1))

    def is_free(self) -> bool:
        """Whether nothing lies below but hidden objects."""
        return not (self.path and self.store.objects.head(self._key)) and not self._names()

    def _names(self) -> Sequence[str]:
        return [name for name in self.store.objects.names(self._below) if not name.startswith(".")]

    def written(self) -> datetime:
        """When the object, or the last one below, was put."""
        found = self.store.objects.head(self._key)
        if found is not None:
            return found.written
        below = self.store.objects.below(self._below)
        return max((each.written for each in below), default=datetime.fromtimestamp(0, tz=UTC))

    def read(self) -> bytes:
        """The content of the object."""
        got = self.store.objects.get(self._key)
        if got is None:
            raise FileNotFoundError(str(self))
        return joined(self.store.objects, self._key, *got)

    def fetched(self) -> Path:
        """A copy of the object."""
        with translated(f"{self} cannot be had on this machine", passing=(FileNotFoundError,)):
            self.store.objects.fetch(self._key, self.local)
        return self.local

    def room(self) -> int:
        """What is free on the disk of this machine, on which all is put together before it is put there."""
        return shutil.disk_usage(tempfile.gettempdir()).free

    def write(self, content: Iterable[bytes], *, private: bool = False) -> None:
        """Put the object as a whole; who may read it is what the bucket says."""
        del private
        with tempfile.TemporaryDirectory(prefix="cdpkit-") as folder:
            whole = Path(folder) / "whole"
            with whole.open("wb") as file:
                for part in content:  # what making a part raises is passed on
                    with self._writing():
                        file.write(part)
                with self._writing():
                    file.flush()
            with self._writing():
                self.store.objects.put_file(self._key, whole)

    @contextmanager
    def append(self) -> Iterator[Append]:
        """Append lines to the object, each of them in the bucket when that returns."""
        with self._writing():
            lines = Lines(self.store.objects, self._key)

        def line(text: bytes, *, for_good: bool = False) -> None:
            del for_good  # each is
            with self._writing():
                self.store.leases.check()
                lines.append(text)

        yield line

    @contextmanager
    def claim(self, *, wait: bool = False) -> Iterator[None]:
        """Hold the lease beside it."""
        with self._writing():
            held = self.store.leases.hold(f"{self._key}.lock", self.name, wait=wait)
            held.__enter__()
        try:
            yield
        finally:
            held.__exit__(None, None, None)

    def is_claimed(self, *, surely: bool = True) -> bool:
        """Whether the lease is renewed; at once, whether it may be."""
        if not surely:
            return self.store.leases.may_be_held(f"{self._key}.lock")
        try:
            with self.claim():
                return False
        except ConflictError:
            return True

    def put_aside(self) -> "Bucket":
        """Give the object another key, so that it is found and not read again."""
        objects, aside = self.store.objects, f"{self._key}{_DAMAGED}"
        with self._writing():
            objects.copy(self._key, aside)
            objects.delete([self._key])
        (self.local).unlink(missing_ok=True)
        return Bucket(self.store, f"{self.path}{_DAMAGED}")

    def delete(self) -> None:
        """Remove the object, and all below."""
        objects = self.store.objects
        objects.delete([self._key, *(each.key for each in objects.below(self._below))])

    def prove(self) -> None:
        """See that the server keeps conditional writes."""
        self.store.prove()

    def afresh(self) -> "Bucket":
        """The same, without what was fetched of it."""
        return Bucket(self.store.afresh(), self.path)

    def shown(self) -> Shown:
        """The table here, as Delta Lake is shown it."""
        return self.store.mirror(self.path)

    def here(self, names: Iterable[str]) -> None:
        """Have files of the table here on this machine."""
        with translated(f"files of {self} cannot be had on this machine"):
            self.store.mirror(self.path).here(names)

    def keep(self, names: Iterable[str]) -> None:
        """Bring files of the table that were written on this machine into the bucket."""
        with self._writing():
            self.store.mirror(self.path).keep(names)

    def drop(self, names: Iterable[str]) -> None:
        """Remove files of the table."""
        self.store.mirror(self.path).drop(names)

    def gather(self, tables: Iterable[str], files: Callable[[str], Iterable[str]]) -> None:
        """Put the ends of the logs of tables and small files of theirs into one object too."""
        self.store.gather(self.path, tables, files)

    def list(self) -> "tuple[Bucket, ...]":
        """What is below by name, hidden objects left out."""
        return tuple(self / name for name in self._names())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with translated(f"{self} cannot be written"):
                yield
        except ConfigurationError as error:
            raise StoreError(f"{self} cannot be written: {error}") from None
