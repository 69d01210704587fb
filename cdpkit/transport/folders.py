"""The carrier of calls to folders of this machine."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Self

from cdpkit.errors import RemoteError, WorkspaceError
from cdpkit.kit.effects import Call
from cdpkit.kit.folders import GetFile, ListFiles, PutFile
from cdpkit.place import Folder
from cdpkit.place.foreign import reason_of
from cdpkit.transport.attempt import Answer, Attempt, Failure, Stopped
from cdpkit.transport.bodies import taken_in
from cdpkit.transport.means import Means

PIECE = 1 << 20
"""Bytes of a file that are in memory at once."""

_FOUND, _NOTHING = 200, 404


class _ChangedError(Exception):
    """The file is not what it was."""


_REFUSALS: Mapping[type, tuple[int, str]] = {
    FileNotFoundError: (_NOTHING, "NoSuchKey"),
    NotADirectoryError: (_NOTHING, "NoSuchKey"),
    PermissionError: (403, "AccessDenied"),
    _ChangedError: (412, "PreconditionFailed"),
}
"""Statuses and S3's words for them."""


class FolderCarrier:
    """Lists, reads and writes files from any thread."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._work: Mapping[type, Callable[..., Answer | Failure]] = {
            GetFile: self._got,
            ListFiles: self._listed,
            PutFile: self._put,
        }

    @classmethod
    def open(cls, means: Means) -> Self:
        """Ready to call."""
        return cls(means)

    def send(self, call: GetFile | ListFiles | PutFile, attempt: Attempt) -> Answer | Failure:
        """Make the call; whatever goes wrong is a value."""
        attempt.leaves()
        try:
            return self._work[type(call)](call, attempt)
        except Stopped as stopped:
            return stopped.failure
        except (_ChangedError, OSError, ValueError) as error:
            kinds = (kind for kind in type(error).__mro__ if kind in _REFUSALS)
            refusal = next(kinds, None)
            return _failed(call, error) if refusal is None else _refusal(*_REFUSALS[refusal])

    def close(self) -> None:
        """Nothing is kept open."""

    def _place(self, folder: str) -> Path:
        """The folder; one that is no whole path lies in the workspace."""
        path = Path(folder).expanduser()
        return path if path.is_absolute() or self._means.workspace is None else self._means.workspace.nearby / path

    def _listed(self, call: ListFiles, attempt: Attempt) -> Answer:
        folder, start = self._place(call.folder), call.prefix.rpartition("/")[0]
        if not folder.is_dir():
            return _refusal(_NOTHING, "NoSuchFolder")
        now, found = time.time(), _files(folder / start, f"{start}/" if start else "")
        fitting = ((key, facts) for key, facts in found if key.startswith(call.prefix))
        told = [
            {
                "key": key,
                "size": facts.st_size,
                "etag": _mark(facts),
                "modified": datetime.fromtimestamp(facts.st_mtime, UTC).isoformat(timespec="microseconds"),
                "age": max(0.0, now - facts.st_mtime),
            }
            for key, facts in islice(fitting, call.most)
        ]
        body = json.dumps({"objects": sorted(told, key=lambda each: str(each["key"])), "next": None})
        return taken_in(attempt, self._means, [body.encode()], status=_FOUND, headers={})

    def _got(self, call: GetFile, attempt: Attempt) -> Answer:
        with (self._place(call.folder) / call.key).open("rb") as file:
            before = os.fstat(file.fileno())
            if call.etag not in (None, _mark(before)):
                raise _ChangedError

            def pieces() -> Iterator[bytes]:
                left = before.st_size  # whoever appends all the time is not followed
                while piece := file.read(min(PIECE, left)):
                    left -= len(piece)
                    yield piece
                if _mark(os.fstat(file.fileno())) != _mark(before):
                    raise _ChangedError

            headers = {"etag": _mark(before)}
            return taken_in(attempt, self._means, pieces(), status=_FOUND, headers=headers, announced=before.st_size)

    def _put(self, call: PutFile, attempt: Attempt) -> Answer | Failure:
        try:
            Folder(self._place(call.folder) / call.key).write([call.body])
        except WorkspaceError as error:
            return Failure(str(error), lasting=True, error=RemoteError(str(error)))
        return taken_in(attempt, self._means, [b"{}"], status=_FOUND, headers={})


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """The files in a folder and below it by their keys; one that goes away meanwhile is left out."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as found:
        entries = [each for each in found if not each.name.startswith(".")]
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(folder / entry.name, f"{prefix}{entry.name}/")
        elif entry.is_file():
            try:
                yield f"{prefix}{entry.name}", (folder / entry.name).stat()
            except FileNotFoundError:
                continue


def _mark(facts: os.stat_result) -> str:
    """What changes when a file does: when it was written, and its size."""
    return f"{facts.st_mtime_ns:x}-{facts.st_size:x}"


def _refusal(status: int, code: str) -> Answer:
    return Answer(status, {}, json.dumps({"code": code}).encode())


def _failed(call: Call, error: Exception) -> Failure:
    reason = reason_of(error) or "no file can have this name"
    said = f"{call.what} cannot be carried out: {reason}"
    return Failure(reason, lasting=True, error=RemoteError(said))
