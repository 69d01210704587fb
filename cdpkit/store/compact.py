"""Folding patches into the base, so that other engines read a true table and scans stay short.

The table says the same before and after. Readers keep the version they opened; a writer that commits in between wins,
and the compaction is left for the next time.
"""

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from cdpkit.errors import ConflictError
from cdpkit.store.data_file import DataFile
from cdpkit.store.exported import newest
from cdpkit.store.fold import BASE, Layers
from cdpkit.store.table import Table
from cdpkit.store.tables import CHANGES, GOAL_ROWS, GOAL_UNITS, REJECTED, RUN_ROWS, RUNS, SCHEMAS, Tables

PATCHED_SHARE = 0.05
MOST_PATCHES = 32
MOST_FILES = 32
ROWS_A_FILE = 1_000_000
SMALL = 16 * 2**20
"""A file of fewer bytes is gathered with its like when a table has more than `MOST_FILES` of them."""
_KEPT_STATES = 2


def is_due(layers: Layers) -> bool:
    """Whether patches hold a twentieth of the base's rows, or are more than 32, or the base is in crumbs."""
    patched = sum(file.rows for file in layers.patches)
    rows = sum(file.rows for file in layers.base)
    crumbs = sum(file.rows < ROWS_A_FILE // 10 for file in layers.base)
    return len(layers.patches) > MOST_PATCHES or patched > rows * PATCHED_SHARE or crumbs > MOST_FILES


def compact(tables: Tables) -> bool:
    """Fold all patches of the profiles into the base, and gather the small files of the other tables.

    Returns:
        Whether the profiles were folded; not when somebody committed in between.
    """
    for name in (CHANGES, RUN_ROWS, REJECTED, RUNS):
        _gather(tables, name)
    _fold_units(tables)
    _fold_goal_rows(tables)
    snapshot = tables.snapshot()
    layers = snapshot.layers
    if not layers.patches and len(layers.base) <= 1:
        return False
    table, columns = layers.table, [name for name in layers.table.schema if name not in {"layer", "deleted"}]
    added, removed = [], list(layers.patches)
    touched = _patched_rows(layers)
    for group in _groups(layers.base):
        if len(group) == 1 and not _holds(group[0], touched):
            continue
        removed += group
        added += [table.write(part, partition=BASE, label=BASE) for part in _parts(layers, columns, group)]
    try:
        tables.replace(snapshot, added, removed)
    except ConflictError:
        return False
    return True


def _parts(layers: Layers, columns: Sequence[str], group: Sequence[DataFile]) -> Iterator[pl.DataFrame]:
    folded = layers.fold(columns, base=group).collect(engine="streaming")
    if folded.height:
        yield folded if folded["row"].is_sorted() else folded.sort("row")


def _groups(base: Sequence[DataFile]) -> Iterator[list[DataFile]]:
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


def _gather(tables: Tables, name: str) -> None:
    """Put the small files of a table without partitions together."""
    table = tables.open(name)
    columns = [column for column in table.schema if column != table.partition]
    files = [file for file in table.files() if file.size < SMALL]
    if len(files) > MOST_FILES:
        _swap(table, [table.write(table.scan(files, columns).collect())], files)


def _fold_units(tables: Tables) -> None:
    """Of the import records of each goal with many files keep the newest two states of every unit.

    The newest holds; the one before returns when the load that wrote the newest is undone with `reimport`. Units are
    taken in as many shares as keep each within one full file.
    """
    table = tables.open(GOAL_UNITS)
    columns = list(SCHEMAS[GOAL_UNITS])
    newest = pl.col("seq").rank("dense", descending=True).over("unit") <= _KEPT_STATES
    for partition, files in _by_partition(table.files()).items():
        if len(files) <= MOST_FILES:
            continue
        shares = sum(file.rows for file in files) // ROWS_A_FILE + 1
        records = table.scan(files, columns)
        parts = (records.filter(pl.col("unit") % shares == share).collect() for share in range(shares))
        folded = [table.write(part.filter(newest), partition=partition) for part in parts if part.height]
        _swap(table, folded, files)


def _fold_goal_rows(tables: Tables) -> None:
    """Of each export goal with many files keep what it last knew of every profile, by ascending row."""
    table = tables.open(GOAL_ROWS)
    for partition, files in _by_partition(table.files()).items():
        if len(files) > MOST_FILES:
            folded = newest(table.scan(files, list(SCHEMAS[GOAL_ROWS]))).collect(engine="streaming")
            _swap(table, [table.write(folded.sort("row"), partition=partition)], files)


def _by_partition(files: Iterable[DataFile]) -> dict[str | None, list[DataFile]]:
    found: dict[str | None, list[DataFile]] = {}
    for file in files:
        found.setdefault(file.partition, []).append(file)
    return found


def _swap(table: Table, added: Sequence[DataFile], removed: Sequence[DataFile]) -> None:
    """Commit files that say the same as others; left for the next time when somebody else was first."""
    try:
        table.commit(added, removed, transactions={"cdpkit-gather": 1})
    except ConflictError:
        return


def vacuum(tables: Tables, keep_days: float) -> int:
    """Delete files that no version of the last days needs, orphans of killed processes among them."""
    tables.roll_forward()
    return sum(tables.open(name).vacuum(keep_days) for name in SCHEMAS)
