"""Power cuts: what was told of is there afterwards, and what a cut leaves is opened, or refused by name."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import WorkspaceError
from cdpkit.place import Folder
from cdpkit.store.log import Log
from tests.store.disk import Disk

CUTS = 12
"""So many of the moments of each load are looked at; they are spread over all of it."""


def made(path: Path) -> cdpkit.Workspace:
    ws = cdpkit.create(path)
    ws.properties.add("email", type="email", identifier=True)
    return ws


def load(ws: cdpkit.Workspace, nth: int) -> cdpkit.Run:
    """One person more, and a new property each time."""
    people = pl.DataFrame({"email": [f"{nth}@example.com"], f"plan{nth}": ["gold"]})
    run = ws.load(people, {"email": "email"}, [{"from": f"plan{nth}", "to": f"plan{nth}"}], goal="people")
    assert run.state == "succeeded"
    return run


def entry(ws: cdpkit.Workspace, table: str, back: int = 0) -> Path:
    """The last log entry of a table, or one before it."""
    return list(Log.of(Folder(ws.path / "tables" / table)).entries().values())[-1 - back]


@pytest.mark.skipif(sys.platform != "linux", reason="files are told apart by what Linux says of them")
@pytest.mark.filterwarnings("ignore:the last commit to the table")
@pytest.mark.parametrize("way", [Disk.cut, Disk.cut_but_for_names], ids=["all is lost", "names are kept"])
def test_what_succeeded_is_there_after_the_power_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Callable[[Disk, Path], None]
) -> None:
    """At any moment: loads that returned are there with their history, and the next load goes on."""
    ws, told, moments = made(tmp_path / "w"), list[str](), list[tuple[Path, list[str]]]()

    def keep(disk: Disk) -> None:
        moments.append((tmp_path / f"cut{len(moments)}", list(told)))
        way(disk, moments[-1][0])

    disk = Disk(ws.path, keep)
    disk.settle()
    monkeypatch.setattr(os, "fsync", disk.fsync)
    for nth in range(2):
        told.append(load(ws, nth).id)
    keep(disk)
    monkeypatch.undo()
    for path, known in [*moments[:: max(1, len(moments) // (2 * CUTS))], moments[-1]]:
        after = cdpkit.open(path)
        people = after.profiles.collect()["email"].to_list()
        assert [f"{nth}@example.com" for nth in range(len(known))] == people[: len(known)]
        assert len(people) - len(known) in {0, 1}
        states = dict(after.runs.select("run_id", "state").rows())
        assert [states[run] for run in known] == ["succeeded"] * len(known)
        assert after.verify(), after.verify()
        load(after, 9)


@pytest.mark.parametrize("left", [b"", b'{"commitInfo":{"time', bytes(200)], ids=["empty", "cut off", "zeros"])
@pytest.mark.parametrize("table", ["runs", "changes", "run_rows", "goal_units"])
def test_a_last_entry_beside_the_profiles_is_made_anew(tmp_path: Path, table: str, left: bytes) -> None:
    """What belongs beside a commit joins its table again; the entry is put aside, with a warning that names it."""
    ws = made(tmp_path / "w")
    run = load(ws, 0)
    before = (ws.runs["state"].to_list(), run.rows, run.changes, ws.sql("select * from run_rows").fetchall())
    entry(ws, table).write_bytes(left)
    with pytest.warns(UserWarning, match=f"to the table '{table}' was cut off .* put aside as .*damaged"):
        again = cdpkit.open(ws.path)
    run = again.run(run.id)
    after = (again.runs["state"].to_list(), run.rows, run.changes, again.sql("select * from run_rows").fetchall())
    assert str(after) == str(before)
    assert load(again, 1).state == "succeeded"


def test_a_commit_that_nobody_was_told_of_is_as_if_it_had_not_been(tmp_path: Path) -> None:
    """Its entry is put aside; the run is a stopped one, and its rows can be loaded again."""
    ws = made(tmp_path / "w")
    load(ws, 0)
    untold = ws._home.tables.open("profiles")
    untold.commit(transactions={"run/people": 1})
    entry(ws, "profiles").write_bytes(b"")
    with pytest.warns(UserWarning, match="'profiles' was cut off"):
        again = cdpkit.open(ws.path)
    assert again.profiles.collect().height == 1
    assert again.verify()
    load(again, 1)


@pytest.mark.parametrize("table", ["profiles", "runs", "changes"])
@pytest.mark.parametrize("how", ["gone", "empty"])
def test_an_entry_that_is_missing_is_named_when_the_workspace_is_opened(tmp_path: Path, table: str, how: str) -> None:
    """Whatever came after it stands on it: nothing is guessed."""
    ws = made(tmp_path / "w")
    for nth in range(2):
        load(ws, nth)
    broken = entry(ws, table, back=1)
    if how == "gone":
        broken.unlink()
    else:
        broken.write_bytes(b"")
    with pytest.raises(
        WorkspaceError, match=f"the table '{table}' cannot be read: .*{broken.name}.*restore it"
    ) as told:
        cdpkit.open(ws.path)
    assert str(broken.parent) in str(told.value)


@pytest.mark.parametrize("table", ["profiles", "runs", "changes"])
@pytest.mark.parametrize("back", [0, 1])
def test_an_entry_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, table: str, back: int) -> None:
    """Whatever the system says of it, here that it is a folder: whoever needs it is told, and nothing is put aside."""
    ws = made(tmp_path / "w")
    for nth in range(2):
        load(ws, nth)
    broken = entry(ws, table, back)
    broken.unlink()
    broken.mkdir()
    with pytest.raises(WorkspaceError, match=f"{broken.name} of the table '{table}' is unreadable .it is a folder"):
        cdpkit.open(ws.path).sql(f"from {table}").fetchall()
    assert broken.is_dir()


def test_a_commit_that_was_told_of_is_never_put_aside(tmp_path: Path) -> None:
    """The history knows it, so the disk has lost it; the message says how to go back to what was before it."""
    ws = made(tmp_path / "w")
    for nth in range(2):
        load(ws, nth)
    last = entry(ws, "profiles")
    last.write_bytes(b"")
    with pytest.raises(
        WorkspaceError, match=f"{last.name} of the table 'profiles' is empty; .*move the entries from {last.stem}"
    ):
        cdpkit.open(ws.path)
    last.rename(tmp_path / last.name)  # as the message says
    again = cdpkit.open(ws.path)
    assert again.profiles.collect()["email"].to_list() == ["0@example.com"]
    load(again, 2)
    assert again.run(again.runs["run_id"][-1]).rows.height == 1


@pytest.mark.parametrize("left", [b"", b"PAR1 and no end"])
def test_a_checkpoint_that_was_cut_off_is_not_needed(tmp_path: Path, left: bytes) -> None:
    """The entries say all that it says."""
    ws = made(tmp_path / "w")
    load(ws, 0)
    table = ws._home.tables.open("profiles")
    table._handle.create_checkpoint()
    next(Log.of(table.root).folder.glob("*.checkpoint.parquet")).write_bytes(left)
    with pytest.warns(UserWarning, match="checkpoint.* was cut off; the entries say all"):
        again = cdpkit.open(ws.path)
    assert again.profiles.collect().height == 1
    load(cdpkit.open(ws.path), 1)


def test_a_data_file_that_is_empty_names_itself(tmp_path: Path) -> None:
    """It was on the disk before the log named it, so this is no power cut; still nobody reads less without a word."""
    ws = made(tmp_path / "w")
    load(ws, 0)
    file = next((ws.path / "tables" / "profiles").glob("*.parquet"))
    file.write_bytes(b"")
    again = cdpkit.open(ws.path)
    with pytest.raises(WorkspaceError, match=f"the file {file.name} of the table .* it has 0 bytes"):
        again.profiles.collect()
    assert file.name in repr(again.verify())
    with suppress(WorkspaceError):
        load(again, 1)
    assert file.read_bytes() == b""


@pytest.mark.parametrize(
    ("name", "said"), [("cdpkit.toml", "cdpkit.toml is empty; restore it"), ("connections/n.toml", "vendor")]
)
def test_an_empty_settings_file_names_itself(tmp_path: Path, name: str, said: str) -> None:
    """A connection's stops that connection alone."""
    ws = made(tmp_path / "w")
    path = ws.path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    with pytest.raises(cdpkit.errors.CdpkitError, match=said):
        cdpkit.open(ws.path).connection("n").run()
