"""Whether the files of a table are what was written."""

from collections.abc import Iterable
from pathlib import Path

from cdpkit.errors import WorkspaceError
from cdpkit.place import Place
from cdpkit.place.foreign import translated
from cdpkit.store.data_file import DataFile, is_damaged

SMALL = 1 << 20
"""A file of at most so many bytes is compared with its checksum when a process first reads it."""


def whole(root: Place, version: int, files: Iterable[DataFile]) -> list[Path]:
    """Where the files of a version of a table are.

    Raises:
        WorkspaceError: One is gone or was cut off.
    """
    paths, wanted = [], list(files)
    root.here(file.path for file in wanted)
    for file in wanted:
        path = root.local / file.path
        if not path.is_file():
            raise WorkspaceError(
                f"the table {root.name!r} has lost {path.name} of its version {version}: nothing that old is kept "
                "(keep_days), or it was deleted and has to be restored from a backup"
            )
        if path.stat().st_size != file.size:
            raise WorkspaceError(
                f"the file {path.name} of the table {root.name!r} is damaged: it has {path.stat().st_size:,} bytes "
                f"instead of {file.size:,}; restore it from a backup"
            )
        paths.append(path)
    return paths


def intact(root: Place, files: Iterable[DataFile], largest: int | None = None) -> None:
    """Compare files of a table, which are there, with their checksums.

    Args:
        root: The folder of the table.
        files: The files; those without a checksum are passed over.
        largest: Larger ones are passed over, and others looked at once in a process; None for all.

    Raises:
        WorkspaceError: One does not hold what was written.
    """
    for file in files:
        with translated(f"the file {file.path} of the table {root.name!r} cannot be read"):
            damaged = is_damaged(root.local, file, largest=largest)
        if damaged:
            raise WorkspaceError(
                f"the file {file.path} of the table {root.name!r} is damaged: it does not hold what was written; "
                "restore it from a backup (ws.verify() finds all such files, and the runs in them)"
            )
