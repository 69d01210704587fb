"""What the catalogues of a workspace have in common: they are mappings, show themselves, and complete their names."""

from collections.abc import Mapping
from typing import TypeVar

from cdpkit.errors import CdpkitError
from cdpkit.show.tells import Tells
from cdpkit.show.told import Told, of_text

V = TypeVar("V")


class TellsOfFiles(Tells):
    """Reads files when it is looked at; looking never fails, and tells what is wrong with them instead."""

    __slots__ = ()

    def _telling(self) -> Told:
        try:
            return self._told()
        except CdpkitError as error:
            return of_text(f"{type(self).__name__}: {error}")


class Catalogue(TellsOfFiles, Mapping[str, V]):
    """Things by name, read each time."""

    def _ipython_key_completions_(self) -> list[str]:
        """The names, for completion; none where the file that has them cannot be read."""
        try:
            return list(self)
        except CdpkitError:
            return []
