"""A disk that remembers what was flushed, and what is left of a folder when the power goes.

It watches `os.fsync`, so it sees each file and each folder as it was when it was brought to the disk.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Disk:
    """What is on the disk for good.

    Attributes:
        root: The folder that is looked at.
        at: Called before each flush.
        files: What files hold, by their inodes.
        names: What folders hold: name to inode, and whether that is a folder.
    """

    root: Path
    at: Callable[["Disk"], None]
    files: dict[int, bytes] = field(default_factory=dict)
    names: dict[int, dict[str, tuple[int, bool]]] = field(default_factory=dict)
    flush: Callable[[int], None] = os.fsync

    def settle(self) -> None:
        """All that is there now is on the disk."""
        for folder, _, files in os.walk(self.root):
            self._folder(Path(folder))
            for name in files:
                self._file(Path(folder) / name)

    def fsync(self, opened: int) -> None:
        """In the place of `os.fsync`."""
        self.at(self)
        self.flush(opened)
        path = Path(f"/proc/self/fd/{opened}")
        (self._folder if stat.S_ISDIR(path.stat().st_mode) else self._file)(path.resolve())

    def cut(self, into: Path) -> None:
        """What is there after a power cut, of files and names that were flushed and nothing else."""
        self._names_below(self.root.stat().st_ino, into)

    def cut_but_for_names(self, into: Path) -> None:
        """The same where names reach the disk before what they name: files that were not flushed are empty."""
        for folder, _, files in os.walk(self.root):
            there = into / Path(folder).relative_to(self.root)
            there.mkdir(parents=True, exist_ok=True)
            for name in files:
                inode = (Path(folder) / name).stat().st_ino
                (there / name).write_bytes(self.files.get(inode, b""))

    def _file(self, path: Path) -> None:
        self.files[path.stat().st_ino] = path.read_bytes()

    def _folder(self, path: Path) -> None:
        with os.scandir(path) as entries:
            self.names[path.stat().st_ino] = {entry.name: (entry.inode(), entry.is_dir()) for entry in entries}

    def _names_below(self, folder: int, into: Path) -> None:
        into.mkdir(parents=True, exist_ok=True)
        for name, (inode, is_folder) in self.names.get(folder, {}).items():
            if is_folder:
                self._names_below(inode, into / name)
            else:
                (into / name).write_bytes(self.files.get(inode, b""))
