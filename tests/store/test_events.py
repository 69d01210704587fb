"""The table of events: small files are put together, and say the same in fewer; older states stay readable."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from cdpkit.core.events.part import FOUND
from cdpkit.core.events.undo import LINE
from cdpkit.place import Folder
from cdpkit.store.commits import Tables
from cdpkit.store.compact import compact
from cdpkit.store.events import events_of
from cdpkit.store.small_files import MOST_FILES
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables.events import EVENTS, FORMER, GONE, HERE

COMMITS = MOST_FILES + 5


def stored(folder: Path) -> Tables:
    """Commits that each bring two events, and from the third on overwrite one of the commit before."""
    tables = Tables(Folder(folder))
    tables.create()
    table = tables.open(EVENTS)
    for seq in range(1, COMMITS + 1):
        keys = [seq * 2, seq * 2 + 1]
        frame = pl.DataFrame({"row": [9 - seq % 9, seq % 9], "id": [str(key) for key in keys], "key": keys})
        frame = frame.with_columns(seq=pl.lit(seq, pl.Int64), time=datetime(2026, 1, 1, tzinfo=UTC))
        files = [table.write(frame, partition=HERE)]
        if seq > 2:
            gone = pl.DataFrame({"key": [seq * 2 - 2], "of": [seq - 1], "seq": [seq]})
            files.append(table.write(gone, partition=GONE))
        table.commit(files, transactions={str(seq): 1})
    return tables


def at(tables: Tables, seq: int) -> list[tuple[int, int]]:
    """Key and commit of the events after a commit."""
    now = tables.snapshot()
    events = events_of(tables, Snapshot(now.layers, seq, now.next_row))
    return sorted(events.select("key", "seq").collect().rows())


def test_compaction_leaves_events_as_they_are_at_every_commit(tmp_path: Path) -> None:
    """Fewer files, by ascending profile, so that a time line lies together, and former events apart."""
    tables = stored(tmp_path)
    before = [at(tables, seq) for seq in range(COMMITS + 1)]
    assert [len(each) for each in before[:5]] == [0, 2, 4, 5, 6]
    files = len(tables.open(EVENTS).files())
    compact(tables)
    assert len(tables.open(EVENTS).files()) == 2 < files
    assert [at(tables, seq) for seq in range(COMMITS + 1)] == before
    lines = tables.scan(EVENTS, where=HERE).collect()
    assert sorted(lines.select("key", "seq").rows()) == before[-1]
    assert tables.scan(EVENTS, where=FORMER).collect().height == 2 * COMMITS - lines.height
    assert lines["row"].is_sorted()
    assert {*FOUND, "source_row"} == {*LINE} <= {*lines.columns}
