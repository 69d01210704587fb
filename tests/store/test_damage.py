"""Files that do not hold what was written: equal, refused by name, or found by `ws.verify()`."""

import random
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cdpkit
from cdpkit.errors import CdpkitError, WorkspaceError
from cdpkit.place import Folder
from cdpkit.store import data_file
from cdpkit.store.commits import Tables

TYPED = {"cdpkit.toml"}
"""What people write themselves: another letter in it is another wish."""


def loaded(path: Path, people: int = 40) -> cdpkit.Workspace:
    ws = cdpkit.create(path)
    ws.properties.add("email", type="email", identifier=True)
    for nth in range(2):
        frame = pl.DataFrame({"email": [f"{n}@example.com" for n in range(people)], "points": range(nth, people + nth)})
        ws.load(frame, {"email": "email"}, [{"from": "points"}], goal="points")
    return ws


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace, to be copied."""
    return loaded(tmp_path_factory.mktemp("whole") / "w").path


def seen(path: Path) -> tuple[object, ...]:
    """What people see of a workspace."""
    ws = cdpkit.open(path)
    run = ws.run(ws.runs["run_id"][-1])
    frames = (ws.profiles.collect().sort("email"), ws.runs, run.rows, run.changes)
    return tuple(str(frame.to_dicts()) for frame in frames)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_to_any_file_goes_unnoticed(whole: Path, tmp_path: Path, data: st.DataObject) -> None:
    """One bit flipped, or cut off: the same is seen, or it is refused, or the file is found."""
    path = tmp_path / "w"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(whole, path)
    before = seen(path)
    files = sorted(file for file in path.rglob("*") if file.is_file() and file.name not in TYPED)
    file = data.draw(st.sampled_from([file for file in files if file.stat().st_size]), label="file")
    content = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1), label="place")
    if data.draw(st.booleans(), label="cut"):
        content = content[:place]
    else:
        content[place] ^= 1 << data.draw(st.integers(0, 7), label="bit")
    file.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            found = cdpkit.open(path).verify()
            assert file.name in repr(found) or seen(path) == before
        except CdpkitError:
            return


def test_an_entry_that_no_longer_says_what_a_file_holds_is_no_entry(tmp_path: Path) -> None:
    """Its columns would be taken for none, and their values for empty; one flipped bit is enough."""
    ws = loaded(tmp_path / "w")
    entry = ws.path / "tables" / "changes" / "_delta_log" / f"{1:020}.json"
    entry.write_bytes(entry.read_bytes().replace(b'"stats"', b'"statr"'))
    found = cdpkit.open(ws.path).verify()
    assert entry.name in repr(found)
    with pytest.raises(WorkspaceError, match="changes"):
        cdpkit.open(ws.path)._home.tables.open("changes").files()


def of(table: str, path: Path) -> Path:
    return next((path / "tables" / table).glob("*.parquet"))


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 4
    file.write_bytes(content)


def test_verify_names_the_file_its_table_and_its_runs(tmp_path: Path) -> None:
    """Also once compaction has put several runs into one file; it is false, and says what to do."""
    ws = loaded(tmp_path / "w")
    first, second = ws.runs["run_id"]
    assert ws.verify()
    assert ws.verify().ok
    assert "nothing is damaged" in repr(ws.verify())
    ws.compact()
    live = next(file.path for file in ws._home.tables.open("profiles").files())
    damage(ws.path / "tables" / "profiles" / live)
    found = ws.verify()
    assert not found
    line = found.damaged.row(0, named=True)
    assert (line["table"], line["file"]) == ("profiles", f"tables/profiles/{live}")
    assert sorted(line["runs"]) == sorted([first, second])
    assert "restore these files" in repr(found)
    assert live in found._repr_html_()
    assert found.as_dict()["damaged"][0]["runs"] == line["runs"]


def test_a_lost_file_a_lost_entry_and_a_damaged_connection_are_found(tmp_path: Path) -> None:
    """Each by its name; files that no commit names are counted and are no damage."""
    ws = loaded(tmp_path / "w")
    assert ws.verify().unnamed == 0
    lost = of("changes", ws.path)
    lost.unlink()
    entry = ws.path / "tables" / "run_rows" / "_delta_log" / f"{0:020}.json"
    entry.unlink()
    (ws.path / "connections").mkdir()
    (ws.path / "connections" / "n.toml").write_text("vendor =")
    ws._home.tables.write("runs", pl.DataFrame({"run_id": ["x"]}))
    found = ws.verify()
    assert found.unnamed == 1
    told = dict(found.damaged.select("file", "what").rows())
    assert told[f"tables/changes/{lost.name}"] == "it is missing"
    assert told[f"tables/run_rows/_delta_log/{entry.name}"] == "it is missing"
    assert "connections/n.toml" in told


def test_a_large_file_is_read_with_a_clear_error_or_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not compared with its checksum at each opening; where reading it fails, the file is named."""
    monkeypatch.setattr("cdpkit.store.table.SMALL", 0)
    ws, chance = loaded(tmp_path / "w", 500), random.Random(4)
    file = of("profiles", ws.path)
    content, raw = file.read_bytes(), list[BaseException]()
    for _ in range(40):
        flipped = bytearray(content)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        file.write_bytes(flipped)
        try:
            ws.profiles.collect()
        except WorkspaceError as error:
            raw += [] if file.name in str(error) else [error]
        except BaseException as error:  # noqa: BLE001 - whatever a library raises is wrong
            raw.append(error)
        assert file.name in repr(ws.verify())
    assert raw == []


