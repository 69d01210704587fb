"""Bringing a workspace up to date: step by step, once, by one process, whatever kills it in between."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.config.settings import FORMAT
from cdpkit.config.settings_file import SettingsFile
from cdpkit.errors import ConflictError, WorkspaceError
from cdpkit.place import Folder, Place
from cdpkit.runs.upgrade import upgrade
from cdpkit.store.commits import Tables, describe
from cdpkit.store.record import RunRecord
from cdpkit.store.rewrite import rewrite
from cdpkit.store.tables import PROFILES, REJECTED, TABLES
from cdpkit.store.upgrades import STEPS, Step

SHAPES = {3: "7df668b58ccfc48e", 4: "3de741d3f9ca9e31", 5: "3de741d3f9ca9e31"}
"""What the tables of a format look like, as a hash; once a version with it is out, a change needs the next format.

Format 5 has the tables of format 4, and files of groups in that of the profiles."""

AT = "2026-01-01T00:00:00+00:00"
MORE = 2
"""So many formats before this one was the workspace of a test written."""


def older(folder: Path) -> cdpkit.Workspace:
    """A workspace with rejected values, of an earlier format."""
    ws = cdpkit.create(folder)
    ws.properties.add("mail", "email", identifier=True)
    ws.properties.add("points", "number")
    rows = pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "points": ["few", "many"]})
    for part in (rows.head(1), rows.tail(1)):
        ws.load(part, {"mail": "mail"}, [{"from": "points"}], goal="night")
    ws._home.settings.reach(FORMAT - MORE)
    return ws


def doubled(lines: pl.LazyFrame) -> pl.LazyFrame:
    """A change that shows how often it was made."""
    return lines.with_columns(value=pl.concat_str("value", "value"))


def measured(source: str, lines: pl.LazyFrame) -> pl.LazyFrame:
    """A change that fills a new column."""
    return lines.with_columns(length=pl.col(source).str.len_chars().cast(pl.Int64))


def step(number: int, tables: Tables, _root: Place) -> None:
    """What a format might need."""
    rewrite(tables.open(REJECTED), f"cdpkit-format-{number}", doubled)


def dying(number: int, tables: Tables, root: Place, *, after: bool) -> None:
    """The same, killed before or after it has done its work."""
    if after:
        step(number, tables, root)
    os._exit(9)


SOUND: dict[int, Step] = {number: partial(step, number) for number in range(FORMAT - MORE + 1, FORMAT + 1)}


def values(ws: cdpkit.Workspace) -> list[str]:
    return [value for (value,) in ws.sql("select value from rejected order by value").fetchall()]


def test_each_step_is_done_once_and_the_format_written_down(tmp_path: Path) -> None:
    """The order of rows, the files and the rest of the settings stay; older versions keep what they had."""
    ws = older(tmp_path / "w")
    text = (ws.path / "cdpkit.toml").read_text(encoding="utf-8")
    settings, tables = ws._home.settings, ws._home.tables
    before = tables.open(REJECTED)
    for _ in range(2):
        upgrade(settings, tables, SOUND)
        assert values(ws) == ["few" * 4, "many" * 4]
    assert len(tables.open(REJECTED).files()) == len(before.files()) == 2
    assert tables.open(REJECTED, before.version).scan(before.files(), ["value"]).collect().height == 2
    new = (ws.path / "cdpkit.toml").read_text(encoding="utf-8")
    assert new == text.replace(f"format = {FORMAT - MORE}", f"format = {FORMAT}")


def test_a_new_column_is_filled_from_what_was_there(tmp_path: Path) -> None:
    """Each file carries it afterwards; what a file of the profiles does not carry, it does not carry then either."""
    kinds = {name: replace(kind, schema={**kind.schema, "length": pl.Int64()}) for name, kind in TABLES.items()}
    tables = Tables(Folder(older(tmp_path / "w").path / "tables"), kinds)
    tables.add_missing(1)
    for name, source in ((REJECTED, "value"), (PROFILES, "mail")):
        rewrite(tables.open(name), "cdpkit-format-2", partial(measured, source))
    assert sorted(tables.scan(REJECTED).collect()["length"]) == [len("few"), len("many")]
    files = tables.open(PROFILES).files()
    assert {(file.partition, "length" in file.columns, "deleted" in file.columns) for file in files} == {
        ("base", True, False)
    }
    assert tables.snapshot().profiles().select("length").collect()["length"].to_list() == [len("ann@x.de")] * 2


@pytest.mark.parametrize("number", list(SOUND))
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_in_a_step_is_made_up_for_by_the_next_opening(tmp_path: Path, number: int, *, after: bool) -> None:
    """Whether the step had done its work or not, it is done once, and so are those before and after it."""
    ws = older(tmp_path / "w")
    program = (
        "import sys; from functools import partial; from pathlib import Path;"
        "from cdpkit.place import Folder; from tests.store import test_upgrade as t;"
        "root, number, after = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == 'True';"
        "steps = {**t.SOUND, number: partial(t.dying, number, after=after)};"
        "t.upgrade(t.SettingsFile(Folder(root)), t.Tables(Folder(root / 'tables')), steps)"
    )
    command = [sys.executable, "-c", program, str(ws.path), str(number), str(after)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 9
    assert SettingsFile(ws._home.root).format() == number - 1
    upgrade(ws._home.settings, ws._home.tables, SOUND)
    assert values(ws) == ["few" * 4, "many" * 4]
    assert SettingsFile(ws._home.root).format() == FORMAT


def test_what_was_committed_joins_before_the_first_step(tmp_path: Path) -> None:
    """A step sees the side files of a process that was killed before they had joined."""
    ws = older(tmp_path / "w")
    tables = ws._home.tables
    side = tables.open(REJECTED).write(pl.DataFrame({"run_id": ["r"], "value": ["late"]}))
    record = RunRecord("r", "load", None, "succeeded", AT, AT, "[]", "{}", step=1)
    tables.conclude("r/late", {"files": describe({REJECTED: [side]}), "record": asdict(record)})
    upgrade(ws._home.settings, tables, SOUND)
    assert values(ws) == ["few" * 4, "late" * 4, "many" * 4]


def test_nothing_is_brought_up_to_date_under_a_run(tmp_path: Path) -> None:
    """The run of an earlier version would write what no step sees; when it has ended, the workspace opens."""
    ws = older(tmp_path / "w")
    with ws._home.lock("a-run"), pytest.raises(ConflictError, match="a run of it is still at work; open it again"):
        cdpkit.open(ws.path)
    assert SettingsFile(ws._home.root).format() == FORMAT - MORE
    cdpkit.open(ws.path)
    assert SettingsFile(ws._home.root).format() == FORMAT


def test_an_open_workspace_refuses_what_became_newer(tmp_path: Path) -> None:
    """A process of an earlier version stops before it writes into what a newer one has brought up to date."""
    ws = older(tmp_path / "w")
    text = (ws.path / "cdpkit.toml").read_text(encoding="utf-8")
    newer, refused = text.replace(f"format = {FORMAT - MORE}", f"format = {FORMAT + 1}"), "written by a newer cdpkit"
    (ws.path / "cdpkit.toml").write_text(newer, encoding="utf-8")
    for call in (lambda: ws.load(pl.DataFrame({"mail": ["x@x.de"]}), {"mail": "mail"}), lambda: cdpkit.open(ws.path)):
        with pytest.raises(WorkspaceError, match=rf"{refused} \(format {FORMAT + 1}, .* upgrade cdpkit"):
            call()


def test_steps_lead_to_formats_that_there_are() -> None:
    """A step beyond the format of this version would never be taken."""
    assert [number for number in STEPS if not 1 < number <= FORMAT] == []


def test_other_tables_or_columns_are_another_format() -> None:
    """Whoever changes what is on disk raises `FORMAT`, or workspaces of this version would never get it."""
    shape = {
        name: [kind.partition, {column: str(dtype) for column, dtype in kind.schema.items()}]
        for name, kind in TABLES.items()
    }
    assert hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16] == SHAPES[FORMAT]
