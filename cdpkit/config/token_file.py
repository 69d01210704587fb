"""`secrets/<connection>.json`: what a login keeps from run to run, readable by its owner alone."""

import json
from collections.abc import Mapping
from typing import Any

from cdpkit.errors import WorkspaceError
from cdpkit.place import Place

FOLDER = "secrets"


class TokenFile:
    """What the token of a connection kept; the repr shows nothing of it.

    It belongs to the connection's vendor: under another one, nothing was kept.
    """

    def __init__(self, root: Place, connection: str, vendor: str) -> None:
        self._folder = root / FOLDER
        self._place = self._folder / f"{connection}.json"
        self._vendor = vendor

    def load(self) -> Mapping[str, Any] | None:
        """What was kept; None where nothing was.

        Raises:
            WorkspaceError: The file is damaged, or cannot be read.
        """
        try:
            found = json.loads(self._place.read())
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            found = None
        except OSError as error:
            raise WorkspaceError(f"{self._place} cannot be read ({error.strerror}); check who may read it") from None
        match found:
            case {"vendor": str(vendor), "kept": dict(kept)}:
                return kept if vendor == self._vendor else None
        raise WorkspaceError(f"{self._place} is damaged; remove it, and give the connection its login again")

    def save(self, kept: Mapping[str, Any]) -> None:
        """Keep this instead, whole or not at all, also after a crash.

        Raises:
            WorkspaceError: It cannot be written.
        """
        try:
            if not (self._folder / ".gitignore").exists():
                (self._folder / ".gitignore").write([b"*\n"], private=True)
            self._place.write([json.dumps({"vendor": self._vendor, "kept": dict(kept)}).encode()], private=True)
        except WorkspaceError as error:
            raise WorkspaceError(
                f"the login cannot be kept in {self._place} ({error}); it was renewed, so the vendor may want a new "
                "one: make the folder writable, then log in again"
            ) from None


def forget(root: Place, connection: str) -> None:
    """Remove what the login of a connection kept, where there is any: the connection is gone."""
    (root / FOLDER / f"{connection}.json").delete()