def test_nothing_takes_the_place_of_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compaction looks at all that it is about to fold; after a load it is a warning, because the load is stored."""
    monkeypatch.setattr("cdpkit.store.table.SMALL", 0)
    ws = loaded(tmp_path / "w")
    one = pl.DataFrame({"email": ["7@example.com"], "points": [70]})
    ws.load(one, {"email": "email"}, [{"from": "points"}])
    files = [*Tables(Folder(ws.path / "tables")).snapshot().layers.base]
    damage(ws.path / "tables" / "profiles" / files[0].path)
    before = sorted(path.name for path in (ws.path / "tables" / "profiles").iterdir())
    with pytest.raises(WorkspaceError, match=f"the file {files[0].path} .* does not hold what was written"):
        ws.compact()
    assert sorted(path.name for path in (ws.path / "tables" / "profiles").iterdir()) == before


def test_files_of_earlier_versions_have_no_checksum_and_are_read(tmp_path: Path) -> None:
    """`verify` says how many; one that cannot be read is found all the same."""
    ws = loaded(tmp_path / "w")
    table = ws._home.tables.open("runs")
    written = table.write(pl.DataFrame({"run_id": ["old"], "step": [0]}, schema_overrides={"step": pl.Int32()}))
    old = table.root.local / "part-0.parquet"
    (table.root.local / written.path).rename(old)
    table.commit([replace(written, path=old.name)], transactions={"old": 1})
    assert "1 have no checksum and can be read" in repr(ws.verify())
    old.write_bytes(old.read_bytes()[:-9] + bytes(9))
    assert f"tables/runs/{old.name}: it cannot be read" in repr(ws.verify())


def test_a_small_file_is_looked_at_once_in_a_process(tmp_path: Path) -> None:
    """And again when somebody has written to it."""
    ws = loaded(tmp_path / "w")
    files = ws._home.tables.open("profiles").files()
    ws.profiles.collect()
    hits = data_file._seen.cache_info().misses
    ws.profiles.collect()
    assert data_file._seen.cache_info().misses == hits
    damage(ws.path / "tables" / "profiles" / files[0].path)
    with pytest.raises(WorkspaceError, match="it does not hold what was written"):
        ws.profiles.collect()
