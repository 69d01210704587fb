"""Files that are written for a commit, and removed where it does not come about: failed attempts take no room."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from cdpkit.errors import CdpkitError
from cdpkit.place import Place
from cdpkit.place.shown import UnsettledError
from cdpkit.store.data_file import DataFile, delete_files


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was written until now.

    Attributes:
        made: The places of tables, each with a file in it.
    """

    made: list[tuple[Place, DataFile]] = field(default_factory=list)

    def add(self, root: Place, files: Sequence[DataFile]) -> Sequence[DataFile]:
        """Note files of the table at a place; returns them."""
        self.made.extend((root, file) for file in files)
        return files


@contextmanager
def attempt() -> Iterator[Attempt]:
    """Write files and commit them; where that fails they are removed.

    They stay where an interrupt strikes, or the disk fails after the commit: they may be a part of their tables then.
    """
    begun = Attempt()
    try:
        yield begun
    except UnsettledError:
        raise
    except CdpkitError:
        for root, file in begun.made:
            delete_files(root, [file])
        raise
