"""What a process has of a workspace in a bucket: the way to its objects, its leases, and copies on this machine."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any
from weakref import finalize

from cdpkit.errors import ConfigurationError
from cdpkit.kit.buckets import ENVIRONMENT
from cdpkit.kit.kinds import CLEAR, in_the_clear
from cdpkit.place.buckets import bundle
from cdpkit.place.buckets.clients import NOISY, new_client
from cdpkit.place.buckets.leases import Leases
from cdpkit.place.buckets.mirror import Mirror
from cdpkit.place.buckets.objects import Objects
from cdpkit.place.buckets.proof import prove
from cdpkit.place.buckets.quiet import hush
from cdpkit.place.shown import TakenError

ADDRESS = re.compile(r"s3:/{1,2}(?P<bucket>[^/]*)(?P<key>(?:/.*)?)", re.DOTALL)
"""Of a workspace in a bucket; a path has one slash of two."""

TIMEOUT, CLEARLY = "CDPKIT_S3_TIMEOUT", "CDPKIT_ALLOW_HTTP"
_USUAL, _ATTEMPTS, _CONNECTIONS = 20.0, 3, 16
_TURNS = 2
"""So often a bundle is written when others write it too; theirs does as well."""


@dataclass(slots=True, weakref_slot=True)
class _Made:
    """The stores of this process."""

    stores: dict[tuple[Any, ...], "Store"] = field(default_factory=dict)


_MADE = _Made()


class Store:
    """A workspace in a bucket, as this process has it.

    Attributes:
        objects: The way to its objects.
        leases: What this process holds of it.
        prefix: What the keys of its objects begin with; empty, or with a slash at its end.
    """

    def __init__(self, objects: Objects, leases: Leases, prefix: str, given: bundle.Bundle | None = None) -> None:
        """Nothing is fetched yet.

        Args:
            objects: See above.
            leases: See above.
            prefix: See above.
            given: What is known of it; None for what the bucket says when it is first asked.
        """
        self.objects, self.leases, self.prefix = objects, leases, prefix
        self._bundle = bundle.Bundled(objects, prefix, given)
        self._mirrors: dict[str, Mirror] = {}
        self._folder: Path | None = None
        self._lock = RLock()
        self._proved = False

    @classmethod
    def at(cls, address: str) -> "Store":
        """The store of an address; one for each in a process, as long as the environment stays what it is.

        Raises:
            ConfigurationError: The address is none, boto3 is not installed, or what the environment says does not fit.
            CredentialsError: There are no keys.
        """
        found = ADDRESS.fullmatch(address)
        if found is None or not found["bucket"]:
            raise ConfigurationError(f"{address!r} names no bucket; write s3://bucket/prefix")
        prefix = "".join(f"{part}/" for part in found["key"].split("/") if part)
        timeout = _timeout()
        client = new_client(ENVIRONMENT, timeout=timeout, attempts=_ATTEMPTS, connections=_CONNECTIONS)
        hush(*NOISY)
        endpoint = client.meta.endpoint_url
        if in_the_clear(endpoint) and os.environ.get(CLEARLY) != "1":
            raise ConfigurationError(
                f"the address of S3 (AWS_ENDPOINT_URL) {CLEAR}; write https://, or set {CLEARLY}=1 where the way is a "
                "safe one"
            )
        keys = client._request_signer._credentials  # noqa: SLF001 - the one way to what a client signs with
        same = os.getpid(), endpoint, found["bucket"], prefix, keys.access_key, keys.secret_key, timeout
        seconds = Leases.usual()
        with suppress(KeyError):
            return _MADE.stores[(*same, seconds)]
        quick = new_client(ENVIRONMENT, timeout=min(timeout, seconds / 3), attempts=2)
        objects, leases = (Objects(each, found["bucket"], timeout) for each in (client, quick))
        made = cls(objects, Leases(leases), prefix)
        return _MADE.stores.setdefault((*same, seconds), made)

    @property
    def folder(self) -> Path:
        """Where the copies are, until this process ends."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="cdpkit-")).resolve()
                finalize(self, _remove, self._folder, os.getpid())
            return self._folder

    def mirror(self, path: str) -> Mirror:
        """The copy of the table at a path below the prefix."""
        with self._lock:
            if path not in self._mirrors:
                self._mirrors[path] = self._new(path)
            return self._mirrors[path]

    def _new(self, path: str) -> Mirror:
        below = f"{path}/"
        given = _below(self._bundle.files(), below)
        return Mirror(self.objects, self.leases, f"{self.prefix}{below}", self.folder / path, given, self._bundle.gone)

    def gather(self, path: str, tables: Iterable[str], files: Callable[[str], Iterable[str]]) -> None:
        """Put what a new process asks first into one object: logs first, then files, the small ones before others.

        Where another process has put or removed it since, what that may have removed is looked for first.

        Args:
            path: What the tables lie below.
            tables: Their names.
            files: Gives the files of a table that are read; asked of those that this process has looked at.
        """
        paths = {f"{path}/{name}" if path else name: name for name in tables}
        for _ in range(_TURNS):
            with suppress(TakenError):
                units = [
                    [(f"{at}/{file}", packed) for file, packed in unit]
                    for at, name in paths.items()
                    for unit in self.mirror(at).packed(partial(files, name))
                ]
                self._bundle.put(sorted(units, key=_rank))
                return
            given = self._bundle.again()
            for at in paths:
                self.mirror(at).anew(_below(given, f"{at}/"))

    def afresh(self) -> "Store":
        """The same without what was fetched."""
        return Store(self.objects, self.leases, self.prefix, given={})

    def prove(self) -> None:
        """See that the server keeps conditions, once in a process.

        Raises:
            WorkspaceError: It does not.
        """
        if not self._proved:
            prove(self.objects, self.prefix)
            self._proved = True


def _below(given: bundle.Bundle, below: str) -> bundle.Bundle:
    return {name.removeprefix(below): packed for name, packed in given.items() if name.startswith(below)}


def _rank(unit: bundle.Unit) -> tuple[bool, int]:
    """Each file saves a call, however large it is; a log several."""
    return not any(packed.etag for _, packed in unit), sum(len(packed.content) for _, packed in unit)


def _timeout() -> float:
    text = os.environ.get(TIMEOUT, "")
    try:
        found = float(text) if text else _USUAL
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise ConfigurationError(f"{TIMEOUT} is a number of seconds, such as 20; correct it")
    return found


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
