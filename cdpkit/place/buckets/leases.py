"""Leases, in the place of locks: an object that says who holds something, and that its holder renews.

Nobody compares clocks. Who wants what is held looks whether the holder renews it: one that stays as it is for as long
as its holder said is taken over, which only one of several does. A holder that could not renew in time, or that was
taken over, has lost it, and commits nothing any more.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from uuid import uuid4

from cdpkit.errors import CdpkitError, ConfigurationError, ConflictError, StoreError
from cdpkit.place.buckets.objects import Object, Objects
from cdpkit.place.shown import TakenError

SECONDS = "CDPKIT_LEASE_SECONDS"
_USUAL, _LEAST = 30.0, 0.3
_LONGEST = 1.0
"""Seconds after which somebody who waits looks again, at most."""


class LostError(StoreError):
    """A lease was lost: somebody else may be at work, so that nothing more is committed."""


@dataclass(slots=True)
class _Held:
    """A lease of this process."""

    key: str
    etag: str
    renewed: float
    turn: int = 0
    lost: bool = False
    lock: Lock = field(default_factory=Lock)


class Leases:
    """The leases that this process holds in a bucket."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.seconds = self.usual()
        self._owner = uuid4().hex
        self._held: dict[str, _Held] = {}
        self._seen: dict[str, tuple[str, float]] = {}
        self._lock = Lock()
        self._ended = Event()
        self._renewer: Thread | None = None

    @staticmethod
    def usual() -> float:
        """Seconds after which one that is not renewed is taken over, as the environment says.

        Raises:
            ConfigurationError: It says no number of seconds.
        """
        return _seconds()

    @contextmanager
    def hold(self, key: str, name: str, *, wait: bool) -> Iterator[None]:
        """Hold a lease, renewed until this ends.

        Args:
            key: The object.
            name: What it is about, for messages.
            wait: Until it is free; else for as long as it takes to tell whether its holder is alive.

        Raises:
            ConflictError: On entering: somebody else holds it, and `wait` is not set.
        """
        held = self._take(key, name, wait=wait)
        try:
            yield
        finally:
            self._give_back(held)

    def may_be_held(self, key: str) -> bool:
        """Whether somebody holds a lease, or has held it not long ago."""
        if self._is_mine(key):
            return True
        got = self._objects.get(key)
        return got is not None and not self._is_over(*got)

    def check(self) -> None:
        """See that all leases of this process are its own still; called before something is committed or sent.

        Raises:
            LostError: One was lost.
        """
        for held in list(self._held.values()):
            if not held.lost and time.monotonic() - held.renewed > self.seconds / 2:
                self._renew(held)
            if held.lost or time.monotonic() - held.renewed > self.seconds:
                raise LostError(
                    f"the lease {held.key.rpartition('/')[2]} was lost: it could not be renewed for "
                    f"{self.seconds:g} seconds, and another process may be at work; nothing more is committed, the "
                    "next run goes on from what is"
                )

    def _take(self, key: str, name: str, *, wait: bool) -> _Held:
        first: str | None = None
        while True:
            if not self._is_mine(key):
                etag, found = self._try(key)
                if etag is not None:
                    return self._begin(key, etag)
                first = first or (None if found is None else found.etag)
                if not wait and found is not None and found.etag != first:
                    raise _conflict(name)
            elif not wait:
                raise _conflict(name)
            time.sleep(min(self.seconds / 10, _LONGEST))

    def _is_mine(self, key: str) -> bool:
        return key in self._held

    def _try(self, key: str) -> tuple[str | None, Object | None]:
        """Take a lease that is free, or whose holder is gone; else what there is of it."""
        began = time.monotonic()
        with suppress(TakenError):
            return self._objects.put(key, self._said(0), new=True), None
        got = self._objects.get(key)
        if got is None:
            return None, None  # it was given back meanwhile
        content, found = got
        etag, since = self._seen.get(key, ("", began))
        if etag != found.etag:
            self._seen[key] = found.etag, time.monotonic()
            since = time.monotonic()
        if self._is_over(content, found) or time.monotonic() - since > _lasts(content, self.seconds):
            with suppress(TakenError):
                return self._objects.put(key, self._said(0), over=found.etag), found
        return None, found

    def _is_over(self, content: bytes, found: Object) -> bool:
        """Whether it has not been renewed for so long, by the clock of the server alone, that nobody need look on."""
        return found.age is not None and found.age > 2 * _lasts(content, self.seconds) + 2

    def _begin(self, key: str, etag: str) -> _Held:
        held = _Held(key, etag, time.monotonic())
        with self._lock:
            self._seen.pop(key, None)
            self._held[key] = held
            if self._renewer is None:
                self._ended = Event()
                self._renewer = Thread(target=self._keep, args=(self._ended,), name="cdpkit-lease", daemon=True)
                self._renewer.start()
        return held

    def _give_back(self, held: _Held) -> None:
        with self._lock:
            self._held.pop(held.key, None)
            if not self._held:
                self._ended.set()
                self._renewer = None
        with held.lock, suppress(CdpkitError):  # where it cannot be deleted it runs out
            if not held.lost and time.monotonic() - held.renewed < self.seconds / 2:
                self._objects.delete([held.key])

    def _keep(self, ended: Event) -> None:
        while not ended.wait(self.seconds / 3):
            for held in list(self._held.values()):
                self._renew(held)

    def _renew(self, held: _Held) -> None:
        with held.lock:
            if held.lost or held.key not in self._held:
                return
            began = time.monotonic()
            try:
                held.etag = self._objects.put(held.key, self._said(held.turn + 1), over=held.etag)
            except TakenError:
                held.etag = self._mine(held.key) or ""
                held.lost = not held.etag
            except CdpkitError:
                return  # tried again in time, or not renewed in time
            else:
                held.turn, held.renewed = held.turn + 1, began

    def _mine(self, key: str) -> str | None:
        """The tag of a lease that this process had renewed without hearing of it."""
        with suppress(CdpkitError):
            got = self._objects.get(key)
            if got is not None and json.loads(got[0]).get("owner") == self._owner:
                return got[1].etag
        return None

    def _said(self, turn: int) -> bytes:
        """What the object says; another content at each turn, so that others see that it was renewed."""
        return json.dumps({"owner": self._owner, "turn": turn, "at": uuid4().hex, "seconds": self.seconds}).encode()


def _lasts(content: bytes, usual: float) -> float:
    try:
        return float(json.loads(content)["seconds"])
    except (ValueError, KeyError, TypeError):
        return usual


def _conflict(name: str) -> ConflictError:
    return ConflictError(f"{name} is held by another process; repeat the call when it is done")


def _seconds() -> float:
    text = os.environ.get(SECONDS, "")
    try:
        found = float(text) if text else _USUAL
    except ValueError:
        found = 0.0
    if not _LEAST <= found < float("inf"):
        raise ConfigurationError(f"{SECONDS} is a number of seconds, from {_LEAST:g} on, such as 30; correct it")
    return found
