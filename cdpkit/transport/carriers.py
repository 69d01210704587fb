"""Who carries which kind of call: a kind of effect and its carrier meet here and nowhere else."""

from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

from cdpkit.errors import ConfigurationError
from cdpkit.kit.buckets import GetObject, ListBuckets, ListObjects, PutObject
from cdpkit.kit.effects import Call, Http
from cdpkit.kit.folders import GetFile, ListFiles, PutFile
from cdpkit.transport.attempt import Answer, Attempt, Failure
from cdpkit.transport.buckets import ObjectCarrier
from cdpkit.transport.folders import FolderCarrier
from cdpkit.transport.http import HttpCarrier
from cdpkit.transport.means import Carrier, Means, Opener

CARRIERS: Final[Mapping[type[Call], Opener]] = {
    Http: HttpCarrier.open,
    GetObject: ObjectCarrier.open,
    ListBuckets: ObjectCarrier.open,
    ListObjects: ObjectCarrier.open,
    PutObject: ObjectCarrier.open,
    GetFile: FolderCarrier.open,
    ListFiles: FolderCarrier.open,
    PutFile: FolderCarrier.open,
}


class Carriers:
    """The carriers of a driver, each opened when the first call of its kind is made."""

    def __init__(self, openers: Mapping[type[Call], Opener], means: Means) -> None:
        self._openers = openers
        self._means = means
        self._opened: dict[type[Call], Carrier[Any]] = {}
        self._lock = Lock()

    def send(self, attempt: Attempt) -> Answer | Failure:
        """Make a call of whatever kind, from any thread."""
        try:
            carrier = self._carrier(type(attempt.call))
        except ConfigurationError as error:
            return Failure("", sent=False, error=error)
        return carrier.send(attempt.call, attempt)

    def close(self) -> None:
        """Let go of all connections."""
        for carrier in self._opened.values():
            carrier.close()

    def _carrier(self, kind: type[Call]) -> Carrier[Any]:
        with self._lock:
            if kind not in self._opened:
                if kind not in self._openers:
                    there = ", ".join(sorted(known.__name__ for known in self._openers))
                    raise ConfigurationError(f"no call of the kind {kind.__name__} can be made; there are: {there}")
                self._opened[kind] = self._openers[kind](self._means)
            return self._opened[kind]
