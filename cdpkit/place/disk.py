"""Bringing files, and the names under which folders hold them, to the disk: a power cut takes nothing back after that.

A file that was only written is kept by the system for up to half a minute; a name that was only given is lost with it.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_OF_A_FILE = os.O_RDWR | os.O_BINARY if os.name == "nt" else os.O_RDONLY  # type: ignore[attr-defined, unused-ignore]
"""Windows flushes what was opened for writing alone."""


def flush_file(path: Path) -> None:
    """Bring what a file holds to the disk.

    Raises:
        OSError: The disk does not take it, or there is no such file.
    """
    _flush(path, _OF_A_FILE)


def flush_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system has folders that can be flushed."""
    with suppress(OSError):
        _flush(folder, os.O_RDONLY)


def flush_folders(folders: Iterable[Path]) -> None:
    """Several folders, each once."""
    for folder in dict.fromkeys(folders):
        flush_folder(folder)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it that are missing, their names on the disk; nothing where it is there.

    Raises:
        OSError: It cannot be made.
    """
    if folder.is_dir():
        return
    above = folder.parent
    if above != folder:
        make_folder(above)
    folder.mkdir(mode=mode, exist_ok=True)
    flush_folder(above)


def _flush(path: Path, flags: int) -> None:
    opened = os.open(path, flags)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
