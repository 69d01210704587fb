"""Folding patches into the base, so that other engines read a true table and scans stay short.

The table says the same before and after. Readers keep the version they opened; a writer that commits in between wins,
and the compaction is left for the next time.
"""

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from cdpkit.errors import ConflictError
from cdpkit.store.attempt import attempt
from cdpkit.store.commits import Tables
from cdpkit.store.data_file import DataFile
from cdpkit.store.fold import Layers
from cdpkit.store.small_files import MOST_FILES, ROWS_A_FILE
from cdpkit.store.snapshot import Snapshot

PATCHED_SHARE = 0.05
MOST_PATCHES = 32

FEW = 10_000
"""Rows of patches that are read in no time: on a disk, a small workspace is folded for the number of patches alone."""


def is_due(layers: Layers) -> bool:
    """Whether patches hold a twentieth of the base's rows, or are more than 32, or the base is in crumbs."""
    patched = sum(file.rows for file in layers.patches)
    rows = sum(file.rows for file in layers.base)
    few = 0 if layers.table.root.far else FEW  # each file that lies far away is a call
    crumbs = sum(file.rows < ROWS_A_FILE // 10 for file in layers.base)
    return len(layers.patches) > MOST_PATCHES or patched > max(rows * PATCHED_SHARE, few) or crumbs > MOST_FILES


def due(snapshot: Snapshot) -> tuple[str, ...]:
    """The types of groups whose patches are to be folded; the empty one stands for the profiles."""
    return tuple(group for group in ("", *snapshot.groups) if is_due(snapshot.of(group).layers))


def compact(tables: Tables, whose: Collection[str] | None = None) -> bool:
    """Fold all patches of profiles and groups into their bases, and put the small files of the other tables together.

    Args:
        tables: The tables.
        whose: Only those of these types of groups, as `due` names them; None for all.

    Returns:
        Whether any were folded; not those to whom somebody committed in between.

    Raises:
        WorkspaceError: A file does not hold what was written; nothing takes its place.
    """
    for kind in tables.kinds.values():
        if kind.fold is not None:
            kind.fold(tables.open(kind.name))
    there = ("", *tables.snapshot().groups)
    folded = [_compact(tables, tables.snapshot().of(group)) for group in there if whose is None or group in whose]
    return any(folded)


def _compact(tables: Tables, snapshot: Snapshot) -> bool:
    layers = snapshot.layers
    if not layers.patches and len(layers.base) <= 1:
        return False
    layers.table.intact([*layers.base, *layers.patches])
    table, columns = layers.table, list(layers.schema)
    removed = list(layers.patches)
    touched = _patched_rows(layers)
    try:
        with attempt() as made:
            for group in file_groups(layers.base):
                if len(group) == 1 and not _holds(group[0], touched):
                    continue
                removed += group
                for part in folded_parts(layers, columns, group):
                    made.add(table.root, [layers.write(part)])
            tables.replace(snapshot, [file for _, file in made.made], removed)
    except ConflictError:
        return False
    return True


def folded_parts(layers: Layers, columns: Sequence[str], group: Sequence[DataFile]) -> Iterator[pl.DataFrame]:
    """What a new file of the base holds in the place of a group of them; nothing where nobody is left."""
    folded = layers.fold(columns, base=group).collect(engine="streaming")
    if folded.height:
        yield folded if folded["row"].is_sorted() else folded.sort("row")


def file_groups(base: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    """Neighbouring files that together make at most one full file."""
    group: list[DataFile] = []
    for file in base:
        if group and sum(part.rows for part in group) + file.rows > ROWS_A_FILE:
            yield group
            group = []
        group.append(file)
    if group:
        yield group


def _patched_rows(layers: Layers) -> pl.Series:
    parts = [layers.table.scan([file], ["row"]) for file in layers.patches]
    return pl.concat(parts).unique().collect()["row"].sort() if parts else pl.Series("row", [], pl.Int64)


def _holds(file: DataFile, rows: pl.Series) -> bool:
    if file.first is None or file.last is None:
        return False
    return bool(rows.is_between(file.first, file.last).any())


def vacuum(tables: Tables, keep_days: float) -> int:
    """Delete files that no version of the last days needs, orphans of killed processes among them."""
    tables.roll_forward()
    return sum(tables.open(name).vacuum(keep_days) for name in tables.kinds)
