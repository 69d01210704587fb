"""Files that are needed for a moment: a place for them where there is no workspace, and names for them."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from cdpkit.place.folder import Folder
from cdpkit.place.place import Place


def passing() -> Folder:
    """A new folder among the temporary ones of this machine; whoever asks for it deletes it."""
    return Folder(Path(tempfile.mkdtemp(prefix="cdpkit-")), passing=True)


def in_passing(place: Place) -> Place:
    """The same place for files that nobody needs when the process has ended."""
    return replace(place, passing=True) if isinstance(place, Folder) else place


def renamed(file: Place, name: str) -> Path:
    """Give a file of this machine another name in its folder."""
    return file.local.replace(file.local.with_name(name))


def here(file: Place) -> Path:
    """A file as one of this machine; of one that lies elsewhere a copy, beside what was fetched of its tables."""
    return file.fetched()


def copied(file: Path, to: Path) -> Path:
    """Copy a file of this machine, into a folder that is made where it is missing."""
    to.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(file, to))
