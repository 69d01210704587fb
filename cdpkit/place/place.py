"""What every kind of places can do."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

from cdpkit.place.shown import Shown


class Append(Protocol):
    """Appends a line to a file."""

    def __call__(self, text: bytes, *, for_good: bool = False) -> None:
        """Append a line; it has left this process when this returns, and with `for_good` a power cut keeps it too.

        What was appended before is kept with it.

        Raises:
            WorkspaceError: It cannot be written.
        """


class Place(Protocol):
    """A spot at which something of a workspace lies, or may come to lie: bytes, or more places.

    Nothing has to be made before something is written below it. `str` names it in messages.
    """

    @property
    def name(self) -> str:
        """The last part of where it is."""

    @property
    def local(self) -> Path:
        """The folder or file of this machine; of a place elsewhere, what was fetched of its tables and nothing else."""

    @property
    def far(self) -> bool:
        """Whether each look at it takes a call to another machine, and no cut of power leaves half of anything."""

    @property
    def nearby(self) -> Path:
        """The folder of this machine to which files that users name are relative."""

    def __truediv__(self, below: str) -> Self:
        """The place of this name below."""

    def exists(self) -> bool:
        """Whether anything lies here."""

    def is_free(self) -> bool:
        """Whether a workspace may be made here: nothing lies here or below but hidden files."""

    def list(self) -> tuple[Self, ...]:
        """What lies directly below, by name; what begins with a dot is left out."""

    def written(self) -> datetime:
        """When it was last written to, in UTC."""

    def read(self) -> bytes:
        """What lies here.

        Raises:
            FileNotFoundError: Nothing does.
            OSError: It cannot be read.
        """

    def fetched(self) -> Path:
        """A file of this machine with what lies here, for those who read files by their paths.

        Raises:
            FileNotFoundError: Nothing does.
            WorkspaceError: It cannot be had.
        """

    def room(self) -> int:
        """How many bytes can still be written here; a very large number where nobody knows."""

    def write(self, content: Iterable[bytes], *, private: bool = False) -> None:
        """Put content in the place of what lies here: all of it and for good when this returns, or else none of it.

        Args:
            content: The content, part by part.
            private: Nobody but the owner may read it, nor list what lies beside it.

        Raises:
            WorkspaceError: It cannot be written.
        """

    def append(self) -> AbstractContextManager[Append]:
        """What appends lines; a last line that a kill has cut off is removed first.

        Raises:
            WorkspaceError: On entering: it cannot be written.
        """

    def claim(self, *, wait: bool = False) -> AbstractContextManager[object]:
        """Hold this place against everybody else who claims it; the system frees it when the process dies.

        The claim itself is called like the place, with `.lock` at the end.

        Args:
            wait: Until it is free.

        Raises:
            ConflictError: On entering: somebody else holds it, and `wait` is not set.
            WorkspaceError: On entering: nothing can be written there.
        """

    def is_claimed(self, *, surely: bool = True) -> bool:
        """Whether somebody holds this place.

        Args:
            surely: False for what can be told at once, where the claim of a process that has died is taken for a while
                for one that is held.
        """

    def put_aside(self) -> Self:
        """Rename what lies here, because it is damaged: it is nothing of the workspace any more, and can be looked at.

        Returns:
            Where it is now.

        Raises:
            WorkspaceError: It cannot be written there.
        """

    def delete(self) -> None:
        """Remove what lies here and below; nothing where nothing does. What somebody holds open may stay."""

    def prove(self) -> None:
        """See that what is written here is kept as a workspace needs it.

        Raises:
            WorkspaceError: It is not; says why.
        """

    def afresh(self) -> Self:
        """The same place, without what was fetched of it before."""

    def shown(self) -> Shown:
        """The table that lies here, as Delta Lake is shown it."""

    def here(self, names: Iterable[str]) -> None:
        """Have files of the table that lies here at `local`; those that are nowhere are passed over.

        Raises:
            WorkspaceError: They cannot be had.
        """

    def keep(self, names: Iterable[str]) -> None:
        """Bring files of the table, which were written at `local`, to where they are kept for good.

        Raises:
            WorkspaceError: They cannot be written there.
        """

    def drop(self, names: Iterable[str]) -> None:
        """Remove files of the table, where they are there."""

    def gather(self, tables: Iterable[str], files: Callable[[str], Iterable[str]]) -> None:
        """Make it cheap for a new process to begin: what it asks first is had with few calls.

        Args:
            tables: The names of tables that lie directly below.
            files: Gives the files of a table that are read, as this process saw it last.
        """
