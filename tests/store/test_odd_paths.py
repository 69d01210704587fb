"""Workspaces in folders with names that addresses and patterns read as something else."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cdpkit
from cdpkit.errors import CdpkitError, ConflictError
from cdpkit.place import Folder
from cdpkit.place.shown import TakenError, shown
from cdpkit.store.table import Table

ROOT = Path(__file__).parents[2]
PLAIN = [
    *("a#1", "why?", "data 100%", "dot.", "two  blanks ", "ü 漢", "a&b=c+d", "[x]", "a*b", "{y}", "$HOME", "~t", "'q'"),
]
TOLD_OTHERWISE = ["50%20off", "a%2Fb", "%%41"] + (
    [] if os.name == "nt" else ["back\\slash", "tab\t", "line\nbreak", '"q"']
)


def lived_in(path: Path) -> None:
    """A workspace of which everything is used that reaches its tables."""
    ws = cdpkit.create(path)
    ws.properties.add("email", type="email", identifier=True)
    for nth in range(3):
        people = pl.DataFrame({"email": ["a@example.com", f"{nth}@example.com"], "plan": [str(nth), "x"]})
        run = ws.load(people, {"email": "email"}, [{"from": "plan"}], goal="people")
        assert run.state == "succeeded"
    again = cdpkit.open(path)
    again.compact()
    now = datetime.now(UTC)
    assert cdpkit.open(path).profiles.collect().height == 4
    assert ws.at(run.id).profiles.collect().height == 4
    assert ws.undo(run.id).state == "succeeded"
    assert ws.at(now).profiles.collect().height == 4
    assert cdpkit.open(path).profiles.collect().height == 3
    assert ws.runs["state"].to_list() == ["succeeded"] * 4
    assert ws.verify(), ws.verify()


@pytest.mark.parametrize("name", [*PLAIN, *TOLD_OTHERWISE], ids=repr)
def test_a_workspace_lives_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    """Loads, history, time travel, compaction, undo; nothing is left beside it."""
    lived_in(tmp_path / name / "w")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.sampled_from("%2F0a#? \\\t.~üé'+&"), min_size=1, max_size=12))
def test_a_load_is_there_again_whatever_the_name(tmp_path: Path, name: str) -> None:
    """Any mixture of them, as far as the system takes it as a name."""
    if os.name == "nt" or name in {".", ".."}:
        return
    path = tmp_path / f"{len(list(tmp_path.iterdir()))} {name}" / "w"
    ws = cdpkit.create(path)
    ws.properties.add("email", type="email", identifier=True)
    assert ws.load(pl.DataFrame({"email": ["a@example.com"]}), {"email": "email"}).state == "succeeded"
    assert cdpkit.open(path).profiles.collect()["email"].to_list() == ["a@example.com"]


@pytest.mark.parametrize("name", ["plain", "50%20off"])
def test_one_of_two_commits_wins_wherever_the_table_is(tmp_path: Path, name: str) -> None:
    """Also where the other one was made by another process, whose copy of the log is another one."""
    root = Folder(tmp_path / name / "t")
    Table.create(root, {"row": pl.Int64()})
    ours = Table.open(root)
    program = (
        "import sys; from pathlib import Path; from cdpkit.place import Folder; from cdpkit.store.table import Table\n"
        "Table.open(Folder(Path(sys.argv[1]))).commit(transactions={'turn': 1})"
    )
    subprocess.run([sys.executable, "-c", program, str(root)], cwd=ROOT, check=True)
    with pytest.raises(ConflictError, match="somebody else has committed to 't'"):
        ours.commit(transactions={"turn": 1})
    later = Table.open(root)
    assert (later.version, later.transaction("turn")) == (1, 1)
    later.commit(transactions={"turn": 2})
    assert Table.open(root).transaction("turn") == 2


@pytest.mark.skipif(os.name == "nt", reason="its names have no percent signs that are lost")
def test_an_entry_that_somebody_else_wrote_in_between_is_not_replaced(tmp_path: Path) -> None:
    """Between the look at the log and the commit: the other one's entry stays, and what was ours is forgotten."""
    folder = tmp_path / "a%20b"
    log, at = folder / "_delta_log", shown(folder)
    committing = at.committing()
    committing.__enter__()
    with at.looking() as address:
        copy = Path(url2pathname(urlsplit(address).path)) / "_delta_log"
    (copy / "0.json").write_text("ours")
    log.mkdir(parents=True)
    (log / "0.json").write_text("them")
    with pytest.raises(TakenError):
        committing.__exit__(None, None, None)
    assert (log / "0.json").read_text() == "them"
    with at.looking():
        assert (copy / "0.json").read_text() == "them"
    assert [path.name for path in log.iterdir()] == ["0.json"]


@pytest.mark.parametrize("name", [*PLAIN[:2], *TOLD_OTHERWISE])
def test_a_link_leads_to_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    """Delta Lake follows it, so where it leads counts as well as what it is called."""
    target = tmp_path / "target"
    (target / name).mkdir(parents=True)
    link = tmp_path / "link"
    try:
        link.symlink_to(target / name, target_is_directory=True)
    except OSError:
        pytest.skip("this user may make no links")
    lived_in(link / "w")
    assert cdpkit.open(link / "w").verify()


@pytest.mark.parametrize("make", [cdpkit.create, cdpkit.open])
def test_a_path_that_no_folder_can_have_is_refused(tmp_path: Path, make: Callable[[str], object]) -> None:
    """Wherever the character is."""
    for name in ("a\0b", "a\0b/w"):
        with pytest.raises(CdpkitError, match=r"not shown|no path has a NUL character"):
            make(f"{tmp_path}/{name}")
