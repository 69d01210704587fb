"""Looking the logs of all tables over, and mending what a power cut has left of a commit that nobody was told of.

A commit is told of when its entry is on the disk. So a last entry that is empty or cut off was not told of, and is put
aside: the profiles are as before it, and what belongs beside an earlier commit joins its table once more.
Whatever else is missing or damaged is refused, and named.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from cdpkit.errors import WorkspaceError
from cdpkit.store.commits import Tables
from cdpkit.store.log import Log
from cdpkit.store.tables import PROFILES


def looks_well(tables: Tables) -> bool:
    """Whether no log lacks an entry, and no entry or checkpoint that is read first is cut off."""
    return not any(_faults(log) for _, log in _logs(tables))


def recover(tables: Tables) -> list[str]:
    """Put aside what may be; nobody else looks the logs over meanwhile.

    Returns:
        What was put aside, in words; what belongs beside commits has to join its tables again then.

    Raises:
        WorkspaceError: A log lacks an entry, or one that was told of is damaged; says which, and how to mend it.
    """
    told = []
    # The profiles last: their end is told of where the history knows it.
    for name, log in sorted(_logs(tables), key=lambda found: found[0] == PROFILES):
        checkpoints = log.broken_checkpoints()
        if checkpoints and log.entries() and not log.missing() and next(iter(log.entries())) == 0:
            told += [f"{path} was cut off; the entries say all that it said" for path in _aside(log, checkpoints)]
        faults = _faults(log)
        if not faults:
            continue
        first, last = min(log.entries()), max(log.entries())
        alone = list(log.broken(last).values())
        safe = (
            alone == faults and log.is_readable(alone) and first < last and (name != PROFILES or tables.joined() < last)
        )
        if not safe:
            raise WorkspaceError(f"the table {name!r} cannot be read: {log.fault()}")
        told += [
            f"the last commit to the table {name!r} was cut off before anybody was told of it; its log entry is put "
            f"aside as {path}"
            for path in _aside(log, alone)
        ]
    return told


def _logs(tables: Tables) -> Iterator[tuple[str, Log]]:
    for name in tables.kinds:
        with (tables.root / name).shown().looking():
            yield name, Log.of(tables.root / name)


def _faults(log: Log) -> list[Path]:
    """What is missing or cut off, as far as a quick look tells."""
    entries = log.entries()
    if not entries:
        return []  # opening the table says what is wrong
    last = next(reversed(entries))
    missing = [log.folder / f"{number:020}.json" for number in log.missing()]
    return [*missing, *dict.fromkeys([*log.empty().values(), *log.broken(last).values()]), *log.broken_checkpoints()]


def _aside(log: Log, paths: Iterable[Path]) -> list[str]:
    return [str((log.place / path.name).put_aside()) for path in paths]
