"""The log of a table as files: whether all of its entries are there and whole, and bringing them to the disk.

Delta Lake writes an entry for each commit, and now and then a checkpoint that sums the entries up; it flushes neither.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cdpkit.place import Place
from cdpkit.place.disk import flush_file, flush_folder
from cdpkit.place.foreign import reason_of

LOG = "_delta_log"
_ENTRY = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(\..+)?\.parquet")
_HINT = "_last_checkpoint"
_NOTES = "_checksums.txt"
_NOTED = re.compile(r"^(\d{20}) ([0-9a-f]{64})$", re.MULTILINE)
_NAMED = 5
_ENDS = b"PAR1"
"""What each Parquet file begins and ends with."""


@dataclass(frozen=True, slots=True)
class Log:
    """The log of one table.

    Attributes:
        folder: Where it is on this machine.
        place: Where it is for good.
    """

    folder: Path
    place: Place

    @classmethod
    def of(cls, root: Place) -> "Log":
        """The log of the table at a place, as far as it is on this machine."""
        return cls(root.local / LOG, root / LOG)

    def entries(self) -> dict[int, Path]:
        """The entries by their numbers, in ascending order."""
        return {int(found[1]): path for path, found in self._named(_ENTRY)}

    def checkpoints(self) -> dict[int, Path]:
        """The last file of each checkpoint by its number, in ascending order."""
        return {int(found[1]): path for path, found in self._named(_CHECKPOINT)}

    def missing(self) -> list[int]:
        """The numbers that are missing between the first entry and the last one, or before it up to its checkpoint."""
        entries = list(self.entries())
        if not entries:
            return []
        summed_up = next(iter(self.checkpoints()), -1) + 1  # what is older than the first checkpoint may be gone
        return sorted(set(range(min(entries[0], summed_up), entries[-1])) - set(entries))

    def broken(self, since: int = 0) -> dict[int, Path]:
        """The entries from a number on that are empty, no lines of JSON, or cannot be read."""
        return {number: path for number, path in self.entries().items() if number >= since and not _is_whole(path)}

    def is_readable(self, entries: Iterable[Path]) -> bool:
        """Whether the system gives out what is in these entries, whole or not."""
        return all(_now(path) is not None for path in entries)

    def empty(self) -> dict[int, Path]:
        """The entries without content."""
        return {number: path for number, path in self.entries().items() if path.stat().st_size == 0}

    def broken_checkpoints(self) -> list[Path]:
        """The files of checkpoints that are cut off, and the hint to the last one where one is, or it is itself."""
        found = [path for path, _ in self._named(_CHECKPOINT) if not _is_parquet(path)]
        hint = self.folder / _HINT
        return [*found, *([hint] if hint.is_file() and (found or not _is_whole(hint)) else [])]

    def fault(self) -> str:
        """What is wrong with it, as far as its files tell, and how to mend it."""
        missing, broken, table = self.missing(), self.broken(), f"the table {self.folder.parent.name!r}"
        if missing:
            names = ", ".join(f"{number:020}.json" for number in missing[:_NAMED])
            return f"the log entry {names} of {table} is missing from {self.place}; restore it from a backup"
        if broken:
            last = next(reversed(self.entries()))
            first = next(iter(broken))
            back = (
                "; or go back to what was committed before it: move the entries from "
                f"{first:020}.json to {last:020}.json to another folder"
            )
            return (
                f"the log entry {broken[first].name} of {table} is {_how(broken[first])}; restore it in {self.place} "
                f"from a backup{back if len(broken) == last - first + 1 else ''}"
            )
        checkpoints = self.broken_checkpoints()
        if checkpoints:
            return f"{checkpoints[0]} is damaged; restore it from a backup"
        return f"its log in {self.place} does not fit together; restore the folder from a backup"

    def actions(self, number: int) -> list[dict[str, Any]]:
        """What an entry says, line by line; nothing where it is not there any more, or cannot be read."""
        path = self._entry(number)
        if path.exists():
            return _lines(path) or []
        try:
            return _read((self.place / path.name).read()) or []
        except FileNotFoundError:
            return []

    def information(self, number: int) -> dict[str, Any]:
        """What an entry says of itself."""
        found = (line["commitInfo"] for line in self.actions(number) if "commitInfo" in line)
        information: dict[str, Any] = next(found, {})
        return information

    def origins(self) -> dict[str, tuple[str, ...]]:
        """For each data file that an entry names the runs whose values are in it, as far as the entries tell."""
        found: dict[str, tuple[str, ...]] = {}
        for number in self.entries():
            actions = self.actions(number)
            runs = [name for line in actions if "txn" in line for name in _run_of(line["txn"]["appId"])]
            gone = [line["remove"]["path"] for line in actions if "remove" in line]
            runs = runs or [run for path in gone for run in found.get(path, ())]
            found |= {line["add"]["path"]: tuple(dict.fromkeys(runs)) for line in actions if "add" in line}
        return found

    def settle(self, since: int, until: int) -> None:
        """Bring the entries after a number, up to another one, to the disk, and note their checksums.

        The one before them too, which another process may have made and not flushed yet: a power cut must not leave
        what follows it alone.

        Raises:
            OSError: The disk does not take them.
        """
        for number in range(max(since, 0), until + 1):
            for path in (self._entry(number), self.folder / f"{number:020}.checkpoint.parquet"):
                if path.exists():
                    flush_file(path)
        if (self.folder / _HINT).exists() and until in self.checkpoints():
            flush_file(self.folder / _HINT)
        self._note(range(since + 1, until + 1))
        flush_folder(self.folder)

    def says(self, mark: str, since: int) -> bool:
        """Whether an entry after a number holds a mark that only one commit has."""
        later = [path for number, path in self.entries().items() if number > since]
        return any(mark.encode() in path.read_bytes() for path in later)

    def unlike_noted(self) -> tuple[list[Path], int]:
        """The entries that are not what they were when they were made, and how many have no checksum."""
        noted = self._noted()
        entries = self.entries()
        wrong = [
            path for number, path in entries.items() if (now := _now(path)) is None or noted.get(number, now) != now
        ]
        return wrong, sum(number not in noted for number in entries)

    def _note(self, numbers: Iterable[int]) -> None:
        made = {number: path for number in numbers if (path := self._entry(number)).exists()}
        with (self.folder / _NOTES).open("a", encoding="ascii", newline="\n") as notes:
            notes.writelines(f"{number:020} {_of(path)}\n" for number, path in made.items())

    def _noted(self) -> dict[int, str]:
        notes = self.folder / _NOTES
        text = notes.read_text("ascii", errors="replace") if notes.is_file() else ""
        return {int(found[1]): found[2] for found in _NOTED.finditer(text)}

    def _entry(self, number: int) -> Path:
        return self.folder / f"{number:020}.json"

    def _named(self, pattern: re.Pattern[str]) -> Iterator[tuple[Path, re.Match[str]]]:
        names = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        for name in names:
            found = pattern.fullmatch(name)
            if found is not None:
                yield self.folder / name, found


def _run_of(transaction: str) -> list[str]:
    """The run that committed something under this name; none where cdpkit itself did."""
    return [] if transaction.startswith("cdpkit") else [re.split("[/#]", transaction)[0]]


def _how(path: Path) -> str:
    try:
        return "damaged" if path.read_bytes() else "empty"
    except OSError as error:
        return f"unreadable ({reason_of(error)})"


def _of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _now(path: Path) -> str | None:
    """The checksum; None where it cannot be read."""
    try:
        return _of(path)
    except OSError:
        return None


def _lines(path: Path) -> list[dict[str, Any]] | None:
    """The lines of an entry; None where it is not whole, or cannot be read."""
    try:
        return _read(path.read_bytes())
    except OSError:
        return None


def _read(content: bytes) -> list[dict[str, Any]] | None:
    try:
        lines = [json.loads(line) for line in content.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None
    return lines if lines and all(isinstance(line, dict) for line in lines) else None


def _is_whole(path: Path) -> bool:
    return _lines(path) is not None


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size < 3 * len(_ENDS):
            return False
        file.seek(size - len(_ENDS))
        return file.read() == _ENDS
