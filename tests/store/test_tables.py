"""Tables as values: found as files, made, compacted and swept in loops."""

from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import WorkspaceError
from cdpkit.place import Folder
from cdpkit.store import tables as package
from cdpkit.store.commits import Tables
from cdpkit.store.compact import compact, vacuum
from cdpkit.store.kind import TableKind
from cdpkit.store.record import RunRecord
from cdpkit.store.small_files import MOST_FILES, gather
from cdpkit.store.tables import RUNS, TABLES

VISITS = TableKind("visits", {"row": pl.Int64(), "what": pl.String()}, fold=gather, shown=True, since=2)


def test_every_file_of_the_package_is_a_table() -> None:
    """The value has the name of its file, and nothing else lists the tables."""
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == set(TABLES) == {kind.name for kind in TABLES.values()}


def test_a_workspace_has_the_tables_as_they_are_described(tmp_path: Path) -> None:
    """Columns and partitions on disk are those of the values."""
    tables = cdpkit.create(tmp_path / "w")._home.tables
    for name, kind in TABLES.items():
        table = tables.open(name)
        own = {column: dtype for column, dtype in table.schema.items() if column != table.partition}
        assert (own, table.partition) == (dict(kind.schema), kind.partition)


def test_sql_shows_the_tables_that_say_so(tmp_path: Path) -> None:
    """Beside segments, exchange and groups, which are computed; what goals remember is shown to nobody."""
    ws = cdpkit.create(tmp_path / "w")
    shown = {name for name, kind in TABLES.items() if kind.shown}
    assert {*shown, "segments", "exchange", "groups", "group_members"} == set(
        ws.sql("select table_name from information_schema.tables").pl()["table_name"]
    )
    assert "goal_rows" not in shown
    assert [name for name in shown if f"`{name}`" not in str(cdpkit.Workspace.sql.__doc__)] == []


def test_a_new_table_is_made_compacted_and_swept_as_the_others(tmp_path: Path) -> None:
    """An older workspace gets it; nothing says that it is missing."""
    Tables(Folder(tmp_path)).create()
    tables = Tables(Folder(tmp_path), {**TABLES, VISITS.name: VISITS})
    with pytest.raises(WorkspaceError, match="the table 'visits' is missing from the workspace"):
        compact(tables)
    tables.add_missing(1)
    table = tables.open(VISITS.name)
    for nth in range(MOST_FILES + 1):
        table.commit([table.write(pl.DataFrame({"row": [nth], "what": ["came"]}))], transactions={f"{nth}": 1})
    compact(tables)
    vacuum(tables, 0)
    assert len(tables.open(VISITS.name).files()) == 1
    assert tables.scan(VISITS.name).collect()["row"].sort().to_list() == list(range(MOST_FILES + 1))
    tables.add_missing(1)
    assert tables.scan(VISITS.name).collect().height == MOST_FILES + 1


def test_a_table_that_was_lost_is_not_made_anew(tmp_path: Path) -> None:
    """Only one that the older workspace cannot have had."""
    Tables(Folder(tmp_path)).create()
    tables = Tables(Folder(tmp_path), {**TABLES, VISITS.name: VISITS})
    with pytest.raises(WorkspaceError, match="the table 'visits' is missing from the workspace; restore it"):
        tables.add_missing(2)


def test_a_new_column_is_added_and_empty_where_it_was_not_known(tmp_path: Path) -> None:
    """In every table; written to before it is there, the commit says so instead of dropping it in silence."""
    old = Tables(Folder(tmp_path))
    old.create()
    record = RunRecord("r1", "load", None, "failed", "2026-01-01T00:00:00+00:00", None, "[]", "{}", 0)
    old.record(record)
    more = {name: TableKind(name, {**kind.schema, "site": pl.String()}) for name, kind in TABLES.items()}
    tables = Tables(Folder(tmp_path), more)
    table = tables.open(RUNS)
    line = record.line().with_columns(site=pl.lit("north"))
    with pytest.raises(WorkspaceError, match=r"the table 'runs' has no column site: .*; open it again"):
        table.commit([table.write(line)], transactions={"r2": 1})
    tables.add_missing(1)
    assert {name for name in TABLES if "site" not in tables.open(name).schema} == set()
    table = tables.open(RUNS)
    table.commit([table.write(line)], transactions={"r2": 1})
    assert tables.scan(RUNS).collect()["site"].sort().to_list() == [None, "north"]


def test_a_line_of_the_history_has_the_columns_of_its_table() -> None:
    """A field that the table does not have, or the other way round, fails here and not in silence."""
    assert {field.name for field in fields(RunRecord)} == set(TABLES[RUNS].schema)
