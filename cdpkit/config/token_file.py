"""`secrets/<connection>.json`: what a login keeps from run to run, readable by its owner alone."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from cdpkit.errors import WorkspaceError

FOLDER = "secrets"

_OWNER_ONLY, _FOLDER_OWNER_ONLY = 0o600, 0o700


class TokenFile:
    """What the token of a connection kept; the repr shows nothing of it.

    It belongs to the connection's vendor: under another one, nothing was kept.
    """

    def __init__(self, root: Path, connection: str, vendor: str) -> None:
        self.path = root / FOLDER / f"{connection}.json"
        self._vendor = vendor

    def load(self) -> Mapping[str, Any] | None:
        """What was kept; None where nothing was.

        Raises:
            WorkspaceError: The file is damaged, or cannot be read.
        """
        try:
            found = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            found = None
        except OSError as error:
            raise WorkspaceError(f"{self.path} cannot be read ({error.strerror}); check who may read it") from None
        match found:
            case {"vendor": str(vendor), "kept": dict(kept)}:
                return kept if vendor == self._vendor else None
        raise WorkspaceError(f"{self.path} is damaged; remove it, and give the connection its login again")

    def save(self, kept: Mapping[str, Any]) -> None:
        """Keep this instead, whole or not at all, also after a crash.

        Raises:
            WorkspaceError: It cannot be written.
        """
        folder = self.path.parent
        unfinished = folder / f".{self.path.name}-{uuid4().hex}"
        try:
            folder.mkdir(mode=_FOLDER_OWNER_ONLY, exist_ok=True)
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                with os.fdopen(os.open(unfinished, flags, _OWNER_ONLY), "wb") as file:
                    file.write(json.dumps({"vendor": self._vendor, "kept": dict(kept)}).encode())
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(self.path)
                _flush(folder)
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"the login cannot be kept in {self.path} ({error.strerror}); it was renewed, so the vendor may want a "
                "new one: make the folder writable, then log in again"
            ) from None


def _flush(folder: Path) -> None:
    """Bring the name of a file to the disk too, where the system has folders that can be flushed."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
