"""Looking at every byte of the tables: the entries of their logs, and the files that these name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from cdpkit.errors import WorkspaceError
from cdpkit.place.foreign import translated
from cdpkit.show.astext import AsText
from cdpkit.store.commits import Tables
from cdpkit.store.data_file import DataFile, is_damaged
from cdpkit.store.log import LOG, Log

MISSING, OTHER_SIZE, CHANGED, UNREADABLE = (
    "it is missing",
    "it is cut off, or something was added",
    "it does not hold what was written",
    "it cannot be read",
)


@dataclass(frozen=True, slots=True)
class Finding(AsText):
    """A file that is not as it was written.

    Attributes:
        table: The table, empty for a file beside the tables.
        file: Its path, relative to the workspace.
        what: What is wrong with it.
        runs: The ids of the runs whose values are in it, as far as that is known.
    """

    table: str
    file: str
    what: str
    runs: tuple[str, ...] = ()

    def __str__(self) -> str:
        runs = f"; runs {', '.join(self.runs)}" if self.runs else ""
        return f"{self.file}: {self.what}{runs}"


@dataclass(slots=True)
class Seen:
    """What was looked at.

    Attributes:
        findings: What is wrong.
        checked: How many files are as they were written, byte by byte.
        unsummed: How many can be read, but have no checksum, because an earlier cdpkit wrote them,
            or the power went before that of a log entry was kept.
        unnamed: How many files of tables no commit names: of processes that were killed, or are at work.
        size: How many bytes were looked at.
    """

    findings: list[Finding] = field(default_factory=list)
    checked: int = 0
    unsummed: int = 0
    unnamed: int = 0
    size: int = 0


def verify_tables(tables: Tables) -> Seen:
    """Look at every file of the tables; those of older versions too, as long as they are kept."""
    seen, tables = Seen(), Tables(tables.root.afresh(), tables.kinds)
    for name in tables.kinds:
        root = tables.root / name
        with root.shown().looking(0):
            log = Log.of(root)
        where = f"{tables.root.name}/{name}"
        seen.findings += _in_log(name, where, log, seen)
        try:
            live = {file.path: file for file in tables.open(name).files()}
        except WorkspaceError as error:
            seen.findings.append(Finding(name, f"{where}/{LOG}", str(error)))
            continue
        origins = log.origins()
        root.here([*origins, *live])
        there = {path: root.local / path for path in origins if path not in live}
        older = {file: _summed(root.local, file) for file, path in there.items() if path.exists()}
        for file in (*live.values(), *older.values()):
            with translated(f"the table {name!r} cannot be looked at"):
                what = _fault(root.local, file, seen)
            if what is not None:
                seen.findings.append(Finding(name, f"{where}/{file.path}", what, origins.get(file.path, ())))
        files = {each.name for each in root.list() if each.name.endswith((".parquet", ".part"))}
        seen.unnamed += len(files - {*origins, *live})
    return seen


def _in_log(name: str, where: str, log: Log, seen: Seen) -> Iterator[Finding]:
    missing, broken = log.missing(), log.broken()
    wrong, unsummed = log.unlike_noted()
    for number in missing:
        yield Finding(name, f"{where}/{LOG}/{number:020}.json", MISSING)
    for path in dict.fromkeys([*broken.values(), *wrong]):
        yield Finding(name, f"{where}/{LOG}/{path.name}", CHANGED)
    for path in log.broken_checkpoints():
        yield Finding(name, f"{where}/{LOG}/{path.name}", OTHER_SIZE)
    entries = log.entries()
    seen.unsummed += unsummed
    seen.checked += len(entries) - unsummed - len(wrong)
    seen.size += sum(path.stat().st_size for path in entries.values())


def _fault(root: Path, file: DataFile, seen: Seen) -> str | None:
    """What is wrong with a file of a table; None where nothing is."""
    path = root / file.path
    if not path.is_file():
        return MISSING
    seen.size += path.stat().st_size
    if file.checksum is None:
        seen.unsummed += 1
        return None if _reads(path, file) else UNREADABLE
    if path.stat().st_size != file.size:
        return OTHER_SIZE
    if is_damaged(root, file):
        return CHANGED
    seen.checked += 1
    return None


def _reads(path: Path, file: DataFile) -> bool:
    """Whether all values of a file without a checksum can be read, and as many are empty as the log says."""
    try:
        with translated("it cannot be read"):
            found = pl.scan_parquet(path, glob=False).select(pl.len().alias("all rows"), pl.all().null_count())
            line = found.collect(engine="streaming").row(0, named=True)
    except WorkspaceError:
        return False
    return line.pop("all rows") == file.rows and (not file.nulls or line == dict(file.nulls))


def _summed(root: Path, path: str) -> DataFile:
    """A file that the newest version does not name any more, as far as its name and its size tell."""
    rows = -1 if DataFile(path, None, 0, {}, None, None, 0).checksum else _rows(root / path)
    return DataFile(path, None, rows, {}, None, None, (root / path).stat().st_size)


def _rows(path: Path) -> int:
    try:
        with translated("it cannot be read"):
            return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except WorkspaceError:
        return -1
